"""Penalties as the public reads them, and when they were taken down again."""

from __future__ import annotations

from typing import Self

from django.db import models

from anlan.people.models import Account
from anlan.places.models import RegionScoped

from .cases import Case


class PublicationQuerySet(RegionScoped["Publication"]):
    region_path = "case__region__path"

    def shown(self) -> Self:
        return self.filter(withdrawn_at=None)


class Publication(models.Model):
    """One penalty on the publicity list. `content` is what went out, without what is hidden."""

    case = models.OneToOneField(
        Case, on_delete=models.PROTECT, primary_key=True, related_name="publication"
    )
    content = models.JSONField()
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reason = models.CharField(max_length=300, blank=True)
    # Of decisions that were revoked: what had been shown, from when until when, and why no longer.
    earlier = models.JSONField(default=list)

    objects = PublicationQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["published_at"], name="enforce_publication_day")]

    def __str__(self) -> str:
        return f"{self.case_id} published"
