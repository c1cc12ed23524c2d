"""Shape of what people type about a case; the rules are in the services."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from anlan.people.models import Account

from . import queries
from .fields import MANY_LINES, DayField, MomentField, lines, money
from .models import Case, Evidence, Keeping, Measure, Standstill
from .papers.catalogue import edition_on
from .starting_forms import FindingFields, PartyFields


class CaseForm(forms.Form):
    """A form about one case: its choices are that case's own rows."""

    def __init__(self, *args: Any, case: Case, actor: Account, at: datetime, **more: Any) -> None:
        super().__init__(*args, **more)
        self.case, self.actor, self.at = case, actor, at
        self.prepare()

    def prepare(self) -> None:
        """Fill in choices and first values."""

    @classmethod
    def texts(cls, sent: Mapping[str, str]) -> list[tuple[Any, str]]:
        """What somebody wrote at length, with its labels: kept where the form comes too late."""
        long = {n: f for n, f in cls.base_fields.items() if isinstance(f.widget, forms.Textarea)}
        return [(field.label, sent[name]) for name, field in long.items() if sent.get(name)]

    def choose(self, name: str, rows: Any, empty: bool = False) -> None:
        """Let a field choose among rows; `picked` gives the row back."""
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        found = {str(row.pk): row for row in rows}
        self._rows = {**getattr(self, "_rows", {}), name: found}
        blank = [("", "—")] if empty else []
        field.choices = blank + [(pk, str(row)) for pk, row in found.items()]

    def _name(self, field: str, choices: Iterable[tuple[int | str, str]]) -> None:
        """Say more about the choices than the rows do."""
        found = self.fields[field]
        assert isinstance(found, forms.ChoiceField)
        found.choices = [(str(pk), name) for pk, name in choices]

    def picked(self, name: str) -> Any:
        return self._rows[name].get(self.cleaned_data[name])

    def first(self, name: str, value: Any) -> None:
        self.fields[name].initial = value


class ConcludeForm(CaseForm, FindingFields):
    confiscated = money(_("Illegal gains confiscated (yuan)"), required=False)
    discretion = forms.ChoiceField(label=_("Line of the discretion table"), required=False)
    departure = lines(_("Why it departs from the table's range"), required=False)
    offended_on = DayField(label=_("Day of the offence"), required=False)
    deaths = forms.IntegerField(label=_("Deaths"), min_value=0, max_value=9999, initial=0)
    injured = forms.IntegerField(label=_("Gravely injured"), min_value=0, max_value=9999, initial=0)
    loss = money(_("Direct loss (yuan)"), initial=0)
    request = lines(_("What the officers propose, and why"))

    def prepare(self) -> None:
        day = timezone.localdate(self.at)
        person = self.case.party.is_person
        entries = queries.discretion_entries(organ=self.case.organ, day=day, person=person)
        self.choose("discretion", entries, empty=True)
        choices = [(str(entry.pk), entry.described) for entry in entries]
        self._name("discretion", [("", "—"), *choices])
        for name in ("facts", "proof", "violated", "basis", "departure", "offended_on"):
            self.first(name, getattr(self.case, name))
        self.first("facts", self.case.facts or self.case.summary)
        self.first("fine", self.case.told_fine)
        self.first("confiscated", self.case.told_confiscated)
        self.first("besides", self.case.told_besides)


class RequestForm(CaseForm):
    request = lines(_("What you ask for and why"))


class ReasonForm(CaseForm):
    reason = lines(_("Reason for it"))


class PlainForm(CaseForm):
    """Nothing to fill in: a button."""


class DecideForm(CaseForm):
    agree = forms.TypedChoiceField(
        label=_("Agree or not"),
        choices=[("1", _("I agree")), ("0", _("I do not agree"))],
        coerce=lambda value: value == "1",
        widget=forms.RadioSelect,
    )
    opinion = lines(_("Opinion"), required=False)
    # Which of them was read: meanwhile it may have been decided and another one asked for.
    approval = forms.IntegerField(widget=forms.HiddenInput)

    def prepare(self) -> None:
        self.waiting = queries.open_approvals(actor=self.actor, case=self.case)
        self.first("approval", self.waiting[0].pk if self.waiting else None)

    def clean(self) -> dict[str, Any]:
        """Decided meanwhile, and something else waits: that is shown, the opinion is kept."""
        data = super().clean() or {}
        if self.waiting and data.get("approval") not in {one.pk for one in self.waiting}:
            read = {"approval": str(self.waiting[0].pk), "agree": ""}
            self.data = {**dict(self.data.items()), **read}
            raise forms.ValidationError(
                gettext(
                    "What you had read has been decided meanwhile. Above is what is asked for now; "
                    "your opinion was kept. Read it and decide anew."
                )
            )
        return data


