"""What the party says before the decision: statement, defence, hearing."""

from __future__ import annotations

from django.db import models

from anlan.people.models import Account

from .cases import Case


class Statement(models.Model):
    """A statement or defence of the party (陈述申辩), or that it gave the right up."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="statements")
    waived = models.BooleanField(default=False)
    person = models.CharField(max_length=60)
    made_at = models.DateTimeField()
    text = models.TextField(blank=True)
    accepted = models.BooleanField(default=False)  # found right on re-examination
    finding = models.TextField(blank=True)
    taken_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.case_id} {self.person}"


class Hearing(models.Model):
    """A hearing that the party asked for; led by somebody who does not work on the case."""

    case = models.OneToOneField(
        Case, on_delete=models.PROTECT, primary_key=True, related_name="hearing"
    )
    asked_at = models.DateTimeField()
    noticed_at = models.DateTimeField(null=True, blank=True)
    meets_at = models.DateTimeField(null=True, blank=True)
    place = models.CharField(max_length=120, blank=True)
    public = models.BooleanField(default=True)
    host = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    clerk = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    held_at = models.DateTimeField(null=True, blank=True)
    absent = models.BooleanField(default=False)  # did not come: right given up
    record = models.TextField(blank=True)
    opinion = models.TextField(blank=True)  # the host's, 听证会报告书

    def __str__(self) -> str:
        return f"{self.case_id} hearing"
