from datetime import timedelta

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EnforceConfig(AppConfig):
    name = "anlan.enforce"

    def ready(self) -> None:
        from anlan.base import journal, navigation
        from anlan.people import permissions
        from anlan.prevent import printed as prints
        from anlan.work import beside, deadlines, further, kinds

        from . import describe, handlers, printed, queries, rules  # noqa: F401 — subscribes
        from .services.moves import check_steps

        permissions.register("enforce.view", _("see cases and their documents"))
        permissions.register("enforce.handle", _("handle cases as an officer"))
        permissions.register("enforce.review", _("review cases before the notice and decision"))
        permissions.register("enforce.approve", _("decide on filings, penalties, closings"))
        permissions.register("enforce.publish", _("put penalties on the publicity list"))
        permissions.register(
            "enforce.manage", _("keep organs, officers' certificates and discretion tables")
        )
        navigation.register(
            navigation.Entry(_("Enforcement"), "enforce:cases", "enforce.view", 45, "flag")
        )
        further.register(
            further.Further(_("Start a case"), "enforce:new", "enforce.handle", ("hazard", "visit"))
        )
        prints.register(printed.papers_of)
        beside.register(beside.Panel("enforce/_cases_about.html", queries.cases_about))
        for rule in rules.TERMS:
            deadlines.register(rule)
        for code, label, does in (
            ("enforce.duty", _("time limit of a case"), "enforce.handle"),
            ("enforce.publish", _("publication of a penalty"), "enforce.publish"),
        ):
            kinds.register(
                kinds.Kind(
                    code,
                    label,
                    page="enforce:of_item",
                    may_do=does,
                    may_check="enforce.approve",
                    escalations=(
                        kinds.Escalation(timedelta(days=-2), "doer"),
                        kinds.Escalation(timedelta(days=-1), "checkers"),
                        kinds.Escalation(timedelta(0), "checkers"),
                    ),
                    describe=describe.term_lines,
                    own_row=describe.term_row,
                )
            )
        for code, label, checks in (
            ("enforce.approval", _("approval in a case"), "enforce.approve"),
            ("enforce.review", _("review of a case"), "enforce.review"),
        ):
            kinds.register(
                kinds.Kind(
                    code,
                    label,
                    page="enforce:of_item",
                    may_do="enforce.handle",
                    may_check=checks,
                    proof=kinds.Proof(note=True),
                    describe=describe.approval_lines,
                    own_row=describe.approval_row,
                )
            )
        journal.register_content_check("enforce.steps", check_steps)
