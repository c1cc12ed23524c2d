"""Incidents, the plans that answer them, and the tasks that a plan's step became."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from anlan.people.models import Account
from anlan.places.models import Region, RegionScoped, Road, Site
from anlan.warn.models import Alarm
from anlan.work.models import WorkItem


class ResponseLevel(models.IntegerChoices):
    """Ⅰ is the gravest. Levels add up: Ⅱ does what Ⅳ and Ⅲ do, and more."""

    I = 1, _("level Ⅰ response")  # noqa: E741 — the levels' own name
    II = 2, _("level Ⅱ response")
    III = 3, _("level Ⅲ response")
    IV = 4, _("level Ⅳ response")


class Plan(models.Model):
    """An emergency plan of a region: its name stays, its text comes in versions."""

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="plans")

    objects: models.Manager[Plan] = RegionScoped["Plan"].as_manager()

    def __str__(self) -> str:
        return self.name


class PlanVersion(models.Model):
    """What a plan says from the day of its approval until the next version's."""

    class State(models.TextChoices):
        DRAFT = "DRAFT", _("draft")
        IN_FORCE = "IN_FORCE", _("in force")
        REPLACED = "REPLACED", _("replaced")

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)
    author = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    approver = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    source = models.CharField(max_length=200, blank=True)  # the document it was taken from

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="command_version_number"),
            models.UniqueConstraint(
                fields=["plan"], condition=Q(state="IN_FORCE"), name="command_version_one_in_force"
            ),
            models.UniqueConstraint(
                fields=["plan"], condition=Q(state="DRAFT"), name="command_version_one_draft"
            ),
            models.CheckConstraint(
                condition=Q(approver=None) | ~Q(approver=models.F("author")),
                name="command_version_two_people",
            ),
        ]

    def __str__(self) -> str:
        return gettext("%(plan)s, version %(n)s") % {"plan": self.plan.name, "n": self.number}


class PlanStep(models.Model):
    """What a response level asks of whom, by when. Becomes a task in each region concerned."""

    version = models.ForeignKey(PlanVersion, on_delete=models.CASCADE, related_name="steps")
    order = models.PositiveSmallIntegerField()
    level = models.PositiveSmallIntegerField(choices=ResponseLevel)  # from this level on
    title = models.CharField(max_length=100)
    instructions = models.TextField(blank=True)
    role = models.CharField(max_length=40)  # people.Role.code: whose post gets it
    region_level = models.PositiveSmallIntegerField(choices=Region.Level)
    site_kind = models.CharField(max_length=40, blank=True)  # one task a site of this kind
    # Only at those that the last forecast says will stand in water.
    hit_by_forecast = models.BooleanField(default=False)
    minutes = models.PositiveIntegerField()  # to be done within

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "order"], name="command_step_order")
        ]

    def __str__(self) -> str:
        return self.title


class IncidentQuerySet(RegionScoped["Incident"]):
    def running(self) -> Self:
        return self.filter(closed_at=None)


class Incident(models.Model):
    """Something that is being dealt with, from the first alarm to the last task."""

    title = models.CharField(max_length=120)
    kind = models.CharField(max_length=40)  # rainstorm, waterlogging, fire …
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="incidents")
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    level = models.PositiveSmallIntegerField(choices=ResponseLevel, null=True)  # none yet
    closed_at = models.DateTimeField(null=True)
    exercise = models.BooleanField(default=False)
    alarms = models.ManyToManyField(Alarm, through="IncidentAlarm", related_name="incidents")

    objects = IncidentQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["closed_at", "opened_at"], name="command_incident_open")]

    def __str__(self) -> str:
        return self.title


class IncidentAlarm(models.Model):
    """An alarm that belongs to an incident; an alarm belongs to one incident at most."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="+")
    alarm = models.OneToOneField(Alarm, on_delete=models.PROTECT, related_name="incident_link")

    def __str__(self) -> str:
        return f"{self.incident_id} ← alarm {self.alarm_id}"


class Activation(models.Model):
    """A response level declared in an incident. Copies the plan; never changed afterwards."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="activations")
    version = models.ForeignKey(PlanVersion, on_delete=models.PROTECT, related_name="activations")
    level = models.PositiveSmallIntegerField(choices=ResponseLevel)
    areas = models.ManyToManyField(Region, related_name="+")  # the regions concerned
    by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.incident_id} level {self.level}"


