"""What is known of a case when somebody looks at it: each thing is asked for once."""

from datetime import datetime
from functools import cached_property

from django.db.models import prefetch_related_objects

from anlan.base.errors import Refusal
from anlan.people.models import Account

from .models import Approval, Case, Fine, Hearing, Paper, Publication, Referral
from .papers.catalogue import edition
from .services import notices, overdue, publicity, withdrawing
from .services.papers import DECISIONS
from .stages import Stage


class Known:
    """One reader's look at one case at one instant."""

    def __init__(self, case: Case, actor: Account, at: datetime) -> None:
        self.case, self.actor, self.at = case, actor, at

    @cached_property
    def is_officer(self) -> bool:
        return self.case.officers.filter(to_at=None, certificate__account=self.actor).exists()

    @cached_property
    def waiting(self) -> list[Approval]:
        """What was asked for and is not decided yet."""
        return list(self.case.approvals.filter(result="").select_related("item"))

    @property
    def asked(self) -> set[str]:
        """Subjects that wait for a decision: nothing is asked for twice at once."""
        return {approval.subject for approval in self.waiting}

    @property
    def may_decide(self) -> bool:
        return any(
            asked.asked_by_id != self.actor.pk
            and self.actor.may(asked.item.kind_of.may_check, region=self.case.region)
            for asked in self.waiting
        )

    @cached_property
    def papers(self) -> list[Paper]:
        """Documents that stand: neither replaced nor taken back."""
        return list(self.case.papers.exclude(state__in=Paper.GONE).order_by("pk"))

    @cached_property
    def forms(self) -> set[str]:
        return {paper.form for paper in self.papers}

    @cached_property
    def served(self) -> set[str]:
        return {paper.form for paper in self.papers if paper.state == Paper.State.SERVED}

    @property
    def decided(self) -> bool:
        return bool(self.forms & set(DECISIONS))

    @property
    def to_serve(self) -> list[Paper]:
        """Documents that an officer still has to bring to the party."""
        if not self.is_officer:
            return []
        return [
            paper
            for paper in self.papers
            if paper.state == Paper.State.ISSUED and edition(paper.edition).form(paper.form).served
        ]

    @cached_property
    def fine(self) -> Fine | None:
        return getattr(self.case, "fine_due", None)

    @property
    def unpaid(self) -> bool:
        return self.fine is not None and self.fine.settled_on is None

    @cached_property
    def not_yet(self) -> dict[str, Refusal]:
        """What is the reader's to do but cannot be done today, by the act's code, and why."""
        refused: dict[str, Refusal | None] = {}
        if self.case.stage == Stage.NOTICE and self.is_officer:
            refused["end_notice"] = notices.why_notice_runs(self.case, self.at)
        elif self.case.stage == Stage.HEARING and self.is_host:
            refused["heard"] = notices.why_not_held(self.case.hearing, self.at)
        elif self.case.stage == Stage.FULFIL and self.is_officer:
            refused |= self._about_the_fine()
        return {code: refusal for code, refusal in refused.items() if refusal}

    def _about_the_fine(self) -> dict[str, Refusal | None]:
        fine = self.fine
        if fine is None or fine.settled_on:
            return {}
        prefetch_related_objects([fine], "instalments", "payments", "standstills")
        asked = {
            "instalments": overdue.why_no_instalments,
            "demand": overdue.why_no_demand,
            "court": overdue.why_not_to_court,
        }
        if not fine.gains:
            asked["surcharge"] = overdue.why_no_surcharge
        return {code: why(fine, self.at) for code, why in asked.items()}

    @property
    def pays_back(self) -> bool:
        fine = self.fine
        return bool(fine and fine.revoked_on and withdrawing.kept_payments(fine).exists())

    @property
    def stands_still(self) -> bool:
        return bool(self.fine and self.fine.standstills.filter(to_date=None).exists())

    @cached_property
    def running(self) -> dict[str, datetime]:
        """Rules of the limits that run, and until when."""
        return dict(self.case.terms.filter(met_at=None).values_list("rule", "due_at"))

    @property
    def can_extend(self) -> bool:
        """Whether the time for the decision is not over."""
        until = self.running.get("penalty.decision")
        return until is not None and until >= self.at

    @cached_property
    def sealed(self) -> list[bool]:
        """For each measure that has not ended: whether it has a limit of its own."""
        running = self.case.measures.filter(ended_at=None)
        return [term is not None for term in running.values_list("term", flat=True)]

    @cached_property
    def keeps(self) -> bool:
        return self.case.keepings.filter(decided_at=None).exists()

    @cached_property
    def referral(self) -> str:
        """Where a possible crime stands; nothing where there is none."""
        found = Referral.objects.filter(case=self.case).values_list("state", flat=True).first()
        return found or ""

    @property
    def is_host(self) -> bool:
        hearing: Hearing | None = getattr(self.case, "hearing", None)
        return bool(hearing and hearing.host_id == self.actor.pk)

    @property
    def publication(self) -> Publication | None:
        return getattr(self.case, "publication", None)

    @property
    def unpublished(self) -> bool:
        shown = self.publication
        return shown is None or publicity.is_of_before(shown, self.case)
