"""One transaction: parcels of readings in, what became of every row out.

Only this writes readings that come through a door: looked up, flagged, stored once, latest and
health brought up to date, unknown ones quarantined, and the rules of upper rooms run.
"""

import logging
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from anlan.base import clock, storage

from . import health, incoming, latest, quality, quarantine, registry, sql, taps
from .incoming import DAY_MS, FUTURE_MS, Refused, Rows
from .models import Flag
from .parcels import Parcel, Receipt
from .registry import Registry

logger = logging.getLogger(__name__)

# A day is packed this long after it ended, so later readings make its pack stale; those that are
# nearly late as well, for a packer may begin before they are committed.
LATE_MS = 6 * 3_600_000
SLACK_MS = 10 * 60_000
REMEMBER_MS = 6 * 3_600_000  # read at once when a process starts


class SomeStored(Exception):
    """Not every row was new: the transaction is begun again, and asks which."""


class TapFailed(Exception):
    """A rule has a fault: the transaction is done again without the rules."""


@dataclass
class Judged:
    """A group of parcels on its way into the database."""

    parcels: list[Parcel]
    known: Registry
    at: datetime
    refused: list[Refused]  # by parcel
    unknown: NDArray[np.int64]  # numbers of rows, counted through all parcels
    usable: NDArray[np.int64]  # by parcel: how many known rows it has, repetitions as well
    rows: Rows
    trusted: NDArray[np.bool_]  # by row: its time can be believed
    flag: NDArray[np.int8]
    spikes: quality.Verdict


class Store:
    """Holds the quality state; one a process, used by one thread at a time."""

    def __init__(self) -> None:
        self.state: quality.State | None = None
        self.health = health.Health()
        self.latest = latest.Newest()

    def write(
        self, parcels: list[Parcel], known: Registry | None = None, *, gather: bool = False
    ) -> list[Receipt]:
        """Store parcels in one transaction, or raise what the database raises, having done none.

        `gather`: the latest values may be left for a moment, until `flush`.
        """
        rows, known = incoming.look_up(parcels, known)
        state = self._state_for(known)
        kept = state.copy() if len(state.at) < 100_000 else None
        self.latest.begin()
        try:
            receipts = self._put(self._judge(parcels, rows, known, clock.now()), gather=gather)
        except BaseException:
            # The carried state has seen readings that are not stored: as before, or afresh.
            self.state = kept
            self.latest.failed()
            self.health.forget()
            raise
        self.latest.done()
        return receipts

    def flush(self) -> None:
        """Write the latest values that were gathered."""
        self.latest.begin()
        try:
            with transaction.atomic():
                self.latest.write(registry.current(), gather=False)
        except BaseException:
            self.latest.failed()
            raise
        self.latest.done()

    def _judge(self, parcels: list[Parcel], rows: Rows, known: Registry, at: datetime) -> Judged:
        rows, unknown, refused = incoming.sort_out(parcels, rows, known)
        usable = np.bincount(rows.parcel, minlength=len(parcels))
        rows = incoming.once(rows)
        trusted = incoming.plausible(rows.at, clock.to_epoch_ms(at))
        some = rows if trusted.all() else rows.only(trusted)
        state = self._state_for(known)
        verdict = quality.judge(known.limits, state, some.slot, some.at, some.value)
        flag = verdict.flag
        if some is not rows:
            flag = np.full(len(rows.at), Flag.BAD, np.int8)
            flag[trusted] = verdict.flag
        return Judged(parcels, known, at, refused, unknown, usable, rows, trusted, flag, verdict)

    def _put(self, judged: Judged, *, gather: bool) -> list[Receipt]:
        """As if every row were new and no rule had a fault; if not so, again with more care.

        Savepoints for what hardly ever happens would cost every transaction a tenth of its time.
        """
        all_new, with_taps = True, True
        while True:
            try:
                with transaction.atomic():
                    receipts = self._insert(judged, all_new=all_new, with_taps=with_taps)
                    self.latest.write(judged.known, gather=gather)
                    return receipts
            except SomeStored:
                all_new = False
            except TapFailed:
                with_taps = False
                self.health.forget()

    def _insert(self, judged: Judged, *, all_new: bool, with_taps: bool) -> list[Receipt]:
        rows, flag, trusted, known = judged.rows, judged.flag, judged.trusted, judged.known
        series = known.series_id[rows.slot]
        if not all_new:
            new = ~sql.stored_already(rows.at, series)
            rows, flag, trusted, series = rows.only(new), flag[new], trusted[new], series[new]
        by_time = np.lexsort((rows.slot, rows.at))
        count = sql.insert_readings(
            rows.at[by_time], series[by_time], rows.value[by_time], flag[by_time]
        )
        if count < len(rows.at) and all_new:
            raise SomeStored
        receipts = _receipts(judged, rows.parcel)
        quarantine.keep(judged.parcels, judged.unknown, receipts)
        spikes = judged.spikes
        if len(spikes.spike_at):
            sql.flag_again(known.series_id[spikes.spike_slot], spikes.spike_at, Flag.SUSPECT)
        _mark_stale(np.append(rows.at, spikes.spike_at), clock.to_epoch_ms(judged.at))
        self.latest.note(rows.slot, rows.at, rows.value, flag)
        self.health.note(judged.parcels, known, rows, trusted, judged.at)
        if with_taps:
            _pour(series[trusted], rows.only(trusted), flag[trusted], judged.at)
        return receipts

    def _state_for(self, known: Registry) -> quality.State:
        if self.state is None:
            self.state = remembered(known, self.latest)
        self.state.grow(len(known.series_id))
        return self.state


