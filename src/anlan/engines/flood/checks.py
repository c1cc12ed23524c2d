"""The door: a case is checked here, once, and trusted inside."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .case import BadCase, Culvert, FloodCase, Pump

BYTES_PER_CELL = 80  # state, ground, records and buffers
MOST_DEPTH_M = 100.0  # depth is a whole number that holds 128 m
MOST_RAIN_MM_H = 500.0  # the world's record hour is 305 mm (Holt, 1947); more is a slip of units


def check(case: FloodCase) -> None:
    """Refuse what cannot be run, saying what to do."""
    _check_ground(case)
    _check_water(case)
    _check_rain(case)
    _check_places(case)


def cells_of(
    case: FloodCase, value: ArrayLike, name: str, low: float, high: float
) -> NDArray[np.float64]:
    """A number or field as (rows, cols) inside its range, or ``BadCase``."""
    field = np.asarray(value, np.float64)
    if field.ndim and field.shape != case.bed_m.shape:
        raise BadCase(
            "flood.shape",
            f"{name} has shape {field.shape}, the terrain {case.bed_m.shape}.",
            hint="Resample it to the terrain's grid.",
        )
    inside = field[~np.isnan(case.bed_m)] if field.ndim else field
    bad = ~((inside >= low) & (inside <= high))
    if bad.any():
        raise BadCase(
            "flood.range",
            f"{name} has {int(bad.sum())} value(s) missing or outside {low:g} to {high:g}, "
            f"such as {np.atleast_1d(inside)[np.atleast_1d(bad)][0]:g}.",
            hint="Check the units and fill the gaps.",
        )
    return np.broadcast_to(field, case.bed_m.shape)


def memory_bytes(rows: int, cols: int) -> int:
    """Memory that a case of this size takes [bytes]."""
    return rows * cols * BYTES_PER_CELL


def cell_that_fits(rows: int, cols: int, cell_m: float, free_bytes: int) -> float:
    """The finest cell size [m] at which the same ground fits into memory."""
    return float(cell_m * max(1.0, np.sqrt(memory_bytes(rows, cols) / max(free_bytes, 1))))


def _check_ground(case: FloodCase) -> None:
    if case.bed_m.ndim != 2 or min(case.bed_m.shape) < 1:
        raise BadCase("flood.shape", "The terrain must be a grid of rows and columns.")
    if not np.isfinite(case.cell_m) or case.cell_m <= 0:
        raise BadCase(
            "flood.cell",
            f"A cell size of {case.cell_m} m is not possible.",
            hint="Use a CRS in metres.",
        )
    inside = ~np.isnan(case.bed_m)
    if not inside.any():
        raise BadCase(
            "flood.void",
            "The terrain has no value at all.",
            hint="Check its area and no-data value.",
        )
    values = case.bed_m[inside]
    if not (np.isfinite(values).all() and values.min() > -12_000 and values.max() < 10_000):
        raise BadCase(
            "flood.bed",
            f"The terrain runs from {values.min():g} to {values.max():g} m.",
            hint="Mark no-data cells as missing; heights are in metres.",
        )
    if not 0 < case.courant <= 1 or not 0.5 <= case.theta <= 1:
        raise BadCase("flood.numbers", "courant must be in 0..1 and theta in 0.5..1.")


def _check_water(case: FloodCase) -> None:
    cells_of(case, case.manning, "Manning's n", 0.001, 1.0)
    cells_of(case, case.drain_mm_h, "The drain capacity [mm/h]", 0.0, 1000.0)
    if case.depth_m is not None:
        cells_of(case, case.depth_m, "The depth at the start [m]", 0.0, MOST_DEPTH_M)
    if case.blocked is not None and np.shape(case.blocked) != case.bed_m.shape:
        raise BadCase("flood.shape", "The building mask must have the terrain's shape.")


def _check_rain(case: FloodCase) -> None:
    if case.rain is None:
        return
    edges, rate = np.asarray(case.rain.edges_s, float), np.asarray(case.rain.rate_mm_h, float)
    if rate.ndim not in (1, 3) or edges.ndim != 1 or edges.size != rate.shape[0] + 1:
        raise BadCase(
            "flood.rain_shape",
            "Rain needs one rate (or field) an interval and one edge more than intervals.",
        )
    if not (np.isfinite(edges).all() and (np.diff(edges) > 0).all()):
        raise BadCase("flood.rain_times", "The limits of the rain intervals must rise.")
    bad = ~((rate >= 0) & (rate <= MOST_RAIN_MM_H))
    if bad.any():
        raise BadCase(
            "flood.rain_value",
            f"Rain of {rate[bad][0]:g} mm/h is not plausible ({int(bad.sum())} value(s)).",
            hint=f"Rates must be between 0 and {MOST_RAIN_MM_H:g} mm/h: check units and faults.",
        )
    rows, cols = case.bed_m.shape
    if rate.ndim == 3 and (rate.shape[1] > rows or rate.shape[2] > cols):
        raise BadCase(
            "flood.rain_shape",
            "The rain field is finer than the terrain.",
            hint="Average it first.",
        )


def _inside(case: FloodCase, row: Any, col: Any, what: str) -> None:
    rows, cols = case.bed_m.shape
    r, c = np.atleast_1d(np.asarray(row)), np.atleast_1d(np.asarray(col))
    out = (r < 0) | (r >= rows) | (c < 0) | (c >= cols)
    void = np.isnan(case.bed_m[r.clip(0, rows - 1), c.clip(0, cols - 1)]) | out
    if void.any():
        i = int(np.argmax(void))
        raise BadCase(
            "flood.outside",
            f"{what} lies outside the terrain, at row {r[i]}, column {c[i]}.",
            hint="Check its coordinates and the CRS.",
        )


def _check_places(case: FloodCase) -> None:
    for inflow in case.inflows:
        _inside(case, inflow.rows, inflow.cols, "An inflow")
    for wall in case.walls:
        _inside(case, wall.row, wall.col, "A wall")
    for link in case.links:
        _inside(case, *link.source, "A link's first end")
        if link.target is not None:
            _inside(case, *link.target, "A link's second end")
        sizes = (link.width_m, link.height_m) if isinstance(link, Culvert) else (link.flow_m3_s,)
        if min(sizes) <= 0 or (isinstance(link, Pump) and link.on_depth_m < link.off_depth_m):
            raise BadCase(
                "flood.link", "A link needs positive sizes, and a pump starts above where it stops."
            )
