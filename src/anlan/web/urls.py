"""Every room under its own prefix; pages that span rooms at the root."""

from django.urls import include, path

from .api import api

urlpatterns = [
    path("api/", api.urls),
    path("places/", include("anlan.places.urls")),
    path("people/", include("anlan.people.urls")),
    path("work/", include("anlan.work.urls")),
    path("stations/", include("anlan.observe.urls")),
    path("alarms/", include("anlan.warn.urls")),
    path("incidents/", include("anlan.command.urls")),
]
