"""Visits to enterprises, by inspectors or by the enterprise itself, with the answers given."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.people.models import Account
from anlan.places.models import Region, RegionScoped
from anlan.work.models import WorkItem

from .enterprises import Enterprise
from .standards import Entry, StandardVersion


class VisitQuerySet(RegionScoped["Visit"]):
    pass


class Visit(models.Model):
    """One visit. Its id is made on the phone, so that it can be written down with no network."""

    class Kind(models.TextChoices):
        INSPECTION = "INSPECT", _("inspection")
        RECHECK = "RECHECK", _("re-check")
        SELF = "SELF", _("self-inspection")
        SERVICE = "SERVICE", _("service visit")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    number = models.CharField(max_length=40, unique=True, null=True)  # of the record, per organ
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

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["visit", "entry"], name="prevent_answer_once")
        ]

    def __str__(self) -> str:
        return f"{self.visit_id} {self.entry_id} {self.result}"
