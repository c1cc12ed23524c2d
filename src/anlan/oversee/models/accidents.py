"""Accident files: what happened, who was hurt, measures on persons, causes, report, look-back."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from anlan.people.models import Account, Organisation, Post
from anlan.places.models import RegionScoped, Site
from anlan.work.models import WorkItem

from ..severity import Severity, counts_until


class AccidentQuerySet(RegionScoped["Accident"]):
    region_path = "item__region__path"


class Accident(models.Model):
    """One accident. Its investigation is the work item, with the law's sixty days."""

    class Kind(models.TextChoices):
        """The categories of GB/T 6441-1986, and road traffic."""

        OBJECT = "OBJECT", _("struck by an object")
        VEHICLE = "VEHICLE", _("vehicle in a works")
        MACHINE = "MACHINE", _("machinery")
        LIFTING = "LIFTING", _("lifting gear")
        SHOCK = "SHOCK", _("electric shock")
        DROWNING = "DROWNING", _("drowning")
        BURN = "BURN", _("burns and scalds")
        FIRE = "FIRE", _("fire")
        FALL = "FALL", _("fall from a height")
        COLLAPSE = "COLLAPSE", _("collapse")
        ROOF = "ROOF", _("roof fall in a mine")
        INRUSH = "INRUSH", _("inrush of water")
        BLASTING = "BLASTING", _("blasting")
        POWDER = "POWDER", _("explosion of explosives")
        GAS = "GAS", _("explosion of firedamp")
        BOILER = "BOILER", _("explosion of a boiler")
        VESSEL = "VESSEL", _("explosion of a vessel")
        EXPLOSION = "EXPLOSIO", _("other explosion")
        POISONING = "POISON", _("poisoning and suffocation")
        TRAFFIC = "TRAFFIC", _("road traffic")
        OTHER = "OTHER", _("other injury")

    item = models.OneToOneField(
        WorkItem, on_delete=models.PROTECT, primary_key=True, related_name="accident"
    )
    title = models.CharField(max_length=120)
    kind = models.CharField(max_length=8, choices=Kind)
    happened_at = models.DateTimeField()
    site = models.ForeignKey(
        Site, on_delete=models.PROTECT, null=True, blank=True, related_name="accidents"
    )
    place = models.CharField(max_length=200)
    account = models.TextField(blank=True)  # what happened, as it is known at first
    severity = models.CharField(max_length=7, choices=Severity)  # of the counts that count
    opened_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()

    objects = AccidentQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["happened_at"], name="oversee_accident_time")]

    def __str__(self) -> str:
        return self.title

    @property
    def report_due_on(self) -> date | None:
        """The last day of the investigation: its limit ends with it, at 24:00."""
        due_at = self.item.due_at
        return timezone.localdate(due_at - timedelta(seconds=1)) if due_at else None

    @property
    def counts_until(self) -> datetime:
        """Until when another count changes the grade."""
        short = self.kind in {self.Kind.FIRE, self.Kind.TRAFFIC}
        return counts_until(self.happened_at, fire_or_traffic=short)


class SiteChange(models.Model):
    """The accident's enterprise was named later or put right: from which site to which, and why."""

    accident = models.ForeignKey(Accident, on_delete=models.PROTECT, related_name="site_changes")
    before = models.ForeignKey(
        Site, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    after = models.ForeignKey(
        Site, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    why = models.CharField(max_length=200)
    by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.accident_id}: {self.before_id} → {self.after_id}"


class Casualties(models.Model):
    """A count of the dead, the seriously injured and the direct loss. Later counts are added."""

    accident = models.ForeignKey(Accident, on_delete=models.PROTECT, related_name="counts")
    counted_at = models.DateTimeField()
    deaths = models.PositiveSmallIntegerField()
    injured = models.PositiveSmallIntegerField()  # seriously, with acute poisoning
    loss = models.DecimalField(max_digits=14, decimal_places=2)  # direct, yuan
    source = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(loss__gte=0), name="oversee_loss_not_negative")
        ]
        verbose_name_plural = "casualties"

    def __str__(self) -> str:
        return f"{self.accident_id}: {self.deaths}/{self.injured}/{self.loss}"


