"""What people type about risk points, their grading and their controls."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from .. import grading
from ..grading import Method
from ..models import Control, RiskPoint
from ..queries import enterprises as queries


class PointForm(forms.Form):
    area = forms.CharField(
        label=_("Area"), max_length=60, widget=forms.TextInput(attrs={"list": "areas"})
    )
    name = forms.CharField(label=_("Risk point"), max_length=120)
    sort = forms.ChoiceField(label=_("Kind of risk point"), choices=RiskPoint.Sort.choices)
    danger = forms.CharField(label=_("What can go wrong"), max_length=300)
    accident = forms.ChoiceField(label=_("Kind of accident"), choices=RiskPoint.Accident.choices)


class GradeForm(forms.Form):
    """A choice for each factor of the method; only the table's values can be chosen."""

    note = forms.CharField(label=_("Note"), max_length=300, required=False)

    def __init__(self, *args: Any, method: Method, **options: Any) -> None:
        super().__init__(*args, **options)
        self.factors = [factor.code for factor in method.factors]
        for factor in method.factors:
            choices = [(str(value), f"{value} · {label}") for value, label in factor.values]
            self.fields[factor.code] = forms.TypedChoiceField(
                label=factor.label, choices=[("", "—"), *choices], coerce=Decimal
            )
        self.order_fields([*self.factors, "note"])

    def values(self) -> dict[str, Decimal]:
        return {code: self.cleaned_data[code] for code in self.factors}


class ControlForm(forms.Form):
    text = forms.CharField(label=_("Measure"), max_length=300)
    sort = forms.ChoiceField(label=_("Kind of measure"), choices=Control.Sort.choices)
    level = forms.ChoiceField(label=_("Level of control"), choices=Control.Level.choices)
    every_days = forms.TypedChoiceField(
        label=_("Checked"),
        choices=[("", _("no regular check")), *Control.Every.choices],
        coerce=int,
        empty_value=None,
        required=False,
    )
    checker = forms.CharField(label=_("Checked by (post)"), max_length=60, required=False)


class MethodForm(forms.Form):
    """By which method the enterprises of a standard or an industry grade their risks."""

    standard = forms.ChoiceField(label=_("Safety standard"), required=False)
    industry = forms.CharField(
        label=_("or industry (GB/T 4754), such as C26"), max_length=5, required=False
    )
    method = forms.ChoiceField(
        label=_("Method"), choices=[*grading.CHOICES, ("", _("no rule of its own"))], required=False
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.standards = {str(s.pk): s for s in queries.list_standards()}
        field = self.fields["standard"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "—"), *((pk, s.name) for pk, s in self.standards.items())]

    def arguments(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {
            "standard": self.standards.get(data["standard"]),
            "industry": data["industry"],
            "method": data["method"],
        }
