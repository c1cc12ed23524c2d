"""What people type about service contracts."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from anlan.people.models import Account
from anlan.places.forms import RegionField

from ..models import ServiceReview

MOST_CODES = 2000


class ContractForm(forms.Form):
    number = forms.CharField(label=_("Contract number"), max_length=60)
    provider = forms.CharField(label=_("Agency"), max_length=120)
    provider_code = forms.CharField(label=_("Credit code of the agency"), max_length=24)
    region = RegionField(label=_("Region"), permission="prevent.manage")
    from_date = forms.DateField(
        label=_("First day"), widget=forms.DateInput(attrs={"type": "date"})
    )
    to_date = forms.DateField(label=_("Last day"), widget=forms.DateInput(attrs={"type": "date"}))
    visits_a_year = forms.IntegerField(
        label=_("Visits a year to each enterprise"), min_value=1, max_value=365, initial=4
    )
    note = forms.CharField(label=_("Note"), max_length=300, required=False)

    def __init__(self, *args: Any, actor: Account, **options: Any) -> None:
        super().__init__(*args, **options)
        region = self.fields["region"]
        assert isinstance(region, RegionField)
        region.paths = actor.regions_for("prevent.manage")


class ServeForm(forms.Form):
    codes = forms.CharField(
        label=_("Credit codes of the enterprises, one a line"),
        max_length=MOST_CODES * 20,
        widget=forms.Textarea(attrs={"rows": 4, "class": "mono"}),
    )

    def listed(self) -> list[str]:
        return [code for code in re.split(r"[\s,，;；、]+", self.cleaned_data["codes"]) if code]


class JudgeForm(forms.Form):
    quality = forms.TypedChoiceField(
        label=_("Quality"), choices=ServiceReview.Quality.choices, coerce=int
    )
    note = forms.CharField(label=_("Note"), max_length=300, required=False)
