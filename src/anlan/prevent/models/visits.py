"""Visits to enterprises, by inspectors or by the enterprise itself, with the answers given."""

from __future__ import annotations

import uuid
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from anlan.people.models import Account
from anlan.places.models import Region, RegionScoped
from anlan.work.models import Attachment, Step, Submission, WorkItem

from .enterprises import Enterprise
from .standards import Entry, Standard, StandardVersion


class PlanQuerySet(RegionScoped["VisitPlan"]):
    region_path = "item__region__path"


class VisitQuerySet(RegionScoped["Visit"]):
    def finished(self) -> Self:
        return self.exclude(finished_at=None)


class VisitPlan(models.Model):
    """A visit that is to be made: by whom until when is its work item's business."""

    item = models.OneToOneField(
        WorkItem, on_delete=models.PROTECT, primary_key=True, related_name="visit_plan"
    )
    enterprise = models.ForeignKey(Enterprise, on_delete=models.PROTECT, related_name="plans")
    kind = models.CharField(max_length=7)  # of Visit.Kind
    campaign = models.ForeignKey(
        "Campaign", on_delete=models.PROTECT, null=True, blank=True, related_name="plans"
    )
    draw = models.ForeignKey(
        "Draw", on_delete=models.PROTECT, null=True, blank=True, related_name="plans"
    )  # by lot (双随机)
    inspectors = models.ManyToManyField(Account, related_name="+")  # named or drawn
    # Whose checklist it is made by, as it is in force on the day; none: the enterprise's own.
    standard = models.ForeignKey(
        Standard, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    note = models.CharField(max_length=300, blank=True)  # what to look at

    objects = PlanQuerySet.as_manager()

    def __str__(self) -> str:
        return f"#{self.pk} {self.enterprise_id}"


class Visit(models.Model):
    """One visit. Its id is made on the phone, so that it can be written down with no network."""

    class Kind(models.TextChoices):
        INSPECTION = "INSPECT", _("inspection")
        RECHECK = "RECHECK", _("re-check")
        SELF = "SELF", _("self-inspection")
        SERVICE = "SERVICE", _("service visit")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    number = models.CharField(max_length=160, unique=True, null=True)  # of the record, per organ
    # Of its 整改复查意见书, where it looked again at what had been ordered. A visit of re-check has
    # that as its own number.
    recheck_number = models.CharField(max_length=160, unique=True, null=True, blank=True)
    kind = models.CharField(max_length=7, choices=Kind)
    enterprise = models.ForeignKey(Enterprise, on_delete=models.PROTECT, related_name="visits")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")  # as it was
    # The planned duty that this visit fulfils; none: on somebody's own initiative.
    item = models.OneToOneField(
        WorkItem, on_delete=models.PROTECT, null=True, blank=True, related_name="visit"
    )
    version = models.ForeignKey(
        StandardVersion, on_delete=models.PROTECT, null=True, blank=True, related_name="visits"
    )
    inspectors = models.ManyToManyField(Account, related_name="visits")
    led_by_principal = models.BooleanField(default=False)  # 主要领导带队
    campaign = models.ForeignKey(
        "Campaign", on_delete=models.PROTECT, null=True, blank=True, related_name="visits"
    )
    # What a phone sent it with: its bytes' digest, by which the same visit is known again.
    digest = models.CharField(max_length=64, blank=True)
    submission = models.OneToOneField(
        Submission, on_delete=models.PROTECT, null=True, blank=True, related_name="visit"
    )
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    lon = models.FloatField(null=True, blank=True)
    lat = models.FloatField(null=True, blank=True)
    accuracy_m = models.FloatField(null=True, blank=True)
    note = models.TextField(blank=True)
    exercise = models.BooleanField(default=False)

    objects = VisitQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["region", "started_at"], name="prevent_visit_region"),
            models.Index(fields=["enterprise", "started_at"], name="prevent_visit_enterprise"),
            models.Index(fields=["campaign", "region"], name="prevent_visit_campaign"),
            models.Index(fields=["started_at", "id"], name="prevent_visit_started"),
        ]

    def __str__(self) -> str:
        return self.number or str(self.pk)


class Answer(models.Model):
    """What a visit found for one line of the checklist."""

    class Result(models.TextChoices):
        FINE = "FINE", _("in order")
        WRONG = "WRONG", _("not in order")
        NONE = "NONE", _("does not apply")

    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="answers")
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="+")
    result = models.CharField(max_length=5, choices=Result)
    note = models.CharField(max_length=300, blank=True)
    hazard = models.ForeignKey(
        "Hazard", on_delete=models.PROTECT, null=True, blank=True, related_name="answers"
    )  # what came of it, or was still open from an earlier visit

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["visit", "entry"], name="prevent_answer_once")
        ]

    def __str__(self) -> str:
        return f"{self.visit_id} {self.entry_id} {self.result}"


class Recheck(models.Model):
    """What a visit found of an earlier hazard: put right or not (整改复查)."""

    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="rechecks")
    hazard = models.ForeignKey("Hazard", on_delete=models.PROTECT, related_name="rechecks")
    passed = models.BooleanField()
    note = models.CharField(max_length=300, blank=True)
    # The move of the hazard's task that it made, where the hazard waited for its re-check.
    step = models.OneToOneField(
        Step, on_delete=models.PROTECT, null=True, blank=True, related_name="recheck"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["visit", "hazard"], name="prevent_recheck_once")
        ]

    def __str__(self) -> str:
        return f"{self.visit_id} #{self.hazard_id}: {self.passed}"


class DeskRecheck(models.Model):
    """The number of the 整改复查意见书 after a re-check that was made on the hazard's task."""

    step = models.OneToOneField(
        Step, on_delete=models.PROTECT, primary_key=True, related_name="desk_recheck"
    )
    hazard = models.ForeignKey("Hazard", on_delete=models.PROTECT, related_name="desk_rechecks")
    number = models.CharField(max_length=160, unique=True)

    def __str__(self) -> str:
        return self.number


class VisitFile(models.Model):
    """A file of a visit, announced by its digest: it may arrive later than the visit.

    Or a photo of a hazard that was found at no visit.
    """

    class Role(models.TextChoices):
        PHOTO = "PHOTO", _("photo")
        SIGNATURE = "SIGN", _("signature")
        VOICE = "VOICE", _("voice note")

    visit = models.ForeignKey(
        Visit, on_delete=models.CASCADE, null=True, blank=True, related_name="files"
    )
    digest = models.CharField(max_length=64)  # SHA-256 of what was sent
    role = models.CharField(max_length=5, choices=Role, default=Role.PHOTO)
    hazard = models.ForeignKey(
        "Hazard", on_delete=models.PROTECT, null=True, blank=True, related_name="files"
    )
    attachment = models.ForeignKey(
        Attachment, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["visit", "digest", "hazard"], name="prevent_visit_file_once"
            ),
            models.UniqueConstraint(
                fields=["visit", "digest"],
                condition=Q(hazard=None),
                name="prevent_visit_file_of_visit",
            ),
            models.UniqueConstraint(
                fields=["hazard", "digest"],
                condition=Q(visit=None),
                name="prevent_visit_file_of_hazard",
            ),
            models.CheckConstraint(
                condition=Q(visit__isnull=False) | Q(hazard__isnull=False),
                name="prevent_visit_file_of_something",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.visit_id} {self.role} {self.digest[:12]}"
