from django.urls import path

from ..pages import usage as pages

urlpatterns = [
    path("usage/", pages.index, name="usage"),
    path("usage/enterprises/", pages.enterprises, name="usage_enterprises"),
]
