"""What people type about a fishbone and its bones."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from anlan.people.models import Account
from anlan.places.forms import RegionField
from anlan.places.models import Region

from ..models import Entry
from ..queries import enterprises, fishbones
from ..services.fishbones import BoneText

NONE = ("", "—")


class FishboneForm(forms.Form):
    name = forms.CharField(label=_("Name, such as foundries"), max_length=120)
    effect = forms.CharField(label=_("Accident that it leads to"), max_length=60)
    region = RegionField(
        label=_("Region"), permission="prevent.standard", deepest=Region.Level.TOWN
    )
    industry = forms.CharField(label=_("Industry (GB/T 4754)"), max_length=5, required=False)
    standard = forms.ChoiceField(label=_("Safety standard"), required=False)

    def __init__(self, *args: Any, actor: Account, **options: Any) -> None:
        super().__init__(*args, **options)
        region = self.fields["region"]
        assert isinstance(region, RegionField)
        region.paths = actor.regions_for("prevent.standard")
        self.standards = _offer_standards(self.fields["standard"])

    def arguments(self) -> dict[str, Any]:
        data = dict(self.cleaned_data)
        return data | {"standard": self.standards.get(data["standard"])}


class BoneForm(forms.Form):
    text = forms.CharField(label=_("Cause"), max_length=40)
    measures = forms.CharField(
        label=_("Measures against it"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    unit = forms.ChoiceField(label=_("Responsible unit"), required=False)
    standard = forms.ChoiceField(label=_("Counts hazards of this checklist"), required=False)
    section = forms.CharField(label=_("Part of the checklist"), max_length=60, required=False)
    lines = forms.MultipleChoiceField(
        label=_("Only these lines of it"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    keywords = forms.CharField(
        label=_("Words in the hazard, any of them"), max_length=120, required=False
    )

    def __init__(
        self, *args: Any, region: Region, lines: Sequence[Entry] = (), **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.by_line = {str(line.pk): line for line in lines}
        choice = self.fields["lines"]
        assert isinstance(choice, forms.MultipleChoiceField)
        choice.choices = [(pk, f"{one.number} {one.text}") for pk, one in self.by_line.items()]
        if not lines:  # they are chosen once the bone has its checklist
            del self.fields["lines"]
        self.standards = _offer_standards(self.fields["standard"])
        units = fishbones.organisations_of(region, named=self.initial.get("unit") or None)
        self.units = {str(unit.pk): unit for unit in units}
        unit = self.fields["unit"]
        assert isinstance(unit, forms.ChoiceField)
        unit.choices = [NONE, *((pk, one.name) for pk, one in self.units.items())]

    def given(self) -> BoneText:
        data = dict(self.cleaned_data)
        data["unit"] = self.units.get(data["unit"])
        data["standard"] = self.standards.get(data["standard"])
        data["lines"] = tuple(self.by_line[pk] for pk in data.get("lines", ()))
        return BoneText(**data)


def _offer_standards(field: forms.Field) -> dict[str, Any]:
    standards = {str(one.pk): one for one in enterprises.list_standards()}
    assert isinstance(field, forms.ChoiceField)
    field.choices = [NONE, *((pk, one.name) for pk, one in standards.items())]
    return standards
