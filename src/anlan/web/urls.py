"""Every room under its own prefix; pages that span rooms at the root."""

from django.urls import include, path

from . import ops_pages, pages
from .api import api
from .board import pages as board
from .phone import pages as phone

handler404 = "anlan.web.errors.not_found"
handler500 = "anlan.web.errors.server_error"

# What belongs to no room in particular.
own = (
    [
        path("", board.home, name="home"),
        path("board/", board.board, name="board"),
        path("phone/", phone.app, name="phone"),
        path("phone/sw.js", phone.worker, name="phone_worker"),
        path("phone/manifest.webmanifest", phone.manifest, name="phone_manifest"),
        path("search/", pages.search, name="search"),
        path("health/", ops_pages.health, name="health"),
        path("health/live", ops_pages.live, name="live"),
        path("health/page/", ops_pages.health_page, name="health_page"),
        path("metrics", ops_pages.metrics, name="metrics"),
    ],
    "web",
)

urlpatterns = [
    path("", include(own)),
    path("", include("anlan.people.sign_in_urls")),
    path("language/", include("django.conf.urls.i18n")),
    path("api/", api.urls),
    path("places/", include("anlan.places.urls")),
    path("people/", include("anlan.people.urls")),
    path("work/", include("anlan.work.urls")),
    path("stations/", include("anlan.observe.urls")),
    path("forecasts/", include("anlan.simulate.urls")),
    path("alarms/", include("anlan.warn.urls")),
    path("prevent/", include("anlan.prevent.urls")),
    path("e/", include("anlan.prevent.urls.gate")),
    path("govern/", include("anlan.govern.urls")),
    path("oversee/", include("anlan.oversee.urls")),
    path("incidents/", include("anlan.command.urls")),
    path("cases/", include("anlan.enforce.urls")),
    path("demo/", include("anlan.demo.urls")),
]
