"""Letters with a number: what an office is to do, is reminded of, is urged or called in for."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from anlan.people.models import Account, Organisation
from anlan.places.models import RegionScoped
from anlan.work.models import WorkItem

from .ladders import Proposal


class LetterQuerySet(RegionScoped["Letter"]):
    region_path = "item__region__path"


class Letter(models.Model):
    """One letter. Received, answered with proof and verified by its own work item.

    Its words are frozen with its number; a correction is another letter.
    """

    class Kind(models.TextChoices):
        ASSIGN = "ASSIGN", _("assignment letter")
        REMIND = "REMIND", _("reminder letter")
        URGE = "URGE", _("urging letter")
        INTERVIEW = "INTERVIEW", _("call to an interview")
        SANCTION = "SANCTION", _("sanction notice")

    class Measure(models.TextChoices):
        """What a sanction consists of."""

        CRITICISM = "CRITICISM", _("public criticism")
        NO_AWARDS = "NO_AWARDS", _("no awards this year")
        REMOVAL = "REMOVAL", _("removal from office proposed")
        REFERRAL = "REFERRAL", _("handed to the discipline inspection")

    item = models.OneToOneField(
        WorkItem, on_delete=models.PROTECT, primary_key=True, related_name="letter"
    )
    kind = models.CharField(max_length=9, choices=Kind)
    number = models.CharField(max_length=80, unique=True)  # per office, word and year, no gaps
    organ = models.CharField(max_length=120)  # whose letter it is, as of that day
    to = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="letters")
    about = models.ForeignKey(
        WorkItem, on_delete=models.PROTECT, null=True, blank=True, related_name="letters"
    )  # the overdue duty that it is about
    proposal = models.OneToOneField(
        Proposal, on_delete=models.PROTECT, null=True, blank=True, related_name="letter"
    )
    title = models.CharField(max_length=120)
    text = models.TextField()
    basis = models.CharField(max_length=300, blank=True)
    measure = models.CharField(max_length=9, choices=Measure, blank=True)  # of a sanction
    reply_by = models.DateField()
    issued_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    issued_at = models.DateTimeField()

    objects = LetterQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=(Q(kind="SANCTION") & ~Q(measure=""))
                | (~Q(kind="SANCTION") & Q(measure="")),
                name="oversee_letter_measure",
            )
        ]
        indexes = [
            models.Index(fields=["kind", "issued_at"], name="oversee_letter_kind"),
            models.Index(fields=["about"], name="oversee_letter_about"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class Interview(models.Model):
    """An interview (约谈) as it was held: who asked, who answered, what was promised."""

    letter = models.OneToOneField(
        Letter, on_delete=models.PROTECT, primary_key=True, related_name="interview"
    )
    held_on = models.DateField()
    place = models.CharField(max_length=120, blank=True)
    held_by = models.CharField(max_length=120)
    with_whom = models.CharField(max_length=120)
    minutes = models.TextField()
    promised = models.CharField(max_length=500, blank=True)
    recorded_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"interview of {self.letter_id}"
