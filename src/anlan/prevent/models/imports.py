"""Lists that are being taken in, in the background."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.people.models import Account
from anlan.places.models import Region


class ListImport(models.Model):
    """A list on its way: checked, looked at by who handed it in, then written.

    Seen only by them. Its content, which names people, is discarded after a day.
    """

    class State(models.TextChoices):
        TO_CHECK = "TO_CHECK", _("waiting to be checked")
        CHECKING = "CHECKING", _("being checked")
        CHECKED = "CHECKED", _("checked: please look at it")
        TO_WRITE = "TO_WRITE", _("waiting to be taken in")
        WRITING = "WRITING", _("being taken in")
        DONE = "DONE", _("taken in")
        REFUSED = "REFUSED", _("cannot be taken in")

    class Of(models.TextChoices):
        ENTERPRISES = "FIRM", _("list of enterprises")
        CONTRACTS = "CONTRACT", _("list of service contracts")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    by = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, null=True, related_name="+")
    of = models.CharField(max_length=8, choices=Of, default=Of.ENTERPRISES)
    name = models.CharField(max_length=200)
    content = models.BinaryField()
    state = models.CharField(max_length=8, choices=State, default=State.TO_CHECK)
    made_at = models.DateTimeField(db_index=True)  # machine time, like the next
    beat_at = models.DateTimeField()  # who works on it says so; long silence: it was killed
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict)  # new, changed, same, absent, bad_lines
    shown = models.JSONField(default=dict)  # the first changes, problems and absent ones
    errors = models.BinaryField(default=bytes)  # the workbook of bad lines
    why = models.CharField(max_length=500, blank=True)  # it is refused

    class Meta:
        indexes = [models.Index(fields=["state", "made_at"], name="prevent_import_state")]

    def __str__(self) -> str:
        return f"{self.name} ({self.state})"

    @property
    def is_busy(self) -> bool:
        """Something is being done or waits to be; the page asks again."""
        return self.state in {"TO_CHECK", "CHECKING", "TO_WRITE", "WRITING"}
