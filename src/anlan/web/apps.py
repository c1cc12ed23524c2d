from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WebConfig(AppConfig):
    name = "anlan.web"

    def ready(self) -> None:
        from anlan.base import navigation

        from .board import facts
        from .feed import reader

        navigation.register(navigation.Entry(_("Board"), "web:board", "warn.view", 10, "board"))
        reader.describe("warn.alarm.", facts.of_alarms)
        reader.describe("command.", facts.of_incidents)
        reader.describe("work.item.", facts.of_work)
