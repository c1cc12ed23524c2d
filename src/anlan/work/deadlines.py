"""Statutory limits: how long, in which days, by which law, since when (docs/rules/deadlines.md).

A rule's versions stand side by side, since what began under one keeps it. Working days and public
holidays come from `chinese_calendar`; for years that the State Council has not announced yet there
are only weekdays to go by, and the clock says so.
"""

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import chinese_calendar
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

BEIJING = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1)
_first, _last = min(chinese_calendar.holidays), max(chinese_calendar.holidays)
FIRST_YEAR, LAST_YEAR = _first.year, _last.year
# A limit longer than this is a mistake; it also keeps every walk over days short.
MAX_AMOUNT = 3700


class Unit(Enum):
    HOURS = "hours"
    NATURAL_DAYS = "natural_days"
    WORKING_DAYS = "working_days"
    MONTHS = "months"


@dataclass(frozen=True)
class Version:
    """How long the limit is from a day on, and where it is written."""

    since: date
    amount: int
    unit: Unit
    source: str
    # Whether a last day off moves to the next working day. Not where the limit protects the party
    # from the organ: thirty days of sealing are not made longer by a holiday.
    rolls: bool = True


@dataclass(frozen=True)
class Rule:
    code: str
    label: "StrOrPromise"
    versions: tuple[Version, ...]

    def on(self, day: date) -> Version:
        """The version in force on a day; before the first one, the first."""
        held = [version for version in self.versions if version.since <= day]
        return max(held, key=lambda v: v.since) if held else self.versions[0]


@dataclass(frozen=True)
class Stretch:
    """A time in which the clock stood still."""

    start: datetime
    end: datetime


def is_working_day(day: date) -> bool:
    """With the make-up working days and holidays of that year, where they are known."""
    if FIRST_YEAR <= day.year <= LAST_YEAR:
        return bool(chinese_calendar.is_workday(day))
    return day.weekday() < 5


def is_known(day: date) -> bool:
    return bool(FIRST_YEAR <= day.year <= LAST_YEAR)


def due_at(version: Version, started: datetime, pauses: Iterable[Stretch] = ()) -> datetime:
    """When the limit runs out.

    Hours run from the start, and every pause is added to the second. Days: the day of the start
    is not counted, the last ends at midnight (24:00), and where it is a day off, the first working
    day after it is the last (民法典 201, 203). Days between a pause and the resumption are not
    counted, the day of resumption is. Months end on the day of the same number, or the month's
    last (202); days of a pause are added.
    """
    pauses = list(pauses)
    if version.unit is Unit.HOURS:
        return started + timedelta(hours=version.amount) + _length(pauses)
    still = [(_day(pause.start), _day(pause.end)) for pause in pauses]
    last, left = _day(started), version.amount
    if version.unit is Unit.MONTHS:
        last, left = _months_later(last, version.amount), sum((e - s).days for s, e in still)
    while left > 0:
        last += DAY
        paused = any(start <= last < end for start, end in still)
        every = version.unit in {Unit.NATURAL_DAYS, Unit.MONTHS}
        if not paused and (every or is_working_day(last)):
            left -= 1
    while (version.rolls and not is_working_day(last)) or any(
        start <= last < end for start, end in still
    ):
        last += DAY
    return datetime.combine(last + DAY, datetime.min.time(), BEIJING)


