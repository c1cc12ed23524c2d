"""A fine and what became of it: instalments, payments, days on which the surcharge stood still."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from anlan.people.models import Account
from anlan.places.models import RegionScoped

from .cases import Case


class FineQuerySet(RegionScoped["Fine"]):
    region_path = "case__region__path"


class Fine(models.Model):
    """What a decision asks to be paid, and by when. Its balance is worked out from its rows."""

    case = models.OneToOneField(
        Case, on_delete=models.PROTECT, primary_key=True, related_name="fine_due"
    )
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    # Illegal gains that are confiscated without a fine (没收违法所得): collected and enforced the
    # same way, but without surcharge or instalments, and in no sum of fines.
    gains = models.BooleanField(default=False)
    decided_on = models.DateField()
    due_on = models.DateField(null=True, blank=True)  # the last day; none until it is served
    # [day on which later days were granted, [[amount, due on], …] that was due until then], …
    postponed = models.JSONField(default=list, blank=True)
    settled_on = models.DateField(null=True, blank=True)  # the day on which nothing was left
    # Its decision was revoked: nothing is due, what came in is paid back.
    revoked_on = models.DateField(null=True, blank=True)

    objects = FineQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="enforce_fine_positive")
        ]
        indexes = [models.Index(fields=["decided_on"], name="enforce_fine_decided")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.amount}"


class Instalment(models.Model):
    """A part of a fine with a day of its own. All parts together are the fine."""

    fine = models.ForeignKey(Fine, on_delete=models.PROTECT, related_name="instalments")
    number = models.PositiveSmallIntegerField()
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    due_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["fine", "number"], name="enforce_instalment_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="enforce_instalment_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.fine_id} {self.number}"


class Standstill(models.Model):
    """Reconsideration or a lawsuit: the surcharge is not counted meanwhile (art. 73)."""

    class Kind(models.TextChoices):
        REVIEW = "REVIEW", _("administrative reconsideration")
        COURT = "COURT", _("administrative lawsuit")

    fine = models.ForeignKey(Fine, on_delete=models.PROTECT, related_name="standstills")
    kind = models.CharField(max_length=6, choices=Kind)
    from_date = models.DateField()
    to_date = models.DateField(null=True, blank=True)  # the last day of it
    result = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["fine"], condition=Q(to_date=None), name="enforce_standstill_one_open"
            ),
            models.CheckConstraint(
                condition=Q(to_date=None) | Q(to_date__gte=models.F("from_date")),
                name="enforce_standstill_dates",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.fine_id} {self.kind} from {self.from_date}"


class Payment(models.Model):
    """Money received, by its voucher. Never changed: a mistake is cancelled by another row."""

    fine = models.ForeignKey(Fine, on_delete=models.PROTECT, related_name="payments")
    paid_on = models.DateField()
    amount = models.DecimalField(max_digits=14, decimal_places=2)  # a cancelling row's is negative
    voucher = models.CharField(max_length=40)  # 票据号
    on_spot = models.BooleanField(default=False)  # taken by the officers (art. 68)
    cancels = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="cancelled_by"
    )
    reason = models.CharField(max_length=200, blank=True)
    entered_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["voucher"], condition=Q(cancels=None), name="enforce_payment_voucher"
            ),
            models.CheckConstraint(
                condition=Q(cancels=None, amount__gt=0) | Q(cancels__isnull=False, amount__lt=0),
                name="enforce_payment_sign",
            ),
        ]
        indexes = [
            # With all that the figures ask for.
            models.Index(fields=["paid_on", "fine", "amount"], name="enforce_payment_day")
        ]

    def __str__(self) -> str:
        return f"{self.voucher} {self.amount}"
