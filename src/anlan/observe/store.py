"""One transaction: parcels of readings in, what became of every row out.

Only this writes readings that come through a door: looked up, flagged, stored once, latest and
health brought up to date, unknown ones quarantined, and the rules of upper rooms run.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from django.db import transaction
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from anlan.base import clock, storage

from . import health, latest, meters, quality, quarantine, registry, sql, taps
from .models import Flag
from .registry import KnownSender, Registry

logger = logging.getLogger(__name__)

DAY_MS = 86_400_000
# A reading outside this stretch around now says that the device's clock is wrong.
FUTURE_MS = 10 * 60_000
PAST_MS = 400 * DAY_MS
# A day is packed this long after it ended, so later readings make its pack stale.
LATE_MS = 6 * 3_600_000


@dataclass(slots=True)
class Parcel:
    """Readings that arrived together and are answered together. Columns of one length."""

    door: str  # http, mqtt, sl651
    station: list[str]
    quantity: list[str]
    at_ms: list[int]
    value: list[float | None]
    sender: KnownSender | None = None  # None: the door has checked by other means
    raw: list[str] | None = None  # of values that have no meaning to us
    address: str = ""
    clock_off_s: float | None = None  # where the protocol carries the device's own time
    speaker: str = ""  # the station that sent it, where the protocol says so


@dataclass(slots=True)
class Receipt:
    """What became of a parcel's rows. Handed out only after the commit."""

    stored: int = 0
    duplicate: int = 0
    quarantined: int = 0
    refused: list[tuple[int, str, str]] = field(default_factory=list)  # row, code, message


@dataclass
class Rows:
    """The rows of all parcels in one array each, sorted by (slot, at), every key once."""

    parcel: NDArray[np.int64]
    slot: NDArray[np.int64]
    at: NDArray[np.int64]
    value: NDArray[np.float64]

    def only(self, chosen: NDArray[np.bool_]) -> "Rows":
        return Rows(self.parcel[chosen], self.slot[chosen], self.at[chosen], self.value[chosen])


class Store:
    """Holds the quality state; one a process, used by one thread at a time."""

    def __init__(self) -> None:
        self.state: quality.State | None = None
        self.health = health.Health()
        self.latest = latest.Newest()

    def write(
        self,
        parcels: list[Parcel],
        known: Registry | None = None,
        more_waits: Callable[[], bool] = lambda: False,
    ) -> list[Receipt]:
        """Store parcels in one transaction, or raise what the database raises, having done none.

        Where more waits to be written at once, the latest values may be left to that.
        """
        slots, known = _look_up(parcels, known)
        state = self._state_for(known)
        kept = state.copy() if len(state.at) < 100_000 else None
        receipts = [Receipt() for _parcel in parcels]
        at = clock.now()
        self.latest.begin()
        try:
            with transaction.atomic():
                self._write(parcels, slots, known, receipts, at)
                self.latest.write(known, more_waits)
        except BaseException:
            # The carried state has seen readings that are not stored: as before, or afresh.
            self.state = kept
            self.latest.failed()
            self.health.forget()
            raise
        self.latest.done()
        meters.count(parcels, receipts)
        return receipts

    def _write(
        self,
        parcels: list[Parcel],
        slots: NDArray[np.int64],
        known: Registry,
        receipts: list[Receipt],
        at: datetime,
    ) -> None:
        now_ms = clock.to_epoch_ms(at)
        rows, unknown = _sort_out(parcels, slots, known, receipts)
        quarantine.keep(parcels, unknown, receipts)
        _count(receipts, rows.parcel, "duplicate")  # until proven new
        rows = _once(rows)
        trusted = _plausible(rows.at, now_ms)
        flag, spikes = self._judge(known, rows, trusted)
        new = _insert(known, rows, flag)
        if not new.all():
            rows, flag, trusted = rows.only(new), flag[new], trusted[new]
        _count(receipts, rows.parcel, "stored")
        _count(receipts, rows.parcel, "duplicate", -1)
        if len(spikes.spike_at):
            sql.flag_again(known.series_id[spikes.spike_slot], spikes.spike_at, Flag.SUSPECT)
        _mark_stale(rows.at, now_ms)
        self.latest.note(rows.slot, rows.at, rows.value, flag)
        self.health.note(parcels, known, rows, trusted, at)
        _pour(known, rows.only(trusted), flag[trusted], at)

    def _judge(
        self, known: Registry, rows: Rows, trusted: NDArray[np.bool_]
    ) -> tuple[NDArray[np.int8], quality.Verdict]:
        state = self._state_for(known)
        if trusted.all():
            verdict = quality.judge(known.limits, state, rows.slot, rows.at, rows.value)
            return verdict.flag, verdict
        some = rows.only(trusted)
        verdict = quality.judge(known.limits, state, some.slot, some.at, some.value)
        flag = np.full(len(rows.at), Flag.BAD, np.int8)
        flag[trusted] = verdict.flag
        return flag, verdict

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
    longest = min(max(flat.max(initial=0), 3 * 3_600_000), 3 * DAY_MS)
    now_ms = clock.to_epoch_ms(clock.now())
    series, at, value, flag = sql.readings_between(int(now_ms - longest), now_ms + FUTURE_MS)
    slot_of = {pk: slot for slot, pk in enumerate(known.series_id.tolist()) if pk}
    slot = np.fromiter((slot_of.get(pk, -1) for pk in series.tolist()), np.int64, len(series))
    use = (slot >= 0) & (flag != Flag.BAD)
    slot, at, value = slot[use], at[use], value[use]
    order = np.lexsort((at, slot))
    quality.judge(known.limits, state, slot[order], at[order], value[order])
    newest.note(slot[order], at[order], value[order], flag[use][order])
    return state


