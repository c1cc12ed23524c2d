"""Shape of what people type about rules; what makes sense is decided in the services."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from anlan.observe import kinds, quantities
from anlan.observe.forms import plain
from anlan.people.models import Account
from anlan.places import kinds as site_kinds
from anlan.places.forms import RegionField
from anlan.places.models import Region

from . import queries
from .describe import LEVELS, WEEKDAYS, level_label
from .models import OF_FORECASTS, Measure, Rule, RuleVersion, Severity
from .services.rules import FORECAST_QUANTITY, RuleText

PERIODS = [
    (0, "—"),
    (900, _("15 minutes")),
    (1800, _("30 minutes")),
    (3600, _("1 hour")),
    (10800, _("3 hours")),
    (21600, _("6 hours")),
    (43200, _("12 hours")),
    (86400, _("24 hours")),
]
MINUTES = {
    "hold": "hold_s",
    "clear_after": "clear_after_s",
    "forget": "forget_s",
    "within": "within_s",
}
SAME = ("severity", "quantity", "measure", "window_s", "below", "level", "clear", "hits", "of")
MORE = ("stations", "station_kinds", "site_kinds", "exercise", "quiet_from", "quiet_to")
IN_MINUTES = (Measure.SILENCE, Measure.NO_FORECAST)  # thresholds that are times


class RuleForm(forms.Form):
    """A rule as people think of it: times in minutes."""

    code = forms.SlugField(label=_("Code"), max_length=40)
    name = forms.CharField(label=_("Name of the rule"), max_length=120)
    region = RegionField(label=_("Region"), permission="warn.manage", deepest=Region.Level.TOWN)
    severity = forms.TypedChoiceField(label=_("Severity"), choices=Severity, coerce=int, initial=2)
    quantity = forms.ChoiceField(label=_("What is measured"))
    station_kinds = forms.MultipleChoiceField(
        label=_("Kinds of station"),
        choices=list(kinds.KINDS.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: every kind."),
    )
    measure = forms.ChoiceField(label=_("Compared is"), choices=Measure, initial=Measure.VALUE)
    window_s = forms.TypedChoiceField(
        label=_("Over the period"), choices=PERIODS, coerce=int, initial=0
    )
    below = forms.TypedChoiceField(
        label=_("Fulfilled"),
        choices=[("", _("at or above (≥)")), ("1", _("at or below (≤)"))],
        coerce=bool,
        required=False,
        empty_value="",
    )
    level = forms.ChoiceField(label=_("Level of the place"), required=False)
    threshold = forms.FloatField(
        label=_("Threshold"),
        required=False,
        help_text=_(
            "Of a silence or of absent forecasts: minutes. With a level of the place: added to it."
        ),
    )
    clear = forms.FloatField(
        label=_("Clear level"),
        required=False,
        help_text=_("Empty: the threshold. With a level of the place: the distance from it."),
    )
    hold = forms.FloatField(label=_("Must hold for (minutes)"), min_value=0, initial=0)
    hits = forms.IntegerField(label=_("At so many readings"), min_value=1, initial=1)
    of = forms.IntegerField(label=_("… of the last"), min_value=1, max_value=60, initial=1)
    clear_after = forms.FloatField(
        label=_("Must be quiet for (minutes)"), min_value=0, initial=0, required=False
    )
    forget = forms.FloatField(
        label=_("Cleared after so long without a reading (minutes)"),
        min_value=0,
        initial=0,
        required=False,
        help_text=_("0: never. Only for devices that speak when there is something."),
    )
    stations = forms.IntegerField(
        label=_("Stations at once"),
        min_value=1,
        initial=1,
        help_text=_("More than 1: one alarm of the whole region."),
    )
    site_kinds = forms.MultipleChoiceField(
        label=_("Of a forecast: kinds of sites"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    within = forms.FloatField(
        label=_("Of a forecast: passed within (minutes)"),
        min_value=0,
        initial=0,
        required=False,
        help_text=_("0: at any time that the forecast reaches."),
    )
    quiet_from = forms.TimeField(
        label=_("Other hours: from"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=_("Hours in which the rule is silent or has another severity. Empty: none."),
    )
    quiet_to = forms.TimeField(
        label=_("Other hours: until"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=_("Earlier than the beginning: on the next day."),
    )
    quiet_severity = forms.TypedChoiceField(
        label=_("In these hours"),
        choices=[("", _("no alarm")), *Severity.choices],
        coerce=int,
        empty_value=None,
        required=False,
        help_text=_("Silent: what still holds at their end is raised then."),
    )
    quiet_days = forms.TypedMultipleChoiceField(
        label=_("Beginning on"),
        choices=WEEKDAYS,
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: every day."),
    )
    exercise = forms.BooleanField(label=_("For an exercise"), required=False)

    def __init__(self, *args: Any, actor: Account, rule: Rule | None = None, **more: Any) -> None:
        super().__init__(*args, **more)
        self.rule = rule
        self._choices("quantity", [(q.code, f"{q.label} ({q.unit})") for q in known()])
        self._choices("site_kinds", [(k.code, str(k.label)) for k in site_kinds.registered()])
        self._choices("level", [("", "—"), *((name, level_label(name)) for name in LEVELS)])
        region = self.fields["region"]
        assert isinstance(region, RegionField)
        region.paths = actor.regions_for("warn.manage")
        if rule:
            del self.fields["code"], self.fields["region"]

    def _choices(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def text(self) -> RuleText:
        """The rule that was entered."""
        data = self.cleaned_data
        given = {name: data[name] for name in (*SAME, *MORE)} | {"below": bool(data["below"])}
        given |= {to: round((data[name] or 0) * 60) for name, to in MINUTES.items()}
        given |= {name: data[name] for name in ("quiet_days", "quiet_severity")}
        threshold = data["threshold"]
        if data["measure"] in IN_MINUTES and threshold is not None:
            threshold *= 60
        if data["measure"] in OF_FORECASTS:
            given["quantity"] = FORECAST_QUANTITY  # there is no other that is forecast
        keep = queries.get_version(self.rule).series if self.rule else []
        return RuleText(**given, threshold=threshold, series=keep)


def known() -> list[quantities.Quantity]:
    return quantities.registered()


def initial_of(version: RuleVersion) -> dict[str, Any]:
    """What the form shows for a rule that exists."""
    shown = {name: getattr(version, name) for name in (*SAME, *MORE)}
    shown |= {name: getattr(version, source) / 60 for name, source in MINUTES.items()}
    shown |= {"quiet_days": version.quiet_days, "quiet_severity": version.quiet_severity or ""}
    threshold = version.threshold
    if version.measure in IN_MINUTES and threshold is not None:
        threshold /= 60
    below = "1" if version.below else ""
    shown |= {"threshold": threshold, "below": below, "name": version.rule.name}
    return {name: plain(value) for name, value in shown.items()}


class LevelForm(forms.Form):
    """A place's own level."""

    name = forms.ChoiceField(label=_("Level of the place"))
    value = forms.FloatField(label=_("Value"), required=False, help_text=_("Empty: none."))

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        field = self.fields["name"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(name, level_label(name)) for name in LEVELS]
