"""The rain that a run computes with: what fell, and what is expected."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from anlan.base.errors import Refusal

from .gauges import STEP_S, Gauges, read_gauges
from .grid import Grid, project

Floats = NDArray[np.float64]
FIELD_CELL_M = 1000.0  # of the rain field: gauges know no finer
# Interim until the rain engine's own extrapolation: the last half hour goes on, halved each hour.
RECENT_S, HALF_LIFE_S = 1800.0, 3600.0


@dataclass(frozen=True)
class RainField:
    """Rates in time and space, on equal blocks of a grid."""

    edges_s: Floats  # (intervals + 1,)
    rate_mm_h: Floats  # (intervals, rows, cols)
    note: str = ""
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def sha256(self) -> str:
        found = hashlib.sha256(np.ascontiguousarray(self.edges_s).tobytes())
        found.update(np.ascontiguousarray(self.rate_mm_h).tobytes())
        return found.hexdigest()

    @property
    def mean_mm(self) -> float:
        """Rain over the area [mm]."""
        hours = np.diff(self.edges_s) / 3600.0
        return float((self.rate_mm_h.mean(axis=(1, 2)) * hours).sum())


def observed(grid: Grid, *, since: datetime, until: datetime) -> RainField:
    """The field that the gauges saw; refuses where none reported."""
    gauges = read_gauges(grid, since=since, until=until)
    heard = int(gauges.heard.sum())
    if not heard:
        raise Refusal(
            "simulate.no_rain",
            _("No rain gauge in or around the area has reported since %(since)s.")
            % {"since": f"{since:%Y-%m-%d %H:%M}"},
            hint=_("Check the gauges, or give a rain forecast with “anlan rain import”."),
        )
    rate = spread(gauges, grid)
    note = _("%(count)d gauges") % {"count": heard}
    return RainField(gauges.edges_s, rate, note, {"gauges": heard})


def spread(gauges: Gauges, grid: Grid) -> Floats:
    """Inverse-distance field of each interval from the gauges that know it."""
    rows, cols = field_shape(grid)
    x, y = _middles(grid, rows, cols)
    gauge_x, gauge_y = project(grid.epsg, gauges.lon, gauges.lat)
    near = 1.0 / ((x[:, None] - gauge_x) ** 2 + (y[:, None] - gauge_y) ** 2 + 1e4)
    known = np.isfinite(gauges.rate_mm_h)
    weighed = np.nan_to_num(gauges.rate_mm_h) @ near.T
    total = known.astype(float) @ near.T
    rate = np.where(total > 0, weighed / np.where(total > 0, total, 1.0), np.nan)
    return _carried(rate).reshape(-1, rows, cols)


def persisted(past: RainField, *, horizon_s: float) -> RainField:
    """What fell last goes on and fades."""
    recent = past.edges_s[:-1] >= past.edges_s[-1] - RECENT_S
    last = past.rate_mm_h[recent].mean(axis=0)
    edges = np.append(np.arange(0.0, horizon_s, STEP_S), horizon_s)
    middle = 0.5 * (edges[:-1] + edges[1:])
    fade = 0.5 ** (middle / HALF_LIFE_S)
    return RainField(edges, fade[:, None, None] * last, past.note, dict(past.facts))


def joined(first: RainField, second: RainField) -> RainField:
    """One after the other."""
    edges = np.append(first.edges_s, first.edges_s[-1] + second.edges_s[1:])
    rate = np.concatenate([first.rate_mm_h, second.rate_mm_h])
    return RainField(edges, rate, second.note, second.facts)


def between(rain: RainField, start_s: float, end_s: float) -> RainField:
    """A stretch of it, counted from its start; nothing falls outside what is known."""
    inner = rain.edges_s[(rain.edges_s > start_s) & (rain.edges_s < end_s)]
    edges = np.concatenate([[start_s], inner, [end_s]])
    at = np.searchsorted(rain.edges_s, edges[:-1], side="right") - 1
    known = (at >= 0) & (at < len(rain.rate_mm_h))
    rate = np.where(
        known[:, None, None], rain.rate_mm_h[np.clip(at, 0, len(rain.rate_mm_h) - 1)], 0.0
    )
    return RainField(edges - start_s, rate, rain.note, rain.facts)


def field_shape(grid: Grid) -> tuple[int, int]:
    """Blocks of about FIELD_CELL_M, never finer than the grid."""
    rows, cols = (max(1, min(n, round(n * grid.cell_m / FIELD_CELL_M))) for n in grid.shape)
    return rows, cols


def _middles(grid: Grid, rows: int, cols: int) -> tuple[Floats, Floats]:
    west, south, east, north = grid.bounds_m
    x = west + (np.arange(cols) + 0.5) / cols * (east - west)
    y = north - (np.arange(rows) + 0.5) / rows * (north - south)
    return np.tile(x, rows), np.repeat(y, cols)


def _carried(rate: Floats) -> Floats:
    """Where no gauge knows an interval, as in the one before; before the first, none."""
    known = np.isfinite(rate).all(axis=1)
    last = np.maximum.accumulate(np.where(known, np.arange(len(rate)), -1))
    return np.where(last[:, None] >= 0, rate[np.maximum(last, 0)], 0.0)
