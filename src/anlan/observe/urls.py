from django.urls import path

from . import pages

app_name = "observe"
urlpatterns = [
    path("", pages.stations, name="stations"),
    path("<int:station_id>/", pages.station, name="station"),
    path("series/<int:series_id>/limits/", pages.limits, name="limits"),
    path("pictures/<int:report_id>/", pages.picture, name="picture"),
    path("quarantine/", pages.quarantine, name="quarantine"),
    path("quarantine/readings/", pages.waiting, name="waiting"),
    path("quarantine/adopt/", pages.adopt, name="adopt"),
    path("senders/", pages.senders, name="senders"),
    path("senders/<int:sender_id>/revoke/", pages.revoke, name="revoke"),
]
