"""One member of an ensemble: computed anywhere, knows no database.

Importing this module must not touch Django: a worker of a cluster has none.
"""

import time
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from anlan.engines.flood import FloodState

from ..ground.layers import DEFAULT_MANNING, Ground
from ..rain.field import RainField, scaled
from .solver import WET_M, Solver, case_of


@dataclass(frozen=True)
class Change:
    """What a member does differently: factors of the rain, the roughness and the drains."""

    rain: float = 1.0
    manning: float = 1.0
    drain: float = 1.0


@dataclass(frozen=True)
class Task:
    """All that a member needs."""

    ground: Ground = field(repr=False)
    rain: RainField = field(repr=False)
    factor: int
    until_s: float
    change: Change
    state: FloodState | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Result:
    max_depth_m: NDArray[np.float32] = field(repr=False)
    deepest_m: float
    wet_ha: float
    error_m3: float  # water that no account explains
    took_s: float


def changed(ground: Ground, change: Change) -> Ground:
    """The ground with other roughness and drains."""
    layers = dict(ground.layers)
    if change.manning != 1.0:
        usual = np.full(ground.grid.shape, DEFAULT_MANNING, np.float32)
        layers["manning"] = layers.get("manning", usual) * np.float32(change.manning)
    if change.drain != 1.0 and "drain" in layers:
        layers["drain"] = layers["drain"] * np.float32(change.drain)
    return replace(ground, layers=layers)


def run_member(task: Task) -> Result:
    """The greatest depths of one member."""
    started = time.perf_counter()
    solver = Solver(case_of(changed(task.ground, task.change)), factor=task.factor)
    end = solver.go(scaled(task.rain, task.change.rain), task.until_s, state=task.state)
    depth = np.asarray(end.result.max_depth_m, np.float32)
    cell_ha = task.ground.grid.cell_m**2 / 10_000.0
    return Result(
        max_depth_m=depth,
        deepest_m=float(np.nanmax(depth)),
        wet_ha=float((depth >= WET_M).sum()) * cell_ha,
        error_m3=float(end.result.balance.error_m3),
        took_s=time.perf_counter() - started,
    )
