"""Campaigns (专项整治): which enterprises are visited where, how often, and what came of it."""

from __future__ import annotations

from django.db import models

from anlan.people.models import Account
from anlan.places.models import Region, RegionScoped

from .standards import Standard


class CampaignQuerySet(RegionScoped["Campaign"]):
    pass


class Campaign(models.Model):
    """A stretch of time in which certain enterprises are visited. An empty scope means all."""

    title = models.CharField(max_length=120)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    starts_on = models.DateField()
    ends_on = models.DateField()
    note = models.TextField(blank=True)
    standards = models.ManyToManyField(Standard, related_name="campaigns", blank=True)
    industries = models.JSONField(default=list)  # prefixes of GB/T 4754 codes: C26, C2651
    colours = models.JSONField(default=list)  # of Enterprise.Colour
    made_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = CampaignQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_on__gte=models.F("starts_on")), name="prevent_campaign_days"
            )
        ]

    def __str__(self) -> str:
        return self.title


class Quota(models.Model):
    """How many visits a region is to make in a campaign."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="quotas")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    visits = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "region"], name="prevent_quota_once")
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.region_id}: {self.visits}"
