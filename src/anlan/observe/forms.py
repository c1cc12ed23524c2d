"""Shape of what people enter about stations."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from .kinds import KINDS


class RegionCode(forms.CharField):
    """A region's code; the page offers those that the reader manages."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"list": "regions", "autocomplete": "off"})
        super().__init__(max_length=20, label=_("Region code"), widget=widget, **kwargs)


class AdoptForm(forms.Form):
    code = forms.CharField(max_length=40, widget=forms.HiddenInput)
    name = forms.CharField(max_length=120, label=_("Station name"))
    kind = forms.ChoiceField(choices=list(KINDS.items()), label=_("Kind"))
    region = RegionCode()
    lon = forms.FloatField(min_value=-180, max_value=180, label=_("Longitude"))
    lat = forms.FloatField(min_value=-90, max_value=90, label=_("Latitude"))


class SenderForm(forms.Form):
    name = forms.CharField(max_length=80, label=_("Sender name"))
    region = RegionCode()
    station = forms.CharField(
        max_length=40,
        required=False,
        label=_("Only for station (code)"),
        help_text=_("Empty: a gateway, for every station in the region."),
    )
