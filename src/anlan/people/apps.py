from django.apps import AppConfig
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    name = "anlan.people"

    def ready(self) -> None:
        from anlan.base import navigation, ticker
        from anlan.base.navigation import Entry
        from anlan.places import panels
        from anlan.places.services import discard_old_uploads

        from . import handlers, permissions  # noqa: F401 — subscribes
        from .services import sign_in

        # Places stands below people, so its permissions are registered here.
        permissions.register("places.view", _("see sites and outlines"))
        permissions.register("places.manage", _("import and change divisions, outlines and sites"))
        permissions.register("people.view", _("see posts and who holds them"))
        permissions.register("people.manage", _("manage accounts, posts and grants"))
        permissions.register("people.confirm", _("confirm in the yearly refresh who holds posts"))
        permissions.register("people.unmask", _("see whole phone numbers"))
        permissions.register("people.duty", _("plan the duty rota and hand over"))
        # By machine time, also where a scenario's clock runs: they belong to real sessions.
        ticker.register(
            "people.forget_tries",
            every_s=86400,
            run=lambda _scenario: sign_in.forget_old_tries(at=timezone.now()),
        )
        ticker.register(
            "places.discard_uploads",
            every_s=3600,
            run=lambda _scenario: discard_old_uploads(at=timezone.now()),
        )
        navigation.register(Entry(_("People"), "people:index", "people.view", 70, icon="users"))
        panels.register(
            panels.Panel(
                _("Who answers for it"),
                "people.view",
                order=10,
                site_page="people:charge_of_site",
                road_page="people:charge_of_road",
            )
        )
