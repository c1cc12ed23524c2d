from datetime import timedelta

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OverseeConfig(AppConfig):
    name = "anlan.oversee"

    def ready(self) -> None:
        from anlan.base import journal, navigation, ticker
        from anlan.people import permissions
        from anlan.work import kinds

        from . import describe
        from .services import ladders, letters

        permissions.register("oversee.view", _("see letters, proposals and accident files"))
        permissions.register("oversee.issue", _("issue letters, decide on proposals"))
        permissions.register("oversee.sanction", _("confirm sanctions"))
        permissions.register("oversee.ladder", _("write the ladder's rules"))
        navigation.register(
            navigation.Entry(_("Letters"), "oversee:letters", "oversee.view", 57, "flag")
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
            )
        )
        ticker.register("oversee.propose", every_s=600, run=ladders.propose_due)
        journal.register_content_check("oversee.letters", letters.check_words)
        journal.register_content_check("oversee.proposals", ladders.check_facts)