def _look_up(parcels: list[Parcel], given: Registry | None) -> tuple[NDArray[np.int64], Registry]:
    """The slot of every row, -1 where unknown; asks the database once more before it says so."""
    if given is not None:
        return _slots(parcels, given), given
    known = registry.current()
    slots = _slots(parcels, known)
    if len(slots) and slots.min() < 0:
        fresh = registry.current(now=True)
        if fresh is not known:
            return _slots(parcels, fresh), fresh
    return slots, known


def _slots(parcels: list[Parcel], known: Registry) -> NDArray[np.int64]:
    find = known.slot_of.get
    return np.array(
        [
            find(key, -1)
            for parcel in parcels
            for key in zip(parcel.station, parcel.quantity, strict=True)
        ],
        np.int64,
    )


def _sort_out(
    parcels: list[Parcel], slots: NDArray[np.int64], known: Registry, receipts: list[Receipt]
) -> tuple[Rows, NDArray[np.int64]]:
    """Known rows in one piece, and the numbers of the unknown; rows out of scope are refused."""
    sizes = [len(parcel.at_ms) for parcel in parcels]
    owner = np.repeat(np.arange(len(parcels)), sizes)
    usable = np.ones(len(slots), bool)
    start = 0
    for number, parcel in enumerate(parcels):
        end = start + sizes[number]
        if parcel.sender is not None:
            ok = _in_scope(parcel, parcel.sender, slots[start:end], known)
            if not ok.all():
                _refuse_strangers(receipts[number], parcel, np.flatnonzero(~ok))
                usable[start:end] = ok
        start = end
    at = np.concatenate([np.array(parcel.at_ms, np.int64) for parcel in parcels])
    value = np.concatenate([np.array(parcel.value, np.float64) for parcel in parcels])
    rows = Rows(owner, slots, at, value)
    if usable.all() and (not len(slots) or slots.min() >= 0):
        return rows, np.empty(0, np.int64)
    return rows.only(usable & (slots >= 0)), np.flatnonzero(usable & (slots < 0))


