"""Short, for it stands in a QR code: /e/<token>/."""

from django.urls import path

from ..pages import gate as pages

app_name = "gate"
urlpatterns = [
    path("<uuid:token>/", pages.gate, name="gate"),
    path("<uuid:token>/report/", pages.report, name="report"),
]
