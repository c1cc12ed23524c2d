from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SimulateConfig(AppConfig):
    name = "anlan.simulate"

    def ready(self) -> None:
        from anlan.base import navigation, notices, ticker
        from anlan.people import permissions

        from .hits import outlook
        from .runs import tidy
        from .scores import verification
        from .services import runs

        permissions.register("simulate.view", _("see forecasts and their scores"))
        permissions.register("simulate.run", _("ask for forecasts and scenarios, cancel them"))
        permissions.register("simulate.manage", _("import terrain, set up forecast areas"))
        navigation.register(
            navigation.Entry(_("Flood forecasts"), "simulate:runs", "simulate.view", 25, "water")
        )
        notices.register("simulate.view", outlook.notices)
        ticker.register("simulate.plan", every_s=2, run=runs.plan_runs)
        ticker.register("simulate.tidy", every_s=600, run=tidy.tidy_runs)
        ticker.register("simulate.score", every_s=20, run=verification.score_runs)
        ticker.register("simulate.forget_hits", every_s=3600, run=verification.forget_hits)
