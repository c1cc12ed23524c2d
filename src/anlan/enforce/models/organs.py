"""The organ that punishes, who may act for it, and its discretion table."""

from __future__ import annotations

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from anlan.people.models import Account
from anlan.places.models import Region, RegionScoped


class OrganQuerySet(RegionScoped["Organ"]):
    pass


class Organ(models.Model):
    """An organ with the power to punish in a region (行政处罚机关), as its documents name it."""

    region = models.OneToOneField(Region, on_delete=models.PROTECT, related_name="organ")
    name = models.CharField(max_length=60)  # 金华市应急管理局
    mark = models.CharField(max_length=6)  # 金, in （金）应急罚〔2021〕12号
    credit_code = models.CharField(max_length=18, blank=True)
    address = models.CharField(max_length=120)
    postcode = models.CharField(max_length=6, blank=True)
    contact = models.CharField(max_length=40, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    review_body = models.CharField(max_length=60)  # whom to ask for reconsideration: 金华市人民政府
    court = models.CharField(max_length=60)  # 金华市婺城区人民法院
    bank = models.CharField(max_length=60)
    account_number = models.CharField(max_length=40)
    # A fine from here on brings the right to a hearing; empty: what the law's rule says.
    hearing_org = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    hearing_person = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)

    objects = OrganQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name

    @property
    def has_ended(self) -> bool:
        """Its region is no more: merged into another one. It takes no new cases."""
        return self.region.successor_id is not None


class CertificateQuerySet(RegionScoped["Certificate"]):
    region_path = "organ__region__path"

    def valid_on(self, day: date) -> Self:
        return self.filter(
            Q(revoked_on=None) | Q(revoked_on__gt=day), valid_from__lte=day, valid_until__gte=day
        )


class Certificate(models.Model):
    """An officer's law-enforcement certificate (执法证); without one in force nobody may act."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="certificates")
    organ = models.ForeignKey(Organ, on_delete=models.PROTECT, related_name="certificates")
    number = models.CharField(max_length=30, unique=True)
    valid_from = models.DateField()
    valid_until = models.DateField()  # the last day
    revoked_on = models.DateField(null=True, blank=True)

    objects = CertificateQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until__gte=models.F("valid_from")),
                name="enforce_certificate_dates",
            )
        ]

    def __str__(self) -> str:
        return self.number

    def is_valid_on(self, day: date) -> bool:
        held = self.valid_from <= day <= self.valid_until
        return held and (self.revoked_on is None or day < self.revoked_on)


class DiscretionTable(models.Model):
    """An edition of a region's discretion table (行政处罚裁量基准), in force from a day.

    An organ goes by the table of its own region; where that has none, of the nearest around it.
    """

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)
    source = models.CharField(max_length=200)
    since = models.DateField()
    example = models.BooleanField(default=False)  # shipped to show the format; not to be cited
    loaded_at = models.DateTimeField()
    loaded_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "since"], name="enforce_table_once")
        ]

    def __str__(self) -> str:
        return self.name


class DiscretionEntry(models.Model):
    """What an offence costs under one set of circumstances."""

    class Gravity(models.IntegerChoices):
        SLIGHT = 1, _("slight")
        ORDINARY = 2, _("ordinary")
        GRAVE = 3, _("grave")
        MOST_GRAVE = 4, _("most grave")

    table = models.ForeignKey(DiscretionTable, on_delete=models.CASCADE, related_name="entries")
    code = models.CharField(max_length=40)  # of the offence
    offence = models.CharField(max_length=300)
    violated = models.CharField(max_length=200)  # the article that was broken
    basis = models.CharField(max_length=200)  # the article that punishes
    gravity = models.PositiveSmallIntegerField(choices=Gravity)
    circumstance = models.CharField(max_length=300)
    fine_from = models.DecimalField(max_digits=14, decimal_places=2)
    fine_to = models.DecimalField(max_digits=14, decimal_places=2)
    besides = models.CharField(max_length=200, blank=True)  # what comes with the fine
    for_person = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["table", "code", "gravity", "for_person"], name="enforce_discretion_once"
            ),
            models.CheckConstraint(
                condition=Q(fine_from__gte=0, fine_to__gte=models.F("fine_from")),
                name="enforce_discretion_range",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.get_gravity_display()}"

    @property
    def described(self) -> str:
        """To be told from its neighbours: 97-3 未进行安全培训（一般）0–30,000元"""
        span = f"{self.fine_from:,.0f}–{self.fine_to:,.0f}元"
        return f"{self.code} {self.offence[:40]}（{self.get_gravity_display()}）{span}"
