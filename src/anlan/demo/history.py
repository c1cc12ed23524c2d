"""A year of readings straight into the table: judged like those that come through a door.

`tests/test_history.py` proves on a sample that the doors would have stored the same.
"""

from collections.abc import Callable, Mapping

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

from anlan.base import clock
from anlan.observe import quality, registry, sql
from anlan.observe.models import Flag

from . import times

Progress = Callable[[float], None]
HOUR_MS = 3_600_000
HOURS_A_CHUNK = 24 * 14


def load(values: Mapping[tuple[str, str], NDArray[np.float64]], progress: Progress) -> int:
    """Hourly readings of series (station code, quantity), each ending at the demo's opening.

    A fortnight a transaction, oldest first, so that the table grows at its end. What is stored
    already stays, so an interrupted load can be started again.
    """
    known = registry.current(now=True)
    keys = sorted(values, key=lambda key: known.series_id[known.slot_of[key]])
    slots = np.array([known.slot_of[key] for key in keys], np.int64)
    table = np.array([values[key] for key in keys])
    hours = table.shape[1]
    end_ms = clock.to_epoch_ms(times.OPENS)
    at = end_ms - HOUR_MS * np.arange(hours - 1, -1, -1, dtype=np.int64)
    state = quality.State(len(known.series_id))
    stored, last = 0, None
    for start in range(0, hours, HOURS_A_CHUNK):
        some = slice(start, min(start + HOURS_A_CHUNK, hours))
        flag = _judge(known, state, slots, at[some], table[:, some])
        stored += _store(known.series_id[slots], at[some], table[:, some], flag)
        last = (at[some], table[:, some], flag)
        progress(some.stop / hours)
    if last is not None:
        _keep_latest(known.series_id[slots], *last)
    return stored


def _judge(
    known: registry.Registry,
    state: quality.State,
    slots: NDArray[np.int64],
    at: NDArray[np.int64],
    table: NDArray[np.float64],
) -> NDArray[np.int8]:
    """Flags of a block (series, hours), carrying the state on; the doors' own tests."""
    size = table.shape[1]
    order = np.argsort(slots, kind="stable")
    verdict = quality.judge(
        known.limits, state, np.repeat(slots[order], size), np.tile(at, len(slots)),
        table[order].ravel(),
    )  # fmt: skip
    flag = verdict.flag.reshape(table.shape)
    row_of = {slot: n for n, slot in enumerate(slots[order].tolist())}
    hour_of = {ms: n for n, ms in enumerate(at.tolist())}
    for slot, ms in zip(verdict.spike_slot.tolist(), verdict.spike_at.tolist(), strict=True):
        # A spike at the block before's end shows only now: it is stored, and flagged again.
        if ms in hour_of:
            flag[row_of[slot], hour_of[ms]] = Flag.SUSPECT
        else:
            sql.flag_again(known.series_id[[slot]], np.array([ms]), Flag.SUSPECT)
    found = np.empty_like(flag)
    found[order] = flag
    return found


def _store(
    series: NDArray[np.int64],
    at: NDArray[np.int64],
    table: NDArray[np.float64],
    flag: NDArray[np.int8],
) -> int:
    """By time, then series: the table's own order."""
    with transaction.atomic():
        return sql.insert_readings(
            np.repeat(at, len(series)), np.tile(series, len(at)), table.T.ravel(), flag.T.ravel()
        )


def _keep_latest(
    series: NDArray[np.int64],
    at: NDArray[np.int64],
    table: NDArray[np.float64],
    flag: NDArray[np.int8],
) -> None:
    """The last believed reading of every series."""
    believed = np.isin(flag, (Flag.GOOD, Flag.NOT_EVALUATED))
    size = table.shape[1]
    last = size - 1 - np.argmax(believed[:, ::-1], axis=1)
    rows = np.flatnonzero(believed.any(axis=1))
    chosen = (rows, last[rows])
    with transaction.atomic():
        sql.raise_latest(series[rows], at[last[rows]], table[chosen], flag[chosen], int(at[-1]))


def relaxed() -> None:
    """While loading, a power cut may cost the demo's database: it would be loaded again."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous=OFF")
