"""Which rain can be real: nothing heavier than the world has seen.

The envelope of the greatest point rainfalls on record, 422 mm times hours^0.475 (Paulhus, 1965,
Mon. Weather Rev. 93, 331-335, as in WMO No. 168, Guide to Hydrological Practices), lies above every
record from minutes to years: 305 mm in 42 min (Holt, 1947), 401 mm in an hour (Shangdi, 1975). A
reading above it is a fault or a slip of units, such as 516 mm printed for 51.6.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

ENVELOPE_MM = 422.0  # greatest rain in one hour [mm]
ENVELOPE_POWER = 0.475
SHORTEST_S = 300.0  # shorter times are judged as five minutes: 130 mm

Numbers = NDArray[np.float64]


def greatest_mm(duration_s: ArrayLike) -> Numbers:
    """The greatest rain that a time can bring [mm]."""
    hours = np.maximum(np.asarray(duration_s, np.float64), SHORTEST_S) / 3600.0
    return np.asarray(ENVELOPE_MM * hours**ENVELOPE_POWER)


def spans(intervals: int) -> Iterator[int]:
    """Numbers of neighbouring intervals that are summed and judged: 1, 2, 4 ... all."""
    span = 1
    while span < intervals:
        yield span
        span *= 2
    yield intervals


def parts(depth_mm: Numbers, edges_s: Numbers) -> Iterator[tuple[int, Numbers]]:
    """Sums over neighbouring intervals, as a part of what their duration can bring.

    Parameters
    ----------
    depth_mm : (intervals, ...) float64
        Rain of each interval [mm], at any number of places; NaN is missing.
    edges_s : (intervals + 1,) float64
        Limits of the intervals [s].

    Yields
    ------
    int, (intervals - span + 1, ...) float64
        The span (1, 2, 4 ... all) and the parts by first interval; above 1 is not plausible.
    """
    count = depth_mm.shape[0]
    total = np.zeros((count + 1, *depth_mm.shape[1:]))
    np.cumsum(np.nan_to_num(depth_mm), axis=0, out=total[1:])
    beside = (slice(None), *[None] * (depth_mm.ndim - 1))
    for span in spans(count):
        allowed = greatest_mm(edges_s[span:] - edges_s[:-span])[beside]
        yield span, (total[span:] - total[:-span]) / allowed


def excess(depth_mm: Numbers, edges_s: Numbers) -> Numbers:
    """The worst part (see ``parts``) of all the sums that hold each interval, (intervals, ...)."""
    worst = np.zeros(depth_mm.shape)
    for span, part in parts(depth_mm, edges_s):
        for shift in range(span):
            held = worst[shift : shift + part.shape[0]]
            np.maximum(held, part, out=held)
    return worst
