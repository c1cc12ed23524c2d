"""Loading history in bulk: past the doors, but flagged, stored and packed as if through them."""

import time
from collections.abc import Iterator

import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from . import packs, quality, registry, sql
from .incoming import DAY_MS
from .models import Flag

Ints = NDArray[np.int64]


def load(
    series_id: Ints,
    at_ms: Ints,
    value: NDArray[np.float64],
    *,
    state: quality.State | None = None,
) -> int:
    """Store readings of past days; returns how many were new. Rules do not see them.

    Each (series, time) once. Days that were empty before are packed at once. A long history may
    come in several pieces, oldest first, which share one `state`.
    """
    known = registry.current(now=True)
    slot_of = {pk: slot for slot, pk in enumerate(known.series_id.tolist()) if pk}
    numbers, inverse = np.unique(series_id, return_inverse=True)
    slot = np.array([slot_of[pk] for pk in numbers.tolist()], np.int64)[inverse]
    order = np.lexsort((at_ms, slot))
    state = state or quality.State()
    state.grow(len(known.series_id))
    verdict = quality.judge(known.limits, state, slot[order], at_ms[order], value[order])
    flag = np.empty(len(order), np.int8)
    flag[order] = verdict.flag
    order = np.lexsort((series_id, at_ms))
    columns = series_id[order], at_ms[order], value[order], flag[order]
    stored = sum(_load_days(*columns))
    if len(verdict.spike_at):
        # The piece before ended in a spike, which shows only now.
        _flag_spikes(known.series_id[verdict.spike_slot], verdict.spike_at)
    _raise_latest(*columns)
    return stored


@transaction.atomic
def _flag_spikes(series: Ints, at: Ints) -> None:
    sql.flag_again(series, at, Flag.SUSPECT)
    sql.mark_stale(np.unique(at // DAY_MS).tolist())


def _load_days(
    series: Ints, at: Ints, value: NDArray[np.float64], flag: NDArray[np.int8]
) -> Iterator[int]:
    """A day a transaction."""
    days, starts = np.unique(at // DAY_MS, return_index=True)
    ends = [*starts[1:].tolist(), len(at)]
    for day, start, end in zip(days.tolist(), starts.tolist(), ends, strict=True):
        part = slice(start, end)
        with transaction.atomic():
            was_empty = packs.is_empty(day)
            stored = sql.insert_readings(at[part], series[part], value[part], flag[part])
            if was_empty:
                packs.write_pack(day, series[part], at[part], value[part], flag[part])
                packs.mark_packed(day)
            else:
                sql.mark_stale([day])
        yield stored


def _raise_latest(
    series: Ints, at: Ints, value: NDArray[np.float64], flag: NDArray[np.int8]
) -> None:
    believed = np.isin(flag, sql.BELIEVED)
    series, at, value, flag = series[believed], at[believed], value[believed], flag[believed]
    # The columns are sorted by time: of the reversed, the first of a series is its newest.
    numbers, first = np.unique(series[::-1], return_index=True)
    last = len(series) - 1 - first
    sql.raise_latest(numbers, at[last], value[last], flag[last], round(time.time() * 1000))
