"""The flood engine behind one face: fine cells, or coarse cells over the fine ground."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anlan.engines import flood

from ..ground.layers import DEFAULT_MANNING, Ground
from ..rain.field import RainField

Array = NDArray[Any]
Tell = Callable[[float], bool | None]
FACTORS = (1, 2, 4, 8, 16)  # how many cells wide a computing cell may be
WET_M = 0.15  # from which arrival and duration count: a curb, cars get wet
EDGE_SLOPE = 0.001
SIDES: tuple[flood.case.Side, ...] = ("north", "south", "west", "east")


@dataclass(frozen=True)
class Moment:
    """Where a run stands: depths on the fine ground, and the state to go on from."""

    time_s: float
    depth_m: Array = field(repr=False)  # (rows, cols), NaN outside
    state: flood.FloodState = field(repr=False)
    result: flood.FloodResult = field(repr=False)


class Solver:
    """One case, and how coarse to compute on its ground. Results are on the fine ground."""

    def __init__(self, case: flood.FloodCase, *, factor: int = 1, threads: int = 1) -> None:
        self.case, self.factor, self.threads = case, factor, threads
        # Made once for all stretches and frames of a run: they cost as much as some of them.
        self.tables = flood.coarse_ground(case, factor) if factor > 1 else None

    def go(
        self,
        rain: RainField | None,
        until_s: float,
        *,
        state: flood.FloodState | None = None,
        tell: Tell | None = None,
    ) -> Moment:
        """From the start or a state to `until_s`; without rain, with the case's own."""
        case = self.case
        if rain is not None:
            case = replace(case, rain=flood.Rain(rain.edges_s, rain.rate_mm_h))
        if self.tables is None:
            found = flood.run(case, until_s, state=state, threads=self.threads, on_progress=tell)
        else:
            found = flood.run_coarse(
                case,
                until_s,
                factor=self.factor,
                ground=self.tables,
                state=state,
                threads=self.threads,
                on_progress=tell,
            )
        return Moment(found.time_s, found.depth_m, found.state, found)


def case_of(ground: Ground) -> flood.FloodCase:
    """The engine's case of a ground: open all around, without rain yet."""
    layers = ground.layers
    return flood.FloodCase(
        bed_m=layers["bed"],
        cell_m=ground.grid.cell_m,
        manning=layers.get("manning", DEFAULT_MANNING),
        blocked=closed_cells(layers["bed"], layers.get("blocked")),
        drain_mm_h=layers.get("drain", 0.0),
        infiltration=_soil(layers),
        edges=tuple(flood.OpenEdge(side, slope=EDGE_SLOPE) for side in SIDES),
        links=tuple(link_of(link) for link in ground.links),
        wet_m=WET_M,
    )


def closed_cells(bed_m: Array, buildings: Array | None) -> NDArray[np.bool_] | None:
    """Buildings, and ground without a height: a lake or a hole that was too large to fill."""
    closed = np.isnan(bed_m)
    if buildings is not None:
        closed |= np.asarray(buildings) > 0.5
    return closed if closed.any() else None


def link_of(link: dict[str, Any]) -> flood.Culvert | flood.Pump:
    """A culvert or pump from its numbers, its ends as rows and columns."""
    given = {name: value for name, value in link.items() if name not in {"kind", "name"}}
    given["source"] = tuple(given["source"])
    given["target"] = tuple(given["target"]) if given.get("target") else None
    return flood.Culvert(**given) if link["kind"] == "culvert" else flood.Pump(**given)


def _soil(layers: dict[str, Array]) -> flood.GreenAmpt | None:
    if "conductivity" not in layers:
        return None
    return flood.GreenAmpt(
        layers["conductivity"], layers.get("suction", 0.0), layers.get("deficit", 0.0)
    )
