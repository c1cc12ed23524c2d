"""What readings over a stretch of time come to: sums of rain, the rise of a river."""

from collections.abc import Iterator

import numpy as np
from django.db.models import F, Max, Sum

from anlan.observe.models import Flag, Reading

from .models import Measure
from .table import Ints, Table

BELIEVED = (Flag.GOOD, Flag.NOT_EVALUATED)
HOUR_MS = 3_600_000

# By series: the value over the window and the time of its newest reading.
Found = dict[int, tuple[float, int]]


def groups(now: Table) -> Iterator[tuple[str, int, Ints]]:
    """Rows that look at the same stretch of time, together: measure, window, rows."""
    for measure in (Measure.SUM, Measure.RATE):
        rows = now.rows_where(measure)
        window = np.array([rule.version.window_s for rule in now.rules], np.int64)[now.rule[rows]]
        for window_s in np.unique(window).tolist():
            yield measure, window_s, rows[window == window_s]


def read(now: Table, measure: str, window_s: int, rows: Ints, now_ms: int) -> Found:
    quantities = {now.watched[pk].quantity for pk in np.unique(now.series[rows]).tolist()}
    if measure == Measure.SUM:
        return sums(quantities, now_ms, window_s)
    return rates(quantities, now_ms, window_s)


def sums(quantities: set[str], now_ms: int, window_s: int) -> Found:
    """A reading counts for the time before it, so the window is open at its beginning."""
    found = (
        Reading.objects.filter(
            at_ms__gt=now_ms - window_s * 1000,
            at_ms__lte=now_ms,
            flag__in=BELIEVED,
            value__isnull=False,
            series__quantity__in=quantities,
        )
        .values("series_id")
        .annotate(total=Sum("value"), newest=Max("at_ms"))
        .values_list("series_id", "total", "newest")
    )
    return {series: (total, newest) for series, total, newest in found}


def rates(quantities: set[str], now_ms: int, window_s: int) -> Found:
    """Change in an hour, from the window's first reading to its last.

    Over less than half the window it says nothing: two neighbouring readings of a level that
    differ by its resolution would look like a flood.
    """
    rows = (
        Reading.objects.filter(
            at_ms__gte=now_ms - window_s * 1000,
            at_ms__lte=now_ms,
            flag__in=BELIEVED,
            value__isnull=False,
            series__quantity__in=quantities,
        )
        .order_by(F("at_ms"))
        .values_list("series_id", "at_ms", "value")
    )
    first: dict[int, tuple[int, float]] = {}
    last: dict[int, tuple[int, float]] = {}
    for series, at_ms, value in rows:
        if value is not None:  # for the type checker: left out in the query
            first.setdefault(series, (at_ms, value))
            last[series] = (at_ms, value)
    found: Found = {}
    for series, (end_ms, end) in last.items():
        start_ms, start = first[series]
        if end_ms - start_ms >= window_s * 500:
            found[series] = ((end - start) * HOUR_MS / (end_ms - start_ms), end_ms)
    return found