def _in_scope(
    parcel: Parcel, sender: KnownSender, slots: NDArray[np.int64], known: Registry
) -> NDArray[np.bool_]:
    if sender.station_code:
        own = sender.station_code
        return np.fromiter((code == own for code in parcel.station), bool, len(slots))
    inside = known.inside(sender.region_path)
    ok = inside[slots] if len(inside) else np.zeros(len(slots), bool)
    for row in np.flatnonzero(slots < 0).tolist():
        # Of a new station nobody knows the region yet: a gateway's go to quarantine.
        path = known.station_region.get(parcel.station[row], sender.region_path)
        ok[row] = path.startswith(sender.region_path)
    return ok


def _refuse_strangers(receipt: Receipt, parcel: Parcel, rows: NDArray[np.int64]) -> None:
    for row in rows.tolist():
        receipt.refused.append(not_yours(row, parcel.station[row]))


def not_yours(row: int, station: str) -> tuple[int, str, str]:
    """The answer for a station that the sender may not speak for."""
    text = _("This sender may not report for station %(station)s.") % {"station": station}
    return row, "observe.not_yours", text


def _once(rows: Rows) -> Rows:
    """Sorted by series and time; of rows with one key the first that arrived stays."""
    order = np.lexsort((rows.at, rows.slot))  # stable
    rows = Rows(rows.parcel[order], rows.slot[order], rows.at[order], rows.value[order])
    again = np.zeros(len(rows.at), bool)
    again[1:] = (rows.slot[1:] == rows.slot[:-1]) & (rows.at[1:] == rows.at[:-1])
    return rows.only(~again) if again.any() else rows


def _plausible(at: NDArray[np.int64], now_ms: int) -> NDArray[np.bool_]:
    # A scenario at 600x gains ten minutes in a second: what is on its way is not from the future.
    future = FUTURE_MS + round(5000 * clock.rate())
    return (at <= now_ms + future) & (at >= now_ms - PAST_MS)


def _insert(known: Registry, rows: Rows, flag: NDArray[np.int8]) -> NDArray[np.bool_]:
    """Store the rows; says which were new.

    All of them, as a rule: only where some were there already do we ask which.
    """
    by_time = np.lexsort((rows.slot, rows.at))
    series = known.series_id[rows.slot]
    everything = (series[by_time], rows.at[by_time], rows.value[by_time], flag[by_time])
    mark = transaction.savepoint()
    if _insert_columns(*everything) == len(by_time):
        transaction.savepoint_commit(mark)
        return np.ones(len(by_time), bool)
    transaction.savepoint_rollback(mark)
    new = ~sql.stored_already(rows.at, series)
    # ON CONFLICT still: on PostgreSQL another process may store the same at this moment.
    chosen = by_time[new[by_time]]
    _insert_columns(series[chosen], rows.at[chosen], rows.value[chosen], flag[chosen])
    return new


def _insert_columns(
    series: NDArray[np.int64],
    at: NDArray[np.int64],
    value: NDArray[np.float64],
    flag: NDArray[np.int8],
) -> int:
    return sql.insert_readings(at, series, value, flag) if len(at) else 0


def _mark_stale(at: NDArray[np.int64], now_ms: int) -> None:
    late = at[at < now_ms - DAY_MS - LATE_MS]
    if len(late):
        sql.mark_stale(np.unique(late // DAY_MS).tolist())


def _pour(known: Registry, rows: Rows, flag: NDArray[np.int8], at: datetime) -> None:
    if not len(rows.at):
        return
    batch = taps.Batch(known.series_id[rows.slot], rows.at, rows.value, flag, at)
    try:
        with transaction.atomic():
            taps.pour(batch)
    except Exception as error:
        if storage.is_trouble(error):
            raise
        # A fault in a rule must not cost the readings; rules are looked at again by the ticker.
        logger.exception("a tap failed on %s readings", len(rows.at))


def _count(receipts: list[Receipt], owner: NDArray[np.int64], name: str, sign: int = 1) -> None:
    for number, count in enumerate(np.bincount(owner, minlength=len(receipts)).tolist()):
        if count:
            receipt = receipts[number]
            setattr(receipt, name, getattr(receipt, name) + sign * count)
