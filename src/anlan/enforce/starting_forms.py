"""Shape of what begins a case: against whom, for what, and a decision on the spot."""

import re
from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from stdnum.cn import ric

from anlan.base.errors import Refusal
from anlan.people.models import Account
from anlan.places.forms import RegionField
from anlan.prevent.services.enterprises import check_credit_code

from . import queries
from .fields import MANY_LINES, DayField, lines, money
from .models import Case, Certificate, Organ, Party

IDENTITY = re.compile(r"\d{17}[\dX]")


class PartyFields(forms.Form):
    """Against whom."""

    kind = forms.ChoiceField(label=_("Kind of party"), choices=Party.Kind.choices)
    name = forms.CharField(label=_("Name of the party"), max_length=120)
    code = forms.CharField(label=_("Credit code or identity number"), max_length=18, required=False)
    head = forms.CharField(label=_("Person in charge"), max_length=60, required=False)
    post = forms.CharField(label=_("Position held"), max_length=60, required=False)
    sex = forms.ChoiceField(
        label=_("Sex (persons)"), choices=[("", "—"), ("男", "男"), ("女", "女")], required=False
    )
    age = forms.IntegerField(label=_("Age (persons)"), min_value=1, max_value=120, required=False)
    employer = forms.CharField(label=_("Employer (persons)"), max_length=120, required=False)
    address = forms.CharField(label=_("Address"), max_length=200, required=False)
    postcode = forms.CharField(label=_("Postcode"), max_length=6, required=False)
    phone = forms.CharField(label=_("Phone"), max_length=20, required=False)
    electronic = forms.CharField(
        label=_("Agreed address for electronic service"), max_length=120, required=False
    )

    PARTY = (
        "kind", "name", "code", "head", "post", "sex", "age", "employer", "address", "postcode",
        "phone", "electronic",
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """A code with a check digit is a right one: the credit platforms take no other."""
        data: dict[str, Any] = super().clean() or {}
        code = "".join(str(data.get("code") or "").split()).upper()
        if code and data.get("kind") == Party.Kind.ORG:
            try:
                code = check_credit_code(code)
            except Refusal as refusal:
                self.add_error("code", f"{refusal.message} {refusal.hint}")
        elif IDENTITY.fullmatch(code) and ric.calc_check_digit(code) != code[-1]:
            self.add_error("code", _("The last character of the identity number does not fit."))
        return data | {"code": code}


class NewCaseForm(PartyFields):
    """A case to be filed."""

    organ = forms.ChoiceField(label=_("Organ"))
    region = RegionField(label=_("Region of the offence"), permission="enforce.handle")
    cause = forms.CharField(label=_("Cause of the case"), max_length=200)
    source = forms.ChoiceField(label=_("Source of the case"), choices=Case.Source.choices)
    summary = lines(_("What is known, and why it should be filed"))
    offended_on = DayField(label=_("Day of the offence"), required=False)
    first_officer = forms.ChoiceField(label=_("Officer in charge"))
    second_officer = forms.ChoiceField(label=_("Second officer"))

    field_order = (
        "organ", "region", "cause", "source", "summary", "offended_on", "first_officer",
        "second_officer",
    )  # fmt: skip

    def __init__(self, *args: Any, actor: Account, at: datetime, **more: Any) -> None:
        super().__init__(*args, **more)
        region = self.fields["region"]
        assert isinstance(region, RegionField)
        region.paths = actor.regions_for("enforce.handle")
        self.organs = {str(organ.pk): organ for organ in queries.organs_for(actor=actor)}
        today = timezone.localdate(at)
        self.certificates = {
            str(certificate.pk): certificate
            for organ in self.organs.values()
            for certificate in queries.certificates_of(organ=organ, on=today)
        }
        self._set("organ", [(pk, organ.name) for pk, organ in self.organs.items()])
        people = [(pk, f"{c.account}（{c.number}）") for pk, c in self.certificates.items()]
        self._set("first_officer", people)
        self._set("second_officer", people)
        mine = next((pk for pk, c in self.certificates.items() if c.account_id == actor.pk), None)
        self.fields["first_officer"].initial = mine
        self.fields["second_officer"].initial = next(
            (pk for pk in self.certificates if pk != mine), None
        )

    def _set(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def party_columns(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.PARTY}

    def chosen_organ(self) -> Organ:
        return self.organs[self.cleaned_data["organ"]]

    def officers(self) -> list[Certificate]:
        names = ("first_officer", "second_officer")
        return [self.certificates[self.cleaned_data[name]] for name in names]


class FindingFields(forms.Form):
    """What was found and by what it is judged."""

    facts = forms.CharField(label=_("Facts found"), widget=MANY_LINES, max_length=8000)
    proof = lines(_("Evidence of the facts"))
    violated = forms.CharField(label=_("Article that was broken"), max_length=300)
    basis = forms.CharField(label=_("Article that punishes"), max_length=300)
    fine = money(_("Fine (yuan)"), required=False)
    besides = forms.CharField(label=_("Other penalty"), max_length=300, required=False)


class SpotForm(NewCaseForm, FindingFields):
    """Decided on the spot."""

    summary = None  # type: ignore[assignment]
    source = None  # type: ignore[assignment]
    receiver = forms.CharField(label=_("Received by"), max_length=60)
