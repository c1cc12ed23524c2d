"""A case from its filing to its closing: party, officers, approvals, time limits, history."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from anlan.people.models import Account
from anlan.places.models import Region, RegionScoped
from anlan.prevent.models import Enterprise, Hazard, Visit
from anlan.work.models import WorkItem

from ..stages import Outcome, Procedure, Stage
from .organs import Certificate, DiscretionEntry, Organ


class CaseQuerySet(RegionScoped["Case"]):
    def open(self) -> Self:
        return self.exclude(stage__in=[Stage.CLOSED, Stage.NOT_FILED])

    def overdue(self, at: datetime) -> Self:
        """With a limit of the organ's own that ran out. Derived here and nowhere stored."""
        late = Term.objects.filter(case=OuterRef("pk"), ours=True, met_at=None, due_at__lt=at)
        return self.filter(Exists(late))

    def fined(self) -> Self:
        """With a decision that imposes a fine."""
        return self.filter(decided_at__isnull=False, fine__gt=0)


class Case(models.Model):
    """One case (案件) against one party; several parties to an offence have joined cases.

    Where it stands is `stage`; see stages.MOVES.
    """

    class Source(models.TextChoices):
        VISIT = "VISIT", _("found at an inspection")
        HAZARD = "HAZARD", _("hazard not put right")
        REPORT = "REPORT", _("reported by somebody")
        TRANSFER = "TRANSFER", _("handed over by another organ")
        SUPERIOR = "SUPERIOR", _("assigned from above")
        ACCIDENT = "ACCIDENT", _("accident")

    organ = models.ForeignKey(Organ, on_delete=models.PROTECT, related_name="cases")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="cases")
    # Of the filing, 立案号; none until it is filed, none ever on the spot.
    number = models.CharField(max_length=40, unique=True, null=True, blank=True)
    name = models.CharField(max_length=120)
    cause = models.CharField(max_length=200)  # 案由
    source = models.CharField(max_length=8, choices=Source)
    visit = models.ForeignKey(
        Visit, on_delete=models.PROTECT, null=True, blank=True, related_name="cases"
    )
    hazard = models.ForeignKey(
        Hazard, on_delete=models.PROTECT, null=True, blank=True, related_name="cases"
    )
    procedure = models.CharField(max_length=8, choices=Procedure, default=Procedure.ORDINARY)
    stage = models.CharField(max_length=8, choices=Stage, default=Stage.PROPOSED)
    outcome = models.CharField(max_length=8, choices=Outcome, blank=True)
    opened_at = models.DateTimeField()
    filed_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    # What happened, as the inquiry found it, and by what it is judged.
    offended_on = models.DateField(null=True, blank=True)
    summary = models.TextField(blank=True)  # at the filing
    facts = models.TextField(blank=True)
    proof = models.TextField(blank=True)
    violated = models.CharField(max_length=300, blank=True)
    basis = models.CharField(max_length=300, blank=True)
    discretion = models.ForeignKey(
        DiscretionEntry, on_delete=models.PROTECT, null=True, blank=True, related_name="cases"
    )
    # Why it departs from the table's range, if it does.
    departure = models.TextField(blank=True)
    # The penalty as told to the party, and as decided: never more after a defence (art. 45).
    told_fine = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    told_confiscated = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    told_besides = models.CharField(max_length=300, blank=True)
    fine = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    # Illegal gains (没收违法所得): no fine, so there is no surcharge on them and no instalment.
    confiscated = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    besides = models.CharField(max_length=300, blank=True)  # warning, stopped production …
    discussion = models.TextField(blank=True)  # the heads' joint discussion (集体讨论)
    deaths = models.PositiveIntegerField(default=0)
    injured = models.PositiveIntegerField(default=0)  # gravely
    loss = models.DecimalField(max_digits=14, decimal_places=2, default=0)  # direct, yuan
    result = models.TextField(blank=True)  # how it ended, for the closing form
    exercise = models.BooleanField(default=False)
    # Of several parties to one offence: the case of the first one, which the others' belong to.
    joined = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="joint_cases"
    )

    objects = CaseQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["stage", "opened_at"], name="enforce_case_stage"),
            models.Index(fields=["opened_at"], name="enforce_case_opened"),
            # By region, with all that the figures ask for, so that no row is read.
            models.Index(
                fields=["region", "decided_at", "outcome", "exercise", "procedure", "fine"],
                name="enforce_case_decided",
            ),
            models.Index(fields=["region", "filed_at", "exercise"], name="enforce_case_filed"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(fine=None) | Q(fine__gte=0), name="enforce_case_fine"
            ),
            models.CheckConstraint(
                condition=Q(confiscated=None) | Q(confiscated__gt=0),
                name="enforce_case_confiscated",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_open(self) -> bool:
        return self.stage not in {Stage.CLOSED, Stage.NOT_FILED}

    def of_group(self, case: str = "case") -> Q:
        """Rows of this case and of those that it is joined with: one offence, one evidence."""
        lead = self.joined_id or self.pk
        return Q(**{f"{case}__in": Case.objects.filter(Q(pk=lead) | Q(joined=lead))})


class Party(models.Model):
    """Against whom: an enterprise as it stood then, or a person. Personal data: masked, hidden."""

    class Kind(models.TextChoices):
        ORG = "ORG", _("organisation")
        PERSON = "PERSON", _("natural person")

    case = models.OneToOneField(
        Case, on_delete=models.CASCADE, primary_key=True, related_name="party"
    )
    kind = models.CharField(max_length=6, choices=Kind)
    enterprise = models.ForeignKey(
        Enterprise, on_delete=models.PROTECT, null=True, blank=True, related_name="cases"
    )
    name = models.CharField(max_length=120, db_index=True)
    code = models.CharField(max_length=18, blank=True)  # credit code, or identity number
    head = models.CharField(max_length=60, blank=True)  # legal representative or person in charge
    post = models.CharField(max_length=60, blank=True)
    sex = models.CharField(max_length=4, blank=True)
    age = models.PositiveSmallIntegerField(null=True, blank=True)
    employer = models.CharField(max_length=120, blank=True)
    address = models.CharField(max_length=200, blank=True)
    postcode = models.CharField(max_length=6, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    # Agreed in writing to be served by e-mail or fax, and where (art. 61).
    electronic = models.CharField(max_length=120, blank=True)

    def __str__(self) -> str:
        return self.name

    @property
    def is_person(self) -> bool:
        return self.kind == self.Kind.PERSON


class CaseOfficer(models.Model):
    """Who acts in a case under which certificate, from when, until when, and why no longer."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="officers")
    certificate = models.ForeignKey(Certificate, on_delete=models.PROTECT, related_name="cases")
    leads = models.BooleanField(default=False)  # 主办人, not 协办人
    from_at = models.DateTimeField()
    to_at = models.DateTimeField(null=True, blank=True)
    recused = models.BooleanField(default=False)  # 回避
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "certificate"],
                condition=Q(to_at=None),
                name="enforce_officer_once",
            ),
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(to_at=None, leads=True),
                name="enforce_officer_one_leads",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.certificate}"


class CaseStep(models.Model):
    """One thing that was done in a case. Append-only: this is the history that is shown."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="steps")
    move = models.CharField(max_length=12)
    by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    note = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["case", "at"], name="enforce_step_case_at")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.move} at {self.at:%F %T}"


