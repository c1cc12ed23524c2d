"""Rain in time and space over a grid, ready for the engine. No database."""

import hashlib
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..ground.grid import Grid

Floats = NDArray[np.float64]
FIELD_CELL_M = 1000.0  # of the rain field: gauges and forecasts know no finer


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


def even(edges_s: Floats, rate_mm_h: Floats, note: str = "") -> RainField:
    """The same rain everywhere."""
    return RainField(np.asarray(edges_s, float), np.asarray(rate_mm_h, float)[:, None, None], note)


def scaled(rain: RainField, by: float) -> RainField:
    return RainField(rain.edges_s, rain.rate_mm_h * by, rain.note, rain.facts)


def joined(first: RainField, second: RainField) -> RainField:
    """One after the other; the first one's end is the second one's start."""
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


def middles(grid: Grid) -> tuple[Floats, Floats]:
    """Eastings, rising, and northings, falling, of the middles of the blocks [m].

    Blocks are about FIELD_CELL_M wide and never finer than the grid.
    """
    rows, cols = (max(1, min(n, round(n * grid.cell_m / FIELD_CELL_M))) for n in grid.shape)
    west, south, east, north = grid.bounds_m
    x = west + (np.arange(cols) + 0.5) / cols * (east - west)
    return x, north - (np.arange(rows) + 0.5) / rows * (north - south)
