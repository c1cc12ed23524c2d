"""Rain onto the ground, and into it. Called once a stretch (at most 15 steps), in whole units.

Rain is the difference of two rounded sums, round(rate x t2) - round(rate x t1), so that rain too
light to change a deep cell in one step is not lost: what has fallen is right to one unit (60 nm) at
any time. Neighbours round at different points, so that even rain on an even plain has the right
mean as well.

Infiltration: Green & Ampt (1911) integrated over the stretch as in Chow, Maidment & Mays (1988),
Applied Hydrology, eq. 5.4.1; Horton (1941) by the time at which its curve has taken what the soil
has taken.
"""

from math import exp, log
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from .inertial import MATHS, UNITS_PER_M
from .kept import kept
from .lattice import HALO

Array = NDArray[Any]
NO_SOIL, GREEN_AMPT, HORTON = 0, 1, 2


def lifts(width: int) -> Array:
    """Rounding points of a row's cells: multiples of the golden ratio, as even as can be."""
    return (np.arange(width) * 0.6180339887 % 1.0).astype(np.float32)


@njit(fastmath=MATHS, error_model="numpy")
def rain_row(units: Array, rate: Array, lift: Array, before_s: Any, after_s: Any) -> Any:
    total = np.int64(0)
    for c in range(units.size):
        r = rate[c]
        fell = np.int32(np.int32(r * after_s + lift[c]) - np.int32(r * before_s + lift[c]))
        units[c] = np.int32(units[c] + fell)
        total += np.int64(fell)
    return total


@kept()
def add_rain(units: Array, rate: Array, lift: Array, before_s: Any, after_s: Any) -> Any:
    """Add what fell between two times of one rain interval; returns the units added.

    Parameters
    ----------
    units : (rows + 6, width) int32, updated
        Depth of a block [2^-24 m]; halo rows get their rain as well.
    rate : (rows + 6, width) float32
        Rain [2^-24 m/s].
    lift : (width,) float32
        What is added before rounding down, spread evenly over 0 to 1 along a row (see ``lifts``).
    before_s, after_s : float32
        Times since the interval began [s].
    """
    total = 0
    for r in range(units.shape[0]):
        fell = rain_row(units[r], rate[r], lift, before_s, after_s)
        if HALO <= r < units.shape[0] - HALO:
            total += fell
    return total


@kept()
def green_ampt_m(taken_m: float, k_m_s: float, suction_deficit_m: float, dt_s: float) -> Any:
    """What ponded soil takes in ``dt_s`` [m] after it has taken ``taken_m``: eq. 5.4.1 by
    Newton."""
    s = suction_deficit_m
    if k_m_s <= 0.0:
        return 0.0
    if s <= 0.0:
        return k_m_s * dt_s
    now = (
        taken_m + k_m_s * dt_s + (2.0 * k_m_s * dt_s * s) ** 0.5
    )  # from above: Newton only descends
    for _ in range(20):
        miss = now - taken_m - s * log((now + s) / (taken_m + s)) - k_m_s * dt_s
        step = miss * (now + s) / max(now, 1e-12)
        now -= step
        if abs(step) < 1e-10:
            break
    return max(now - taken_m, 0.0)


@kept()
def horton_m(
    taken_m: float, first_m_s: float, final_m_s: float, decay_1_s: float, dt_s: float
) -> Any:
    """What ponded soil takes in ``dt_s`` [m] after it has taken ``taken_m``."""
    extra = first_m_s - final_m_s
    if extra <= 0.0 or decay_1_s <= 0.0:
        return final_m_s * dt_s
    t = taken_m / first_m_s
    for _ in range(20):
        miss = final_m_s * t + extra / decay_1_s * (1.0 - exp(-decay_1_s * t)) - taken_m
        step = miss / max(final_m_s + extra * exp(-decay_1_s * t), 1e-15)
        t -= step
        if abs(step) < 1e-6:
            break
    fade = exp(-decay_1_s * t) * (1.0 - exp(-decay_1_s * dt_s))
    return final_m_s * dt_s + extra / decay_1_s * fade


@kept()
def take_losses(
    units: Array,
    taken: Array,
    kind: int,
    p0: Array,
    p1: Array,
    p2: Array,
    drain: Array,
    cover: Array,
    dt_s: float,
    out: Array,
) -> None:
    """Infiltrate and drain one stretch's water from a block of cells.

    Parameters
    ----------
    units, taken : (rows, cols) int32, updated
        Depth and water infiltrated so far [2^-24 m].
    kind : int
        NO_SOIL, GREEN_AMPT (p0 conductivity [m/s], p1 suction times deficit [m]) or HORTON (p0
        first, p1 final capacity [m/s], p2 decay [1/s]).
    drain : (rows, cols) float32
        Drain capacity [m/s].
    cover : (rows, cols) float32
        Part of the open ground that is under water, or under rain.
    out : (2,) int64, updated
        Units infiltrated, units drained.
    """
    for r in range(units.shape[0]):
        for c in range(units.shape[1]):
            there = units[r, c]
            if there <= 0:
                continue
            soil = 0.0
            if kind == GREEN_AMPT:
                soil = green_ampt_m(taken[r, c] / UNITS_PER_M, p0[r, c], p1[r, c], dt_s)
            elif kind == HORTON:
                soil = horton_m(taken[r, c] / UNITS_PER_M, p0[r, c], p1[r, c], p2[r, c], dt_s)
            soil *= cover[r, c]
            pipe = drain[r, c] * cover[r, c] * dt_s
            share = min(1.0, there / UNITS_PER_M / max(soil + pipe, 1e-30))
            into_soil = min(np.int64(np.rint(soil * share * UNITS_PER_M)), there)
            into_pipe = min(np.int64(np.rint(pipe * share * UNITS_PER_M)), there - into_soil)
            units[r, c] -= into_soil + into_pipe
            taken[r, c] += into_soil
            out[0] += into_soil
            out[1] += into_pipe
