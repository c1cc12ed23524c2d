"""A rule in words: the sentence that stands in the list, under the form and on the alarm."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from anlan.observe import kinds, quantities
from anlan.observe.lines import Line
from anlan.observe.models import Series
from anlan.places import kinds as site_kinds
from anlan.simulate.scores.contingency import LEADS_S

from .forecasts import clear_level
from .models import OF_FORECASTS, Alarm, Measure, RuleVersion, Severity

LEVELS = ("warning", "guarantee")
WEEKDAYS = (
    (1, _lazy("Monday")),
    (2, _lazy("Tuesday")),
    (3, _lazy("Wednesday")),
    (4, _lazy("Thursday")),
    (5, _lazy("Friday")),
    (6, _lazy("Saturday")),
    (7, _lazy("Sunday")),
)


def level_label(name: str) -> str:
    """Of a level of the place: the names that every river gauge has are translated."""
    return {"warning": _("warning level"), "guarantee": _("guaranteed level")}.get(name, name)


def levels_of(series: Series) -> list[Line]:
    """A place's own levels, for its chart: the warning level yellow, the graver ones red."""
    return [
        Line(level_label(level.name), level.value, 3 if level.name == LEVELS[0] else 1)
        for level in series.levels.order_by("value")
    ]


def describe(version: RuleVersion) -> str:
    """城中街道各积水点：积水深度≥0.27 m 持续5分钟，报橙色；低于0.20 m 解除"""
    sentence = _of_forecast(version) if version.measure in OF_FORECASTS else _of_reading(version)
    sentence += _hours(version)
    return _("[exercise] %(rule)s") % {"rule": sentence} if version.exercise else sentence


def _of_reading(version: RuleVersion) -> str:
    parts = [part for part in (_extra_hits(version), _hold(version), _stations(version)) if part]
    return _("%(where)s: %(condition)s%(more)s → %(severity)s; %(end)s") % {
        "where": _where(version),
        "condition": _condition(version),
        "more": "".join(parts),
        "severity": Severity(version.severity).label,
        "end": _end(version),
    }


def _of_forecast(version: RuleVersion) -> str:
    """金华市下穿立交：预报积水深度60分钟内达到0.27 m，报橙色；新预报低于0.20 m 解除"""
    words = {
        "region": version.rule.region.name,
        "severity": Severity(version.severity).label,
        "time": span(version.threshold or 0),
    }
    if version.measure == Measure.NO_FORECAST:
        return (
            _("%(region)s: no new flood forecast for %(time)s → %(severity)s; cleared by the next")
            % words
        )
    labels = (site_kinds.get(code) for code in version.site_kinds)
    words |= {
        "sites": _(", ").join(str(kind.label) for kind in labels if kind),
        "depth": amount(version.threshold, version.quantity),
        "clear": amount(clear_level(version), version.quantity),
        "long": _(" for %(time)s") % {"time": span(version.clear_after_s)}
        if version.clear_after_s
        else "",
        "soon": _(" within %(time)s") % {"time": span(version.within_s)}
        if version.within_s
        else "",
    }
    return (
        _(
            "%(region)s, %(sites)s: a forecast says %(depth)s of water%(soon)s → %(severity)s;"
            " cleared when later ones stay below %(clear)s%(long)s"
        )
        % words
    )


def _hours(version: RuleVersion) -> str:
    """；每天22:00至次日06:00不告警，届时仍满足的再报"""
    start, end = version.quiet_from, version.quiet_to
    if start is None or end is None:
        return ""
    names, until = dict(WEEKDAYS), f"{end:%H:%M}"
    days = _(", ").join(str(names[day]) for day in sorted(version.quiet_days))
    words = {
        "days": days or _("every day"),
        "start": f"{start:%H:%M}",
        "end": until if end > start else _("%(time)s the next day") % {"time": until},
    }
    if version.quiet_severity is None:
        return _("; %(days)s %(start)s to %(end)s no alarm, raised then if it still holds") % words
    words["severity"] = str(Severity(version.quiet_severity).label)
    return _("; %(days)s %(start)s to %(end)s → %(severity)s") % words


