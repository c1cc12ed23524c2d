"""Finished days packed by series, so that a chart of one series opens without everybody's rows.

`read_series` is the one way to read a series over time: packed days where they hold, the
readings themselves for today and for days that late readings have made stale.
"""

import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.db.models import Min
from numpy.typing import NDArray

from anlan.base import clock

from . import sql
from .incoming import DAY_MS
from .models import PackedDay, Reading, SeriesDay
from .store import LATE_MS

RECORD = np.dtype([("at", "<u4"), ("value", "<f8"), ("flag", "i1")])  # at: ms of the day
PACK_FOR_S = 20.0  # a round of the ticker lasts no longer

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


def pack_finished_days(at: datetime) -> int:
    """Pack days that are over and not packed, or stale. Called by the ticker."""
    end = (clock.to_epoch_ms(at) - LATE_MS) // DAY_MS
    started, count = time.monotonic(), 0
    for day in _waiting(end):
        pack_day(day)
        count += 1
        if time.monotonic() - started > PACK_FOR_S:
            break
    return count


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


@transaction.atomic
def pack_day(day: int) -> None:
    """Pack one day from its readings."""
    # First the mark, then the rows: whatever a writer commits in between marks it stale again,
    # as its own mark waits for ours on this row.
    mark_packed(day)
    series, at, value, flag = sql.readings_between(day * DAY_MS, (day + 1) * DAY_MS)
    write_pack(day, series, at, value, flag)


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
    record = np.empty(len(at), RECORD)
    record["at"], record["value"], record["flag"] = at - day * DAY_MS, value, flag
    order = np.lexsort((at, series))
    record, series = record[order], series[order]
    numbers, starts = np.unique(series, return_index=True)
    ends = [*starts[1:].tolist(), len(series)]
    rows = [
        (number, day, _blob(record[start:end]))
        for number, start, end in zip(numbers.tolist(), starts.tolist(), ends, strict=True)
    ]
    SeriesDay.objects.filter(day=day).delete()
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO observe_seriesday (series_id, day, data) VALUES (%s, %s, %s)", rows
        )


def _blob(record: NDArray[Any]) -> bytes:
    return record.tobytes()
