"""Make and change rules. Every change of what a rule says is a new version."""

from dataclasses import asdict, dataclass, field
from datetime import datetime, time
from math import isfinite

from django.db import transaction
from django.utils.translation import gettext as _

from anlan.base.errors import BadInput, Refusal
from anlan.base.events import publish
from anlan.observe import quantities
from anlan.observe.models import Series
from anlan.people.models import Account
from anlan.places import kinds
from anlan.places.models import Region
from anlan.warn import table
from anlan.warn.describe import LEVELS
from anlan.warn.models import (
    OF_FORECASTS,
    Measure,
    Rule,
    RuleState,
    RuleVersion,
    SeriesLevel,
    Severity,
)

FORECAST_QUANTITY = "ponding_depth"
# Below what counts as hit a forecast keeps no depths; above it, it is a lake.
LEAST_DEPTH_M, MOST_DEPTH_M = 0.15, 5.0
LONGEST_S = 7 * 86_400
# What makes no sense in a rule on forecasts.
ONLY_READINGS = (
    "quantity", "below", "level", "hold_s", "hits", "of", "forget_s", "stations",
    "station_kinds", "series",
)  # fmt: skip
# Where one of these changes, what a series has come to under the old text means nothing more.
STRUCTURE = ("quantity", "measure", "window_s", "below", "of")


@dataclass(frozen=True)
class RuleText:
    """What a rule says, as somebody writes it. The fields are those of `RuleVersion`."""

    severity: int
    quantity: str
    threshold: float | None = None
    measure: str = Measure.VALUE
    window_s: int = 0
    below: bool = False
    level: str = ""
    clear: float | None = None
    hold_s: int = 0
    hits: int = 1
    of: int = 1
    clear_after_s: int = 0
    forget_s: int = 0
    stations: int = 1
    station_kinds: list[str] = field(default_factory=list)
    site_kinds: list[str] = field(default_factory=list)
    within_s: int = 0
    series: list[int] = field(default_factory=list)
    exercise: bool = False
    quiet_from: time | None = None
    quiet_to: time | None = None
    quiet_days: list[int] = field(default_factory=list)
    quiet_severity: int | None = None


def text_of(version: RuleVersion) -> RuleText:
    return RuleText(**{name: getattr(version, name) for name in RuleText.__dataclass_fields__})


def unsaved(rule: Rule, text: RuleText, *, at: datetime) -> RuleVersion:
    """A version to look at or to try, not to keep."""
    return RuleVersion(rule=rule, number=rule.number + 1, made_at=at, **asdict(text))


@transaction.atomic
def define_rule(
    *, code: str, name: str, region: Region, text: RuleText, by: Account, at: datetime
) -> Rule:
    """A new rule, in force at once."""
    by.require("warn.manage", region=region)
    check_text(text, region)
    rule, made = Rule.objects.get_or_create(code=code, defaults={"name": name, "region": region})
    if not made:
        raise BadInput(
            "warn.code_taken",
            _("There is a rule with the code %(code)s already.") % {"code": code},
            hint=_("Choose another code, or change that rule."),
        )
    _put_version(rule, text, by, at)
    return rule


@transaction.atomic
def change_rule(
    *, rule: Rule, text: RuleText, by: Account, at: datetime, name: str = ""
) -> RuleVersion:
    """Give a rule its next version; unchanged text gives none."""
    by.require("warn.manage", region=rule.region)
    check_text(text, rule.region)
    # Two editors at once: the second waits here, and makes the version after the first one's.
    rule = Rule.objects.select_for_update().select_related("region").get(pk=rule.pk)
    if name and name != rule.name:
        rule.name = name
        rule.save(update_fields=["name"])
        table.mark_changed()
    current = rule.versions.get(number=rule.number)
    before = text_of(current)
    if before == text:
        return current
    if _is_another(before, text):
        RuleState.objects.filter(rule=rule).delete()
    return _put_version(rule, text, by, at)


