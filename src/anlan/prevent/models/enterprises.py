"""Enterprises under the bureau's eye: a site with a credit code, an industry and people."""

from __future__ import annotations

import uuid
from typing import Self

from django.db import models
from django.db.models import Q
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
    colour_by_hand = models.BooleanField(default=False)  # a rule does not change it
    gaps = models.PositiveSmallIntegerField(default=5)  # how many of the five haves are missing
    state = models.CharField(max_length=6, choices=State, default=State.IN_BUSINESS)
    # In the QR code at the gate: says nothing by itself and can be changed when it leaks.
    token = models.UUIDField(unique=True, default=uuid.uuid4)
    changed_at = models.DateTimeField()

    objects = EnterpriseQuerySet.as_manager()

    class Meta:
        indexes = [
            # The gravest first is how lists are read.
            models.Index(fields=["state", "colour", "site"], name="prevent_enterprise_colour"),
            models.Index(fields=["state", "gaps"], name="prevent_enterprise_gaps"),
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
    # Personal: masked wherever shown. Found by the whole number only, so that nobody guesses it.
    phone = models.CharField(max_length=20, blank=True, db_index=True)
    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="enterprises",
        db_index=False,
    )  # who signs in for the enterprise  # fmt: skip

    class Meta:
        indexes = [
            # Of those who sign in; nearly all contacts do not.
            models.Index(
                fields=["account"],
                condition=Q(account__isnull=False),
                name="prevent_contact_account",
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["enterprise", "role", "name"], name="prevent_contact_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.enterprise_id} {self.role} {self.name}"


class Change(models.Model):
    """One change of an enterprise's file: who, when, why, and each field before and after.

    Append-only. It names no person of the enterprise: of contacts only that they changed.
    """

    enterprise = models.ForeignKey(Enterprise, on_delete=models.PROTECT, related_name="changes")
    at = models.DateTimeField()
    by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    fields = models.JSONField(default=dict)  # field → [before, after], as people read it
    why = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["enterprise", "at"], name="prevent_change_enterprise")]

    def __str__(self) -> str:
        return f"{self.enterprise_id} at {self.at:%F %T}"


class Have(models.Model):
    """One of the five things that every enterprise must have (五有), and what shows it."""

    class What(models.TextChoices):
        STAFF = "STAFF", _("somebody in charge of safety")
        FUNDS = "FUNDS", _("money for safety")
        STANDARD = "STANDARD", _("a safety standard")
        RULES = "RULES", _("safety rules")
        PLAN = "PLAN", _("an emergency plan")

    enterprise = models.ForeignKey(Enterprise, on_delete=models.CASCADE, related_name="haves")
    what = models.CharField(max_length=8, choices=What)
    note = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["enterprise", "what"], name="prevent_have_once")
        ]

    def __str__(self) -> str:
        return f"{self.enterprise_id} {self.what}"


class Evidence(models.Model):
    """A file that shows one of the five: stored as `work.files` made it harmless."""

    have = models.ForeignKey(Have, on_delete=models.CASCADE, related_name="evidence")
    path = models.CharField(max_length=200)  # below FILES_DIR
    thumb = models.CharField(max_length=200, blank=True)
    mime = models.CharField(max_length=60)
    size = models.PositiveIntegerField()
    name = models.CharField(max_length=120)
    at = models.DateTimeField()
    by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return self.name


class Wording(models.Model):
    """What an enterprise is found by, side by side in one narrow row.

    Chinese is written without blanks, so any two characters may be asked for: a scan of these rows
    finds them in a few hundredths of a second among 60,000, which no usual index does.
    """

    enterprise = models.OneToOneField(
        Enterprise, on_delete=models.CASCADE, primary_key=True, related_name="wording"
    )
    text = models.TextField()  # name, credit code, address; capital letters
    people = models.CharField(max_length=300, blank=True)  # names of contacts and legal person

    def __str__(self) -> str:
        return f"wording of {self.enterprise_id}"


class Industry(models.Model):
    """A line of the classification of industries (GB/T 4754), as the bureau has imported it."""

    code = models.CharField(max_length=5, primary_key=True)  # C2651, or C26, or C
    name = models.CharField(max_length=120)

    def __str__(self) -> str:
        return f"{self.code} {self.name}"
