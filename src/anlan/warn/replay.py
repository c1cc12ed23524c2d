"""Try a rule on stored readings: how many alarms would it have raised? Nothing is written."""

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
from django.utils import timezone
from numpy.typing import NDArray

from anlan.base import clock
from anlan.observe import packs, sql
from anlan.observe.incoming import DAY_MS
from anlan.observe.models import Flag, PackedDay
from anlan.simulate.models import Run

from .automaton import Move, State, Terms, pass_time, step
from .forecasts import clear_level, passings
from .hours import hours_of, is_silent
from .models import OF_FORECASTS, Measure, Rule, RuleVersion
from .table import Compiled, Ints, Table, compile_table, read_watched
from .windows import HOUR_MS

LONGEST = timedelta(days=14)
MOST_ROWS = 3_000_000  # about what a page may wait for
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Would:
    """An alarm that the rule would have raised."""

    where: str
    opened_at: datetime
    cleared_at: datetime | None
    value: float


@dataclass(frozen=True)
class Replay:
    since: datetime
    until: datetime
    series: int  # how many the rule watches
    readings: int
    alarms: list[Would]  # newest first
    forecasts: bool = False  # `series` are areas then, and `readings` their forecasts

    @property
    def by_day(self) -> list[tuple[datetime, int]]:
        """(midnight, alarms), for a row of bars."""
        days = Counter(timezone.localtime(would.opened_at).date() for would in self.alarms)
        day, found = timezone.localtime(self.since).date(), []
        while day <= timezone.localtime(self.until).date():
            midnight = timezone.make_aware(datetime(day.year, day.month, day.day))  # noqa: DTZ001
            found.append((midnight, days[day]))
            day += timedelta(days=1)
        return found

    @property
    def stations(self) -> int:
        return len({would.where for would in self.alarms})


def replay(*, rule: Rule, version: RuleVersion, since: datetime, until: datetime) -> Replay:
    """Run an unsaved or saved version over a stretch of time that is stored."""
    version.rule = rule
    since = max(since, until - LONGEST)
    if version.measure in OF_FORECASTS:
        return _over_forecasts(version, since, until)
    now = compile_table([version], read_watched())
    start_ms, end_ms = clock.to_epoch_ms(since), clock.to_epoch_ms(until)
    lead_ms = max(version.window_s, version.hold_s) * 1000
    readings = _read(now, start_ms - lead_ms, end_ms)
    moves = {
        row: _run(now, row, *readings[int(now.series[row])], end_ms)
        for row in range(len(now.rule))
        if int(now.series[row]) in readings
    }
    compiled = Compiled(version, now.rules[0].terms)
    alarms = _of_region(now, moves, version) if compiled.is_group else _of_series(now, moves)
    alarms = [would for would in alarms if would.opened_at >= since]
    alarms.sort(key=lambda would: would.opened_at, reverse=True)
    count = sum(len(at) for at, _value in readings.values())
    return Replay(since, until, len(now.rule), count, alarms)