class Approval(models.Model):
    """What an officer asks for and somebody else decides; the work item carries it round."""

    class Subject(models.TextChoices):
        FILING = "FILING", _("filing of the case")
        KEEPING = "KEEPING", _("registering and keeping evidence")
        MEASURE = "MEASURE", _("compulsory measure")
        EXTENSION = "EXTEND", _("extension of the case's time limit")
        REVIEW = "REVIEW", _("review of the case")
        DECISION = "DECISION", _("penalty decision")
        INSTALMENT = "INSTAL", _("later payment or instalments")
        TRANSFER = "TRANSFER", _("transfer to the police")
        CLOSING = "CLOSING", _("closing of the case")
        REVOKE = "REVOKE", _("revocation of the decision")

    class Result(models.TextChoices):
        AGREED = "AGREED", _("agreed")
        RETURNED = "RETURNED", _("not agreed")

    item = models.OneToOneField(
        WorkItem, on_delete=models.PROTECT, primary_key=True, related_name="approval"
    )
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="approvals")
    subject = models.CharField(max_length=8, choices=Subject)
    request = models.TextField()
    # What is to be done on agreement, such as the plan of instalments.
    data = models.JSONField(default=dict)
    asked_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    result = models.CharField(max_length=8, choices=Result, blank=True)
    opinion = models.TextField(blank=True)
    decided_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "subject"], condition=Q(result=""), name="enforce_approval_one_open"
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=models.F("asked_by")),
                name="enforce_approval_two_people",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.subject}"


class Term(models.Model):
    """A time limit that runs in a case, by a version of a rule of `work.deadlines`.

    `ours`: the organ must keep it, and it is a duty of the loop. Otherwise it is the party's.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="terms")
    rule = models.CharField(max_length=60)
    rule_version = models.DateField()
    started_at = models.DateTimeField()
    due_at = models.DateTimeField()
    ours = models.BooleanField()
    met_at = models.DateTimeField(null=True, blank=True)
    # Why it ended at `met_at` without being kept: what it rested on was taken back or given up.
    dropped = models.CharField(max_length=300, blank=True)
    item = models.OneToOneField(
        WorkItem, on_delete=models.PROTECT, null=True, blank=True, related_name="term"
    )

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=Q(met_at=None, ours=True),
                name="enforce_term_running",
            ),
            models.Index(fields=["case", "rule"], name="enforce_term_case"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.rule} until {self.due_at:%F}"