class TaskQuerySet(RegionScoped["Task"]):
    region_path = "item__region__path"


class Task(models.Model):
    """A plan's step, here and now: the work item says who and how far."""

    item = models.OneToOneField(WorkItem, on_delete=models.PROTECT, primary_key=True)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="tasks")
    activation = models.ForeignKey(Activation, on_delete=models.PROTECT, related_name="tasks")
    step = models.ForeignKey(PlanStep, on_delete=models.PROTECT, related_name="tasks")
    instructions = models.TextField(blank=True)  # as the step said at that time
    site = models.ForeignKey(
        Site, on_delete=models.PROTECT, null=True, blank=True, related_name="tasks"
    )

    objects = TaskQuerySet.as_manager()

    def __str__(self) -> str:
        return f"task {self.item_id}"


class ClosureQuerySet(RegionScoped["Closure"]):
    region_path = "item__region__path"

    def standing(self) -> Self:
        """Ordered or closed, neither opened again nor called off."""
        return self.filter(ended_at=None)


class Closure(models.Model):
    """A site or road that is to be closed to traffic, or is: the work item says who and how far.

    It is closed from when somebody on the spot handed in the proof, once another has verified it;
    until then it is ordered, or reported.
    """

    class State(models.TextChoices):
        ORDERED = "ORDERED", _("closing ordered")
        REPORTED = "REPORTED", _("closing reported, not verified")
        CLOSED = "CLOSED", _("closed to traffic")
        OPENED = "OPENED", _("open again")
        CALLED_OFF = "CALLED_OFF", _("closing called off")

    item = models.OneToOneField(WorkItem, on_delete=models.PROTECT, primary_key=True)
    site = models.ForeignKey(
        Site, on_delete=models.PROTECT, null=True, blank=True, related_name="closures"
    )
    road = models.ForeignKey(
        Road, on_delete=models.PROTECT, null=True, blank=True, related_name="closures"
    )
    alarm = models.ForeignKey(
        Alarm, on_delete=models.PROTECT, null=True, blank=True, related_name="closures"
    )
    incident = models.ForeignKey(
        Incident, on_delete=models.PROTECT, null=True, blank=True, related_name="closures"
    )
    reason = models.CharField(max_length=200, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    ended_note = models.CharField(max_length=200, blank=True)

    objects = ClosureQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(site=None, road__isnull=False) | Q(site__isnull=False, road=None),
                name="command_closure_of_one_place",
            ),
            models.UniqueConstraint(
                fields=["site"],
                condition=Q(ended_at=None, site__isnull=False),
                name="command_closure_one_a_site",
            ),
            models.UniqueConstraint(
                fields=["road"],
                condition=Q(ended_at=None, road__isnull=False),
                name="command_closure_one_a_road",
            ),
        ]

    def __str__(self) -> str:
        return f"closure {self.item_id} of {self.place}"

    @property
    def place(self) -> Site | Road:
        place = self.site or self.road
        assert place is not None  # the database sees to it
        return place

    @property
    def is_closed(self) -> bool:
        return self.state == self.State.CLOSED

    @property
    def state(self) -> State:
        if self.ended_at is not None:
            return self.State.OPENED if self.closed_at else self.State.CALLED_OFF
        # Verified counts at once, not only when the worker has carried it over to `closed_at`.
        if self.closed_at is not None or self.item.state == WorkItem.State.CLOSED:
            return self.State.CLOSED
        if self.item.state == WorkItem.State.SUBMITTED:
            return self.State.REPORTED
        return self.State.ORDERED


class LogEntry(models.Model):
    """A line of the incident's log. Append-only; its digest stands in a journalled event."""

    class Kind(models.TextChoices):
        OPENED = "OPENED", _("incident opened")
        ALARM = "ALARM", _("alarm added")
        LEVEL = "LEVEL", _("response level declared")
        NOTE = "NOTE", _("note")
        CLOSED = "CLOSED", _("incident closed")

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="log")
    kind = models.CharField(max_length=8, choices=Kind)
    at = models.DateTimeField()
    by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()

    class Meta:
        verbose_name_plural = "log entries"
        indexes = [models.Index(fields=["incident", "at"], name="command_log_incident")]

    def __str__(self) -> str:
        return f"{self.at:%F %T} {self.text[:40]}"
