"""What the rain gauges of an area measured, as rates by interval and gauge."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from anlan.base import clock
from anlan.observe import fields

from ..ground.grid import Grid, unproject

Floats = NDArray[np.float64]
STEP_S = 300.0
MARGIN_M = 15_000.0  # gauges so far outside still say something about the edge
# The finest first: an hour's sum fills in where five minutes are missing.
QUANTITIES = ("rain_5min", "rain_1h")
LONGEST_INTERVAL = timedelta(hours=1)
KNOWN_PART = 0.5  # of an interval that must be covered by readings


@dataclass(frozen=True)
class Gauges:
    """Rates at gauges by interval; NaN where a gauge said nothing."""

    edges_s: Floats  # (intervals + 1,), counted from the first instant asked for
    rate_mm_h: Floats  # (intervals, gauges)
    lon: Floats
    lat: Floats
    code: list[str]

    @property
    def heard(self) -> NDArray[np.bool_]:
        """Which gauges said anything."""
        return np.asarray(np.isfinite(self.rate_mm_h).any(axis=0))


def read_gauges(grid: Grid, *, since: datetime, until: datetime) -> Gauges:
    """Believed readings of the gauges in and around a grid, five minutes an interval."""
    places = fields.series_in(QUANTITIES, bounds=_bounds(grid))
    start_ms, end_ms = clock.to_epoch_ms(since), clock.to_epoch_ms(until)
    longest_ms = round(LONGEST_INTERVAL.total_seconds() * 1000)
    position, at_ms, value = fields.believed_between(
        places.series_id, start_ms, end_ms + longest_ms + 1
    )
    span_s = (end_ms - start_ms) / 1000.0
    # Counted back from the end, which is now; the first interval may be a shorter one.
    edges = np.append(0.0, np.sort(span_s - STEP_S * np.arange(np.ceil(span_s / STEP_S))))
    codes = list(dict.fromkeys(places.station))
    rate = np.full((len(edges) - 1, len(codes)), np.nan)
    first = [places.station.index(code) for code in codes]
    ends_s = (at_ms - start_ms) / 1000.0
    for quantity in QUANTITIES:
        for n in [k for k, name in enumerate(places.quantity) if name == quantity]:
            own = position == n
            column = rate[:, codes.index(places.station[n])]
            found = rates(ends_s[own], value[own], float(places.interval_s[n]), edges)
            np.copyto(column, found, where=np.isnan(column))
    return Gauges(edges, rate, places.lon[first], places.lat[first], codes)


def rates(ends_s: Floats, depth_mm: Floats, interval_s: float, edges_s: Floats) -> Floats:
    """Mean rates [mm/h] between `edges_s` from sums that end at `ends_s`; NaN where not known.

    A sum is spread evenly over its own interval; of an interval of ours at least half must be
    covered.
    """
    if not len(ends_s):
        return np.full(len(edges_s) - 1, np.nan)
    starts = np.maximum(ends_s - interval_s, np.append(-np.inf, ends_s[:-1]))
    knots = np.column_stack([starts, ends_s]).ravel()
    fallen = np.column_stack([np.zeros(len(ends_s)), depth_mm]).ravel().cumsum()
    covered = np.column_stack([np.zeros(len(ends_s)), ends_s - starts]).ravel().cumsum()
    depth = np.diff(np.interp(edges_s, knots, fallen))
    known = np.diff(np.interp(edges_s, knots, covered))
    enough = known >= KNOWN_PART * np.diff(edges_s)
    return np.where(enough, depth / np.where(enough, known, 1.0) * 3600.0, np.nan)


def _bounds(grid: Grid) -> tuple[float, float, float, float]:
    west, south, east, north = grid.bounds_m
    x = [west - MARGIN_M, east + MARGIN_M, west - MARGIN_M, east + MARGIN_M]
    y = [south - MARGIN_M, south - MARGIN_M, north + MARGIN_M, north + MARGIN_M]
    lon, lat = unproject(grid.epsg, x, y)
    return float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max())
