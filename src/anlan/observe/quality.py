"""Quality tests on arrays, after QARTOD: gross range, spike, rate of change, flat line.

A batch is judged together with what its series said last (`State`), so that it makes no
difference how readings are cut into batches. ioos_qc is the reference in the tests; we differ
from it where noted. Missing data is no reading and therefore no flag: see queries.silent_series.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.int8]
Bools = NDArray[np.bool_]

GOOD, NOT_EVALUATED, SUSPECT, BAD, MISSING = 1, 2, 3, 4, 9
NEVER = np.iinfo(np.int64).min
SAME = 1e-9  # values closer than this are one value: a stuck sensor repeats itself exactly


@dataclass
class Limits:
    """By slot. Infinite: no such test for this series."""

    bad_low: Floats  # what the quantity can be at all
    bad_high: Floats
    low: Floats  # what it can be at this place
    high: Floats
    spike: Floats  # most that one reading may stand out from both neighbours
    rate_ms: Floats  # most change in a millisecond
    flat_ms: Floats  # longest believable constancy

    @classmethod
    def none(cls, size: int) -> Limits:
        up = [np.full(size, np.inf) for _ in range(5)]
        down = [np.full(size, -np.inf) for _ in range(2)]
        return cls(down[0], up[0], down[1], up[1], up[2], up[3], up[4])


class State:
    """By slot: the last two believed-possible readings, and since when the value is the same."""

    def __init__(self, size: int = 0) -> None:
        self.at = np.full(size, NEVER, np.int64)
        self.value = np.full(size, np.nan)
        self.before_at = np.full(size, NEVER, np.int64)
        self.before_value = np.full(size, np.nan)
        self.same_since = np.full(size, NEVER, np.int64)

    def grow(self, size: int) -> None:
        more = size - len(self.at)
        if more <= 0:
            return
        fresh = State(more)
        for name, array in vars(fresh).items():
            setattr(self, name, np.concatenate([getattr(self, name), array]))

    def copy(self) -> State:
        """To go back to when a transaction fails."""
        twin = State()
        for name, array in vars(self).items():
            setattr(twin, name, array.copy())
        return twin


@dataclass(frozen=True)
class Verdict:
    """Flags of the batch's rows, and stored rows that turn out to have been spikes."""

    flag: Flags
    spike_slot: Ints
    spike_at: Ints


def judge(limits: Limits, state: State, slot: Ints, at: Ints, value: Floats) -> Verdict:
    """Flag readings sorted by (slot, at), each pair once, and carry the state on."""
    flag = np.full(len(slot), GOOD, np.int8)
    flag[(value < limits.low[slot]) | (value > limits.high[slot])] = SUSPECT
    bad = (value < limits.bad_low[slot]) | (value > limits.bad_high[slot])
    flag[bad] = BAD
    missing = np.isnan(value)
    flag[missing] = MISSING
    late = at <= state.at[slot]
    if late.any():
        # What came late has lost its neighbours: only its range was tested.
        flag[late & (flag == GOOD) & _timed(limits)[slot]] = NOT_EVALUATED
    # An impossible value must not make its neighbours look like jumps (ioos_qc lets it).
    row = np.flatnonzero(~(late | bad | missing))
    if not len(row):
        nothing = np.empty(0, np.int64)
        return Verdict(flag, nothing, nothing)
    chain = _Chain(state, slot[row], at[row], value[row], row)
    spike = chain.spikes(limits)
    suspect = spike | chain.jumps(limits, spike) | chain.stuck(limits)
    new = chain.row >= 0
    hit = chain.row[suspect & new]
    flag[hit] = np.maximum(flag[hit], SUSPECT)
    chain.carry(state)
    old = spike & ~new
    return Verdict(flag, chain.slot[old], chain.at[old])


def _timed(limits: Limits) -> Bools:
    """By slot: whether any test looks at more than one reading."""
    return np.isfinite(limits.spike) | np.isfinite(limits.rate_ms) | np.isfinite(limits.flat_ms)


class _Chain:
    """New readings behind the last two of their series, in one array."""

    def __init__(self, state: State, slot: Ints, at: Ints, value: Floats, row: Ints) -> None:
        first = np.ones(len(slot), bool)
        first[1:] = slot[1:] != slot[:-1]
        slots = slot[first]
        one = slots[state.at[slots] != NEVER]
        two = slots[state.before_at[slots] != NEVER]
        none = np.full(len(one) + len(two), -1, np.int64)
        all_slot = np.concatenate([two, one, slot])
        all_at = np.concatenate([state.before_at[two], state.at[one], at])
        # Within each series they stand in the order of time already.
        order = np.argsort(all_slot, kind="stable")
        self.slot, self.at = all_slot[order], all_at[order]
        values = np.concatenate([state.before_value[two], state.value[one], value])
        self.value = values[order]
        self.row = np.concatenate([none, row])[order]
        since = np.concatenate([state.before_at[two], state.same_since[one], at])
        self.since = self._run_starts(since[order])
        size = len(self.slot)
        self.has_before = np.zeros(size, bool)
        self.has_before[1:] = self.slot[1:] == self.slot[:-1]

    def _run_starts(self, since: Ints) -> Ints:
        """Since when each reading's value has been the same."""
        starts = np.ones(len(since), bool)
        same = (self.slot[1:] == self.slot[:-1]) & (np.abs(np.diff(self.value)) <= SAME)
        # A carried reading knows its own beginning; only new ones continue a run.
        starts[1:] = ~(same & (self.row[1:] >= 0))
        index = np.maximum.accumulate(np.where(starts, np.arange(len(since)), 0))
        return since[index]

    def spikes(self, limits: Limits) -> Bools:
        """Readings that stand out from both neighbours on the same side."""
        spike = np.zeros(len(self.slot), bool)
        if len(spike) < 3:
            return spike
        up, down = self.value[1:-1] - self.value[:-2], self.value[1:-1] - self.value[2:]
        inside = self.has_before[1:-1] & self.has_before[2:]
        out = np.minimum(np.abs(up), np.abs(down)) > limits.spike[self.slot[1:-1]]
        spike[1:-1] = inside & (up * down > 0) & out
        return spike

    def jumps(self, limits: Limits, spike: Bools) -> Bools:
        """Readings that changed too fast since the one before (before the spike, after one)."""
        jump = np.zeros(len(self.slot), bool)
        here = np.flatnonzero(self.has_before)
        before = here - 1
        skip = spike[before] & self.has_before[before]
        before = before - skip
        elapsed = np.maximum(self.at[here] - self.at[before], 1)
        change = np.abs(self.value[here] - self.value[before])
        jump[here] = change > limits.rate_ms[self.slot[here]] * elapsed
        return jump

    def stuck(self, limits: Limits) -> Bools:
        stuck: Bools = (self.at - self.since) >= limits.flat_ms[self.slot]
        return stuck

    def carry(self, state: State) -> None:
        last = np.ones(len(self.slot), bool)
        last[:-1] = self.slot[1:] != self.slot[:-1]
        end = np.flatnonzero(last)
        slots = self.slot[end]
        state.at[slots], state.value[slots] = self.at[end], self.value[end]
        state.same_since[slots] = self.since[end]
        before, known = end - 1, self.has_before[end]
        state.before_at[slots] = np.where(known, self.at[before], NEVER)
        state.before_value[slots] = np.where(known, self.value[before], np.nan)
