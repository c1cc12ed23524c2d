from datetime import timedelta

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommandConfig(AppConfig):
    name = "anlan.command"

    def ready(self) -> None:
        from anlan.base import journal, navigation
        from anlan.people import permissions
        from anlan.places import layers, panels
        from anlan.places.queries import revision
        from anlan.warn import actions, facts
        from anlan.work import kinds

        from . import closures, handlers  # noqa: F401 — subscribes
        from .queries import describe_task, place_of_task, task_row
        from .services import closures as closing
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
                own_row=task_row,
                place=place_of_task,
            )
        )
        journal.register_content_check("command.log", check_log)
        actions.register(
            actions.Action(
                _("Open an incident"), "command:open_from_alarm", "command.lead", icon="incident"
            )
        )
        kinds.register(
            kinds.Kind(
                closing.KIND,
                _("closing a road"),
                page="command:closure",
                may_do="work.do",
                may_check="work.check",
                proof=kinds.Proof(photos=1, position=True),
                escalations=(
                    kinds.Escalation(timedelta(minutes=-5), "doer"),
                    kinds.Escalation(timedelta(0), "post"),
                    kinds.Escalation(timedelta(minutes=10), "checkers"),
                ),
                describe=closures.describe_closure,
                own_row=closures.closure_row,
                place=closures.place_of_closure,
            )
        )
        actions.register(
            actions.Action(
                _("Have it closed to traffic"),
                "command:close_from_alarm",
                "command.lead",
                order=-1,
                icon="barrier",
                fits=lambda alarm: closing.is_closable(closing.place_of(alarm)),
            )
        )
        facts.register("command.view", closures.facts_of_alarm)
        panels.register(
            panels.Panel(
                _("Closing to traffic"),
                "command.view",
                order=30,
                site_page="command:closure_of_site",
                road_page="command:closure_of_road",
            )
        )
        layers.register(
            layers.Layer(
                code="closures",
                label=_("closures"),
                permission="command.view",
                features=closures.closure_features,
                version=lambda: f"{revision('closures')}.{revision('regions')}",
                cluster_below=0,
                order=30,
            )
        )
