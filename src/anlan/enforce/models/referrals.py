"""A case that may be a crime: why, to whom it went, what they answered."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from anlan.people.models import Account
from anlan.places.models import RegionScoped

from .cases import Approval, Case


class ReferralQuerySet(RegionScoped["Referral"]):
    region_path = "case__region__path"


class Referral(models.Model):
    """A possible crime in a case (行刑衔接), from the rule that flagged it to its outcome."""

    class State(models.TextChoices):
        FLAGGED = "FLAGGED", _("possible crime, to be looked at")
        DISMISSED = "DISMISS", _("looked at: no crime")
        ASKED = "ASKED", _("transfer asked for")
        SENT = "SENT", _("sent to the police")
        TAKEN = "TAKEN", _("police opened a case")
        DECLINED = "DECLINED", _("police declined")
        DISPUTED = "DISPUTED", _("reconsideration or supervision asked for")
        OVER = "OVER", _("outcome known")

    case = models.OneToOneField(
        Case, on_delete=models.PROTECT, primary_key=True, related_name="referral"
    )
    rules = models.JSONField(default=list)  # codes with the version, as flagged
    state = models.CharField(max_length=8, choices=State, default=State.FLAGGED)
    flagged_at = models.DateTimeField()
    reason = models.TextField(blank=True)  # of the transfer, or of the dismissal
    approval = models.OneToOneField(
        Approval, on_delete=models.PROTECT, null=True, blank=True, related_name="referral"
    )
    to = models.CharField(max_length=80, blank=True)  # 金华市公安局
    materials = models.TextField(blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answer_number = models.CharField(max_length=60, blank=True)  # of the police's paper
    answer = models.TextField(blank=True)
    outcome = models.TextField(blank=True)
    outcome_at = models.DateTimeField(null=True, blank=True)

    objects = ReferralQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["state"],
                condition=~Q(state__in=["DISMISS", "OVER"]),
                name="enforce_referral_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.state}"


class Consultation(models.Model):
    """Police, prosecution and organ at one table about a case (联合会商)."""

    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="consultations")
    held_on = models.DateField()
    present = models.CharField(max_length=300)
    opinion = models.TextField()
    entered_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.referral_id} {self.held_on}"
