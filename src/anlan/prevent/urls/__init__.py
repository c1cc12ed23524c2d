"""The room's addresses: one file a subject, all under the name `prevent`."""

from django.urls import include, path

from ..pages import index

app_name = "prevent"
urlpatterns = [
    path("", index.index, name="index"),
    path("", include("anlan.prevent.urls.enterprises")),
    path("", include("anlan.prevent.urls.edits")),
    path("", include("anlan.prevent.urls.risks")),
    path("", include("anlan.prevent.urls.standards")),
    path("", include("anlan.prevent.urls.visits")),
    path("", include("anlan.prevent.urls.hazards")),
    path("", include("anlan.prevent.urls.reports")),
    path("", include("anlan.prevent.urls.campaigns")),
    path("", include("anlan.prevent.urls.fishbones")),
    path("", include("anlan.prevent.urls.contracts")),
    path("", include("anlan.prevent.urls.towns")),
    path("", include("anlan.prevent.urls.usage")),
]
