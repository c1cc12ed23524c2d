"""The ladder: after how many working days which step is proposed, and each proposal made."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from anlan.people.models import Account
from anlan.places.models import RegionScoped
from anlan.work.models import WorkItem


class Rung(models.TextChoices):
    """The steps, mildest first. None is left out on the way up but by a ladder without it."""

    REMIND = "REMIND", _("reminder letter")
    URGE = "URGE", _("urging letter")
    INTERVIEW = "INTERVIEW", _("interview")
    SANCTION = "SANCTION", _("sanction")


class Ladder(models.Model):
    """One version of the rules. What was proposed under an older one keeps it."""

    number = models.PositiveIntegerField(unique=True)
    since = models.DateField()
    # Working days: of the first step after the limit, of each later one after the step before it.
    # None: the step is left out.
    remind_days = models.PositiveSmallIntegerField(null=True, blank=True)
    urge_days = models.PositiveSmallIntegerField(null=True, blank=True)
    interview_days = models.PositiveSmallIntegerField(null=True, blank=True)
    sanction_days = models.PositiveSmallIntegerField(null=True, blank=True)
    source = models.CharField(max_length=300)  # the document that it rests on
    author = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"ladder v{self.number}"

    @property
    def rungs(self) -> list[tuple[Rung, int]]:
        """The steps that this version has, in order, each with its days."""
        days = {
            Rung.REMIND: self.remind_days,
            Rung.URGE: self.urge_days,
            Rung.INTERVIEW: self.interview_days,
            Rung.SANCTION: self.sanction_days,
        }
        return [(rung, count) for rung, count in days.items() if count is not None]


class ProposalQuerySet(RegionScoped["Proposal"]):
    region_path = "item__region__path"


class Proposal(models.Model):
    """The house proposes a step about an overdue duty; a person confirms or drops it.

    What was known when it was made stays with it and is proven by the journal.
    """

    class State(models.TextChoices):
        PROPOSED = "PROPOSED", _("to be decided")
        CONFIRMED = "CONFIRMED", _("confirmed")
        DROPPED = "DROPPED", _("dropped")
        LAPSED = "LAPSED", _("settled meanwhile")

    item = models.ForeignKey(WorkItem, on_delete=models.PROTECT, related_name="proposals")
    ladder = models.ForeignKey(Ladder, on_delete=models.PROTECT, related_name="proposals")
    rung = models.CharField(max_length=9, choices=Rung)
    evidence = models.JSONField()  # the facts as they stood
    state = models.CharField(max_length=9, choices=State, default=State.PROPOSED)
    made_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True)

    objects = ProposalQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["item"], condition=Q(state="PROPOSED"), name="oversee_one_open_proposal"
            ),
            # Nothing is decided without somebody, or undone by nobody.
            models.CheckConstraint(
                condition=Q(state__in=["PROPOSED", "LAPSED"]) | Q(decided_by__isnull=False),
                name="oversee_decided_by_a_person",
            ),
        ]
        indexes = [models.Index(fields=["state", "made_at"], name="oversee_proposal_state")]

    @property
    def due_on(self) -> date | None:
        """The task's last day: 24:00 is said as the day that ends with it."""
        due_at = self.item.due_at
        return timezone.localdate(due_at - timedelta(seconds=1)) if due_at else None

    def __str__(self) -> str:
        return f"{self.rung} about #{self.item_id}"