def span(seconds: float) -> str:
    """5分钟, 1小时, 90秒: the largest unit that divides it."""
    whole = round(seconds)
    if whole > 86400 and whole % 86400 == 0:  # a day's rain is that of 24 hours
        return ngettext("%(n)d day", "%(n)d days", whole // 86400) % {"n": whole // 86400}
    if whole and whole % 3600 == 0:
        return ngettext("%(n)d hour", "%(n)d hours", whole // 3600) % {"n": whole // 3600}
    if whole and whole % 60 == 0:
        return ngettext("%(n)d minute", "%(n)d minutes", whole // 60) % {"n": whole // 60}
    return ngettext("%(n)d second", "%(n)d seconds", whole) % {"n": whole}


def amount(value: float | None, quantity: str, per_hour: bool = False) -> str:
    """0.27 m, with the quantity's decimals."""
    if value is None:
        return "—"
    try:
        known = quantities.get(quantity)
    except KeyError:
        return f"{value:g}"
    text = f"{value:.{known.decimals}f}"
    unit = f"{known.unit}/h" if per_hour else known.unit
    return f"{text} {unit}".strip()


def value_text(version: RuleVersion, value: float | None, *, group: bool = False) -> str:
    """An alarm's value as its rule means it."""
    if value is None:
        return "—"
    if version.measure == Measure.NO_FORECAST:
        return span(value - value % 60 or value)
    if group:
        return ngettext("%(n)d station", "%(n)d stations", round(value)) % {"n": round(value)}
    if version.measure == Measure.SILENCE:
        return span(value - value % 60 or value)
    return amount(value, version.quantity, version.measure == Measure.RATE)


def _where(version: RuleVersion) -> str:
    region = version.rule.region.name
    if version.series:
        n = len(version.series)
        what = ngettext("%(n)d chosen station", "%(n)d chosen stations", n) % {"n": n}
    elif version.station_kinds:
        what = _(", ").join(kinds.label(kind) for kind in version.station_kinds)
        what = _("every %(kind)s") % {"kind": what}
    else:
        what = _("every station")
    return _("%(region)s, %(stations)s") % {"region": region, "stations": what}


def _condition(version: RuleVersion) -> str:
    label = str(quantities.get(version.quantity).label)
    if version.measure == Measure.SILENCE:
        return _("no believable %(quantity)s for %(time)s") % {
            "quantity": label,
            "time": span(version.threshold or 0),
        }
    what = _what(version, label)
    sign = "≤" if version.below else "≥"
    if not version.level:
        rate = version.measure == Measure.RATE
        return f"{what}{sign}{amount(version.threshold, version.quantity, rate)}"
    text = f"{what}{sign}{level_label(version.level)}"
    if version.threshold:
        text += f"{version.threshold:+.2f} {quantities.get(version.quantity).unit}"
    return text


def _what(version: RuleVersion, label: str) -> str:
    if version.measure == Measure.SUM:
        return _("%(quantity)s summed over %(time)s") % {
            "quantity": label,
            "time": span(version.window_s),
        }
    if version.measure == Measure.RATE:
        return _("change of %(quantity)s over %(time)s") % {
            "quantity": label,
            "time": span(version.window_s),
        }
    return label


def _extra_hits(version: RuleVersion) -> str:
    if version.of == 1:
        return ""
    return _(" in %(hits)d of the last %(of)d readings") % {
        "hits": version.hits,
        "of": version.of,
    }


def _hold(version: RuleVersion) -> str:
    return _(" for %(time)s") % {"time": span(version.hold_s)} if version.hold_s else ""


def _stations(version: RuleVersion) -> str:
    if version.stations == 1:
        return ""
    return _(" at %(n)d stations or more at once") % {"n": version.stations}


def _end(version: RuleVersion) -> str:
    if version.measure == Measure.SILENCE:
        return _("cleared by the next believable reading")
    beyond = {"beyond": _beyond(version), "time": span(version.clear_after_s)}
    held = version.clear_after_s
    end = (_("cleared %(beyond)s for %(time)s") if held else _("cleared %(beyond)s")) % beyond
    if version.forget_s:
        end += _(", or after %(time)s without a reading") % {"time": span(version.forget_s)}
    return end


def _beyond(version: RuleVersion) -> str:
    rate = version.measure == Measure.RATE
    text = _("above %(limit)s") if version.below else _("below %(limit)s")
    if not version.level:
        clear = version.threshold if version.clear is None else version.clear
        return text % {"limit": amount(clear, version.quantity, rate)}
    back, limit = version.clear or 0.0, level_label(version.level)
    off = (version.threshold or 0.0) + (back if version.below else -back)
    distance = {"level": limit, "off": amount(abs(off), version.quantity)}
    if off and version.below == (off > 0):
        further = _("%(off)s above %(level)s") if off > 0 else _("%(off)s below %(level)s")
        return further % distance
    if off:
        limit += f"{off:+.2f} {quantities.get(version.quantity).unit}"
    return text % {"limit": limit}


@dataclass(frozen=True)
class Said:
    """What a forecast's alarm keeps of the forecast."""

    base_at: datetime
    first_at: datetime
    max_at: datetime
    max_depth_m: float
    duration_s: int
    ahead_s: int  # from when it was raised until the depth is passed

    @property
    def lasts(self) -> str:
        """To the minute: of 75 minutes the last 15 count."""
        return span(round(self.duration_s / 60) * 60)


def forecast_of(alarm: Alarm) -> Said:
    """An alarm's details with their times as times."""
    details = alarm.details
    return Said(
        base_at=datetime.fromisoformat(details["base_at"]),
        first_at=datetime.fromisoformat(details["first_at"]),
        max_at=datetime.fromisoformat(details["max_at"]),
        max_depth_m=float(details["max_depth_m"]),
        duration_s=int(details["duration_s"]),
        ahead_s=int(details["ahead_s"]),
    )


def ahead_of(alarm: Alarm) -> str:
    """预计14:40积水达到0.27 m，提前40分钟"""
    if not alarm.is_forecast:
        return ""
    said = forecast_of(alarm)
    words = {
        "time": f"{timezone.localtime(said.first_at):%H:%M}",
        "depth": amount(alarm.details["threshold"], "ponding_depth"),
        "ahead": span(round(said.ahead_s / 60) * 60),
    }
    if said.ahead_s < 60:
        return _("%(depth)s of water expected since %(time)s: it should stand there now") % words
    return _("%(depth)s of water expected at %(time)s, %(ahead)s ahead") % words


def score_text(alarm: Alarm) -> str:
    """How such forecasts had done when the alarm was raised, in a sentence."""
    score = alarm.details.get("score") or {}
    if not score.get("of"):
        return _("Nothing is known yet of how such forecasts turn out.")
    words = {
        "lead": stretch_text(score["lead_s"]),
        "depth": amount(score["threshold_m"], "ponding_depth"),
        "hits": score["hits"],
        "misses": score["misses"],
        "false": score["false_alarms"],
        "area": alarm.details.get("area", ""),
    }
    if not score["hits"] + score["misses"] + score["false_alarms"]:
        words |= {"quiets": score["quiets"]}
        dry = _(
            "Such forecasts so far (%(lead)s ahead, %(depth)s): dry and forecast dry %(quiets)d"
            " times, no water to compare yet."
        )
        return dry % words
    if score["of"] == "point":
        return (
            _(
                "Such forecasts for this place so far (%(lead)s ahead, %(depth)s): %(hits)d right,"
                " %(misses)d missed, %(false)d for nothing."
            )
            % words
        )
    return (
        _(
            "No gauge here. Such forecasts in all of %(area)s so far (%(lead)s ahead, %(depth)s):"
            " %(hits)d right, %(misses)d missed, %(false)d for nothing."
        )
        % words
    )


def stretch_text(end_s: int) -> str:
    """30–60分钟"""
    begin = max((lead for lead in (0, *LEADS_S) if lead < end_s), default=0)
    return _("%(begin)d–%(end)d minutes") % {"begin": begin // 60, "end": end_s // 60}
