"""The bureau's checklists: a standard for a kind of enterprise, edited without code, by version."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from anlan.people.models import Account


class Standard(models.Model):
    """One of the categories by which enterprises are managed and checked (十大类标准)."""

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    notice = models.CharField(max_length=300, blank=True)  # read by who scans the gate's code
    retired_on = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class StandardVersion(models.Model):
    """A standard's checklist from one edition to the next. Never changed once it is in force."""

    class State(models.TextChoices):
        DRAFT = "DRAFT", _("draft")
        IN_FORCE = "IN_FORCE", _("in force")
        REPLACED = "REPLACED", _("replaced")

    standard = models.ForeignKey(Standard, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)
    made_at = models.DateTimeField()
    author = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    in_force_from = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )  # never the author

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["standard", "number"], name="prevent_standard_version"),
            models.UniqueConstraint(
                fields=["standard"],
                condition=Q(state="IN_FORCE"),
                name="prevent_standard_one_in_force",
            ),
            models.UniqueConstraint(
                fields=["standard"],
                condition=Q(state="DRAFT"),
                name="prevent_standard_one_draft",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.standard} v{self.number}"


class Entry(models.Model):
    """One line of a checklist: what to look at, by which rule, and how grave its absence is."""

    version = models.ForeignKey(StandardVersion, on_delete=models.CASCADE, related_name="entries")
    number = models.PositiveSmallIntegerField()
    section = models.CharField(max_length=60, blank=True)
    text = models.CharField(max_length=500)
    basis = models.CharField(max_length=300, blank=True)  # law or standard, with its article
    how = models.CharField(max_length=300, blank=True)  # how to check it
    major = models.BooleanField(default=False)  # its absence is a major hazard (重大隐患)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "number"], name="prevent_entry_number")
        ]

    def __str__(self) -> str:
        return f"{self.version_id}.{self.number}"
