"""What proves a case: things taken or kept, people questioned, measures that hold it in place."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from anlan.people.models import Account

from .cases import Approval, Case, Term


class Keeping(models.Model):
    """Evidence registered and kept where it would be lost (先行登记保存), decided on in time."""

    class Outcome(models.TextChoices):
        RETURN = "RETURN", _("returned")
        TAKE = "TAKE", _("taken as evidence")
        SEAL = "SEAL", _("sealed or seized")
        CONFISCATE = "CONFISC", _("confiscated")
        HAND_OVER = "HANDOVER", _("handed to another organ")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="keepings")
    approval = models.OneToOneField(Approval, on_delete=models.PROTECT, related_name="keeping")
    term = models.OneToOneField(Term, on_delete=models.PROTECT, related_name="keeping")
    place = models.CharField(max_length=120)
    on_site = models.BooleanField(default=True)  # with the party, not in the organ's store
    kept_at = models.DateTimeField()
    outcome = models.CharField(max_length=8, choices=Outcome, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return f"{self.case_id} kept at {self.kept_at:%F}"


class Evidence(models.Model):
    """One piece of evidence, by the eight kinds of art. 46."""

    class Kind(models.TextChoices):
        WRITTEN = "WRITTEN", _("documentary evidence")
        THING = "THING", _("material evidence")
        RECORDING = "RECORD", _("audio or video")
        DATA = "DATA", _("electronic data")
        WITNESS = "WITNESS", _("testimony")
        PARTY = "PARTY", _("statement of the party")
        EXPERT = "EXPERT", _("expert opinion")
        SCENE = "SCENE", _("record of the scene")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="evidence")
    kind = models.CharField(max_length=8, choices=Kind)
    name = models.CharField(max_length=120)
    spec = models.CharField(max_length=80, blank=True)  # model, batch
    quantity = models.CharField(max_length=40, blank=True)
    place = models.CharField(max_length=120, blank=True)
    proves = models.CharField(max_length=300)  # what it is to show
    taken_at = models.DateTimeField()
    taken_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    keeping = models.ForeignKey(
        Keeping, on_delete=models.PROTECT, null=True, blank=True, related_name="things"
    )
    path = models.CharField(max_length=200, blank=True)  # below FILES_DIR
    mime = models.CharField(max_length=60, blank=True)
    file_name = models.CharField(max_length=120, blank=True)
    digest = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return self.name


class Inquiry(models.Model):
    """Somebody questioned by two officers (询问笔录). Never changed; another one corrects it."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="inquiries")
    nth = models.PositiveSmallIntegerField()  # of this person
    person = models.CharField(max_length=60)
    sex = models.CharField(max_length=4, blank=True)
    age = models.PositiveSmallIntegerField(null=True, blank=True)
    identity = models.CharField(max_length=18, blank=True)
    employer = models.CharField(max_length=120, blank=True)
    post = models.CharField(max_length=60, blank=True)
    address = models.CharField(max_length=200, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    place = models.CharField(max_length=120)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    asked_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    written_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at__gt=models.F("started_at")), name="enforce_inquiry_times"
            ),
            models.CheckConstraint(
                condition=~Q(asked_by=models.F("written_by")), name="enforce_inquiry_two_people"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.person} ({self.nth})"


class Measure(models.Model):
    """What was ordered while the case runs: put it right, stop, seal, seize, cut the power."""

    class Kind(models.TextChoices):
        ON_SPOT = "ON_SPOT", _("measure on the spot")
        RECTIFY = "RECTIFY", _("order to put it right")
        SEAL = "SEAL", _("sealing")
        SEIZE = "SEIZE", _("seizure")
        POWER = "POWER", _("power or explosives cut off")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="measures")
    kind = models.CharField(max_length=8, choices=Kind)
    approval = models.ForeignKey(
        Approval, on_delete=models.PROTECT, null=True, blank=True, related_name="measures"
    )
    what = models.TextField()
    basis = models.CharField(max_length=200)
    from_at = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    term = models.OneToOneField(
        Term, on_delete=models.PROTECT, null=True, blank=True, related_name="measure"
    )
    extended = models.BooleanField(default=False)
    ended_at = models.DateTimeField(null=True, blank=True)
    end_note = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind}"
