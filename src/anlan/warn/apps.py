from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WarnConfig(AppConfig):
    name = "anlan.warn"

    def ready(self) -> None:
        from anlan.base import navigation, ticker
        from anlan.observe import lines, taps
        from anlan.people import permissions
        from anlan.simulate.scores import verification

        from . import absence, forecasts, handlers  # noqa: F401 — subscribes
        from .describe import levels_of
        from .evaluate import evaluate
        from .sweep import Sweeper

        permissions.register("warn.view", _("see alarms"))
        permissions.register("warn.acknowledge", _("acknowledge and clear alarms"))
        permissions.register("warn.manage", _("make and change alarm rules"))
        navigation.register(
            navigation.Entry(_("Alarms"), "warn:alarms", "warn.view", 20, icon="bell")
        )
        taps.register(evaluate)
        lines.register(levels_of)
        ticker.register("warn.sweep", every_s=2, run=Sweeper().sweep)
        ticker.register("warn.forecasts", every_s=5, run=absence.watch)
        verification.register_thresholds(forecasts.thresholds)
