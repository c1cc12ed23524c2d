"""From gauges to a grid: inverse distance (Shepard, 1968), whatever gauges are silent."""

import numpy as np
from numpy.typing import NDArray

from anlan.engines.errors import BadCase

from .case import Field, Gauges, Numbers, Target, reals
from .plausible import excess

BLUNT_M = 500.0  # a gauge speaks for its neighbourhood, not for a point [m]
CELLS_AT_ONCE = 20_000


def weights(from_x: Numbers, from_y: Numbers, to_x: Numbers, to_y: Numbers) -> Numbers:
    """Weight of each gauge at each place: 1 / (distance^2 + 500^2), (places, gauges), not summing
    to 1."""
    square = (to_x[:, None] - from_x) ** 2 + (to_y[:, None] - from_y) ** 2
    return np.asarray(1.0 / (square + BLUNT_M**2))


def spread(weight: Numbers, values: Numbers) -> Numbers:
    """Weighted means of the values that are there.

    Parameters
    ----------
    weight : (places, gauges) float64
    values : (times, gauges) float64
        NaN is missing; a time at which every gauge is silent gives NaN.

    Returns
    -------
    (times, places) float64
    """
    there = ~np.isnan(values)
    total = np.where(there, values, 0.0) @ weight.T
    share = there.astype(np.float64) @ weight.T
    means = np.full(total.shape, np.nan)
    np.divide(total, share, out=means, where=share > 0.0)
    return means


def checked(gauges: Gauges) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    """Places, limits [s] and depths [mm] of gauges that fit together, or ``BadCase``."""
    x, y = reals(gauges.x_m, "The gauges' eastings", 1), reals(gauges.y_m, "Their northings", 1)
    edges = reals(gauges.edges_s, "The limits of the intervals", 1)
    depth = reals(gauges.depth_mm, "The gauges' rain", 2)
    if y.shape != x.shape or depth.shape != (edges.size - 1, x.size):
        raise BadCase(
            "rain.shape",
            f"{x.size} eastings, {y.size} northings and {edges.size} limits do not fit rain of "
            f"shape {depth.shape}.",
            hint="Rain is (intervals, gauges), with one limit more than intervals.",
        )
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise BadCase("rain.place", "A gauge has no place.", hint="Leave it out or survey it.")
    if not (np.isfinite(edges).all() and (np.diff(edges) > 0).all()):
        raise BadCase("rain.times", "The limits of the intervals must rise.")
    if np.isinf(depth).any() or (depth < 0).any():
        raise BadCase(
            "rain.value", "A gauge has negative or infinite rain.", hint="Check its faults first."
        )
    return x, y, edges, depth


def real_rain(depth: Numbers, edges: Numbers) -> tuple[Numbers, NDArray[np.bool_]]:
    """The rain without what cannot be real, and a mask of what was left out."""
    wrong = (excess(depth, edges) > 1.0) & ~np.isnan(depth)
    left = np.where(wrong, np.nan, depth)
    if np.isnan(left).all():
        raise BadCase(
            "rain.no_gauge",
            f"No gauge has a reading that can be used; {int(wrong.sum())} are heavier than any "
            "rain on record.",
            hint="Check the units of the readings: millimetres of the interval.",
        )
    return left, wrong


def places(target: Target) -> tuple[Numbers, Numbers, tuple[int, int]]:
    """Eastings and northings of all cells in one line, and the grid's shape."""
    x, y = reals(target.x_m, "The grid's eastings", 1), reals(target.y_m, "Its northings", 1)
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise BadCase("rain.place", "The grid has cells without a place.")
    if (np.diff(x) <= 0).any() or (np.diff(y) >= 0).any():
        raise BadCase(
            "rain.place",
            "Eastings must rise and northings fall.",
            hint="Row 0 is the grid's northern edge.",
        )
    east, north = np.meshgrid(x, y)
    return east.ravel(), north.ravel(), (y.size, x.size)


def on_grid(gauges: Gauges, target: Target) -> Field:
    """What the gauges measured, on a grid; silent times are dry."""
    x, y, edges, depth = checked(gauges)
    depth, _ = real_rain(depth, edges)
    rate = depth / (np.diff(edges) / 3600.0)[:, None]
    east, north, shape = places(target)
    parts = [
        spread(weights(x, y, east[i : i + CELLS_AT_ONCE], north[i : i + CELLS_AT_ONCE]), rate)
        for i in range(0, east.size, CELLS_AT_ONCE)
    ]
    cells = np.nan_to_num(np.concatenate(parts, axis=1))
    return Field(edges, cells.reshape(-1, *shape))
