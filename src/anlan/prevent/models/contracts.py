"""Third-party service (社会化服务): contracts for enterprises, and how good the visits are."""

from __future__ import annotations

from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from anlan.people.models import Account
from anlan.places.models import Region, RegionScoped

from .enterprises import Enterprise
from .visits import Visit


class ContractQuerySet(RegionScoped["Contract"]):
    def running(self, on: date) -> Self:
        """Contracts in force on a day; one that was ended early no longer is."""
        ended = Q(ended_on=None) | Q(ended_on__gt=on)
        return self.filter(ended, from_date__lte=on, to_date__gte=on)


class Contract(models.Model):
    """An agency serves enterprises of a region from a day to a day, so many visits a year each."""

    number = models.CharField(max_length=60)
    provider = models.CharField(max_length=120)
    provider_code = models.CharField(max_length=18)  # credit code, checked
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="contracts")
    from_date = models.DateField()
    to_date = models.DateField()  # the last day
    visits_a_year = models.PositiveSmallIntegerField()
    note = models.CharField(max_length=300, blank=True)
    made_at = models.DateTimeField()
    by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    ended_on = models.DateField(null=True, blank=True)  # before its time
    ended_why = models.CharField(max_length=300, blank=True)

    objects = ContractQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "number"], name="prevent_contract_number"),
            models.CheckConstraint(
                condition=Q(to_date__gte=F("from_date")), name="prevent_contract_dates"
            ),
            models.CheckConstraint(
                condition=Q(visits_a_year__gt=0), name="prevent_contract_visits"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.provider}"


class Served(models.Model):
    """One enterprise under a contract."""

    contract = models.ForeignKey(Contract, on_delete=models.CASCADE, related_name="served")
    enterprise = models.ForeignKey(Enterprise, on_delete=models.PROTECT, related_name="served")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["contract", "enterprise"], name="prevent_served_once")
        ]

    def __str__(self) -> str:
        return f"{self.contract_id} {self.enterprise_id}"


class ServiceReview(models.Model):
    """How good a service visit was, judged by somebody who did not make it."""

    class Quality(models.IntegerChoices):
        USELESS = 1, _("for the record only")
        POOR = 2, _("missed what was plain to see")
        FAIR = 3, _("usual")
        GOOD = 4, _("thorough")
        BEST = 5, _("found what others missed")

    visit = models.OneToOneField(
        Visit, on_delete=models.PROTECT, primary_key=True, related_name="service_review"
    )
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="reviews")
    quality = models.PositiveSmallIntegerField(choices=Quality)
    note = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.visit_id}: {self.quality}"
