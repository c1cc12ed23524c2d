"""Finished days packed by series, so that a chart of one series opens without everybody's rows.

`read_series` is the one way to read a series over time: packed days where they hold, the
readings themselves for today and for days that late readings have made stale.
"""

import time
from collections.abc import Iterator
from datetime import datetime

import numpy as np
from django.db import connection, transaction
from django.db.models import Min
from numpy.typing import NDArray

from anlan.base import clock

from . import sql
from .incoming import DAY_MS
from .models import PackedDay, Reading, SeriesDay
from .store import packable_before

RECORD = np.dtype([("at", "<u4"), ("value", "<f8"), ("flag", "i1")])  # at: ms of the day
# In one go of the ticker, and between two looks for days to pack.
SLICE_S, REST_S = 0.3, 300.0
READ_MS = 20 * 60_000  # readings of so long are read in one step
WRITE_SERIES = 200  # packs written in one transaction

Columns = tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int8]]


def read_series(series_id: int, from_ms: int, to_ms: int) -> Columns:
    """Times, values and flags of one series, oldest first; `to_ms` is not included."""
    first, last = from_ms // DAY_MS, (to_ms - 1) // DAY_MS
    days = PackedDay.objects.filter(packed=True, stale=False, day__gte=first, day__lte=last)
    packed = set(days.values_list("day", flat=True))
    parts = []
    if packed:
        blobs = SeriesDay.objects.filter(series_id=series_id, day__gte=first, day__lte=last)
        rows = blobs.order_by("day").values_list("day", "data")
        parts += [_unpack(day, data) for day, data in rows if day in packed]
    for start, end in _gaps(first, last, packed):
        _series, at, value, flag = sql.readings_between(
            max(start * DAY_MS, from_ms), min(end * DAY_MS, to_ms), series_id
        )
        parts.append((at, value, flag))
    if not parts:
        return np.empty(0, np.int64), np.empty(0), np.empty(0, np.int8)
    at, value, flag = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.argsort(at, kind="stable")
    order = order[(at[order] >= from_ms) & (at[order] < to_ms)]
    return at[order], value[order], flag[order]


def _gaps(first: int, last: int, packed: set[int]) -> Iterator[tuple[int, int]]:
    """Stretches of days that are not packed: first day, day after the last."""
    start: int | None = None
    for day in range(first, last + 1):
        if day in packed:
            if start is not None:
                yield start, day
            start = None
        elif start is None:
            start = day
    if start is not None:
        yield start, last + 1


def _unpack(day: int, data: bytes | memoryview) -> Columns:
    record = np.frombuffer(bytes(data), RECORD)
    at = record["at"].astype(np.int64) + day * DAY_MS
    return at, record["value"].astype(np.float64), record["flag"].astype(np.int8)


class Packer:
    """The ticker's packing: a moment at a time, going on where it stopped.

    A worker has other duties and events to deliver, and while it writes the readings wait.
    """

    def __init__(self) -> None:
        self._steps: Iterator[None] | None = None
        self._rest_until = float("-inf")  # monotonic

    def run(self, at: datetime) -> None:
        started = time.monotonic()
        if self._steps is None:
            if started < self._rest_until:
                return
            self._steps = _pack_finished(at)
        steps, self._steps = self._steps, None
        for _step in steps:
            if time.monotonic() - started > SLICE_S:
                self._steps = steps
                return
        self._rest_until = time.monotonic() + REST_S


def pack_finished_days(at: datetime) -> None:
    """Pack days that are over and not packed, or stale, to the end."""
    for _step in _pack_finished(at):
        pass


def _pack_finished(at: datetime) -> Iterator[None]:
    for day in _waiting(packable_before(clock.to_epoch_ms(at)) // DAY_MS):
        yield from _pack(day)


def _waiting(end: int) -> Iterator[int]:
    done = set(PackedDay.objects.filter(packed=True, stale=False).values_list("day", flat=True))
    day = _next_day(0)
    while day is not None and day < end:
        if day not in done:
            yield day
        day = _next_day(day + 1)


def _next_day(day: int) -> int | None:
    """The first day from this one on that has readings: one step in the table's own order."""
    rows = Reading.objects.filter(at_ms__gte=day * DAY_MS)
    first: int | None = rows.aggregate(first=Min("at_ms"))["first"]
    return None if first is None else first // DAY_MS


def _pack(day: int) -> Iterator[None]:
    """Pack one day from its readings, in steps that each hold the database for a moment.

    What a writer commits meanwhile marks the day stale, and a second packer takes a new number:
    in both cases this one's work does not count, and the day is packed again.
    """
    number = _begin(day)
    yield
    parts = []
    for start in range(day * DAY_MS, (day + 1) * DAY_MS, READ_MS):
        parts.append(sql.readings_between(start, start + READ_MS))
        yield
    series, at, value, flag = (np.concatenate(column) for column in zip(*parts, strict=True))
    rows = _pack_rows(day, series, at, value, flag)
    _forget_others(day, [row[0] for row in rows])
    for first in range(0, len(rows), WRITE_SERIES):
        _replace(day, rows[first : first + WRITE_SERIES])
        yield
    PackedDay.objects.filter(day=day, attempt=number, stale=False).update(packed=True)


@transaction.atomic
def _begin(day: int) -> int:
    PackedDay.objects.get_or_create(day=day)
    row = PackedDay.objects.select_for_update().get(day=day)
    row.attempt, row.packed, row.stale = row.attempt + 1, False, False
    row.save()
    return row.attempt


def _forget_others(day: int, kept: list[int]) -> None:
    """Packs of series that have no reading on this day any more."""
    there = SeriesDay.objects.filter(day=day).values_list("series_id", flat=True)
    gone = set(there) - set(kept)
    for series in gone:
        SeriesDay.objects.filter(day=day, series_id=series).delete()


@transaction.atomic
def _replace(day: int, rows: list[tuple[int, int, bytes]]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO observe_seriesday (series_id, day, data) VALUES (%s, %s, %s)"
            " ON CONFLICT (series_id, day) DO UPDATE SET data = excluded.data",
            rows,
        )


def mark_packed(day: int) -> None:
    PackedDay.objects.update_or_create(day=day, defaults={"packed": True, "stale": False})


def is_empty(day: int) -> bool:
    """Whether a day has no reading yet."""
    return _next_day(day) != day


def write_pack(
    day: int,
    series: NDArray[np.int64],
    at: NDArray[np.int64],
    value: NDArray[np.float64],
    flag: NDArray[np.int8],
) -> None:
    """All readings of a day, as packs. In the caller's transaction."""
    rows = _pack_rows(day, series, at, value, flag)
    SeriesDay.objects.filter(day=day).delete()
    _replace(day, rows)


def _pack_rows(
    day: int,
    series: NDArray[np.int64],
    at: NDArray[np.int64],
    value: NDArray[np.float64],
    flag: NDArray[np.int8],
) -> list[tuple[int, int, bytes]]:
    """(series, day, pack) of a day's readings."""
    record = np.empty(len(at), RECORD)
    record["at"], record["value"], record["flag"] = at - day * DAY_MS, value, flag
    order = np.lexsort((at, series))
    record, series = record[order], series[order]
    numbers, starts = np.unique(series, return_index=True)
    ends = [*starts[1:].tolist(), len(series)]
    return [
        (number, day, record[start:end].tobytes())
        for number, start, end in zip(numbers.tolist(), starts.tolist(), ends, strict=True)
    ]