def remembered(known: Registry, newest: latest.Newest) -> quality.State:
    """The quality state as it was before the process started, from the stored readings.

    The latest values are looked at again too: a killed process may have left them behind.
    """
    state = quality.State(len(known.series_id))
    flat = known.limits.flat_ms[np.isfinite(known.limits.flat_ms)]
    longest = int(min(max(flat.max(initial=0), 3 * 3_600_000), 3 * DAY_MS))
    end = clock.to_epoch_ms(clock.now()) + FUTURE_MS
    for start in range(end - longest - FUTURE_MS, end, REMEMBER_MS):
        series, at, value, flag = sql.readings_between(start, min(start + REMEMBER_MS, end))
        slot = known.slots(series)
        use = np.flatnonzero((slot >= 0) & (flag != Flag.BAD))
        use = use[np.lexsort((at[use], slot[use]))]
        quality.judge(known.limits, state, slot[use], at[use], value[use])
        newest.note(slot[use], at[use], value[use], flag[use])
    return state


def _receipts(judged: Judged, stored: NDArray[np.int64]) -> list[Receipt]:
    """`stored`: the parcel of every row that is new."""
    new = np.bincount(stored, minlength=len(judged.parcels))
    counts = zip(new.tolist(), (judged.usable - new).tolist(), judged.refused, strict=True)
    return [Receipt(stored, again, 0, list(refused)) for stored, again, refused in counts]


def packable_before(now_ms: int) -> int:
    """The end of the last day that is over long enough to be packed."""
    return (now_ms - LATE_MS) // DAY_MS * DAY_MS


def _mark_stale(at: NDArray[np.int64], now_ms: int) -> None:
    late = at[at < packable_before(now_ms + SLACK_MS)]
    if len(late):
        sql.mark_stale(np.unique(late // DAY_MS).tolist())


def _pour(series: NDArray[np.int64], rows: Rows, flag: NDArray[np.int8], at: datetime) -> None:
    if not len(rows.at):
        return
    try:
        taps.pour(taps.Batch(series, rows.at, rows.value, flag, at))
    except Exception as error:
        if storage.is_trouble(error):
            raise
        # A fault in a rule must not cost the readings; rules are looked at again by the ticker.
        logger.exception("a tap failed on %s readings", len(rows.at))
        raise TapFailed from error
