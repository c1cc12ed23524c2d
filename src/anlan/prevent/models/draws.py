"""Who visits whom, by lot (双随机): the list is fixed and published before the seed is known."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from anlan.people.models import Account
from anlan.places.models import Region, RegionScoped

from .campaigns import Campaign


class DrawQuerySet(RegionScoped["Draw"]):
    pass


class Draw(models.Model):
    """One draw. Frozen: the candidates can no longer change; drawn: the seed is known too."""

    class State(models.TextChoices):
        FROZEN = "FROZEN", _("list fixed, seed to come")
        DRAWN = "DRAWN", _("drawn")
        CANCELLED = "CANCELLED", _("called off")

    title = models.CharField(max_length=120)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    campaign = models.ForeignKey(
        Campaign, on_delete=models.PROTECT, null=True, blank=True, related_name="draws"
    )
    state = models.CharField(max_length=9, choices=State, default=State.FROZEN)
    due_on = models.DateField()  # until when the visits are to be made
    frozen = models.JSONField()  # the list as `anlan.prevent.lots` has it
    digest = models.CharField(max_length=64)  # SHA-256 of the frozen list
    frozen_at = models.DateTimeField()
    frozen_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    seed = models.CharField(max_length=200, blank=True)
    seed_source = models.CharField(max_length=300, blank=True)  # where anybody can look it up
    drawn = models.JSONField(default=list)
    drawn_at = models.DateTimeField(null=True, blank=True)
    drawn_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    note = models.CharField(max_length=300, blank=True)  # why it was called off

    objects = DrawQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="DRAWN") | ~Q(seed=""), name="prevent_draw_has_seed"
            )
        ]

    def __str__(self) -> str:
        return self.title
