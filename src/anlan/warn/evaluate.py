"""Readings against rules, as they arrive: the tap of `observe`, inside the intake's transaction.

The rules and how far each has got are kept in memory as arrays; in calm weather a batch costs one
query and a few array operations. The database is the truth: every process reads what the others
changed, and whoever changes a state takes the lock, looks again, and only then writes.
"""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

from anlan.base import clock
from anlan.observe.models import Flag, Latest
from anlan.observe.taps import Batch

from . import findings, states, table
from .automaton import IDLE, OPEN, PENDING, Move, State, step
from .table import Ints, Table

# Readings older than a day are history and raise nothing; nor do those from a clock that is ahead.
OLD_MS = 24 * 3_600_000
AHEAD_MS = 3_600_000


@dataclass
class Outcome:
    """What a look at some rows found: their new states, and what to raise and clear."""

    states: dict[int, State] = field(default_factory=dict)  # by row
    moves: list[tuple[int, Move]] = field(default_factory=list)

    def take(self, row: int, before: State, after: State, moves: Iterable[Move]) -> None:
        if after != before:
            self.states[row] = after
        self.moves += [(row, move) for move in moves]


class Evaluator:
    """One thread's memory of rules and states."""

    def __init__(self) -> None:
        self.table: Table | None = None
        self.seen = -1  # the states' revision that memory holds
        self.state: dict[int, State] = {}  # by row, where it was ever moved
        self.phase: NDArray[np.int8] = np.empty(0, np.int8)  # by row
        self.moving: NDArray[np.bool_] = np.empty(0, bool)  # by row: any reading may change it
        self.newest: Ints = np.empty(0, np.int64)  # by value series: time of the newest reading
        self._unsettled: list[Callable[[], None]] = []

    # Memory against database

    def refresh(self) -> Table:
        """Bring memory up to what the database says; with one query where nothing changed."""
        if self._was_undone():
            self.table = None
        now, revision = table.current()
        if now is not self.table:
            self.table = now
            self.seen, self.state = 0, {}
            self.phase = np.zeros(len(now.rule), np.int8)
            self.moving = np.zeros(len(now.rule), bool)
            self._load_states()
            self.newest = self._latest(now.value_series)
        elif revision != self.seen:
            self._load_states()
        return now

    def _load_states(self) -> None:
        if self.table is None:
            raise RuntimeError("refresh first")
        with connection.cursor() as cursor:
            cursor.execute("SELECT states FROM warn_revision WHERE id = 1")
            found = cursor.fetchone()
        changed = states.read_since(self.seen)
        self.seen = int(found[0]) if found else 0
        row_of = self.table.row_of
        self._remember((row_of[key], state) for key, state in changed if key in row_of)

    def _remember(self, changed: Iterable[tuple[int, State]]) -> None:
        for row, state in changed:
            self.phase[row] = state.phase
            self.moving[row] = state.phase == PENDING or bool(state.bits or state.quiet_ms)
            # Idle ones as well: they know which reading they have done with.
            self.state[row] = state

    def _latest(self, series: Ints) -> Ints:
        known = dict(Latest.objects.values_list("series_id", "at_ms"))
        return np.array([known.get(pk, 0) for pk in series.tolist()], np.int64)

    def _settle_with_transaction(self) -> None:
        """Remember that memory holds something which this transaction has not committed yet.

        Once for each savepoint: each can be rolled back by itself.
        """

        def settled() -> None:
            if settled in self._unsettled:
                self._unsettled.remove(settled)

        self._unsettled.append(settled)
        transaction.on_commit(settled)

    def _was_undone(self) -> bool:
        """Whether a transaction or savepoint that memory followed was rolled back."""
        if not self._unsettled:
            return False
        pending = {id(entry[1]) for entry in connection.run_on_commit}
        if all(id(settled) in pending for settled in self._unsettled):
            return False  # still the same transaction
        self._unsettled = []
        return True

    # A batch of readings

    def evaluate(self, batch: Batch) -> None:
        now = self.refresh()
        if not now.first_other or not len(batch.series_id):
            return
        place, reading = self._believed(now, batch)
        fresh = batch.at_ms[reading] > self.newest[place]
        place, reading = place[fresh], reading[fresh]
        if not len(place):
            return
        self._settle_with_transaction()
        row, which = self._interesting(now, place, batch.value[reading])
        if len(row):
            row, which = self._drop_late(now, place, reading, row, which, batch)
        if len(row):
            order = np.lexsort((batch.at_ms[reading[which]], row))
            row, which = row[order], reading[which[order]]
            at_ms, value = batch.at_ms[which].tolist(), batch.value[which].tolist()
            self.settle(
                lambda: self._step_all(now, row.tolist(), at_ms, value), at=batch.received_at
            )
        np.maximum.at(self.newest, place, batch.at_ms[reading])

    def _believed(self, now: Table, batch: Batch) -> tuple[Ints, Ints]:
        """Readings that count and that some rule watches: place in `value_series`, index."""
        arrived_ms = clock.to_epoch_ms(batch.received_at)
        wanted = now.value_series
        place = np.searchsorted(wanted, batch.series_id)
        place[place == len(wanted)] = 0
        counts = wanted[place] == batch.series_id
        counts &= (batch.flag == Flag.GOOD) | (batch.flag == Flag.NOT_EVALUATED)
        counts &= np.isfinite(batch.value)
        counts &= batch.at_ms >= arrived_ms - OLD_MS
        counts &= batch.at_ms <= arrived_ms + AHEAD_MS
        reading = np.flatnonzero(counts)
        return place[reading].astype(np.int64), reading.astype(np.int64)

    def _interesting(
        self, now: Table, place: Ints, value: NDArray[np.float64]
    ) -> tuple[Ints, Ints]:
        """Rows whose state may change, and which reading (index into `place`) does it."""
        busy = np.zeros(len(now.value_series), bool)
        if self.state:
            active = self.moving | (self.phase != IDLE)
            busy = np.logical_or.reduceat(active[: now.first_other], now.start)
        # Where one reading of a series may move a row, all of them count: a duration needs them.
        busy[place[(value >= now.ceiling[place]) | (value <= now.floor[place])]] = True
        some = np.flatnonzero(busy[place])
        if not len(some):
            return some, some
        count = now.count[place[some]]
        which = np.repeat(some, count)
        ends = np.cumsum(count)
        row = np.arange(ends[-1]) - np.repeat(ends - count, count)
        row += np.repeat(now.start[place[some]], count)
        up, down = sides(now, row, value[which])
        moved = np.zeros(now.first_other, bool)
        stirred = np.where(self.phase[row] >= OPEN, down, up) | self.moving[row]
        moved[row[stirred]] = True
        kept = moved[row]
        return row[kept], which[kept]

    def _drop_late(
        self, now: Table, place: Ints, reading: Ints, row: Ints, which: Ints, batch: Batch
    ) -> tuple[Ints, Ints]:
        """Leave out series of which another process has stored something newer already."""
        series = np.unique(now.series[row])
        newest = np.zeros(len(now.value_series), np.int64)
        np.maximum.at(newest, place, batch.at_ms[reading])
        stored = dict(
            Latest.objects.filter(series_id__in=series.tolist()).values_list("series_id", "at_ms")
        )
        ahead = [pk for pk, at_ms in stored.items() if at_ms > newest[_place(now, pk)]]
        for pk in ahead:
            self.newest[_place(now, pk)] = stored[pk]
        kept = ~np.isin(now.series[row], np.array(ahead, np.int64))
        return row[kept], which[kept]

    def _step_all(
        self, now: Table, rows: list[int], at_ms: list[int], value: list[float]
    ) -> Outcome:
        """Take readings one after the other; rows lie together, each oldest first."""
        outcome = Outcome()
        up, down = (side.tolist() for side in sides(now, np.array(rows, np.int64), np.array(value)))
        start = 0
        for end in range(1, len(rows) + 1):
            if end < len(rows) and rows[end] == rows[start]:
                continue
            row = rows[start]
            before = self.state.get(row) or State()
            after, terms = before.copy(), now.rules[now.rule[row]].terms
            moves = []
            for i in range(start, end):
                if after.phase == IDLE and at_ms[i] <= after.seen_ms:
                    continue  # another process, or the clock, has done with it
                if move := step(after, terms, at_ms[i], value[i], up[i], down[i]):
                    moves.append(move)
            outcome.take(row, before, after, moves)
            start = end
        return outcome

    # From what was found to the database

    def settle(self, look: Callable[[], Outcome], *, at: datetime) -> list[int]:
        """Look, and where something changed: lock, look again if others were faster, write."""
        now = self.refresh() if self.table is None else self.table
        outcome = look()
        if not outcome.states:
            return []
        with transaction.atomic(savepoint=False):
            revision = states.lock()
            if revision - 1 != self.seen:
                self._load_states()
                outcome = look()
            self._settle_with_transaction()
            self._remember(outcome.states.items())
            self.seen = revision
            keyed = [(self._key(now, row), state) for row, state in outcome.states.items()]
            states.write(keyed, revision)
            found = findings.of_moves(now, outcome.moves)
            found += findings.of_groups(now, outcome.states, self.state, at)
            return states.carry_out(found, at=at) if found else []

    def _key(self, now: Table, row: int) -> states.Key:
        return now.rules[now.rule[row]].version.rule_id, int(now.series[row])


def _place(now: Table, series: int) -> int:
    return int(np.searchsorted(now.value_series, series))


def sides(
    now: Table, row: Ints, value: NDArray[np.float64]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Whether a value fulfils a row's condition, and whether it is beyond the clear level."""
    signed = now.sign[row] * value
    return signed >= now.sign[row] * now.limit[row], signed < now.sign[row] * now.clear[row]


_mine = threading.local()


def evaluator() -> Evaluator:
    """This thread's evaluator."""
    if not hasattr(_mine, "evaluator"):
        _mine.evaluator = Evaluator()
    found: Evaluator = _mine.evaluator
    return found


def evaluate(batch: Batch) -> None:
    """Evaluate readings just stored. Registered as a tap; runs in the intake's transaction."""
    evaluator().evaluate(batch)
