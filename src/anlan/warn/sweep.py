"""The rules on the clock: a duty of the worker, which runs also when no reading arrives at all.

Ends durations, sums up windows, notices silence, lets quiet alarms clear, and catches up with
what arrival could not see: a rule made while the water is high already, a reading that another
process stored. Everything is by the house's clock.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from anlan.base import clock
from anlan.observe.models import Latest

from . import windows
from .automaton import IDLE, OPEN, PENDING, Move, State, Terms, at_once, pass_time, step
from .evaluate import AHEAD_MS, Evaluator, Outcome, evaluator, sides
from .models import Measure
from .table import Ints, Table
from .tidy import tidy

# A value counts as the present one for three intervals, and at least for an hour.
FRESH_INTERVALS, FRESH_MS = 3, 3_600_000
# A window is summed up again when this part of it has passed: a day's every five minutes.
PARTS = 288


@dataclass
class Facts:
    """What is known of each row at this instant."""

    now_ms: int
    value: NDArray[np.float64]
    at_ms: Ints  # of the value
    heard_ms: Ints  # newest believable reading of the series; 0: none
    fresh: NDArray[np.bool_]  # the value may be taken for the present one
    stale: NDArray[np.bool_]  # the series has not been heard for long


class Sweeper:
    """The worker's memory between two sweeps."""

    def __init__(self, memory: Evaluator | None = None) -> None:
        self._memory = memory
        self._summed: dict[tuple[str, int], int] = {}  # (measure, window) → when
        self._tidied: Table | None = None

    def sweep(self, at: datetime) -> int:
        """Bring every rule up to this instant; returns how many alarms changed."""
        memory = self._memory or evaluator()
        now = memory.refresh()
        changed = 0
        if self._tidied is not now:
            changed = tidy(now, at)
            self._tidied = now
            now = memory.refresh()
        if len(now.rule):
            facts = self._gather(now, clock.to_epoch_ms(at))
            changed += len(memory.settle(lambda: look(memory, now, facts), at=at))
        return changed

    def _gather(self, now: Table, now_ms: int) -> Facts:
        facts = _of_latest(now, now_ms)
        for measure, window_s, rows in windows.groups(now):
            key = (measure, window_s)
            passed_ms = now_ms - self._summed.get(key, -(2**60))
            if 0 <= passed_ms < window_s * 1000 / PARTS:
                continue
            self._summed[key] = now_ms
            found = windows.read(now, measure, window_s, rows, now_ms)
            for row in rows.tolist():
                # Nothing in the window: no rain, no change.
                facts.value[row], facts.heard_ms[row] = found.get(
                    int(now.series[row]), (0.0, now_ms)
                )
                facts.fresh[row] = True
        return facts


def _of_latest(now: Table, now_ms: int) -> Facts:
    """Values and silences, from the newest reading of each series."""
    rows = Latest.objects.values_list("series_id", "at_ms", "value")
    latest = {pk: (at_ms, value) for pk, at_ms, value in rows}
    pairs = [latest.get(pk, (0, None)) for pk in now.series.tolist()]
    heard = np.array([at for at, _value in pairs], np.int64)
    value = np.array([np.nan if v is None else v for _at, v in pairs], np.float64)
    keep_ms = np.maximum(now.interval_ms * FRESH_INTERVALS, FRESH_MS)
    stale = heard < now_ms - keep_ms
    fresh = ~stale & np.isfinite(value) & (heard <= now_ms + AHEAD_MS)
    at_ms = heard.copy()
    fresh[now.first_other :] = False
    at_ms[now.first_other :] = now_ms
    silence = now.rows_where(Measure.SILENCE)
    # Never heard: silent since the rule was made.
    since = np.where(heard[silence] > 0, heard[silence], now.made_ms[silence])
    value[silence] = np.maximum(now_ms - since, 0) / 1000
    heard[silence], fresh[silence] = since, True
    return Facts(now_ms, value, at_ms, heard, fresh, stale)


def look(memory: Evaluator, now: Table, facts: Facts) -> Outcome:
    """What the clock changes, with memory as it is."""
    outcome = Outcome()
    up, down = sides(now, np.arange(len(now.rule)), facts.value)
    stirred = np.where(memory.phase >= OPEN, down, up) & facts.fresh
    may_lapse = now.may_lapse & (memory.phase == OPEN)
    for row in np.flatnonzero(stirred | memory.moving | may_lapse).tolist():
        before = memory.state.get(row) or State()
        after = before.copy()
        moves = list(_moves(now, facts, row, after, bool(up[row]), bool(down[row])))
        outcome.take(row, before, after, moves)
    return outcome


def _moves(
    now: Table, facts: Facts, row: int, state: State, up: bool, down: bool
) -> Iterator[Move]:
    compiled = now.rules[now.rule[row]]
    terms, at_ms, value = compiled.terms, int(facts.at_ms[row]), float(facts.value[row])
    known = at_ms < state.seen_ms or (at_ms == state.seen_ms and state.phase == IDLE)
    repeats = terms.of > 1 and state.phase in {IDLE, PENDING}  # only arrival counts readings
    if facts.fresh[row] and not known and not repeats:
        move = step(state, terms, at_ms, value, up, down)
        if move:
            yield _timed(now, facts, row, move)
    move = None
    if not _waits(facts, row, state, terms):
        move = pass_time(state, terms, facts.now_ms, value)
    move = move or _forget(now, facts, row, state)
    if move:
        yield move


def _waits(facts: Facts, row: int, state: State, terms: Terms) -> bool:
    """Put off by silent hours, and not heard since: what was so hours ago need not hold now."""
    put_off = state.phase == PENDING and terms.opens_at is not at_once
    return put_off and bool(facts.stale[row])


def _timed(now: Table, facts: Facts, row: int, move: Move) -> Move:
    """The instant that people would name: when silence had lasted too long, when data came back."""
    compiled, heard_ms = now.rules[now.rule[row]], int(facts.heard_ms[row])
    measure, opens_at = compiled.version.measure, compiled.terms.opens_at
    if measure == Measure.SILENCE:
        limit_ms = int(now.limit[row] * 1000)
        return replace(move, at_ms=opens_at(heard_ms + limit_ms) if move.opened else heard_ms)
    if measure == Measure.SUM and move.opened:
        return replace(move, at_ms=opens_at(min(move.at_ms, heard_ms)))
    return move


def _forget(now: Table, facts: Facts, row: int, state: State) -> Move | None:
    """An alarm of a device that has nothing more to say; a silent station in a combination."""
    if state.phase != OPEN or row >= now.first_other:
        return None
    compiled, heard_ms = now.rules[now.rule[row]], int(facts.heard_ms[row])
    forget_ms = compiled.version.forget_s * 1000
    forgotten = bool(forget_ms) and facts.now_ms - heard_ms >= forget_ms
    if not forgotten and not (compiled.is_group and facts.stale[row]):
        return None
    state.phase, state.quiet_ms, state.seen_ms = IDLE, 0, facts.now_ms
    at_ms = heard_ms + forget_ms if forgotten else facts.now_ms
    return Move(False, at_ms, float(facts.value[row]), "silent")
