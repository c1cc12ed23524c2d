"""The door: a case is checked here, once, and trusted inside."""

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anlan.engines.rain.plausible import greatest_mm, parts

from .case import BadCase, FloodCase, FloodState, GreenAmpt, Horton, Rain
from .figures import as_array, as_reals
from .inertial import UNITS_PER_M
from .memory import check_memory
from .siting import check_places
from .voids import holes

MOST_DEPTH_M = 100.0  # at the start [m]; depth is a whole number that holds 128 m
DEEPEST_M = 110.0  # later [m]
SHORTEST_CELL_M, LONGEST_CELL_M = 0.005, 10_000.0  # a degree is no length


def check(case: FloodCase, *, limit_bytes: float | None = None, factor: int = 1) -> FloodCase:
    """Refuse what cannot be run, saying what to do; returns the case with its grids as arrays."""
    case = replace(case, bed_m=as_reals(case.bed_m, "The terrain"))
    _check_ground(case)
    check_memory(case, limit_bytes, factor)
    case = _with_water(case)
    _check_holes(case)
    _check_numbers(case)
    _check_soil(case)
    _check_rain(case)
    check_places(case)
    return case


def check_run(until_s: float, state: FloodState | None, threads: int) -> None:
    """Refuse a time that is none."""
    since = 0.0 if state is None else state.time_s
    if not isinstance(until_s, (int, float)) or not since <= until_s < np.inf:
        raise BadCase(
            "flood.time",
            f"A run cannot end at {until_s} s after starting at {since:g} s.",
            hint="Give the seconds from the case's start.",
        )
    if not isinstance(threads, int) or threads < 1:
        raise BadCase("flood.threads", f"A run needs one thread at least, not {threads}.")


def check_filling(deepest_m: float, rate: NDArray[np.float64], lasts_s: float) -> None:
    """Stop before water gets deeper than a depth can hold.

    Parameters
    ----------
    deepest_m : float
        Greatest depth now [m].
    rate : (inflows,) float64
        Depth that each inflow brings to its cell [2^-24 m/s].
    lasts_s : float
        Time until the next look [s].
    """
    rise = float(rate.max(initial=0.0)) * lasts_s / UNITS_PER_M
    if deepest_m + rise > DEEPEST_M:
        raise BadCase(
            "flood.too_deep",
            f"The water gets more than {DEEPEST_M:g} m deep.",
            hint="Check the inflows and the terrain: a pit or an inflow of the wrong unit.",
        )


def cells_of(
    case: FloodCase, value: ArrayLike, name: str, low: float, high: float
) -> NDArray[np.float64]:
    """A number or field as (rows, cols) inside its range, or ``BadCase``."""
    field = as_reals(value, name)
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


def _check_ground(case: FloodCase) -> None:
    if case.bed_m.ndim != 2 or min(case.bed_m.shape) < 1:
        raise BadCase(
            "flood.shape",
            f"The terrain has shape {case.bed_m.shape}.",
            hint="Give a grid of rows and columns.",
        )
    size = as_reals(case.cell_m, "The cell size")
    if size.ndim or not SHORTEST_CELL_M <= size <= LONGEST_CELL_M:
        raise BadCase(
            "flood.cell",
            f"A cell size of {case.cell_m} m is not possible.",
            hint="Use a CRS in metres; degrees are not a length.",
        )
    values = case.bed_m[~np.isnan(case.bed_m)]
    if not values.size:
        raise BadCase(
            "flood.void",
            "The terrain has no value at all.",
            hint="Check its area and no-data value.",
        )
    if not (np.isfinite(values).all() and values.min() > -12_000 and values.max() < 10_000):
        raise BadCase(
            "flood.bed",
            f"The terrain runs from {values.min():g} to {values.max():g} m.",
            hint="Mark no-data cells as missing; heights are in metres.",
        )


def _with_water(case: FloodCase) -> FloodCase:
    """The case with its buildings and starting depth as grids."""
    if case.blocked is not None:
        blocked = as_array(case.blocked, "The building mask")
        if blocked.shape != case.bed_m.shape or blocked.dtype.kind not in "biu":
            raise BadCase(
                "flood.shape",
                f"The building mask has shape {blocked.shape} and holds {blocked.dtype}.",
                hint=f"Give true or false for each of {case.bed_m.shape} cells.",
            )
        case = replace(case, blocked=blocked.astype(np.bool_))
        if (case.blocked | np.isnan(case.bed_m)).all():
            raise BadCase(
                "flood.void",
                "Every cell is a building or has no height: no water can be anywhere.",
                hint="Check the building mask.",
            )
    if case.depth_m is not None:
        depth = cells_of(case, case.depth_m, "The depth at the start [m]", 0.0, MOST_DEPTH_M)
        case = replace(case, depth_m=np.asarray(depth))
    return case


