"""Enterprises under the bureau's eye: a site with a credit code, an industry and people."""

from __future__ import annotations

import uuid
from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.people.models import Account
from anlan.places.models import RegionScoped, Site

from .standards import Standard


class EnterpriseQuerySet(RegionScoped["Enterprise"]):
    region_path = "site__region__path"

    def in_business(self) -> Self:
        return self.filter(state=Enterprise.State.IN_BUSINESS)


class Enterprise(models.Model):
    """One enterprise. Name, grid and position are its site's; its number is the site's too."""

    class State(models.TextChoices):
        IN_BUSINESS = "OPEN", _("in business")
        SUSPENDED = "PAUSED", _("production suspended")
        CLOSED = "CLOSED", _("closed down")

    class Size(models.TextChoices):
        LARGE = "L", _("large")
        MEDIUM = "M", _("medium")
        SMALL = "S", _("small")
        MICRO = "XS", _("micro")

    class Colour(models.IntegerChoices):
        """Risk as it is shown: 1 is the gravest."""

        RED = 1, _("red risk")
        ORANGE = 2, _("orange risk")
        YELLOW = 3, _("yellow risk")
        BLUE = 4, _("blue risk")

    site = models.OneToOneField(
        Site, on_delete=models.PROTECT, primary_key=True, related_name="enterprise"
    )
    credit_code = models.CharField(max_length=18, unique=True)  # 统一社会信用代码, checked
    industry = models.CharField(max_length=5, blank=True, db_index=True)  # GB/T 4754: C2651
    standard = models.ForeignKey(
        Standard, on_delete=models.PROTECT, null=True, blank=True, related_name="enterprises"
    )
    size = models.CharField(max_length=2, choices=Size, blank=True)
    employees = models.PositiveIntegerField(null=True, blank=True)
    address = models.CharField(max_length=200, blank=True)
    legal_person = models.CharField(max_length=60, blank=True)
    colour = models.PositiveSmallIntegerField(choices=Colour, default=Colour.BLUE)
    state = models.CharField(max_length=6, choices=State, default=State.IN_BUSINESS)
    # In the QR code at the gate: says nothing by itself and can be changed when it leaks.
    token = models.UUIDField(unique=True, default=uuid.uuid4)
    changed_at = models.DateTimeField()

    objects = EnterpriseQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["state", "colour"], name="prevent_enterprise_colour"),
            models.Index(fields=["standard", "state"], name="prevent_enterprise_standard"),
        ]

    def __str__(self) -> str:
        return self.site.name


class Contact(models.Model):
    """Somebody at an enterprise: its head, its safety officer, whom to ring at night."""

    class Role(models.TextChoices):
        HEAD = "HEAD", _("person in charge")
        SAFETY = "SAFETY", _("safety officer")
        NIGHT = "NIGHT", _("night contact")

    enterprise = models.ForeignKey(Enterprise, on_delete=models.CASCADE, related_name="contacts")
    role = models.CharField(max_length=6, choices=Role)
    name = models.CharField(max_length=60)
    phone = models.CharField(max_length=20, blank=True)  # personal: masked wherever shown
    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="enterprises"
    )  # who signs in for the enterprise

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["enterprise", "role", "name"], name="prevent_contact_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.enterprise_id} {self.role} {self.name}"
