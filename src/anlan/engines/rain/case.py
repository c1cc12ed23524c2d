"""What the rain engine takes and gives: plain arrays with their units.

Places are metres in any flat projection; grids have row 0 at the north. Rain is a depth of an
interval (``_mm``) or a rate (``_mm_h``); ``edges_s`` are the limits of the intervals, one more than
there are intervals.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Numbers = NDArray[np.float64]

SOURCES = (
    "Keifer & Chu (1957), J. Hydraul. Div. ASCE 83(HY4), 1332-1-1332-25",
    "GB 50014-2021, 3.2 and 4.1 (design rain, intensity formula)",
    "Shepard (1968), Proc. 23rd ACM National Conf., 517-524, doi:10.1145/800186.810616",
    "Germann & Zawadzki (2002), Mon. Weather Rev. 130, 2859-2873 (Lagrangian persistence)",
    "Seed (2003), J. Appl. Meteorol. 42, 381-388 (S-PROG)",
    "Paulhus (1965), Mon. Weather Rev. 93, 331-335; WMO No. 168 (greatest point rainfalls)",
)


@dataclass(frozen=True)
class Gauges:
    """Rain gauges and what they measured."""

    x_m: ArrayLike  # (gauges,) eastings
    y_m: ArrayLike  # (gauges,) northings
    edges_s: ArrayLike  # (intervals + 1,)
    depth_mm: ArrayLike  # (intervals, gauges); NaN is missing


@dataclass(frozen=True)
class Target:
    """The grid to bring rain to: the cells' centres."""

    x_m: ArrayLike  # (cols,) eastings, rising
    y_m: ArrayLike  # (rows,) northings, falling: row 0 is the northern edge


@dataclass(frozen=True)
class Field:
    """Rain on a grid, ready to be the flood engine's ``Rain``."""

    edges_s: Numbers
    rate_mm_h: Numbers  # (intervals, rows, cols)


@dataclass(frozen=True)
class RainAhead:
    """What the gauges say of the next hours; times count as in the gauges' ``edges_s``."""

    field: Field
    motion_m_s: tuple[float, float]  # of the rain, eastwards and northwards
    mean_mm_h: float  # what every place tends to: the last hour over all gauges
    left_out: NDArray[np.bool_]  # (intervals, gauges) readings that cannot be real


@dataclass(frozen=True)
class IntensityFormula:
    """A city's rain intensity formula, q = 167 a1 (1 + c lg P) / (t + b)^n.

    q in L/(s ha), duration t in minutes, return period P in years; ``a1_mm_min`` so that 167 a1 is
    the number printed before the bracket.
    """

    a1_mm_min: float
    c: float
    b_min: float
    n: float


@dataclass(frozen=True)
class DesignStorm:
    """A storm for planning."""

    edges_s: Numbers
    rate_mm_h: Numbers  # (intervals,)
    depth_mm: float
    years: float
    peak_s: float


def reals(value: Any, name: str, dims: int) -> Numbers:
    """Anything that should be an array of numbers, or ``BadCase``."""
    from anlan.engines.errors import BadCase

    try:
        array = np.asarray(value, np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise BadCase("rain.numbers", f"{name} is not made of numbers.") from error
    if array.ndim != dims or array.size == 0:
        raise BadCase(
            "rain.shape",
            f"{name} has shape {array.shape}.",
            hint=f"Give an array of {dims} dimension(s) with one value at least.",
        )
    return array
