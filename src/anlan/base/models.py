"""Rows that every room uses: events and their delivery, the seal over them, the scenario clock."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q


class Event(models.Model):
    """Something that happened, written in the same transaction as the change itself.

    Never changed afterwards but for `seal`, which is set once. Holds ids, codes and region paths,
    no personal data: it is exported, sent and kept for good.
    """

    name = models.CharField(max_length=80)  # "work.item.verify"
    at = models.DateTimeField()  # when it happened, on the house's clock
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    region_path = models.CharField(max_length=120, blank=True)  # who may hear of it
    data = models.JSONField(encoder=DjangoJSONEncoder)
    seal = models.ForeignKey("Seal", on_delete=models.PROTECT, null=True, related_name="events")

    class Meta:
        indexes = [
            models.Index(fields=["name", "at"], name="base_event_name_at"),
            models.Index(fields=["id"], condition=Q(seal=None), name="base_event_unsealed"),
        ]

    def __str__(self) -> str:
        return f"{self.name} #{self.pk}"


class Delivery(models.Model):
    """One event on its way to one subscriber. Delivered at least once."""

    class State(models.TextChoices):
        WAITING = "WAITING"
        DONE = "DONE"
        FAILED = "FAILED"  # tried too often; shown to the administrator, sent again by hand

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="deliveries")
    subscriber = models.CharField(max_length=200)  # "anlan.command.handlers.note_alarm"
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    # Machine time, not scenario time: a paused scenario must not stop the retries.
    next_at = models.DateTimeField()
    error = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "subscriber"], name="base_delivery_once")
        ]
        indexes = [
            models.Index(
                fields=["next_at"], condition=Q(state="WAITING"), name="base_delivery_waiting"
            )
        ]

    def __str__(self) -> str:
        return f"{self.event_id} → {self.subscriber} ({self.state})"


class Serial(models.Model):
    """The last number given out in a row without gaps: an office's orders of a year."""

    name = models.CharField(max_length=200, primary_key=True)
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name}: {self.last}"


class Seal(models.Model):
    """A link of the journal's hash chain, over the events of about a minute."""

    made_at = models.DateTimeField()  # machine time
    count = models.PositiveIntegerField()
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)

    def __str__(self) -> str:
        return f"seal {self.pk} {self.hash[:12]}"


class ScenarioClock(models.Model):
    """How a demo's time follows the machine's. No row: real time. Only one row."""

    scenario_at = models.DateTimeField()  # scenario time …
    real_at = models.DateTimeField()  # … at this machine time
    rate = models.FloatField()  # scenario seconds a second; 0 is paused

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="base_clock_only_one"),
            models.CheckConstraint(condition=Q(rate__gte=0), name="base_clock_forwards"),
        ]

    def __str__(self) -> str:
        return f"{self.scenario_at:%F %T} at {self.rate:g}x"

    def time_at(self, real: datetime) -> datetime:
        """Scenario time at a machine time."""
        return self.scenario_at + timedelta(
            seconds=(real - self.real_at).total_seconds() * self.rate
        )


class Ticked(models.Model):
    """When each periodic duty last ran, so that one worker at a time runs it."""

    name = models.CharField(max_length=80, primary_key=True)
    last_at = models.DateTimeField()  # machine time
    took_s = models.FloatField(default=0)
    error = models.TextField(blank=True)

    def __str__(self) -> str:
        return self.name
