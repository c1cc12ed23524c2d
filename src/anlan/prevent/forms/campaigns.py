"""What people type about campaigns and draws."""

import re
from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from anlan.people.models import Account
from anlan.places.forms import RegionField
from anlan.places.models import Region

from ..lots import Recused
from ..models import Campaign, Enterprise
from ..queries import campaigns
from ..queries import enterprises as firms


def _day(label: Any) -> forms.DateField:
    return forms.DateField(
        label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


class CampaignForm(forms.Form):
    """A campaign's scope and time; what is left empty narrows nothing."""

    title = forms.CharField(label=_("Title"), max_length=120)
    region = RegionField(label=_("Region"), permission="prevent.campaign")
    starts_on = _day(_("First day"))
    ends_on = _day(_("Last day"))
    standards = forms.MultipleChoiceField(
        label=_("Standards"), required=False, widget=forms.CheckboxSelectMultiple
    )
    colours = forms.TypedMultipleChoiceField(
        label=_("Risk colours"),
        required=False,
        coerce=int,
        choices=Enterprise.Colour.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    industries = forms.CharField(
        label=_("Industries (GB/T 4754)"),
        required=False,
        max_length=200,
        help_text=_("Codes or their beginnings, by comma: C26, C3311"),
    )
    remark = forms.CharField(
        label=_("Note"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, actor: Account, **options: Any) -> None:
        super().__init__(*args, **options)
        region, standards = self.fields["region"], self.fields["standards"]
        assert isinstance(region, RegionField)
        assert isinstance(standards, forms.MultipleChoiceField)
        region.paths = actor.regions_for("prevent.campaign")
        self.by_key = {str(one.pk): one for one in firms.list_standards()}
        standards.choices = [(pk, one.name) for pk, one in self.by_key.items()]

    def arguments(self) -> dict[str, Any]:
        data = dict(self.cleaned_data)
        data["note"] = data.pop("remark")
        data["standards"] = [self.by_key[pk] for pk in data["standards"]]
        data["industries"] = [c for c in re.split(r"[,，、;；\s]+", data["industries"]) if c]
        return data


class DrawForm(forms.Form):
    """Who may be drawn, how many, and who is left out for what reason."""

    title = forms.CharField(label=_("Title"), max_length=120)
    region = RegionField(label=_("Region"), permission="prevent.campaign")
    campaign = forms.ChoiceField(label=_("Campaign"), required=False)
    wanted = forms.IntegerField(label=_("Targets to draw"), min_value=1, max_value=2000)
    each = forms.IntegerField(label=_("Inspectors for each"), min_value=1, max_value=10, initial=2)
    due_on = _day(_("Visits to be made by"))
    # Kept by the page (pages/draw_lists.py), a line each: credit code, or I and an inspector's
    # number, and the reason; inspector, credit code, reason.
    left_out = forms.CharField(required=False, widget=forms.HiddenInput)
    recusals = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, actor: Account, **options: Any) -> None:
        super().__init__(*args, **options)
        region, campaign = self.fields["region"], self.fields["campaign"]
        assert isinstance(region, RegionField)
        assert isinstance(campaign, forms.ChoiceField)
        region.paths = actor.regions_for("prevent.campaign")
        self.campaigns: dict[str, Campaign] = {
            str(one.pk): one for one in campaigns.list_campaigns(actor=actor)[:200]
        }
        campaign.choices = [("", "—"), *((pk, one.title) for pk, one in self.campaigns.items())]

    def region_of(self, data: QueryDict) -> Region | None:
        """The region that is chosen so far, if it is one of those in which the actor draws."""
        region = self.fields["region"]
        assert isinstance(region, RegionField)
        try:
            text = region.widget.value_from_datadict(data, {}, "region")
            chosen: Region | None = region.clean(text)
        except forms.ValidationError:
            return None
        return chosen

    def clean_left_out(self) -> dict[str, str]:
        rows = _rows(self.cleaned_data["left_out"], 2)
        return {code.upper(): reason for code, reason in rows}

    def clean_recusals(self) -> list[Recused]:
        rows = _rows(self.cleaned_data["recusals"], 3)
        return [
            Recused(who.upper().removeprefix("I"), code.upper(), why) for who, code, why in rows
        ]

    def arguments(self) -> dict[str, Any]:
        data = self.cleaned_data
        due_on: date = data["due_on"]
        return {
            "title": data["title"],
            "region": data["region"],
            "campaign": self.campaigns.get(data["campaign"]),
            "wanted": data["wanted"],
            "each": data["each"],
            "due_on": due_on,
            "without": data["left_out"],
            "recused": data["recusals"],
        }


def _rows(text: str, columns: int) -> list[list[str]]:
    """Lines of so many words, the last of which may have spaces in it."""
    rows = [line.split(maxsplit=columns - 1) for line in text.splitlines() if line.strip()]
    for n, row in enumerate(rows, 1):
        if len(row) != columns:
            raise forms.ValidationError(
                _("Line %(n)d lacks something; the reason comes last."), params={"n": n}
            )
    return rows
