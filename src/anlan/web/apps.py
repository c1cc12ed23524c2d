from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WebConfig(AppConfig):
    name = "anlan.web"

    def ready(self) -> None:
        from anlan.base import navigation
        from anlan.people import permissions

        from . import checks  # noqa: F401 — registers itself
        from .board import facts
        from .feed import reader

        navigation.register(navigation.Entry(_("Board"), "web:board", "warn.view", 10, "board"))
        permissions.register("web.operate", _("see how the system itself is doing"))
        navigation.register(
            navigation.Entry(_("System"), "web:health_page", "web.operate", 900, "settings")
        )
        navigation.register(
            navigation.Entry(_("In the field"), "web:phone", "work.do", 15, "phone")
        )
        reader.describe("warn.alarm.", facts.of_alarms)
        reader.describe("command.", facts.of_incidents)
        reader.describe("command.closure.", facts.of_closures)
        reader.describe("work.item.", facts.of_work)
        reader.describe("simulate.run.", facts.of_runs)
