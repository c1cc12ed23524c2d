"""Shape of what people enter about stations."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from anlan.people.models import Account
from anlan.places.forms import RegionField

from .kinds import KINDS


class StationForm(forms.Form):
    """Anything that names a region where the reader manages stations."""

    def __init__(self, *args: Any, actor: Account, **options: Any) -> None:
        super().__init__(*args, **options)
        region = self.fields["region"]
        assert isinstance(region, RegionField)
        region.paths = actor.regions_for("observe.manage")


class AdoptForm(StationForm):
    code = forms.CharField(max_length=40, widget=forms.HiddenInput)
    name = forms.CharField(max_length=120, label=_("Station name"))
    kind = forms.ChoiceField(choices=list(KINDS.items()), label=_("Kind"))
    region = RegionField(label=_("Region"), permission="observe.manage")
    lon = forms.FloatField(min_value=-180, max_value=180, label=_("Longitude"))
    lat = forms.FloatField(min_value=-90, max_value=90, label=_("Latitude"))


class SenderForm(StationForm):
    name = forms.CharField(max_length=80, label=_("Sender name"))
    region = RegionField(label=_("Region"), permission="observe.manage")
    station = forms.CharField(
        max_length=40,
        required=False,
        label=_("Only for station (code)"),
        help_text=_("Empty: a gateway, for every station in the region."),
    )
