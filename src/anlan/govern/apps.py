from datetime import timedelta

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GovernConfig(AppConfig):
    name = "anlan.govern"

    def ready(self) -> None:
        from anlan.base import journal, navigation, ticker
        from anlan.people import permissions
        from anlan.work import kinds

        from . import describe, handlers  # noqa: F401 — subscribes
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
        of_item, entry = "govern:of_item", (describe.entry_lines, describe.entry_row)
        resolved = (describe.resolution_lines, describe.resolution_row)
        for code, label, page, (lines, own_row) in (
            (opening.TASK, _("piece of work of the year's list"), of_item, entry),
            (opening.MEETING, _("quarterly meeting"), of_item, entry),
            (opening.INSPECTION, _("special inspection"), of_item, entry),
            (meetings.RESOLUTION, _("resolution of a meeting"), of_item, resolved),
            (
                refresh.REFRESH,
                _("yearly refresh of officers"),
                "govern:refresh_task",
                (describe.refresh_lines, None),
            ),
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
                    describe=lines,
                    own_row=own_row,
                )
            )
        ticker.register("govern.open", every_s=60, run=opening.open_due)
        ticker.register("govern.refresh", every_s=60, run=refresh.open_due)
        journal.register_content_check("govern.meetings", meetings.check_minutes)
