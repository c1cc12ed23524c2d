"""Shape of what people enter about stations."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from anlan.people.models import Account
from anlan.places.forms import RegionField

from .kinds import KINDS
from .models import Series
from .services import Limits


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


def plain(value: Any) -> Any:
    """5 instead of 5.0, as people write it into a field."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


class LimitsForm(forms.Form):
    """What is believable of one series; times in minutes."""

    low = forms.FloatField(label=_("Lowest value"), required=False)
    high = forms.FloatField(label=_("Highest value"), required=False)
    spike = forms.FloatField(
        label=_("Largest jump"),
        required=False,
        help_text=_("How far one reading may stand out from both its neighbours."),
    )
    rate = forms.FloatField(label=_("Fastest change in an hour"), required=False)
    flat = forms.FloatField(
        label=_("Longest constancy (minutes)"),
        required=False,
        min_value=0,
        help_text=_("A sensor that repeats itself for longer is thought to be stuck."),
    )
    interval = forms.FloatField(
        label=_("A reading is expected every (minutes)"),
        min_value=0.1,
        help_text=_("After three of these without one the station counts as silent."),
    )
    datum = forms.CharField(
        label=_("Height datum"),
        required=False,
        max_length=40,
        help_text=_("Of levels: 1985国家高程基准, 吴淞 …"),
    )

    def __init__(self, data: Any = None, *, series: Series) -> None:
        limits = {name: getattr(series, name) for name in ("low", "high", "spike", "rate", "datum")}
        minutes = {"flat": series.flat_s, "interval": series.interval_s}
        limits |= {name: seconds and seconds / 60 for name, seconds in minutes.items()}
        limits = {name: plain(value) for name, value in limits.items()}
        super().__init__(data, initial=limits)
        if series.quantity != "water_level" and not series.datum:
            del self.fields["datum"]
        for name in ("low", "high", "spike", "rate"):
            self.fields[name].label = f"{self.fields[name].label}（{series.unit}）"

    def limits(self) -> Limits:
        """What was entered."""
        data = self.cleaned_data
        flat = data["flat"]
        return Limits(
            interval_s=round(data["interval"] * 60),
            low=data["low"],
            high=data["high"],
            spike=data["spike"],
            rate=data["rate"],
            flat_s=None if flat is None else round(flat * 60),
            datum=data.get("datum", ""),
        )
