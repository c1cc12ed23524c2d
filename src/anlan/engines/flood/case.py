"""What the flood engine takes and gives: plain arrays with their units.

Arrays have shape (rows, cols); row 0 is the northern edge, column 0 the western. Units stand in the
names: ``_m`` metres, ``_s`` seconds, ``_mm_h`` millimetres an hour. Importing this module costs
nothing: the compiled part is loaded by the first run.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anlan.engines.errors import BadCase as BadCase

Reals = NDArray[np.floating[Any]]
Side = Literal["north", "south", "west", "east"]

SOURCES = (
    "Bates, Horritt & Fewtrell (2010), J. Hydrology 387, 33-45, doi:10.1016/j.jhydrol.2010.03.027",
    "de Almeida, Bates, Freer & Souvignet (2012), Water Resour. Res. 48, doi:10.1029/2011WR011570",
    "de Almeida & Bates (2013), Water Resour. Res. 49, 4833-4844, doi:10.1002/wrcr.20366",
    "Green & Ampt (1911), J. Agric. Sci. 4, 1-24, doi:10.1017/S0021859600001441",
    "Horton (1941), Soil Sci. Soc. Am. J. 5, 399-417",
    "Chow (1959), Open-Channel Hydraulics, McGraw-Hill",
    "Bodhaine (1968), USGS Techniques of Water-Resources Investigations 3-A3",
    "FHWA (2012), Hydraulic Design of Highway Culverts, HDS 5, 3rd edition, FHWA-HIF-12-026",
    "Villemonte (1947), Eng. News-Record 139, 866-869",
    "FHWA (2009), Urban Drainage Design Manual, HEC-22, 3rd edition, FHWA-NHI-10-009",
    "Chen, Djordjevic, Leandro & Savic (2007), Proc. NOVATECH, 483-490",
)


@dataclass(frozen=True)
class Rain:
    """Rain in time and space.

    ``rate_mm_h`` is (intervals,) for the same rain everywhere or (intervals, rows, cols) with the
    case's rows and cols or fewer: a coarser field is spread over the case by equal blocks.
    ``edges_s`` are the intervals' limits, one more than there are intervals.
    """

    edges_s: ArrayLike
    rate_mm_h: ArrayLike


@dataclass(frozen=True)
class GreenAmpt:
    """Infiltration by Green & Ampt; each a number or (rows, cols)."""

    conductivity_mm_h: ArrayLike
    suction_mm: ArrayLike
    deficit: ArrayLike  # moisture that the soil can still take up [1]


@dataclass(frozen=True)
class Horton:
    """Infiltration by Horton; each a number or (rows, cols)."""

    first_mm_h: ArrayLike
    final_mm_h: ArrayLike
    decay_1_h: ArrayLike


@dataclass(frozen=True)
class Series:
    """A value in time, straight between the points and constant beyond them."""

    times_s: ArrayLike
    values: ArrayLike


@dataclass(frozen=True)
class Inflow:
    """Water brought to (or, negative, taken from) cells, shared equally between them."""

    rows: ArrayLike
    cols: ArrayLike
    flow_m3_s: Series | float


@dataclass(frozen=True)
class OpenEdge:
    """A stretch of the case's edge that is open: free (normal flow by slope) or at a level.

    ``first`` and ``last`` count cells along the side; ``last`` is included, -1 is the end.
    """

    side: Side
    first: int = 0
    last: int = -1
    level_m: Series | float | None = None
    slope: float = 0.001  # of the bed beyond a free edge [1]


@dataclass(frozen=True)
class Wall:
    """A raised face: the crest between a cell and the one east or south of it."""

    row: int
    col: int
    side: Literal["east", "south"]
    crest_m: float


@dataclass(frozen=True)
class Culvert:
    """A one-dimensional link between two cells: culvert, underpass, gate opening."""

    source: tuple[int, int]
    target: tuple[int, int]
    source_invert_m: float
    target_invert_m: float
    width_m: float
    height_m: float
    length_m: float
    manning: float = 0.015


@dataclass(frozen=True)
class Pump:
    """Lifts water from a cell to another, or out of the case; runs between two depths."""

    source: tuple[int, int]
    target: tuple[int, int] | None
    flow_m3_s: float
    on_depth_m: float
    off_depth_m: float


@dataclass(frozen=True)
class FloodCase:
    """One case: ground, water, forcing and how to compute."""

    bed_m: Reals  # (rows, cols); NaN is outside the case
    cell_m: float
    manning: ArrayLike = 0.035  # [s/m^(1/3)], a number or (rows, cols)
    depth_m: Reals | None = None  # at the start
    blocked: NDArray[np.bool_] | None = None  # buildings; their rain runs to the nearest open cell
    rain: Rain | None = None
    infiltration: GreenAmpt | Horton | None = None
    drain_mm_h: ArrayLike = 0.0  # what the storm drains take
    inflows: tuple[Inflow, ...] = ()
    edges: tuple[OpenEdge, ...] = ()  # everything else is closed
    walls: tuple[Wall, ...] = ()
    links: tuple[Culvert | Pump, ...] = ()
    courant: float = 0.65  # of the deepest cell; under sqrt(theta / 2), see checks
    theta: float = 0.9  # weight of a face's own flow; 1 is the scheme of Bates 2010
    wet_m: float = 0.1  # depth from which arrival and duration count [m]


@dataclass(frozen=True)
class FloodState:
    """All that a run needs to go on where it stopped. Plain arrays: save them as they are."""

    time_s: float
    steps: int
    arrays: dict[str, NDArray[Any]] = field(repr=False)


@dataclass(frozen=True)
class Balance:
    """Where the water went [m3]; ``error_m3`` is what no account explains (zero, by
    construction)."""

    initial_m3: float
    rain_m3: float
    inflow_m3: float
    infiltrated_m3: float
    drained_m3: float
    edge_outflow_m3: float
    pumped_out_m3: float
    stored_m3: float
    error_m3: float


@dataclass(frozen=True)
class Limit:
    """The cell that set the last time step."""

    row: int
    col: int
    depth_m: float
    step_s: float


@dataclass(frozen=True)
class FloodResult:
    """What the water did up to ``time_s``; arrays are (rows, cols) float32, NaN outside the
    case."""

    time_s: float
    depth_m: Reals
    level_m: Reals
    speed_m_s: Reals
    max_depth_m: Reals
    max_speed_m_s: Reals
    max_hazard_m2_s: Reals  # greatest product of depth and speed
    arrival_s: Reals  # first time deeper than ``wet_m``; NaN where never
    duration_s: Reals  # time deeper than ``wet_m``
    balance: Balance
    limit: Limit
    steps: int
    cell_updates: int
    state: FloodState = field(repr=False)
    factor: int = 1  # cells of the ground along a computing cell


@dataclass(frozen=True)
class Manhole:
    """Where a node of the drain network opens to the surface; the inlets around it are its own."""

    node: str  # its name in the network
    row: int
    col: int
    inlet_area_m2: float = 0.385  # clear opening: a cover of 0.7 m
    inlet_edge_m: float = 2.2  # along which water falls in


@dataclass(frozen=True)
class DrainedResult:
    """What the water did above and below; ``flood.balance.inflow_m3`` has the exchange in it."""

    flood: FloodResult
    into_drains_m3: Reals = field(repr=False)  # (manholes,) what went down
    out_of_drains_m3: Reals = field(repr=False)  # (manholes,) what came up
    taken_m3: float  # what SWMM took on balance
    on_the_way_m3: float  # given by the surface, taken by SWMM in its next step
    outfalls_m3: float
    flooded_m3: float  # at nodes that are no manholes here: lost inside SWMM
    stored_m3: float  # in the network
    routing_error: float  # SWMM's own continuity error [1]