class OfficerForm(CaseForm):
    officer = forms.ChoiceField(label=_("Officer to be replaced"))
    certificate = forms.ChoiceField(label=_("New officer"))
    recused = forms.BooleanField(label=_("because of an interest in the case"), required=False)
    reason = lines(_("Reason for it"), 200)

    def prepare(self) -> None:
        acting = [o for o in queries.officers_of(case=self.case) if o.to_at is None]
        self.choose("officer", acting)
        self._name("officer", [(o.pk, str(o.certificate.account)) for o in acting])
        held = {o.certificate_id for o in acting}
        day = timezone.localdate(self.at)
        free = [c for c in queries.certificates_for(case=self.case, on=day) if c.pk not in held]
        self.choose("certificate", free)
        self._name("certificate", [(c.pk, f"{c.account}（{c.number}）") for c in free])


class EvidenceForm(CaseForm):
    kind = forms.ChoiceField(label=_("Kind of evidence"), choices=Evidence.Kind.choices)
    name = forms.CharField(label=_("Name or title"), max_length=120)
    proves = forms.CharField(label=_("What it is to show"), max_length=300)
    spec = forms.CharField(label=_("Model, batch"), max_length=80, required=False)
    quantity = forms.CharField(label=_("How many"), max_length=40, required=False)
    place = forms.CharField(label=_("Where it was taken"), max_length=120, required=False)
    file = forms.FileField(label=_("File (photo, PDF, recording)"), required=False)


class InquiryForm(CaseForm):
    person = forms.CharField(label=_("Person questioned"), max_length=60)
    sex = forms.ChoiceField(
        label=_("Sex (persons)"), choices=[("", "—"), ("男", "男"), ("女", "女")], required=False
    )
    age = forms.IntegerField(label=_("Age (persons)"), min_value=1, max_value=120, required=False)
    identity = forms.CharField(label=_("Identity number"), max_length=18, required=False)
    employer = forms.CharField(label=_("Employer (persons)"), max_length=120, required=False)
    post = forms.CharField(label=_("Position held"), max_length=60, required=False)
    address = forms.CharField(label=_("Address"), max_length=200, required=False)
    phone = forms.CharField(label=_("Phone"), max_length=20, required=False)
    place = forms.CharField(label=_("Place"), max_length=120)
    started_at = MomentField(label=_("Begun at"))
    ended_at = MomentField(label=_("Ended at"))
    written_by = forms.ChoiceField(label=_("Written down by"))
    text = forms.CharField(label=_("Questions and answers"), widget=MANY_LINES, max_length=60000)

    def prepare(self) -> None:
        acting = [o for o in queries.officers_of(case=self.case) if o.to_at is None]
        people = [o.certificate.account for o in acting if o.certificate.account != self.actor]
        self.choose("written_by", people)
        self.first("place", self.case.organ.address)


