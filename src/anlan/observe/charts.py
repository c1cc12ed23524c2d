"""Fewer points for a chart, without losing a peak."""

import numpy as np
from numpy.typing import NDArray

from .models import Flag

MOST = 2000
MOST_FLAGGED = 200

Point = tuple[int, float | None, int]


def thinned(
    at: NDArray[np.int64], value: NDArray[np.float64], flag: NDArray[np.int8]
) -> list[Point]:
    """At most 2,000 (ms, value, flag): in each slice of time the lowest and the highest believed
    value; of the others the most recent 200."""
    if len(at) <= MOST:
        return _points(at, value, flag)
    believed = ((flag == Flag.GOOD) | (flag == Flag.NOT_EVALUATED)) & ~np.isnan(value)
    others = np.flatnonzero(~believed)[-MOST_FLAGGED:]
    rows = np.flatnonzero(believed)
    keep = _extremes(at[rows], value[rows], (MOST - MOST_FLAGGED) // 2)
    chosen = np.union1d(rows[keep], others)
    return _points(at[chosen], value[chosen], flag[chosen])


def _extremes(at: NDArray[np.int64], value: NDArray[np.float64], slices: int) -> NDArray[np.int64]:
    if len(at) <= 2 * slices:
        return np.arange(len(at))
    width = (at[-1] - at[0]) // slices + 1
    piece = (at - at[0]) // width
    order = np.lexsort((value, piece))  # within a slice from low to high
    ordered = piece[order]
    first = np.ones(len(order), bool)
    first[1:] = ordered[1:] != ordered[:-1]
    last = np.append(first[1:], True)
    return np.unique(order[first | last])


def _points(
    at: NDArray[np.int64], value: NDArray[np.float64], flag: NDArray[np.int8]
) -> list[Point]:
    values = [None if number != number else round(number, 4) for number in value.tolist()]
    return list(zip(at.tolist(), values, flag.tolist(), strict=True))
