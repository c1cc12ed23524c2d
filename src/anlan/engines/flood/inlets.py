"""What passes between the surface and a sewer at a manhole or gully, both ways.

Ratings of inlets in a sag: FHWA (2009), Urban Drainage Design Manual, HEC-22, 3rd edition, eqs.
4-26 and 4-27: a weir along the edge, 1.66 P h^1.5, and an orifice, 0.67 A (2 g h)^0.5, whichever
lets less in; the same orifice lets out. Three cases as in Chen, Djordjevic, Leandro & Savic (2007),
Proc. NOVATECH, 483-490: sewer below the rim, sewer between rim and surface, sewer above.

Above its rim a manhole ponds over an area (SWMM's ponded area, set to the surface cell's), so its
head moves gently. The flow is found for the head at the interval's end, by what the pipes bring
and what is exchanged, and for the surface in its middle; so neither swings, and a steady overflow
is not held back.
"""

from math import sqrt
from typing import Any

from numba import njit
from numpy.typing import NDArray

from .kept import kept
from .weir import G

Array = NDArray[Any]
EDGE = 1.66  # weir along the edge of an inlet [m^(1/2)/s]
HOLE = 0.67  # orifice of an inlet [1]
SHAFT_M2 = 1.17  # water surface below the rim, SWMM's own least one (12.57 ft2)
HALVINGS = 36  # from 20 m3/s to a thousandth of a millilitre a second


@kept()
def inlet_m3_s(
    sewer_m: float, surface_m: float, rim_m: float, area_m2: float, edge_m: float
) -> Any:
    """Flow out of the sewer onto the surface [m3/s], negative into it.

    Parameters
    ----------
    sewer_m, surface_m, rim_m : float
        Head in the manhole, level of the surface water, height of the rim [m].
    area_m2, edge_m : float
        Clear opening and wetted edge of all inlets that the manhole stands for.
    """
    below, above = max(sewer_m, rim_m), max(surface_m, rim_m)
    head = abs(below - above)
    hole = HOLE * area_m2 * sqrt(2.0 * G * head)
    if below >= above:
        return hole
    return -min(EDGE * edge_m * (above - rim_m) * sqrt(head), hole)


@njit(inline="always")
def head_after(head_m: float, rim_m: float, volume_m3: float, pond_m2: float) -> Any:
    """Head of a manhole after so much came (or, negative, went) [m]."""
    held = (head_m - rim_m) * (SHAFT_M2 if head_m < rim_m else pond_m2) + volume_m3
    return rim_m + held / (SHAFT_M2 if held < 0.0 else pond_m2)


@kept()
def exchange(
    sewer_m: Array,
    pipes_m3_s: Array,
    surface_m: Array,
    depth_m: Array,
    rim_m: Array,
    area_m2: Array,
    edge_m: Array,
    cell_m2: float,
    lasts_s: float,
    out: Array,
) -> None:
    """Exchange flow of every manhole over an interval, into ``out`` [m3/s], positive upwards.

    Parameters
    ----------
    sewer_m, pipes_m3_s : (manholes,) float64
        Head [m]; what the pipes bring less what they take away [m3/s].
    surface_m, depth_m : (manholes,) float64
        Level and depth of the surface water in the manhole's cell [m].
    rim_m, area_m2, edge_m : (manholes,) float64
        See ``inlet_m3_s``.
    cell_m2, lasts_s : float
        Area of a cell, which is the ponded area as well [m2]; length of the interval [s].
    """
    for i in range(out.size):
        low = -depth_m[i] * cell_m2 / lasts_s  # no more than there is
        high = HOLE * area_m2[i] * sqrt(2.0 * G * 200.0)
        for _ in range(HALVINGS):
            flow = 0.5 * (low + high)
            came = (pipes_m3_s[i] - flow) * lasts_s
            later = head_after(sewer_m[i], rim_m[i], came, cell_m2)
            middle = surface_m[i] + 0.5 * flow * lasts_s / cell_m2
            if flow < inlet_m3_s(later, middle, rim_m[i], area_m2[i], edge_m[i]):
                low = flow
            else:
                high = flow
        out[i] = 0.5 * (low + high)
