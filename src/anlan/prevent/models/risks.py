"""Dual prevention: areas of an enterprise, their risk points, gradings, controls and checks."""

from __future__ import annotations

from datetime import date, datetime
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from anlan.people.models import Account
from anlan.places.models import RegionScoped
from anlan.prevent import grading
from anlan.work.models import WorkItem

from .enterprises import Enterprise
from .hazards import Hazard
from .standards import Standard


class MethodRule(models.Model):
    """By which method the enterprises of a standard or of an industry grade their risks."""

    standard = models.OneToOneField(
        Standard, on_delete=models.PROTECT, null=True, blank=True, related_name="risk_method"
    )
    industry = models.CharField(max_length=5, unique=True, null=True, blank=True)  # C26: and below
    method = models.CharField(max_length=3, choices=grading.CHOICES)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(standard=None, industry__isnull=False)
                | Q(standard__isnull=False, industry=None),
                name="prevent_method_of_one",
            )
        ]

    def __str__(self) -> str:
        return f"{self.standard or self.industry}: {self.method}"


class FloorPlan(models.Model):
    """A drawing of a floor, on which areas are outlined. A newer one takes its place."""

    enterprise = models.ForeignKey(Enterprise, on_delete=models.PROTECT, related_name="floor_plans")
    name = models.CharField(max_length=60)
    path = models.CharField(max_length=200)  # below FILES_DIR, as `work.files` made it harmless
    mime = models.CharField(max_length=60)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    made_at = models.DateTimeField()
    by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["enterprise", "name"],
                condition=Q(retired_at=None),
                name="prevent_floor_plan_one_in_use",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Area(models.Model):
    """A workshop, store or yard: what is coloured on the floor plan."""

    enterprise = models.ForeignKey(Enterprise, on_delete=models.PROTECT, related_name="areas")
    name = models.CharField(max_length=60)
    plan = models.ForeignKey(
        FloorPlan, on_delete=models.PROTECT, null=True, blank=True, related_name="areas"
    )
    # Corners as parts of the plan's width and height, so that another size changes nothing.
    outline = models.JSONField(default=list, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["enterprise", "name"], name="prevent_area_name")
        ]

    def __str__(self) -> str:
        return self.name


class RiskPointQuerySet(RegionScoped["RiskPoint"]):
    region_path = "enterprise__site__region__path"

    def in_use(self) -> Self:
        return self.filter(closed_on=None)

    def to_grade_again(self, on: date) -> Self:
        """Never graded, or so long ago that it is due anew."""
        return self.in_use().filter(Q(regrade_on=None) | Q(regrade_on__lte=on))


class RiskPoint(models.Model):
    """A place or an activity from which harm may come (风险点), with its grade before and after."""

    class Sort(models.TextChoices):
        FACILITY = "FACILITY", _("facility, place or area")
        ACTIVITY = "ACTIVITY", _("activity")

    class Accident(models.TextChoices):
        """Kinds of accidents as GB 6441 counts them."""

        STRUCK = "01", _("struck by an object")
        VEHICLE = "02", pgettext_lazy("accident", "vehicle")
        MACHINE = "03", pgettext_lazy("accident", "machine")
        LIFTING = "04", pgettext_lazy("accident", "lifting")
        SHOCK = "05", _("electric shock")
        DROWNING = "06", _("drowning")
        SCALDING = "07", _("burn by heat or acid")
        FIRE = "08", _("fire at work")
        FALL = "09", _("fall from a height")
        COLLAPSE = "10", pgettext_lazy("accident", "collapse")
        ROOF_FALL = "11", _("fall of rock or roof")
        FLOODING = "12", _("water breaking in")
        BLASTING = "13", pgettext_lazy("accident", "blasting")
        EXPLOSIVES = "14", _("explosion of explosives")
        GAS = "15", _("explosion of mine gas")
        BOILER = "16", _("explosion of a boiler")
        VESSEL = "17", _("explosion of a pressure vessel")
        OTHER_EXPLOSION = "18", _("other explosion")
        POISONING = "19", _("poisoning or suffocation")
        OTHER = "20", _("other injury")

    enterprise = models.ForeignKey(Enterprise, on_delete=models.PROTECT, related_name="risk_points")
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="risk_points")
    name = models.CharField(max_length=120)
    sort = models.CharField(max_length=8, choices=Sort, default=Sort.FACILITY)
    danger = models.CharField(max_length=300)  # what can go wrong, and whom it would hurt
    accident = models.CharField(max_length=2, choices=Accident)
    # Copies of the last gradings, for lists and counts.
    inherent = models.PositiveSmallIntegerField(
        choices=Enterprise.Colour, null=True, blank=True
    )  # without measures
    grade = models.PositiveSmallIntegerField(
        choices=Enterprise.Colour, null=True, blank=True
    )  # as it is shown: with measures where these were graded, else without
    regrade_on = models.DateField(null=True, blank=True)  # the day from which it is due anew
    made_at = models.DateTimeField()
    closed_on = models.DateField(null=True, blank=True)

    objects = RiskPointQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["area", "name"],
                condition=Q(closed_on=None),
                name="prevent_risk_point_name",
            )
        ]
        indexes = [
            models.Index(fields=["grade", "closed_on"], name="prevent_risk_point_grade"),
            models.Index(fields=["regrade_on"], name="prevent_risk_point_regrade"),
        ]

    def __str__(self) -> str:
        return self.name