def _read(now: Table, start_ms: int, end_ms: int) -> dict[int, tuple[Ints, Floats]]:
    """Believed readings by series: finished days from their packs, the rest in one scan."""
    wanted = set(now.series.tolist())
    cut = _first_unpacked(start_ms // DAY_MS, (end_ms - 1) // DAY_MS) * DAY_MS
    cut = min(max(cut, start_ms), end_ms)
    series, at, value, flag = sql.readings_between(cut, end_ms)
    found = {}
    for pk in wanted:
        columns = packs.read_series(pk, start_ms, cut) if cut > start_ms else None
        mine = series == pk
        parts = [(at[mine], value[mine], flag[mine])] + ([columns] if columns else [])
        t, v, f = (np.concatenate(column) for column in zip(*parts[::-1], strict=True))
        kept = ((f == Flag.GOOD) | (f == Flag.NOT_EVALUATED)) & np.isfinite(v)
        found[pk] = (t[kept], v[kept])
    return found


def _first_unpacked(first: int, last: int) -> int:
    packed = set(
        PackedDay.objects.filter(
            packed=True, stale=False, day__gte=first, day__lte=last
        ).values_list("day", flat=True)
    )
    return next((day for day in range(first, last + 1) if day not in packed), last + 1)


def _run(now: Table, row: int, at: Ints, value: Floats, end_ms: int) -> list[Move]:
    """What the rule would have done with one series, the clock ticking in between."""
    compiled = now.rules[0]
    at, value = _signal(compiled.version, at, value, float(now.limit[row]), end_ms)
    sign, limit, clear = float(now.sign[row]), float(now.limit[row]), float(now.clear[row])
    state, moves = State(), []
    before = 0.0
    for at_ms, x in zip(at.tolist(), value.tolist(), strict=True):
        moves += _passed(state, compiled.terms, at_ms, before)
        up, down = sign * x >= sign * limit, sign * x < sign * clear
        move = step(state, compiled.terms, at_ms, x, up, down)
        if move:
            moves.append(move)
        before = x
    return moves + _passed(state, compiled.terms, end_ms, before)


def _passed(state: State, terms: Terms, at_ms: int, value: float) -> list[Move]:
    move = pass_time(state, terms, at_ms, value)
    return [move] if move else []


def _signal(
    version: RuleVersion, at: Ints, value: Floats, limit: float, end_ms: int
) -> tuple[Ints, Floats]:
    """What is compared with the threshold, over time."""
    if version.measure == Measure.VALUE or not len(at):
        return at, value
    if version.measure == Measure.SILENCE:
        return _silences(at, limit, end_ms)
    window_ms = version.window_s * 1000
    if version.measure == Measure.RATE:
        first = np.searchsorted(at, at - window_ms)
        passed = at - at[first]
        enough = passed >= window_ms // 2
        rate = (value - value[first]) * HOUR_MS / np.maximum(passed, 1)
        return at, np.where(enough, rate, 0.0)
    # A sum changes with a reading and when one rolls out of the window.
    times = np.unique(np.concatenate([at, at + window_ms]))
    times = times[times < end_ms]
    total = np.concatenate([[0.0], np.cumsum(value)])
    inside = total[np.searchsorted(at, times, "right")]
    inside -= total[np.searchsorted(at, times - window_ms, "right")]
    return times, np.round(inside, 6)


def _silences(at: Ints, limit_s: float, end_ms: int) -> tuple[Ints, Floats]:
    """Gaps: noticed when they have lasted for the limit, over with the next reading."""
    limit_ms = int(limit_s * 1000)
    until = np.append(at[1:], end_ms)
    long = np.flatnonzero(until - at >= limit_ms)
    times = np.stack([at[long] + limit_ms, until[long]], axis=1).reshape(-1)
    value = np.tile([limit_s, 0.0], len(long))
    if len(long) and until[long[-1]] == end_ms:  # still silent
        times, value = times[:-1], value[:-1]
    return times, value


def _of_series(now: Table, moves: dict[int, list[Move]]) -> list[Would]:
    found = []
    for row, made in moves.items():
        where = now.watched[int(now.series[row])].station_name
        found += [
            Would(where, clock.from_epoch_ms(start.at_ms), _ended(end), start.value)
            for start, end in _pairs(made)
        ]
    return found


def _of_region(now: Table, moves: dict[int, list[Move]], version: RuleVersion) -> list[Would]:
    """Stretches in which so many stations fulfilled the condition."""
    changes = sorted((m.at_ms, not m.opened) for made in moves.values() for m in made)
    run: list[Move] = []
    count = 0
    for at_ms, closed in changes:
        before, count = count, count + (-1 if closed else 1)
        if (before >= version.stations) != (count >= version.stations):
            run.append(Move(count >= version.stations, at_ms, float(count)))
    where = version.rule.region.name
    return [
        Would(where, clock.from_epoch_ms(start.at_ms), _ended(end), start.value)
        for start, end in _pairs(run)
    ]


def _pairs(moves: list[Move]) -> list[tuple[Move, Move | None]]:
    """Each opening with its clearing; none for what is still open at the end."""
    ends: list[Move | None] = [*moves[1:], None]
    return [(move, end) for move, end in zip(moves, ends, strict=True) if move.opened]


def _ended(end: Move | None) -> datetime | None:
    return clock.from_epoch_ms(end.at_ms) if end else None


def _over_forecasts(version: RuleVersion, since: datetime, until: datetime) -> Replay:
    """The same over the forecasts that are kept, each judged as of its base time."""
    runs = Run.objects.forecasts().done().filter(exercise=False, base_at__range=(since, until))
    found = list(runs.select_related("area__region").order_by("base_at"))
    by_area: dict[int, list[Run]] = defaultdict(list)
    for run in found:
        by_area[run.area_id].append(run)
    judge = _absences if version.measure == Measure.NO_FORECAST else _passings
    alarms = [would for own in by_area.values() for would in judge(version, own, until)]
    alarms.sort(key=lambda would: would.opened_at, reverse=True)
    return Replay(since, until, len(by_area), len(found), alarms, forecasts=True)


def _passings(version: RuleVersion, runs: list[Run], until: datetime) -> list[Would]:
    open_ones: dict[int, Would] = {}
    alarms: list[Would] = []
    for run in runs:
        hits = list(run.hits.on_sites().select_related("site__region"))
        deepest = {hit.site_id: hit.max_depth_m for hit in hits}
        ahead = {p.hit.site_id: p for p in passings(version, run, hits, run.base_at)}
        for over in [s for s in open_ones if s not in ahead]:
            if deepest.get(over, 0.0) < clear_level(version):
                alarms.append(replace(open_ones.pop(over), cleared_at=run.base_at))
        if is_silent(version, run.base_at):
            continue
        for site_id, passing in ahead.items():
            if passing.hit.site and site_id is not None and site_id not in open_ones:
                name, depth = passing.hit.site.name, passing.hit.max_depth_m
                open_ones[site_id] = Would(name, run.base_at, None, depth)
    return alarms + list(open_ones.values())


def _absences(version: RuleVersion, runs: list[Run], until: datetime) -> list[Would]:
    limit = timedelta(seconds=max(version.threshold or 0, 2.0 * runs[0].area.every_s))
    ends: list[datetime] = [run.base_at for run in runs[1:]] + [until]
    opened = [_heard(version, run.base_at + limit) for run in runs]
    return [
        Would(
            run.area.region.name,
            at,
            end if end < until else None,
            (end - run.base_at).total_seconds(),
        )
        for run, at, end in zip(runs, opened, ends, strict=True)
        if at <= end
    ]


def _heard(version: RuleVersion, at: datetime) -> datetime:
    """This instant, or the end of the silent hours that it lies in."""
    hours = hours_of(version)
    return clock.from_epoch_ms(hours.opens_at(clock.to_epoch_ms(at))) if hours else at
