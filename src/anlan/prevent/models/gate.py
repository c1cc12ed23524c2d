"""What the public says by the QR code at an enterprise's gate."""

from __future__ import annotations

from django.db import models

from .enterprises import Enterprise
from .hazards import Hazard


class GateReport(models.Model):
    """A hazard that somebody reported at the gate. Who it was is neither asked nor kept.

    `sender` is a keyed digest of the address it came from, for an hour's limit; it is blanked after
    a day.
    """

    hazard = models.OneToOneField(
        Hazard, on_delete=models.PROTECT, primary_key=True, related_name="gate_report"
    )
    enterprise = models.ForeignKey(
        Enterprise, on_delete=models.PROTECT, related_name="gate_reports"
    )
    sender = models.CharField(max_length=64, blank=True, db_index=True)
    at = models.DateTimeField()  # machine time

    class Meta:
        indexes = [models.Index(fields=["enterprise", "at"], name="prevent_gate_enterprise")]

    def __str__(self) -> str:
        return f"{self.hazard_id} at the gate of {self.enterprise_id}"
