"""Hazards: what is wrong at a site and must be put right, each a duty of the loop."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.people.models import Account
from anlan.places.models import RegionScoped, Site
from anlan.work.models import WorkItem

from .standards import Entry
from .visits import Visit


class HazardQuerySet(RegionScoped["Hazard"]):
    region_path = "item__region__path"

    def unresolved(self) -> Self:
        """Neither put right nor called off; overdue ones and those under extension stay in."""
        return self.exclude(item__state__in=[WorkItem.State.CLOSED, WorkItem.State.CANCELLED])

    def put_right(self) -> Self:
        return self.filter(item__state=WorkItem.State.CLOSED)


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
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="recurrences"
    )

    objects = HazardQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["site", "found_at"], name="prevent_hazard_site"),
            models.Index(fields=["grade", "found_at"], name="prevent_hazard_grade"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.what}"