class KeepForm(CaseForm):
    things = forms.CharField(
        label=_("What is to be kept"),
        help_text=_("One a line: name, model, quantity, separated by commas"),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    place = forms.CharField(label=_("Where it is kept"), max_length=120)
    on_site = forms.BooleanField(label=_("left with the party"), required=False, initial=True)
    reason = lines(_("Why it might be lost"))


class UnkeepForm(CaseForm):
    keeping = forms.ChoiceField(label=_("Kept evidence"))
    outcome = forms.ChoiceField(label=_("What becomes of it"), choices=Keeping.Outcome.choices)
    note = forms.CharField(label=_("Further note"), max_length=300, required=False)

    def prepare(self) -> None:
        self.choose("keeping", self.case.keepings.filter(decided_at=None))


class MeasureForm(CaseForm):
    kind = forms.ChoiceField(label=_("Measure in the case"), choices=Measure.Kind.choices)
    what = lines(_("What is ordered"))
    basis = forms.CharField(label=_("By which article"), max_length=200)
    until = MomentField(label=_("To be put right by"), required=False)


class EndMeasureForm(CaseForm):
    measure = forms.ChoiceField(label=_("Measure in the case"))
    note = lines(_("How the measure ended"), 300)

    def prepare(self) -> None:
        running = self.case.measures.filter(ended_at=None)
        self.choose("measure", running)
        field = self.fields["measure"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(str(m.pk), f"{m.get_kind_display()}：{m.what[:40]}") for m in running]


class StatementForm(CaseForm):
    person = forms.CharField(label=_("Who spoke"), max_length=60)
    waived = forms.BooleanField(label=_("The party gave up its right"), required=False)
    text = lines(_("What was said"), required=False)
    finding = lines(_("What came of looking at it again"), required=False)
    accepted = forms.BooleanField(label=_("It was found right"), required=False)


class HearingAskedForm(CaseForm):
    asked_at = MomentField(label=_("Asked for at"))


class HearingForm(CaseForm):
    meets_at = MomentField(label=_("Held at"))
    place = forms.CharField(label=_("Place"), max_length=120)
    public = forms.BooleanField(label=_("open to the public"), required=False, initial=True)
    host = forms.ChoiceField(label=_("Host"))
    clerk = forms.ChoiceField(label=_("Clerk"))

    def prepare(self) -> None:
        people = queries.may_host(case=self.case, at=self.at)
        self.choose("host", people)
        self.choose("clerk", people)


class HearingRecordForm(CaseForm):
    absent = forms.BooleanField(label=_("The party did not come"), required=False)
    record = forms.CharField(
        label=_("Record of the hearing"), widget=MANY_LINES, max_length=60000, required=False
    )
    opinion = lines(_("Opinion of the host"))


class DecisionForm(CaseForm):
    fine = money(_("Fine (yuan)"), required=False)
    confiscated = money(_("Illegal gains confiscated (yuan)"), required=False)
    besides = forms.CharField(label=_("Other penalty"), max_length=300, required=False)
    spare = forms.BooleanField(label=_("no penalty"), required=False)
    discussion = lines(_("Record of the joint discussion"), 8000, required=False)
    request = lines(_("What you ask for and why"))

    def prepare(self) -> None:
        self.first("fine", self.case.told_fine)
        self.first("confiscated", self.case.told_confiscated)
        self.first("besides", self.case.told_besides)


class ExtensionForm(CaseForm):
    until = DayField(label=_("New last day of the case"))
    reason = lines(_("Reason for it"))


class PaymentForm(CaseForm):
    amount = money(_("Amount (yuan)"))
    paid_on = DayField(label=_("Paid on"))
    voucher = forms.CharField(label=_("Voucher"), max_length=40)
    on_spot = forms.BooleanField(label=_("taken by the officers"), required=False)


class CancelPaymentForm(CaseForm):
    payment = forms.ChoiceField(label=_("Payment"))
    reason = lines(_("Reason for it"), 200)

    def prepare(self) -> None:
        self.choose("payment", queries.standing_payments(case=self.case))


class InstalmentsForm(CaseForm):
    parts = forms.CharField(
        label=_("Instalments"),
        help_text=_("One a line: day and amount, such as 2026-09-30 5000"),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    reason = lines(_("Why the party asks for it"))

    def clean_parts(self) -> list[tuple[Any, Decimal]]:
        """Lines of day and amount."""
        found = []
        for line in str(self.cleaned_data["parts"]).splitlines():
            day, _blank, amount = line.strip().partition(" ")
            if not line.strip():
                continue
            try:
                found.append((datetime.strptime(day, "%Y-%m-%d").date(), Decimal(amount.strip())))  # noqa: DTZ007 — a day
            except (ValueError, InvalidOperation) as error:
                raise forms.ValidationError(
                    _("“%(line)s” is no day and amount."), params={"line": line}
                ) from error
        return found


class StandForm(CaseForm):
    kind = forms.ChoiceField(label=_("What began"), choices=Standstill.Kind.choices)
    from_date = DayField(label=_("From this day"))


class UnstandForm(CaseForm):
    to_date = DayField(label=_("Last day of it"))
    result = forms.CharField(label=_("Result"), max_length=200)
    changed = forms.BooleanField(label=_("The decision was changed or revoked"), required=False)


class ResultForm(CaseForm):
    result = lines(_("How the case ended"))

    def prepare(self) -> None:
        if self.case.confiscated:
            self.fields["result"].help_text = _(
                "Also when and by which receipt the confiscated gains came in."
            )


class SendForm(CaseForm):
    to = forms.CharField(label=_("Sent to"), max_length=80)
    materials = lines(_("With which papers"))


class AnswerForm(CaseForm):
    taken = forms.TypedChoiceField(
        label=_("Answer of the police or court"),
        choices=[("1", _("case opened")), ("0", _("declined"))],
        coerce=lambda value: value == "1",
    )
    number = forms.CharField(label=_("Number of the paper"), max_length=60)
    text = lines(_("What the answer says"), required=False)


class ConsultationForm(CaseForm):
    held_on = DayField(label=_("Day"))
    present = forms.CharField(label=_("Present"), max_length=300)
    opinion = lines(_("What the consultation came to"))


class OutcomeForm(CaseForm):
    outcome = lines(_("What court or prosecution decided"))
    hand_back = forms.BooleanField(
        label=_("A penalty is still due: the case comes back"), required=False
    )


class RevokeForm(CaseForm):
    reason = lines(_("Why the decision is revoked"))
    anew = forms.BooleanField(
        label=_("It is to be decided anew"),
        help_text=_("Limits, demands and instalments fall with the decision; money is paid back."),
        required=False,
    )


class PayBackForm(CaseForm):
    voucher = forms.CharField(label=_("Voucher"), max_length=40)


class JointPartyForm(CaseForm, PartyFields):
    reason = lines(_("What this party did, and why it should be punished too"))


class PaperForm(CaseForm):
    form = forms.ChoiceField(label=_("Document"))
    text = forms.CharField(
        label=_("What the record does not hold"), widget=MANY_LINES, max_length=20000,
        required=False,
    )  # fmt: skip

    def prepare(self) -> None:
        forms_of_the_day = edition_on(timezone.localdate(self.at)).forms.values()
        field = self.fields["form"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(f.code, f"{f.no}. {f.title}") for f in forms_of_the_day if f.by_hand]
