"""The flood engine behind one face: fine cells, or coarse cells over the fine ground."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anlan.engines import flood

from .ground import DEFAULT_MANNING, Ground
from .rainfield import RainField

Array = NDArray[Any]
Tell = Callable[[float], bool | None]
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
    """One ground, its rain, and how coarse to compute on it."""

    def __init__(self, ground: Ground, *, factor: int = 1, threads: int = 1) -> None:
        self.ground, self.factor, self.threads = ground, factor, threads
        self.case = _case(ground, factor)

    def go(
        self,
        rain: RainField | None,
        until_s: float,
        *,
        state: flood.FloodState | None = None,
        tell: Tell | None = None,
    ) -> Moment:
        """From the start or a state to `until_s`."""
        case = self.case
        if rain is not None:
            case = replace(case, rain=flood.Rain(rain.edges_s, rain.rate_mm_h))
        found = flood.run(case, until_s, state=state, threads=self.threads, on_progress=tell)
        return Moment(found.time_s, self.fine(found.level_m, found.depth_m), found.state, found)

    def fine(self, level_m: Array, depth_m: Array) -> Array:
        """Depth on the fine ground."""
        if self.factor == 1:
            return depth_m
        rows, cols = self.ground.grid.shape
        wide = _repeated(np.where(depth_m > 0, level_m, -np.inf), self.factor)[:rows, :cols]
        depth = np.maximum(wide - self.ground.bed_m, 0.0)
        return np.where(np.isnan(self.ground.bed_m), np.nan, depth)

    def max_depth_m(self, end: Moment) -> Array:
        """Greatest depth on the fine ground."""
        depth = end.result.max_depth_m
        return self.fine(self.case.bed_m + depth, depth)

    def spread(self, values: Array) -> Array:
        """Values of the computing cells on the fine ground."""
        if self.factor == 1:
            return values
        rows, cols = self.ground.grid.shape
        return _repeated(values, self.factor)[:rows, :cols]


def _case(ground: Ground, factor: int) -> flood.FloodCase:
    layers = {name: _coarse(values, factor) for name, values in ground.layers.items()}
    bed = layers["bed"].astype(np.float32)
    links = ground.links if factor == 1 else []
    return flood.FloodCase(
        bed_m=bed,
        cell_m=ground.grid.cell_m * factor,
        manning=layers.get("manning", DEFAULT_MANNING),
        blocked=_blocked(layers),
        drain_mm_h=layers.get("drain", 0.0),
        infiltration=_soil(layers),
        edges=tuple(flood.OpenEdge(side, slope=EDGE_SLOPE) for side in SIDES),
        links=tuple(_link(link) for link in links),
        wet_m=WET_M,
    )


def _blocked(layers: dict[str, Array]) -> NDArray[np.bool_] | None:
    """Buildings, and ground without a height: a lake or a hole that was too large to fill."""
    closed = np.isnan(layers["bed"])
    if "blocked" in layers:
        closed |= layers["blocked"] > 0.5
    return closed if closed.any() else None


def _link(link: dict[str, Any]) -> flood.Culvert | flood.Pump:
    given = {name: value for name, value in link.items() if name not in {"kind", "name"}}
    given["source"] = tuple(given["source"])
    given["target"] = tuple(given["target"]) if given["target"] else None
    return flood.Culvert(**given) if link["kind"] == "culvert" else flood.Pump(**given)


def _soil(layers: dict[str, Array]) -> flood.GreenAmpt | None:
    if "conductivity" not in layers:
        return None
    return flood.GreenAmpt(
        layers["conductivity"], layers.get("suction", 0.0), layers.get("deficit", 0.0)
    )


def _coarse(values: Array, factor: int) -> Array:
    if factor == 1:
        return values
    rows, cols = (n + -n % factor for n in values.shape)
    padded = np.full((rows, cols), np.nan)
    padded[: values.shape[0], : values.shape[1]] = values
    blocks = padded.reshape(rows // factor, factor, cols // factor, factor)
    with np.errstate(all="ignore"):
        return np.asarray(np.nanmean(blocks, axis=(1, 3)))


def _repeated(values: Array, factor: int) -> Array:
    return np.repeat(np.repeat(values, factor, axis=0), factor, axis=1)
