from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PlacesConfig(AppConfig):
    name = "anlan.places"

    def ready(self) -> None:
        from anlan.base import navigation

        from . import handlers, layers, queries, roads  # noqa: F401 — subscribes

        navigation.register(
            navigation.Entry(_("Regions"), "places:index", "places.view", 65, icon="layers")
        )
        layers.register(
            layers.Layer(
                code="sites",
                label=_("sites"),
                permission="places.view",
                features=queries.site_features,
                version=lambda: f"{queries.revision('sites')}.{queries.revision('regions')}",
                order=20,
            )
        )
        layers.register(
            layers.Layer(
                code="roads",
                label=_("roads"),
                permission="places.view",
                features=roads.road_lines,
                version=lambda: f"{queries.revision('roads')}.{queries.revision('regions')}",
                order=10,
            )
        )
