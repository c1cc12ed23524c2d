"""The newest believed reading of every series: gathered for a moment under load, then written.

In a storm a series' latest value would be written with every reading, which costs as much as the
reading itself. So it is written with the readings where that was last done a quarter of a second
ago, and otherwise gathered until then: a lone reading shows at once, a stream four times a second.
What a killed process did not write is found again in the readings (store.remembered).
"""

import time
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from . import sql

if TYPE_CHECKING:
    from .registry import Registry

GATHER_S = 0.25
NEVER = np.iinfo(np.int64).min


class Newest:
    """By slot: what is to be written."""

    def __init__(self) -> None:
        self._at = np.full(0, NEVER, np.int64)
        self._value = np.full(0, np.nan)
        self._flag = np.zeros(0, np.int8)
        self._written_at = float("-inf")
        self._written: NDArray[np.int64] = np.empty(0, np.int64)
        self.begin()

    def begin(self) -> None:
        """A transaction begins that may be undone."""
        self._before = (self._at.copy(), self._value.copy(), self._flag.copy())

    def note(
        self,
        slot: NDArray[np.int64],
        at: NDArray[np.int64],
        value: NDArray[np.float64],
        flag: NDArray[np.int8],
    ) -> None:
        """Rows sorted by (slot, at): of each slot the last believed one, if it is newer."""
        rows = np.flatnonzero((flag == sql.BELIEVED[0]) | (flag == sql.BELIEVED[1]))
        if not len(rows):
            return
        last = np.ones(len(rows), bool)
        last[:-1] = slot[rows[1:]] != slot[rows[:-1]]
        rows = rows[last]
        self._grow(int(slot[rows[-1]]) + 1)
        rows = rows[at[rows] > self._at[slot[rows]]]
        place = slot[rows]
        self._at[place], self._value[place] = at[rows], value[rows]
        self._flag[place] = flag[rows]

    def due_in(self) -> float | None:
        """Seconds until what was gathered is to be written; none where nothing was."""
        if not (self._at != NEVER).any():
            return None
        return max(0.0, self._written_at + GATHER_S - time.monotonic())

    def write(self, known: "Registry", *, gather: bool) -> None:
        """In the readings' transaction. `gather`: not yet, where it was done a moment ago."""
        self._written = np.empty(0, np.int64)
        if gather and time.monotonic() - self._written_at < GATHER_S:
            return
        self._written_at = time.monotonic()
        slot = np.flatnonzero(self._at != NEVER)
        slot = slot[slot < len(known.series_id)]
        if not len(slot):
            return
        order = slot[np.argsort(known.series_id[slot])]
        now_ms = round(time.time() * 1000)
        series = known.series_id[order]
        sql.raise_latest(series, self._at[order], self._value[order], self._flag[order], now_ms)
        self._written = slot

    def done(self) -> None:
        """The transaction was committed."""
        self._at[self._written] = NEVER

    def failed(self) -> None:
        """It was undone: what waited before it waits again."""
        self._at, self._value, self._flag = self._before

    def _grow(self, size: int) -> None:
        more = size - len(self._at)
        if more > 0:
            self._at = np.concatenate([self._at, np.full(more, NEVER, np.int64)])
            self._value = np.concatenate([self._value, np.full(more, np.nan)])
            self._flag = np.concatenate([self._flag, np.zeros(more, np.int8)])
