"""Fishbones: what leads to the accidents of a key industry, bone by bone, with open hazards."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from anlan.people.models import Account, Organisation
from anlan.places.models import Region, RegionScoped

from .standards import Standard


class FishboneQuerySet(RegionScoped["Fishbone"]):
    def in_use(self) -> Self:
        return self.filter(retired_on=None)


class Fishbone(models.Model):
    """The Ishikawa diagram of an industry in a region (鱼骨图); its versions hold the bones."""

    name = models.CharField(max_length=120)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="fishbones")
    # Whose hazards are counted; neither: those of all enterprises of the region.
    industry = models.CharField(max_length=5, blank=True)  # a prefix of GB/T 4754
    standard = models.ForeignKey(
        Standard, on_delete=models.PROTECT, null=True, blank=True, related_name="fishbones"
    )
    retired_on = models.DateField(null=True, blank=True)

    objects = FishboneQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "name"], name="prevent_fishbone_name")
        ]

    def __str__(self) -> str:
        return self.name


class FishboneVersion(models.Model):
    """One edition of a fishbone. Never changed once it is in force."""

    class State(models.TextChoices):
        DRAFT = "DRAFT", _("draft")
        IN_FORCE = "IN_FORCE", _("in force")
        REPLACED = "REPLACED", _("replaced")

    fishbone = models.ForeignKey(Fishbone, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)
    effect = models.CharField(max_length=60)  # the head: what the bones lead to
    made_at = models.DateTimeField()
    author = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    in_force_from = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )  # never the author

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["fishbone", "number"], name="prevent_fishbone_version"),
            models.UniqueConstraint(
                fields=["fishbone"],
                condition=Q(state="IN_FORCE"),
                name="prevent_fishbone_one_in_force",
            ),
            models.UniqueConstraint(
                fields=["fishbone"], condition=Q(state="DRAFT"), name="prevent_fishbone_one_draft"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.fishbone} v{self.number}"


class Bone(models.Model):
    """A cause: a main bone, one that leads to it, or one that leads to that."""

    version = models.ForeignKey(FishboneVersion, on_delete=models.CASCADE, related_name="bones")
    parent = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, blank=True, related_name="causes"
    )
    order = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=40)
    measures = models.CharField(max_length=500, blank=True)
    unit = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="bones"
    )  # who is responsible
    # Which hazards are counted here: all that is given must hold. Found by this checklist, by this
    # part of it, by one of these lines; one of these words stands in it. Nothing given: those of
    # the causes below.
    standard = models.ForeignKey(
        Standard, on_delete=models.PROTECT, null=True, blank=True, related_name="bones"
    )
    section = models.CharField(max_length=60, blank=True)
    lines = models.JSONField(default=list, blank=True)  # by their words, in whichever edition
    keywords = models.CharField(max_length=120, blank=True)  # separated by blanks

    class Meta:
        indexes = [models.Index(fields=["version", "order"], name="prevent_bone_order")]

    def __str__(self) -> str:
        return self.text

    @property
    def is_bound(self) -> bool:
        return bool(self.standard_id or self.section or self.lines or self.keywords)
