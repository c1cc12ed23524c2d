from datetime import timedelta

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GovernConfig(AppConfig):
    name = "anlan.govern"

    def ready(self) -> None:
        from anlan.base import journal, navigation, ticker
        from anlan.people import permissions
        from anlan.work import kinds

        from . import describe
        from .services import meetings, opening, refresh

        permissions.register("govern.view", _("see committees, duties, year lists and meetings"))
        permissions.register("govern.manage", _("keep committees, duties, year lists and minutes"))
        permissions.register("govern.issue", _("issue year lists and start the yearly refresh"))
        navigation.register(
            navigation.Entry(_("Committees"), "govern:index", "govern.view", 55, "users")
        )
        reminders = (
            kinds.Escalation(timedelta(days=-3), "post"),
            kinds.Escalation(timedelta(0), "post"),
            kinds.Escalation(timedelta(days=3), "checkers"),
        )
        for code, label, page in (
            (opening.TASK, _("piece of work of the year's list"), "govern:of_item"),
            (opening.MEETING, _("quarterly meeting"), "govern:of_item"),
            (opening.INSPECTION, _("special inspection"), "govern:of_item"),
            (meetings.RESOLUTION, _("resolution of a meeting"), "govern:of_item"),
            (refresh.REFRESH, _("yearly refresh of officers"), "govern:refresh_task"),
        ):
            kinds.register(
                kinds.Kind(
                    code,
                    label,
                    page=page,
                    may_do="work.do",
                    may_check="work.check",
                    proof=kinds.Proof(note=True),
                    escalations=reminders,
                    describe=describe.lines,
                )
            )
        ticker.register("govern.open", every_s=60, run=opening.open_due)
        ticker.register("govern.refresh", every_s=60, run=refresh.open_due)
        journal.register_content_check("govern.meetings", meetings.check_minutes)
