"""What is kept of a run: greatest depth, speed and hazard, first arrival and duration. Once a
stretch."""

from math import sqrt
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from .inertial import MATHS, UNITS_PER_M
from .kept import kept

Array = NDArray[Any]
UNIT_M = np.float32(1.0 / UNITS_PER_M)
HALF = np.float32(0.5)
NEVER_S = np.float32(1e30)  # arrival where water never came: infinity is not for fast maths
NEUTRAL = {  # what a record begins with
    **dict.fromkeys(("deepest", "fastest", "hazard", "wet_s"), 0.0),
    "arrival": float(NEVER_S),
    "top": -float(NEVER_S),  # of coarse cells
    **dict.fromkeys(("top_units", "top_x", "top_y", "marks"), 0.0),
}
THIN_M = np.float32(1e-3)  # thinner water has no speed worth keeping [m]


@njit(fastmath=MATHS, error_model="numpy")
def record_row(
    units: Array,
    left: Array,
    right: Array,
    above: Array,
    below: Array,
    deepest: Array,
    fastest: Array,
    hazard: Array,
    arrival: Array,
    wet_s: Array,
    wet: Any,
    now_s: Any,
    dt_s: Any,
) -> None:
    for c in range(units.size):
        h = np.float32(units[c]) * UNIT_M
        x = HALF * (left[c] + right[c])
        y = HALF * (above[c] + below[c])
        flow = sqrt(x * x + y * y)
        speed = flow / max(h, THIN_M) if h > THIN_M else np.float32(0.0)
        deepest[c] = max(deepest[c], h)
        fastest[c] = max(fastest[c], speed)
        hazard[c] = max(hazard[c], speed * h)
        is_wet = h >= wet
        arrival[c] = min(arrival[c], now_s if is_wet else NEVER_S)
        wet_s[c] += dt_s if is_wet else np.float32(0.0)


@kept()
def record(
    units: Array,
    qx: Array,
    qy: Array,
    deepest: Array,
    fastest: Array,
    hazard: Array,
    arrival: Array,
    wet_s: Array,
    wet: Any,
    now_s: Any,
    dt_s: Any,
    first: int,
    last: int,
) -> None:
    """Update the records of rows ``first`` to ``last`` of a stack.

    Parameters
    ----------
    units, qx, qy : (rows, width) stacks
        As in ``inertial.sweep``.
    deepest, fastest, hazard, arrival, wet_s : (rows, width) float32, updated
        Greatest depth [m], speed [m/s], depth x speed [m2/s]; first time [s] and time [s] of depth
        above ``wet`` [m].
    """
    for r in range(first, last):
        record_row(
            units[r, 1:],
            qx[r, :-1],
            qx[r, 1:],
            qy[r - 1, 1:],
            qy[r, 1:],
            deepest[r, 1:],
            fastest[r, 1:],
            hazard[r, 1:],
            arrival[r, 1:],
            wet_s[r, 1:],
            wet,
            now_s,
            dt_s,
        )
