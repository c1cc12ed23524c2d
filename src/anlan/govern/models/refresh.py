"""The yearly refresh: each village says who its officers are; who is not confirmed turns stale."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from anlan.people.models import Account
from anlan.places.models import Region, RegionScoped
from anlan.work.models import WorkItem


class RefreshQuerySet(RegionScoped["Refresh"]):
    pass


class Refresh(models.Model):
    """A year's refresh in a region: from `opens_on` on each village has a task until `due_on`."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="refreshes")
    year = models.PositiveSmallIntegerField()
    opens_on = models.DateField()
    due_on = models.DateField()
    planned_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    planned_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True, blank=True)

    objects = RefreshQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "year"], name="govern_refresh_once"),
            models.CheckConstraint(
                condition=Q(due_on__gte=F("opens_on")), name="govern_refresh_days"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.region} {self.year}"


class RefreshTaskQuerySet(RegionScoped["RefreshTask"]):
    region_path = "item__region__path"


class RefreshTask(models.Model):
    """One village's part of a refresh."""

    item = models.OneToOneField(
        WorkItem, on_delete=models.PROTECT, primary_key=True, related_name="refresh_task"
    )
    refresh = models.ForeignKey(Refresh, on_delete=models.PROTECT, related_name="tasks")

    objects = RefreshTaskQuerySet.as_manager()

    def __str__(self) -> str:
        return f"#{self.pk} of {self.refresh_id}"