@transaction.atomic
def switch_rule(*, rule: Rule, enabled: bool, by: Account, at: datetime) -> Rule:
    """Switch a rule on or off; its open alarms are cleared by the next sweep."""
    by.require("warn.manage", region=rule.region)
    if Rule.objects.filter(pk=rule.pk, enabled=not enabled).update(enabled=enabled):
        table.mark_changed()
        name = "warn.rule.enabled" if enabled else "warn.rule.disabled"
        publish(name, at=at, by=by, region_path=rule.region.path, rule=rule.pk)
    rule.refresh_from_db()
    return rule


@transaction.atomic
def set_level(
    *, series: Series, name: str, value: float | None, by: Account, at: datetime
) -> SeriesLevel | None:
    """Set a place's own level (warning, guarantee …); no value removes it."""
    by.require("warn.manage", region=series.station.region)
    levels = SeriesLevel.objects.filter(series=series, name=name)
    level = None
    if value is None:
        levels.delete()
    else:
        _check_order(series, name, value)
        level, _made = SeriesLevel.objects.update_or_create(
            series=series, name=name, defaults={"value": value}
        )
    table.mark_changed()
    path = series.station.region.path
    publish(
        "warn.level.set",
        at=at,
        by=by,
        region_path=path,
        series_id=series.pk,
        level=name,
        value=value,
    )
    return level


def _check_order(series: Series, name: str, value: float) -> None:
    """The guarantee level of a gauge lies above its warning level; both swapped is a slip."""
    if not isfinite(value):
        raise _bad("level", _("Give the level as a number, or nothing to remove it."))
    have = dict(SeriesLevel.objects.filter(series=series).values_list("name", "value"))
    low, high = (({**have, name: value}).get(level) for level in LEVELS)
    if low is not None and high is not None and low >= high:
        raise BadInput(
            "warn.level_order",
            _("The guarantee level must lie above the warning level."),
            hint=_("To raise both, set the guarantee level first."),
        )


def _put_version(rule: Rule, text: RuleText, by: Account, at: datetime) -> RuleVersion:
    number = rule.number + 1
    version = RuleVersion.objects.create(
        rule=rule, number=number, made_at=at, author=by, **asdict(text)
    )
    rule.number = number
    rule.save(update_fields=["number"])
    table.mark_changed()
    publish(
        "warn.rule.changed", at=at, by=by, region_path=rule.region.path, rule=rule.pk, number=number
    )
    return version


def _is_another(before: RuleText, after: RuleText) -> bool:
    changed = any(getattr(before, name) != getattr(after, name) for name in STRUCTURE)
    return changed or (before.stations > 1) != (after.stations > 1)


def check_text(text: RuleText, region: Region) -> None:
    """Refuse what could never be evaluated, or would not mean what it seems to."""
    if text.quantity not in {quantity.code for quantity in quantities.registered()}:
        raise _bad("quantity", _("Choose what is measured."))
    if text.severity not in Severity.values or text.measure not in Measure.values:
        raise _bad("choice", _("Choose the severity and what is compared."))
    if text.measure in OF_FORECASTS:
        _check_forecast(text)
    elif text.site_kinds or text.within_s:
        raise _bad("forecast", _("Kinds of sites and “within” are for rules on forecasts."))
    _check_limits(text)
    _check_times(text)
    _check_hours(text)
    if text.series:
        inside = Series.objects.within([region.path]).filter(pk__in=text.series)
        if inside.count() != len(set(text.series)):
            raise _bad("series", _("A chosen series is not in the rule's region."))


def _check_limits(text: RuleText) -> None:
    if text.threshold is None and not text.level:
        raise _bad("threshold", _("Give a threshold, or the level of the place."))
    if text.level and text.measure != Measure.VALUE:
        raise _bad("level", _("A level of the place can only be compared with the value."))
    if text.level and text.clear is not None and text.clear < 0:
        raise _bad("clear", _("Give the distance from the level to the clear level, not below 0."))
    if text.clear is not None and text.threshold is not None and not text.level:
        wrong = text.clear < text.threshold if text.below else text.clear > text.threshold
        if wrong:
            raise _bad(
                "clear",
                _("The clear level is on the wrong side of the threshold: it would never rest."),
            )


