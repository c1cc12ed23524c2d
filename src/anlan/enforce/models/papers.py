"""Documents: what they said when they went out, frozen, and how they reached the party."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from anlan.people.models import Account

from .cases import Case


class Paper(models.Model):
    """One document of a case (文书). Its fields come from the record and are frozen with it."""

    class State(models.TextChoices):
        ISSUED = "ISSUED", _("issued, not yet served")
        SERVED = "SERVED", _("served")
        REPLACED = "REPLACED", _("replaced by a correction")
        RECALLED = "RECALLED", _("taken back")

    # No longer says what holds.
    GONE = (State.REPLACED, State.RECALLED)

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="papers")
    form = models.CharField(max_length=30)  # code in the catalogue of forms
    edition = models.CharField(max_length=10)  # of the set of forms
    number = models.CharField(max_length=40, blank=True)  # （金）应急罚〔2021〕12号
    title = models.CharField(max_length=60)
    about = models.PositiveBigIntegerField(null=True, blank=True)  # the record it was made of
    fields = models.JSONField()  # what stands in it
    state = models.CharField(max_length=8, choices=State, default=State.ISSUED)
    issued_at = models.DateTimeField()
    issued_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    pdf = models.CharField(max_length=200)  # below FILES_DIR
    docx = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)  # SHA-256 of the PDF
    corrects = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="corrected_by"
    )
    reason = models.CharField(max_length=200, blank=True)  # of the correction

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["number", "form"], condition=~Q(number=""), name="enforce_paper_number"
            )
        ]
        indexes = [models.Index(fields=["case", "form"], name="enforce_paper_case")]

    def __str__(self) -> str:
        return f"{self.title} {self.number}".strip()


class Receipt(models.Model):
    """How and when a document reached the party (送达回证)."""

    class Way(models.TextChoices):
        DIRECT = "DIRECT", _("handed over in person")
        LEFT = "LEFT", _("left with a witness")
        MAIL = "MAIL", _("by mail")
        ELECTRONIC = "ELECTRON", _("electronically, as agreed")
        ENTRUSTED = "ENTRUST", _("through another organ")
        PUBLIC = "PUBLIC", _("by public notice")

    paper = models.OneToOneField(
        Paper, on_delete=models.PROTECT, primary_key=True, related_name="receipt"
    )
    way = models.CharField(max_length=8, choices=Way)
    place = models.CharField(max_length=120)
    sent_at = models.DateTimeField()
    received_at = models.DateTimeField()  # from which the party's limits run
    receiver = models.CharField(max_length=60, blank=True)
    relation = models.CharField(max_length=60, blank=True)  # where somebody else signed
    witness = models.CharField(max_length=60, blank=True)
    note = models.CharField(max_length=200, blank=True)
    served_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    with_officer = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    def __str__(self) -> str:
        return f"{self.paper_id} {self.way} {self.received_at:%F}"
