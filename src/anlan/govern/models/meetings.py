"""Meetings as they were held: minutes, who came, and what was resolved."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import models
from django.utils import timezone

from anlan.people.models import Account, Organisation
from anlan.places.models import RegionScoped
from anlan.work.models import WorkItem

from .calendar import Entry
from .committees import Chair, Committee, Member


class MeetingQuerySet(RegionScoped["Meeting"]):
    region_path = "committee__region__path"


class Meeting(models.Model):
    """A meeting that took place. Its minutes are never changed: a correction is a later note."""

    committee = models.ForeignKey(Committee, on_delete=models.PROTECT, related_name="meetings")
    entry = models.OneToOneField(
        Entry, on_delete=models.PROTECT, null=True, blank=True, related_name="meeting"
    )  # none: an extra one
    held_on = models.DateField()
    place = models.CharField(max_length=120, blank=True)
    chair = models.ForeignKey(
        Chair, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )  # which of the chairs presided; none: somebody else
    presided_by = models.CharField(max_length=60)  # as of that day
    presided_as = models.CharField(max_length=120, blank=True)  # the chair's post, as of that day
    minutes = models.TextField()
    recorded_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    objects = MeetingQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["committee", "held_on"], name="govern_meeting_day")]

    def __str__(self) -> str:
        return f"{self.committee} {self.held_on}"


class Attendance(models.Model):
    """Whether a member unit came to a meeting."""

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="attendances")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="attendances")
    present = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["meeting", "member"], name="govern_attendance_once")
        ]

    def __str__(self) -> str:
        return f"{self.member_id} at {self.meeting_id}: {self.present}"


class ResolutionQuerySet(RegionScoped["Resolution"]):
    region_path = "meeting__committee__region__path"


class Resolution(models.Model):
    """What a meeting resolved and somebody must do: a work item of its own (议定事项)."""

    item = models.OneToOneField(
        WorkItem, on_delete=models.PROTECT, primary_key=True, related_name="resolution"
    )
    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="resolutions")
    text = models.CharField(max_length=500)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = ResolutionQuerySet.as_manager()

    @property
    def due_on(self) -> date | None:
        """The last day: an item is due at its end, 24:00."""
        due_at = self.item.due_at
        return timezone.localdate(due_at - timedelta(seconds=1)) if due_at else None

    def __str__(self) -> str:
        return f"#{self.pk} {self.text}"