def _check_holes(case: FloodCase) -> None:
    """A hole would stand like a wall, and nobody would know why the water goes around it."""
    inside = holes(np.isnan(case.bed_m))
    if case.blocked is not None:
        inside &= ~case.blocked
    if inside.any():
        row, col = np.argwhere(inside)[0]
        raise BadCase(
            "flood.hole",
            f"The terrain has {int(inside.sum())} cell(s) without a height inside it, the first "
            f"at row {row}, column {col}.",
            hint="Fill them from their neighbours, or mark them as blocked if nothing can flow "
            "there.",
        )


def _check_numbers(case: FloodCase) -> None:
    cells_of(case, case.manning, "Manning's n", 0.001, 1.0)
    cells_of(case, case.drain_mm_h, "The drain capacity [mm/h]", 0.0, 1000.0)
    for value, name, low, high in (
        (case.courant, "courant", 1e-3, 1.0),
        (case.theta, "theta", 0.5, 1.0),
        (case.wet_m, "The depth from which time counts [m]", 1e-4, 10.0),
    ):
        if as_reals(value, name).ndim:
            raise BadCase("flood.numbers", f"{name} must be one number.")
        cells_of(case, value, name, low, high)
    _check_stable(case)


def _check_stable(case: FloodCase) -> None:
    """Waves of two cells' length in both directions grow where the step is longer than this.

    Of a wave with alternating signs the scheme carries over ``2 theta - 1`` of the flow in a step
    and adds ``8 courant^2`` of it back: without friction it stays bounded up to
    ``courant^2 = theta / 2`` (0.67 at theta 0.9). Friction helps only where the water is fast, so
    a deep and quiet pool would swing up by itself.
    """
    longest = float(np.sqrt(case.theta / 2.0))
    if case.courant > longest:
        raise BadCase(
            "flood.unstable",
            f"courant {case.courant:g} is unstable with theta {case.theta:g}.",
            hint=f"Use at most {np.floor(longest * 100) / 100:g}.",
        )


def _check_soil(case: FloodCase) -> None:
    soil = case.infiltration
    if soil is None:
        return
    if isinstance(soil, GreenAmpt):
        cells_of(case, soil.conductivity_mm_h, "The conductivity [mm/h]", 0.0, 2000.0)
        cells_of(case, soil.suction_mm, "The suction [mm]", 0.0, 5000.0)
        cells_of(case, soil.deficit, "The moisture deficit", 0.0, 1.0)
    elif isinstance(soil, Horton):
        cells_of(case, soil.first_mm_h, "Horton's first capacity [mm/h]", 0.0, 2000.0)
        cells_of(case, soil.final_mm_h, "Horton's final capacity [mm/h]", 0.0, 2000.0)
        cells_of(case, soil.decay_1_h, "Horton's decay [1/h]", 0.0, 100.0)
    else:
        raise BadCase("flood.soil", "Infiltration is by GreenAmpt or Horton.")


def _check_rain(case: FloodCase) -> None:
    if case.rain is None:
        return
    if not isinstance(case.rain, Rain):
        raise BadCase("flood.rain_shape", "Rain is given as Rain(edges_s, rate_mm_h).")
    edges = as_reals(case.rain.edges_s, "Rain's intervals")
    rate = as_reals(case.rain.rate_mm_h, "Rain")
    if rate.ndim not in (1, 3) or edges.ndim != 1 or edges.size != rate.shape[0] + 1:
        raise BadCase(
            "flood.rain_shape",
            f"Rain has rates of shape {rate.shape} and {edges.size} limits.",
            hint="Give one rate or field an interval, and one limit more than intervals.",
        )
    rows, cols = case.bed_m.shape
    if rate.size == 0 or (rate.ndim == 3 and (rate.shape[1] > rows or rate.shape[2] > cols)):
        raise BadCase(
            "flood.rain_shape",
            f"A rain field of {rate.shape[1:]} cells is empty or finer than the terrain.",
            hint="Average it over the terrain's cells first.",
        )
    if not (np.isfinite(edges).all() and (np.diff(edges) > 0).all()):
        raise BadCase("flood.rain_times", "The limits of the rain intervals must rise.")
    _check_rain_values(edges, rate)


def _check_rain_values(edges: NDArray[np.float64], rate: NDArray[np.float64]) -> None:
    hint = "Check the units and the gauges' faults before running."
    bad = ~((rate >= 0) & np.isfinite(rate))
    if bad.any():
        raise BadCase(
            "flood.rain_value",
            f"Rain of {rate[bad][0]:g} mm/h is not plausible ({int(bad.sum())} value(s)).",
            hint=hint,
        )
    beside = (slice(None), *[None] * (rate.ndim - 1))
    for span, part in parts(rate * (np.diff(edges) / 3600.0)[beside], edges):
        if part.max() > 1.0:
            at = np.unravel_index(int(part.argmax()), part.shape)
            lasts = edges[at[0] + span] - edges[at[0]]
            most = float(greatest_mm(lasts))
            raise BadCase(
                "flood.rain_value",
                f"Rain of {part.max() * most / lasts * 3600:.4g} mm/h over {lasts / 60:g} min is "
                f"not plausible: the world's record is under {most:.0f} mm.",
                hint=hint,
            )
