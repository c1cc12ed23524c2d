"""Changes of a file that were made on a phone with no network, while the office may have edited."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.people.models import Account
from anlan.places.models import RegionScoped
from anlan.work.models import Submission

from .enterprises import Enterprise

# What somebody on the spot can see for themselves; the first three are the site's.
OF_THE_SITE = ("name", "lon", "lat")
FIELDS = (*OF_THE_SITE, "address", "legal_person", "employees")


def current(enterprise: Enterprise) -> dict[str, Any]:
    """What the file says now, of the fields that a phone may change."""
    site = enterprise.site
    return {n: getattr(site if n in OF_THE_SITE else enterprise, n) for n in FIELDS}


class EditQuerySet(RegionScoped["Edit"]):
    region_path = "enterprise__site__region__path"


class Edit(models.Model):
    """What a phone wanted of a file, field by field with what it had seen, and what became of it.

    Nothing is written over unseen: a field that the office has changed meanwhile waits for a
    person, who sees both side by side.
    """

    class State(models.TextChoices):
        APPLIED = "APPLIED", _("taken over")
        OPEN = "OPEN", _("waits for a choice")
        SETTLED = "SETTLED", _("settled")

    submission = models.OneToOneField(
        Submission, on_delete=models.PROTECT, primary_key=True, related_name="edit"
    )
    enterprise = models.ForeignKey(Enterprise, on_delete=models.PROTECT, related_name="edits")
    by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()  # by the phone's clock
    at = models.DateTimeField()
    seen_at = models.DateTimeField()  # the version of the file that the phone had taken along
    fields = models.JSONField()  # field → [what the phone saw, what it wants]
    open = models.JSONField(default=list)  # fields that wait for a choice
    state = models.CharField(max_length=8, choices=State)
    choices = models.JSONField(default=dict)  # field → [in the file before, chosen, "PHONE" …]
    settled_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    settled_at = models.DateTimeField(null=True, blank=True)

    objects = EditQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["state", "at"], name="prevent_edit_state")]

    def __str__(self) -> str:
        return f"{self.enterprise_id}: {', '.join(self.fields)}"
