"""Model towns: a year's scored standard, each town's own assessment, the review, the award."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from anlan.people.models import Account
from anlan.places.models import Region, RegionScoped


class TownStandardQuerySet(RegionScoped["TownStandard"]):
    pass


class TownStandard(models.Model):
    """By what the towns of a region are judged in a year (示范乡镇创建标准)."""

    class State(models.TextChoices):
        DRAFT = "DRAFT", _("draft")
        IN_FORCE = "IN_FORCE", _("in force")

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="town_standards")
    year = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=120)
    passing = models.DecimalField(max_digits=5, decimal_places=1)  # points from which on
    due_on = models.DateField()  # the last day for the towns' own assessment
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)
    author = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    approved_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )  # never the author
    approved_at = models.DateTimeField(null=True, blank=True)

    objects = TownStandardQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["region", "year"], name="prevent_town_standard_once_a_year"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.year}"


class TownLine(models.Model):
    """One line of the standard, what it is worth and what has to show it."""

    standard = models.ForeignKey(TownStandard, on_delete=models.CASCADE, related_name="lines")
    number = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=300)
    points = models.DecimalField(max_digits=5, decimal_places=1)
    proof = models.CharField(max_length=200, blank=True)  # what is wanted as evidence

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["standard", "number"], name="prevent_town_line_number"),
            models.CheckConstraint(condition=Q(points__gt=0), name="prevent_town_line_points"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.text}"


class AssessmentQuerySet(RegionScoped["Assessment"]):
    region_path = "town__path"


class Assessment(models.Model):
    """One town's way through a year: own assessment, review, perhaps an award."""

    class State(models.TextChoices):
        WRITING = "WRITING", _("being written by the town")
        SUBMITTED = "SUBMITTED", _("waiting for the review")
        REVIEWED = "REVIEWED", _("reviewed")

    standard = models.ForeignKey(TownStandard, on_delete=models.PROTECT, related_name="assessments")
    town = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="assessments")
    state = models.CharField(max_length=9, choices=State, default=State.WRITING)
    submitted_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    submitted_at = models.DateTimeField(null=True, blank=True)
    returned_why = models.CharField(max_length=300, blank=True)
    reviewed_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )  # never who submitted it or wrote a score of it
    reviewed_at = models.DateTimeField(null=True, blank=True)
    total = models.DecimalField(max_digits=6, decimal_places=1, null=True, blank=True)  # reviewed
    awarded_on = models.DateField(null=True, blank=True)
    awarded_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    withdrawn_on = models.DateField(null=True, blank=True)
    withdrawn_why = models.CharField(max_length=300, blank=True)

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["standard", "town"], name="prevent_assessment_once")
        ]

    def __str__(self) -> str:
        return f"{self.town} {self.standard_id}"

    @property
    def is_model(self) -> bool:
        """Holds the award."""
        return self.awarded_on is not None and self.withdrawn_on is None

    @property
    def passes(self) -> bool:
        return self.total is not None and self.total >= self.standard.passing


class Score(models.Model):
    """What a town claims for a line, and what the review found."""

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="scores")
    line = models.ForeignKey(TownLine, on_delete=models.PROTECT, related_name="scores")
    claimed = models.DecimalField(max_digits=5, decimal_places=1, default=Decimal(0))
    note = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    reviewed = models.DecimalField(max_digits=5, decimal_places=1, null=True, blank=True)
    review_note = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["assessment", "line"], name="prevent_score_once")
        ]

    def __str__(self) -> str:
        return f"{self.assessment_id} {self.line_id}: {self.claimed}"


class ScoreFile(models.Model):
    """A file that shows a score: stored as `work.files` made it harmless."""

    score = models.ForeignKey(Score, on_delete=models.CASCADE, related_name="files")
    path = models.CharField(max_length=200)  # below FILES_DIR
    mime = models.CharField(max_length=60)
    size = models.PositiveIntegerField()
    name = models.CharField(max_length=120)
    at = models.DateTimeField()
    by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return self.name