def _check_forecast(text: RuleText) -> None:
    """What only readings know makes no sense here."""
    plain = RuleText(severity=text.severity, quantity=FORECAST_QUANTITY, measure=text.measure)
    for name in ONLY_READINGS:
        if getattr(text, name) != getattr(plain, name):
            raise _bad(
                "forecast",
                _("A rule on forecasts has a threshold, a clear level, kinds of sites, no more."),
            )
    if text.measure == Measure.NO_FORECAST:
        if text.site_kinds or text.within_s or text.clear_after_s or text.clear is not None:
            raise _bad("forecast", _("The absence of forecasts is no matter of single sites."))
        return
    if not text.site_kinds or any(kinds.get(code) is None for code in text.site_kinds):
        raise _bad("site_kinds", _("Choose the kinds of sites that are watched."))
    if not LEAST_DEPTH_M <= (text.threshold or 0) <= MOST_DEPTH_M:
        raise _bad("depth", _("Give a depth between 0.15 and 5 metres."))
    if text.clear is not None and text.clear < 0:
        raise _bad("clear", _("A depth is never below 0: such a clear level would never be met."))
    if text.within_s and not 300 <= text.within_s <= 24 * 3600:
        raise _bad("within", _("Give a time between 5 minutes and 24 hours, or none."))


def _check_times(text: RuleText) -> None:
    if text.measure in {Measure.SUM, Measure.RATE} and not 300 <= text.window_s <= 7 * 86400:
        raise _bad("window", _("Give a period between 5 minutes and 7 days."))
    if text.measure in {Measure.SILENCE, Measure.NO_FORECAST} and (
        (text.threshold or 0) < 60 or text.below
    ):
        raise _bad("silence", _("Give after how long a station counts as silent, from a minute."))
    if not 1 <= text.hits <= text.of <= 60:
        raise _bad("hits", _("Give a number of readings between 1 and 60, out of at most 60."))
    if text.of > 1 and text.measure != Measure.VALUE:
        raise _bad("hits", _("Only values are counted reading by reading."))
    if min(text.hold_s, text.clear_after_s, text.forget_s) < 0 or text.stations < 1:
        raise _bad("times", _("Times and numbers of stations cannot be negative."))
    if max(text.hold_s, text.clear_after_s, text.forget_s) > LONGEST_S or text.stations > 1000:
        raise _bad("times", _("Times are a week at most, stations a thousand at most."))
    if text.forget_s and text.measure != Measure.VALUE:
        raise _bad("forget", _("Only rules on values clear by silence."))


def _check_hours(text: RuleText) -> None:
    if (text.quiet_from is None) != (text.quiet_to is None):
        raise _bad("hours", _("Give both ends of the hours, or none."))
    if text.quiet_from is None:
        if text.quiet_days or text.quiet_severity is not None:
            raise _bad("hours", _("Give the hours for which the days and the severity are."))
        return
    if text.quiet_severity is not None and text.quiet_severity not in Severity.values:
        raise _bad("choice", _("Choose the severity and what is compared."))
    if text.quiet_severity == text.severity:
        raise _bad("hours", _("In these hours the rule would do what it always does."))
    days = set(text.quiet_days)
    if not days <= set(range(1, 8)) or len(days) != len(text.quiet_days):
        raise _bad("days", _("Days are numbers from 1 (Monday) to 7, each once."))
    whole = text.quiet_from == text.quiet_to and len(days or range(7)) == 7
    if whole:
        raise _bad("hours", _("These hours never end; switch the rule off instead."))


def _bad(what: str, message: str) -> Refusal:
    return BadInput(f"warn.bad_{what}", message)