class PersonMeasure(models.Model):
    """What was done about a person (采取措施). Personal: name and number are masked where shown."""

    class Measure(models.TextChoices):
        DETAINED = "DETAINED", _("detained")
        ARRESTED = "ARRESTED", _("arrested")
        BAILED = "BAILED", _("bailed")
        RESIDENCE = "RESIDENC", _("residential surveillance")
        NO_EXIT = "NO_EXIT", _("not allowed to leave the country")
        DISCIPLINE = "DISCIPL", _("disciplinary punishment")
        QUALIFICATION = "QUALIF", _("qualification withdrawn")

    accident = models.ForeignKey(Accident, on_delete=models.PROTECT, related_name="persons")
    name = models.CharField(max_length=60)
    id_number = models.CharField(max_length=30, blank=True)
    position = models.CharField(max_length=120, blank=True)
    measure = models.CharField(max_length=8, choices=Measure)
    organ = models.CharField(max_length=120)
    from_date = models.DateField()
    to_date = models.DateField(null=True, blank=True)
    by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(to_date=None) | Q(to_date__gte=F("from_date")),
                name="oversee_measure_dates",
            )
        ]

    def __str__(self) -> str:
        return f"{self.accident_id} {self.measure}"


class Finding(models.Model):
    """A cause that the investigation found."""

    class Kind(models.TextChoices):
        DIRECT = "DIRECT", _("direct cause")
        INDIRECT = "INDIRECT", _("indirect cause")
        MANAGEMENT = "MANAGE", _("failing of management")

    accident = models.ForeignKey(Accident, on_delete=models.PROTECT, related_name="findings")
    kind = models.CharField(max_length=8, choices=Kind)
    text = models.CharField(max_length=1000)

    def __str__(self) -> str:
        return f"{self.accident_id} {self.kind}"


class Remedy(models.Model):
    """A line of the rectification list (整改措施). Becomes work when the report is approved."""

    accident = models.ForeignKey(Accident, on_delete=models.PROTECT, related_name="remedies")
    text = models.CharField(max_length=500)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    post = models.ForeignKey(
        Post, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    due_on = models.DateField()
    item = models.OneToOneField(
        WorkItem, on_delete=models.PROTECT, null=True, blank=True, related_name="remedy"
    )

    def __str__(self) -> str:
        return f"{self.accident_id} {self.text}"


class Report(models.Model):
    """A version of the investigation's report, and what was decided on it by somebody else."""

    class State(models.TextChoices):
        SUBMITTED = "SUBMITTED", _("waiting for approval")
        RETURNED = "RETURNED", _("sent back")
        APPROVED = "APPROVED", _("approved")

    accident = models.ForeignKey(Accident, on_delete=models.PROTECT, related_name="reports")
    number = models.PositiveSmallIntegerField()
    text = models.TextField()
    author = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    state = models.CharField(max_length=9, choices=State, default=State.SUBMITTED)
    decided_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["accident", "number"], name="oversee_report_number"),
            models.UniqueConstraint(
                fields=["accident"], condition=Q(state="APPROVED"), name="oversee_report_approved"
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("author")),
                name="oversee_report_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.accident_id} report {self.number}"


class LookBackQuerySet(RegionScoped["LookBack"]):
    region_path = "accident__item__region__path"


class LookBack(models.Model):
    """Within a year after the report was approved: was what it asked for done (评估, 回头看)?"""

    OPENS_BEFORE = timedelta(days=60)  # the evaluation's work begins so long before its limit

    accident = models.OneToOneField(Accident, on_delete=models.PROTECT, related_name="look_back")
    opens_on = models.DateField()
    due_on = models.DateField()
    item = models.OneToOneField(
        WorkItem, on_delete=models.PROTECT, null=True, blank=True, related_name="look_back"
    )

    objects = LookBackQuerySet.as_manager()

    def __str__(self) -> str:
        return f"look-back of {self.accident_id}"


class Verdict(models.Model):
    """What the look-back found about one remedy. May be written anew until it ends."""

    class Result(models.TextChoices):
        DONE = "DONE", pgettext_lazy("look-back", "done")
        PARTLY = "PARTLY", _("partly done")
        NOT_DONE = "NOT_DONE", _("not done")

    look_back = models.ForeignKey(LookBack, on_delete=models.PROTECT, related_name="verdicts")
    remedy = models.OneToOneField(Remedy, on_delete=models.PROTECT, related_name="verdict")
    result = models.CharField(max_length=8, choices=Result)
    note = models.CharField(max_length=500, blank=True)
    by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.remedy_id}: {self.result}"


class Problem(models.Model):
    """Something that the look-back found and an office must put right: a work item."""

    item = models.OneToOneField(
        WorkItem, on_delete=models.PROTECT, primary_key=True, related_name="look_back_problem"
    )
    look_back = models.ForeignKey(LookBack, on_delete=models.PROTECT, related_name="problems")
    remedy = models.ForeignKey(
        Remedy, on_delete=models.PROTECT, null=True, blank=True, related_name="problems"
    )
    text = models.CharField(max_length=500)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"#{self.pk} {self.text}"