class Grading(models.Model):
    """One grading of a risk point. Append-only: this is the history that is shown."""

    class Stage(models.TextChoices):
        INHERENT = "INHERENT", _("without measures")
        RESIDUAL = "RESIDUAL", _("with measures")

    point = models.ForeignKey(RiskPoint, on_delete=models.PROTECT, related_name="gradings")
    stage = models.CharField(max_length=8, choices=Stage)
    method = models.CharField(max_length=3, choices=grading.CHOICES)
    likelihood = models.DecimalField(max_digits=4, decimal_places=1)
    exposure = models.DecimalField(max_digits=4, decimal_places=1, null=True, blank=True)
    severity = models.DecimalField(max_digits=4, decimal_places=1)
    score = models.DecimalField(max_digits=7, decimal_places=2)
    grade = models.PositiveSmallIntegerField(choices=Enterprise.Colour)
    note = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["point", "at"], name="prevent_grading_point")]

    def __str__(self) -> str:
        return f"{self.point_id} {self.stage} {self.score}"


class ControlQuerySet(RegionScoped["Control"]):
    region_path = "point__enterprise__site__region__path"

    def watched(self) -> Self:
        """Controls that somebody must check: in use, at an enterprise that works."""
        return self.filter(
            retired_at=None,
            point__closed_on=None,
            point__enterprise__state=Enterprise.State.IN_BUSINESS,
            due_at__isnull=False,
        )

    def overdue(self, at: datetime) -> Self:
        return self.watched().filter(due_at__lte=at)

    def without_open_hazard(self) -> Self:
        """Nobody is already being held to an earlier check of it."""
        done = [WorkItem.State.CLOSED, WorkItem.State.CANCELLED]
        standing = MissedCheck.objects.filter(control=OuterRef("pk")).exclude(
            hazard__item__state__in=done
        )
        return self.filter(~Exists(standing))


class Control(models.Model):
    """What keeps a risk in check (管控措施), who looks after it and how often."""

    class Sort(models.TextChoices):
        ENGINEERING = "ENGINEER", pgettext_lazy("measure", "engineering")
        MANAGEMENT = "MANAGE", pgettext_lazy("measure", "management")
        TRAINING = "TRAIN", pgettext_lazy("measure", "training")
        PROTECTION = "PROTECT", _("personal protection")
        EMERGENCY = "RESPOND", _("emergency response")

    class Level(models.TextChoices):
        COMPANY = "COMPANY", _("level of the enterprise")
        DEPARTMENT = "DEPT", _("level of a workshop")
        TEAM = "TEAM", _("level of a team")
        POST = "POST", _("level of a workplace")

    class Every(models.IntegerChoices):
        """How often it is checked, in days."""

        DAY = 1, _("every day")
        WEEK = 7, _("every week")
        MONTH = 30, _("every month")
        QUARTER = 91, _("every three months")
        HALF = 182, _("every six months")
        YEAR = 365, _("every year")

    point = models.ForeignKey(RiskPoint, on_delete=models.PROTECT, related_name="controls")
    sort = models.CharField(max_length=8, choices=Sort)
    text = models.CharField(max_length=300)
    level = models.CharField(max_length=7, choices=Level)
    checker = models.CharField(max_length=60, blank=True)  # whose post it is to check
    every_days = models.PositiveSmallIntegerField(choices=Every, null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)  # of the next check
    made_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)

    objects = ControlQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(every_days=None, due_at=None)
                | Q(every_days__isnull=False, due_at__isnull=False),
                name="prevent_control_dates",
            )
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=Q(retired_at=None, due_at__isnull=False),
                name="prevent_control_due",
            )
        ]

    def __str__(self) -> str:
        return self.text


class Check(models.Model):
    """That a control was looked at: when, by whom, and what was found."""

    class Result(models.TextChoices):
        FINE = "FINE", pgettext_lazy("check", "works")
        WRONG = "WRONG", pgettext_lazy("check", "does not work")

    control = models.ForeignKey(Control, on_delete=models.PROTECT, related_name="checks")
    due_at = models.DateTimeField()  # the date that it kept or missed
    at = models.DateTimeField()
    by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    result = models.CharField(max_length=5, choices=Result)
    note = models.CharField(max_length=300, blank=True)
    hazard = models.OneToOneField(
        Hazard, on_delete=models.PROTECT, null=True, blank=True, related_name="check_of"
    )  # what it found

    class Meta:
        indexes = [models.Index(fields=["control", "at"], name="prevent_check_control")]

    def __str__(self) -> str:
        return f"{self.control_id} at {self.at:%F %T}: {self.result}"

    @property
    def late(self) -> bool:
        return self.at >= self.due_at


class MissedCheck(models.Model):
    """A check that was not made in time became a hazard: once, whoever notices it how often."""

    control = models.ForeignKey(Control, on_delete=models.PROTECT, related_name="missed")
    due_at = models.DateTimeField()
    hazard = models.OneToOneField(Hazard, on_delete=models.PROTECT, related_name="missed_check")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["control", "due_at"], name="prevent_missed_once")
        ]

    def __str__(self) -> str:
        return f"{self.control_id} due {self.due_at:%F}"
