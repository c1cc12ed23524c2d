from datetime import timedelta

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommandConfig(AppConfig):
    name = "anlan.command"

    def ready(self) -> None:
        from anlan.base import journal, navigation
        from anlan.people import permissions
        from anlan.warn import actions
        from anlan.work import kinds

        from .queries import describe_task, place_of_task
        from .services.activation import KIND
        from .services.incidents import check_log

        permissions.register("command.view", _("see incidents and plans"))
        permissions.register("command.lead", _("lead incidents and declare response levels"))
        permissions.register("command.plan", _("write plans"))
        permissions.register("command.approve", _("approve plans"))
        navigation.register(
            navigation.Entry(_("Incidents"), "command:incidents", "command.view", 30, "incident")
        )
        navigation.register(
            navigation.Entry(_("Plans"), "command:plans", "command.view", 60, "plan")
        )
        kinds.register(
            kinds.Kind(
                KIND,
                _("plan task"),
                page="command:task",
                may_do="work.do",
                may_check="work.check",
                proof=kinds.Proof(photos=1, position=True),
                escalations=(
                    kinds.Escalation(timedelta(minutes=-10), "doer"),
                    kinds.Escalation(timedelta(0), "post"),
                    kinds.Escalation(timedelta(minutes=30), "checkers"),
                ),
                describe=describe_task,
                place=place_of_task,
            )
        )
        journal.register_content_check("command.log", check_log)
        actions.register(
            actions.Action(
                _("Open an incident"), "command:open_from_alarm", "command.lead", icon="incident"
            )
        )
