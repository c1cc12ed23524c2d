from datetime import timedelta

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class OverseeConfig(AppConfig):
    name = "anlan.oversee"

    def ready(self) -> None:
        from anlan.base import journal, navigation, ticker
        from anlan.people import permissions
        from anlan.prevent import sections
        from anlan.work import beside, further, kinds

        from . import accidents as files
        from . import describe, queries
        from .services import accidents, ladders, letters, look_backs

        permissions.register("oversee.view", _("see letters, proposals and accident files"))
        permissions.register("oversee.issue", _("issue letters, decide on proposals"))
        permissions.register("oversee.sanction", _("confirm sanctions"))
        permissions.register("oversee.ladder", _("write the ladder's rules"))
        permissions.register("oversee.investigate", _("keep accident files, look back"))
        permissions.register("oversee.approve", _("approve reports of investigations"))
        navigation.register(
            navigation.Entry(_("Oversight"), "oversee:letters", "oversee.view", 57, "flag")
        )
        navigation.register(
            navigation.Entry(
                _("Responsibility figures"), "oversee:figures", "govern.view", 58, "chart"
            )
        )
        further.register(
            further.Further(_("Write a letter"), "oversee:write", "oversee.issue", ("about",))
        )
        panel = "oversee/_letters_about.html"
        beside.register(beside.Panel(panel, queries.letters_about))
        sections.register(
            sections.Section(
                _("Letters about it"),
                "oversee/_enterprise_letters.html",
                60,
                queries.letters_of_enterprise,
            )
        )
        sections.register(
            sections.Section(
                pgettext_lazy("enterprise", "Accidents"),
                "oversee/_enterprise_accidents.html",
                61,
                files.accidents_of_enterprise,
            )
        )
        kinds.register(
            kinds.Kind(
                letters.LETTER,
                _("letter to answer"),
                page="oversee:letter",
                may_do="work.do",
                may_check="oversee.issue",
                proof=kinds.Proof(note=True),
                escalations=(
                    kinds.Escalation(timedelta(days=-1), "post"),
                    kinds.Escalation(timedelta(0), "checkers"),
                ),
                describe=describe.letter_lines,
                own_row=describe.letter_row,
            )
        )
        ours, theirs = (
            ("oversee.investigate", "oversee.approve"),
            ("work.do", "oversee.investigate"),
        )
        for code, label, (does, checks), lines, own_row in (
            (
                accidents.INVESTIGATION,
                _("investigation"),
                ours,
                describe.investigation_lines,
                describe.investigation_row,
            ),
            (
                accidents.REMEDY,
                _("remedy after an accident"),
                theirs,
                describe.remedy_lines,
                describe.remedy_row,
            ),
            (
                look_backs.LOOK_BACK,
                _("look-back"),
                ours,
                describe.look_back_lines,
                describe.look_back_row,
            ),
            (
                look_backs.PROBLEM,
                _("problem of a look-back"),
                theirs,
                describe.problem_lines,
                describe.problem_row,
            ),
        ):
            kinds.register(
                kinds.Kind(
                    code,
                    label,
                    page="oversee:of_item",
                    may_do=does,
                    may_check=checks,
                    proof=kinds.Proof(note=True),
                    escalations=(
                        kinds.Escalation(timedelta(days=-7), "doer"),
                        kinds.Escalation(timedelta(0), "checkers"),
                    ),
                    describe=lines,
                    own_row=own_row,
                )
            )
        ticker.register("oversee.look_back", every_s=600, run=look_backs.open_due)
        ticker.register("oversee.propose", every_s=600, run=ladders.propose_due)
        journal.register_content_check("oversee.letters", letters.check_words)
        journal.register_content_check("oversee.reports", accidents.check_reports)
        journal.register_content_check("oversee.proposals", ladders.check_facts)
