"""Shape of what people enter about forecast areas and scenarios."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from .runs.solver import FACTORS

HOUR, MINUTE = 3600, 60
MOST_CELLS = 1_000_000  # a side: far beyond any terrain, and no number runs over


class AreaForm(forms.Form):
    """A window of a terrain, how coarse and how far ahead."""

    name = forms.CharField(max_length=120, label=_("Area name"))
    first_row = forms.IntegerField(
        min_value=0, max_value=MOST_CELLS, initial=0, label=_("First row, from the north")
    )
    first_col = forms.IntegerField(
        min_value=0, max_value=MOST_CELLS, initial=0, label=_("First column, from the west")
    )
    rows = forms.IntegerField(min_value=1, max_value=MOST_CELLS, label=_("Rows"))
    cols = forms.IntegerField(min_value=1, max_value=MOST_CELLS, label=_("Columns"))
    factor = forms.TypedChoiceField(
        coerce=int,
        choices=[(n, n) for n in FACTORS],
        initial=4,
        label=_("Factor"),
        help_text=_("So many cells are computed as one, over the fine ground; 1: each of its own."),
    )
    every = forms.IntegerField(
        min_value=5, max_value=1440, initial=10, label=_("A forecast every (minutes)")
    )
    horizon = forms.FloatField(
        min_value=0.1, max_value=24, initial=3, label=_("Looks ahead (hours)")
    )
    frame = forms.IntegerField(
        min_value=1, max_value=720, initial=10, label=_("Depths kept every (minutes)")
    )

    def values(self) -> dict[str, Any]:
        """As the service takes them."""
        given = self.cleaned_data
        return {
            "name": given["name"],
            "window": (given["first_row"], given["first_col"], given["rows"], given["cols"]),
            "factor": given["factor"],
            "every_s": given["every"] * MINUTE,
            "horizon_s": round(given["horizon"] * HOUR),
            "frame_s": given["frame"] * MINUTE,
        }


class Factors(forms.CharField):
    """Numbers by comma: 0.8, 1, 1.2."""

    def clean(self, value: Any) -> tuple[float, ...]:
        text = super().clean(value).replace("，", ",").replace("、", ",")
        try:
            return tuple(float(part) for part in text.split(",") if part.strip()) or (1.0,)
        except ValueError as error:
            raise forms.ValidationError(_("Write numbers, separated by commas.")) from error


class ScenarioForm(forms.Form):
    """A design storm by the city's formula, or the rain of now; and what may be otherwise."""

    name = forms.CharField(max_length=120, required=False, label=_("Scenario name"))
    rain = forms.ChoiceField(
        choices=[("design", _("a design storm")), ("now", _("the water and rain of now"))],
        initial="design",
        label=_("Rain"),
    )
    a = forms.FloatField(
        required=False,
        min_value=10,
        max_value=80_000,
        label=_("A in q = A (1 + c lg P) / (t + b)ⁿ"),
        help_text=_("The city's intensity formula as printed, in L/(s·ha); t in minutes."),
    )
    c = forms.FloatField(required=False, min_value=0, max_value=5, label="c")
    b = forms.FloatField(required=False, min_value=0, max_value=200, label="b")
    n = forms.FloatField(required=False, min_value=0.1, max_value=1.5, label="n")
    years = forms.FloatField(
        required=False,
        min_value=0.1,
        max_value=10_000,
        initial=20,
        label=_("Return period P (years)"),
    )
    duration = forms.FloatField(
        required=False, min_value=5, max_value=1380, initial=120, label=_("Duration (minutes)")
    )
    peak = forms.FloatField(
        required=False, min_value=0, max_value=1, initial=0.4, label=_("Peak ratio r")
    )
    rain_factors = Factors(
        required=False,
        initial="1",
        label=_("Rain times"),
        help_text=_("By comma: 0.8, 1, 1.2. All are tried with each other."),
    )
    manning_factors = Factors(required=False, initial="1", label=_("Roughness times"))
    drain_factors = Factors(required=False, initial="1", label=_("Drain capacity times"))

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("rain") == "design":
            for name in ("a", "c", "b", "n", "years", "duration", "peak"):
                if given.get(name) is None and name not in self.errors:
                    self.add_error(name, _("A design storm needs this number."))
        return given
