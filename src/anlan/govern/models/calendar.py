"""A committee's list for the year: meetings, special inspections and other work, with days."""

from __future__ import annotations

from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from anlan.people.models import Account, Organisation, Post
from anlan.places.models import RegionScoped
from anlan.work.models import WorkItem

from .committees import Committee


class YearListQuerySet(RegionScoped["YearList"]):
    region_path = "committee__region__path"


class YearList(models.Model):
    """What a committee has set itself for a year (年度工作清单). Its author does not issue it."""

    class State(models.TextChoices):
        DRAFT = "DRAFT", _("draft")
        ISSUED = "ISSUED", _("issued")

    committee = models.ForeignKey(Committee, on_delete=models.PROTECT, related_name="lists")
    year = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=6, choices=State, default=State.DRAFT)
    author = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    issued_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    issued_at = models.DateTimeField(null=True, blank=True)

    objects = YearListQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["committee", "year"], name="govern_list_once")
        ]

    def __str__(self) -> str:
        return f"{self.committee} {self.year}"


class EntryQuerySet(RegionScoped["Entry"]):
    region_path = "list__committee__region__path"

    def to_open(self, on: date) -> Self:
        """Of issued lists of standing committees: their day has come, nobody has the work yet."""
        standing = Q(list__committee__ended_on=None) | Q(list__committee__ended_on__gt=on)
        return self.filter(standing, item=None, opens_on__lte=on, list__state=YearList.State.ISSUED)


class Entry(models.Model):
    """A line of the year's list. On its day it becomes a work item of its kind."""

    class Kind(models.TextChoices):
        TASK = "TASK", _("piece of work")
        MEETING = "MEETING", _("quarterly meeting")
        INSPECTION = "INSPECT", _("special inspection")

    list = models.ForeignKey(YearList, on_delete=models.PROTECT, related_name="entries")
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=7, choices=Kind)
    title = models.CharField(max_length=120)
    text = models.CharField(max_length=1000, blank=True)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )  # the member unit that leads
    post = models.ForeignKey(
        Post, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    led_by_principal = models.BooleanField(default=False)  # 主要领导带队
    opens_on = models.DateField()
    due_on = models.DateField()
    item = models.OneToOneField(
        WorkItem, on_delete=models.PROTECT, null=True, blank=True, related_name="year_entry"
    )

    objects = EntryQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["list", "number"], name="govern_entry_number"),
            models.CheckConstraint(
                condition=Q(due_on__gte=F("opens_on")), name="govern_entry_days"
            ),
        ]
        indexes = [models.Index(fields=["item", "opens_on"], name="govern_entry_waiting")]

    def __str__(self) -> str:
        return f"{self.list_id}.{self.number} {self.title}"