def _months_later(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def counts_on_unknown_days(version: Version, started: datetime, due: datetime) -> bool:
    """Whether the due time rests on a year whose holidays have not been announced."""
    if version.unit is Unit.HOURS:
        return False
    last = _day(due) - DAY
    return not (is_known(_day(started)) and is_known(last))


def _day(at: datetime) -> date:
    return at.astimezone(BEIJING).date()


def _length(pauses: Iterable[Stretch]) -> timedelta:
    return sum((pause.end - pause.start for pause in pauses), timedelta())


_rules: dict[str, Rule] = {}


def register(rule: Rule) -> None:
    """Upper rooms add the limits of their own laws in `apps.py`."""
    _rules[rule.code] = rule


def registered() -> list[Rule]:
    return list(_rules.values())


def get(code: str) -> Rule:
    """A registered rule, or a plain one: `hours:2`, `natural_days:15`, `working_days:5`."""
    if code in _rules:
        return _rules[code]
    unit, _colon, amount = code.partition(":")
    if not amount.isdecimal() or int(amount) > MAX_AMOUNT:
        raise KeyError(f"{code} is no rule")
    version = Version(date(1949, 10, 1), int(amount), Unit(unit), "")
    return Rule(code, PLAIN[Unit(unit)] % {"n": amount}, (version,))


PLAIN = {
    Unit.HOURS: _("%(n)s hours"),
    Unit.NATURAL_DAYS: _("%(n)s days"),
    Unit.WORKING_DAYS: _("%(n)s working days"),
    Unit.MONTHS: _("%(n)s months"),
}

_ACCIDENTS = date(2007, 6, 1)  # 国务院令第493号 in force
_OLD_PENALTIES = date(1996, 10, 1)  # 行政处罚法 (1996) in force
_PENALTIES = date(2021, 7, 15)  # 行政处罚法 (2021) in force
_SAFETY = date(2021, 9, 1)  # 安全生产法 (2021) in force
_REPORT = "生产安全事故报告和调查处理条例（国务院令第493号）"

for _rule in (
    Rule(
        "accident.unit_report",
        _("report of an accident by the enterprise"),
        (Version(_ACCIDENTS, 1, Unit.HOURS, f"{_REPORT}第九条"),),
    ),
    Rule(
        "accident.level_report",
        _("report of an accident to the level above"),
        (Version(_ACCIDENTS, 2, Unit.HOURS, f"{_REPORT}第十一条"),),
    ),
    Rule(
        "accident.supplement",
        _("later report of more casualties"),
        (Version(_ACCIDENTS, 30, Unit.NATURAL_DAYS, f"{_REPORT}第十三条"),),
    ),
    Rule(
        "accident.supplement_fire_traffic",
        _("later report of more casualties (fire, road traffic)"),
        (Version(_ACCIDENTS, 7, Unit.NATURAL_DAYS, f"{_REPORT}第十三条"),),
    ),
    Rule(
        "accident.investigation",
        _("report of the accident's investigation"),
        (Version(_ACCIDENTS, 60, Unit.NATURAL_DAYS, f"{_REPORT}第二十九条"),),
    ),
    Rule(
        "accident.reply",
        _("reply to the report of the investigation"),
        (Version(_ACCIDENTS, 15, Unit.NATURAL_DAYS, f"{_REPORT}第三十二条"),),
    ),
    Rule(
        "penalty.serve",
        _("service of a penalty decision"),
        (
            # Until 2021 the law did not say which days; since then short terms are working days.
            Version(_OLD_PENALTIES, 7, Unit.NATURAL_DAYS, "行政处罚法（1996）第四十条"),
            Version(_PENALTIES, 7, Unit.WORKING_DAYS, "行政处罚法（2021）第六十一条、第八十五条"),
        ),
    ),
    Rule(
        "penalty.evidence",
        _("decision on evidence registered and kept"),
        (
            Version(_OLD_PENALTIES, 7, Unit.NATURAL_DAYS, "行政处罚法（1996）第三十七条"),
            Version(_PENALTIES, 7, Unit.WORKING_DAYS, "行政处罚法（2021）第五十六条、第八十五条"),
        ),
    ),
    Rule(
        "penalty.hearing",
        _("request for a hearing"),
        (
            Version(_OLD_PENALTIES, 3, Unit.NATURAL_DAYS, "行政处罚法（1996）第四十二条"),
            Version(_PENALTIES, 5, Unit.WORKING_DAYS, "行政处罚法（2021）第六十四条、第八十五条"),
        ),
    ),
    Rule(
        "penalty.decision",
        _("penalty decision after the case was filed"),
        (Version(_PENALTIES, 90, Unit.NATURAL_DAYS, "行政处罚法（2021）第六十条"),),
    ),
    Rule(
        "penalty.payment",
        _("payment of a fine"),
        (
            Version(_OLD_PENALTIES, 15, Unit.NATURAL_DAYS, "行政处罚法（1996）第四十六条"),
            Version(_PENALTIES, 15, Unit.NATURAL_DAYS, "行政处罚法（2021）第六十七条"),
        ),
    ),
    Rule(
        "penalty.publish",
        _("publication of a penalty"),
        (Version(_SAFETY, 7, Unit.WORKING_DAYS, "安全生产法（2021）第七十八条"),),
    ),
):
    register(_rule)
