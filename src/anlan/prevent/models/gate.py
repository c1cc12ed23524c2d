"""What the public says by the QR code at an enterprise's gate, and what came of it."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.people.models import Account
from anlan.places.models import RegionScoped
from anlan.work.models import WorkItem

from .enterprises import Enterprise
from .hazards import Hazard
from .visits import VisitPlan


class PublicReportQuerySet(RegionScoped["PublicReport"]):
    region_path = "item__region__path"

    def waiting(self) -> Self:
        return self.filter(outcome="")


class PublicReport(models.Model):
    """What somebody reported at the gate (群众举报): no hazard before a person has confirmed it.

    Who it was is neither asked nor kept. `sender` is a keyed digest of the address it came from,
    for an hour's limit; it is blanked after a day.
    """

    class Outcome(models.TextChoices):
        HAZARD = "HAZARD", _("confirmed as a hazard")
        VISIT = "VISIT", _("a visit was planned")
        MERGED = "MERGED", _("of a hazard that is known")
        REJECTED = "REJECTED", _("not found to be so")

    item = models.OneToOneField(
        WorkItem, on_delete=models.PROTECT, primary_key=True, related_name="public_report"
    )
    enterprise = models.ForeignKey(
        Enterprise, on_delete=models.PROTECT, related_name="public_reports"
    )
    what = models.CharField(max_length=500)
    sender = models.CharField(max_length=64, blank=True, db_index=True)
    at = models.DateTimeField()  # machine time
    outcome = models.CharField(max_length=8, choices=Outcome, blank=True, db_index=True)
    reason = models.CharField(max_length=300, blank=True)
    decided_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    hazard = models.ForeignKey(
        Hazard, on_delete=models.PROTECT, null=True, blank=True, related_name="public_reports"
    )  # that it became, or that was known
    plan = models.ForeignKey(
        VisitPlan, on_delete=models.PROTECT, null=True, blank=True, related_name="public_reports"
    )

    objects = PublicReportQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["enterprise", "at"], name="prevent_report_enterprise")]

    def __str__(self) -> str:
        return f"#{self.pk} {self.what}"
