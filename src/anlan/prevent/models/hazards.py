"""Hazards: what is wrong at a site and must be put right, each a duty of the loop."""

from __future__ import annotations

from typing import Self

from django.db import connections, models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from anlan.people.models import Account
from anlan.places.models import Region, RegionScoped, Site
from anlan.work.models import WorkItem

from .standards import Entry
from .visits import Visit

KIND = "prevent.rectify"  # of every hazard's work item, and of no other


class HazardQuerySet(RegionScoped["Hazard"]):
    region_path = "item__region__path"

    def unresolved(self) -> Self:
        """Neither put right nor called off; overdue ones and those under extension stay in."""
        return self.filter(item__state__in=WorkItem.OPEN_STATES)

    def by_kind(self) -> Self:
        """The same, begun from what is open: few among all that a city ever found."""
        return self.filter(item__kind=KIND)

    def met_newest_first(self, *, put_right: bool = False) -> Self:
        """The same, to be read along the order of keys; or those put right among them.

        PostgreSQL begins with the items and passes those of other kinds only if told so. SQLite
        begins with the hazards; told more of the items, it would find and sort all of them first.
        """
        if connections[self.db].vendor == "postgresql":
            return self.by_kind().put_right() if put_right else self.by_kind()
        right = WorkItem.objects.filter(pk=OuterRef("pk"), state=WorkItem.State.CLOSED)
        return self.filter(Exists(right)) if put_right else self

    def put_right(self) -> Self:
        return self.filter(item__state=WorkItem.State.CLOSED)

    def counted(self) -> Self:
        """What figures are made of: neither called off nor of an exercise."""
        return self.exclude(item__state=WorkItem.State.CANCELLED).filter(item__exercise=False)


class Hazard(models.Model):
    """Something found at a site that must be put right (隐患).

    Who does it, by when and how far it got is the work item's business; hazard 147 is item 147.
    """

    class Grade(models.TextChoices):
        GENERAL = "GENERAL", _("general hazard")
        MAJOR = "MAJOR", _("major hazard")

    class Source(models.TextChoices):
        VISIT = "VISIT", _("found at a visit")
        SELF = "SELF", _("found by the enterprise")
        CHECK = "CHECK", _("a check was not made")
        REPORT = "REPORT", _("reported by the public")
        VIDEO = "VIDEO", _("seen by a camera")

    item = models.OneToOneField(
        WorkItem, on_delete=models.PROTECT, primary_key=True, related_name="hazard"
    )
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="hazards")
    grade = models.CharField(max_length=7, choices=Grade)
    source = models.CharField(max_length=6, choices=Source, default=Source.VISIT)
    what = models.CharField(max_length=500)
    basis = models.CharField(max_length=300, blank=True)  # which article it offends
    visit = models.ForeignKey(
        Visit, on_delete=models.PROTECT, null=True, blank=True, related_name="hazards"
    )
    entry = models.ForeignKey(
        Entry, on_delete=models.PROTECT, null=True, blank=True, related_name="hazards"
    )  # the line of the checklist, by which recurrence is recognised
    found_at = models.DateTimeField()
    found_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    lon = models.FloatField(null=True, blank=True)
    lat = models.FloatField(null=True, blank=True)
    again_of = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="recurrences",
        db_index=False,
    )  # fmt: skip
    # The order to put it right (责令限期整改指令书); a visit's hazards may stand in one order.
    order_number = models.CharField(max_length=160, blank=True, db_index=True)
    ordered_at = models.DateTimeField(null=True, blank=True)
    order_due_at = models.DateTimeField(null=True, blank=True)  # as the order said it
    ordered_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = HazardQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["site", "found_at"], name="prevent_hazard_site"),
            models.Index(fields=["grade", "found_at"], name="prevent_hazard_grade"),
            models.Index(
                fields=["again_of"],
                condition=Q(again_of__isnull=False),
                name="prevent_hazard_again",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.what}"


class Extension(models.Model):
    """More time to put a hazard right: asked for with a reason, decided by another person."""

    class State(models.TextChoices):
        ASKED = "ASKED", _("waiting for a decision")
        GRANTED = "GRANTED", _("granted")
        REFUSED = "REFUSED", _("not granted")

    hazard = models.ForeignKey(Hazard, on_delete=models.PROTECT, related_name="extensions")
    state = models.CharField(max_length=7, choices=State, default=State.ASKED)
    until = models.DateTimeField()
    reason = models.CharField(max_length=500)
    asked_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decision = models.CharField(max_length=500, blank=True)
    before = models.DateTimeField(null=True, blank=True)  # the due time that it replaced

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["hazard"], condition=Q(state="ASKED"), name="prevent_extension_one_asked"
            )
        ]

    def __str__(self) -> str:
        return f"#{self.hazard_id} until {self.until:%F}: {self.state}"


class Listing(models.Model):
    """A major hazard under listed supervision (挂牌督办), lifted only after it was put right."""

    hazard = models.ForeignKey(Hazard, on_delete=models.PROTECT, related_name="listings")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")  # who supervises
    until = models.DateField()
    reason = models.CharField(max_length=500)
    listed_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    listed_at = models.DateTimeField()
    lifted_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_note = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["hazard"], condition=Q(lifted_at=None), name="prevent_listing_one_open"
            )
        ]

    def __str__(self) -> str:
        return f"#{self.hazard_id} listed by {self.region_id}"


class TransferQuerySet(RegionScoped["Transfer"]):
    region_path = "from_region__path"


class Transfer(models.Model):
    """A hazard went to another region while it was open; the old one still sees that it did."""

    hazard = models.ForeignKey(Hazard, on_delete=models.PROTECT, related_name="transfers")
    from_region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    to_region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=500)
    by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = TransferQuerySet.as_manager()

    def __str__(self) -> str:
        return f"#{self.hazard_id} {self.from_region_id} → {self.to_region_id}"
