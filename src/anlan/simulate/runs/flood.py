"""The door to the flood engine: gather what a run needs, compute, keep what came out.

A forecast begins where the last analysis stopped, or dry three hours back; observed rain brings
it to `base_at`, expected rain carries it on. The kept analysis is a little older than `base_at`:
readings that come late still count in the next run.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anlan import __version__
from anlan.engines import flood as engine

from ..ground.grid import Grid
from ..ground.layers import Ground
from ..ground.terrain_files import read_ground
from ..models import Run
from ..rain import area as rains
from ..rain.field import RainField, between
from ..results import files as results
from ..words import in_our_words
from . import states
from .solver import WET_M, Moment, Solver, case_of

ENGINE = f"flood {__version__}"
SPIN_UP = timedelta(hours=3)
SETTLED = timedelta(minutes=15)  # readings older than this are taken as complete
Beat = Callable[[float], bool]  # told the part done; answers whether to stop


class Stopped(Exception):
    """The run was cancelled, or somebody else has it now."""


@dataclass
class Outcome:
    """What goes into the run's row."""

    summary: dict[str, Any] = field(default_factory=dict)
    inputs: dict[str, Any] = field(default_factory=dict)
    rain_source: str = Run.Rain.GAUGES


@dataclass
class Course:
    """The stretches of a run, so that its progress is one number."""

    total_s: float
    beat: Beat
    done_s: float = 0.0

    def tell(self, time_s: float) -> bool:
        return self.beat(min(0.999, (self.done_s + time_s) / self.total_s))

    def passed(self, moment: Moment, until_s: float) -> None:
        if moment.time_s < until_s - 1e-3:
            raise Stopped
        self.done_s += until_s


@dataclass
class Ready:
    """A run about to look ahead."""

    ground: Ground
    solver: Solver
    rain: RainField  # from `base_at` on
    course: Course
    state: engine.FloodState | None = None  # none: dry
    outcome: Outcome = field(default_factory=Outcome)


def forecast(run: Run, beat: Beat) -> Outcome:
    """Compute a forecast and write its files. Refusal where an input is missing or bad."""
    started = time.perf_counter()
    with in_our_words():
        ready = analysed(run, beat)
        run_ahead(run, ready)
    ready.outcome.summary["took_s"] = round(time.perf_counter() - started, 2)
    return ready.outcome


def analysed(run: Run, beat: Beat) -> Ready:
    """The water as it stands at `base_at`, and the rain that is expected."""
    ground = read_ground(run.area)
    begun = _begin(run)
    ahead, rain_source = rains.foreseen(run.area, at=run.base_at, horizon_s=run.horizon_s)
    past = rains.fallen(
        ground.grid, since=begun.at, until=run.base_at, required=rain_source == Run.Rain.GAUGES
    )
    span_s = (run.base_at - begun.at).total_seconds()
    course = Course(span_s + run.horizon_s, beat)
    ready = Ready(ground, Solver(case_of(ground), factor=run.area.factor), ahead, course)
    ready.state = _analyse(run, ready.solver, begun, past, course)
    ready.outcome.rain_source = rain_source
    ready.outcome.inputs = {
        "terrain": terrain_note(run),
        "rain_past": {"note": past.note, "sha256": past.sha256, **past.facts},
        "rain_ahead": {"note": ahead.note, "sha256": ahead.sha256, **ahead.facts},
    }
    ready.outcome.summary = {
        "analysis_s": round(span_s),
        "warm": begun.state is not None,
        "rain_past_mm": round(past.mean_mm, 1),
    }
    if ahead.facts.get("made_up"):
        ready.outcome.summary["rain_made_up"] = True
    return ready


def terrain_note(run: Run) -> dict[str, Any]:
    return {"note": run.area.terrain.name, "sha256": states.fingerprint(run.area)}


@dataclass(frozen=True)
class Begun:
    at: datetime
    state: engine.FloodState | None


def _begin(run: Run) -> Begun:
    """Where to start: at the kept analysis if it is neither too old nor from after."""
    kept = states.recall(run.area)
    if kept is not None and run.base_at - 2 * SPIN_UP <= kept.at <= run.base_at:
        return Begun(kept.at, kept.state)
    return Begun(run.base_at - SPIN_UP, None)


def _analyse(
    run: Run, solver: Solver, begun: Begun, past: RainField, course: Course
) -> engine.FloodState:
    """Bring the water to `base_at` with what fell; keep where it stood a little before."""
    span_s = (run.base_at - begun.at).total_seconds()
    settled_s = max(0.0, span_s - SETTLED.total_seconds())
    state = begun.state and engine.restarted(begun.state)
    for start_s, end_s in ((0.0, settled_s), (settled_s, span_s)):
        rain = between(past, start_s, end_s) if end_s > start_s else None
        moment = solver.go(rain, end_s - start_s, state=state, tell=course.tell)
        course.passed(moment, end_s - start_s)
        state = engine.restarted(moment.state)
        if end_s == settled_s and start_s < end_s:
            states.keep(run.area, at=begun.at + timedelta(seconds=settled_s), state=state)
    assert state is not None
    return state


def run_ahead(run: Run, ready: Ready) -> None:
    """Compute the frames and what is kept of the whole, and write them."""
    folder, solver, ground = results.run_folder(run), ready.solver, ready.ground
    times = [float(n * run.frame_s) for n in range(run.frames)]
    state, made_up = ready.state, run.area.terrain.made_up
    with results.writing(folder, grid=ground.grid, base_at=run.base_at, made_up=made_up) as files:
        files.frames(times)
        for number, time_s in enumerate(times):
            moment = solver.go(ready.rain, time_s, state=state, tell=ready.course.tell)
            if moment.time_s < time_s - 1e-3:
                raise Stopped
            state = moment.state
            files.frame(number, moment.depth_m)
        found = fields_of(moment)
        for name, values in found.items():
            files.field(name, values)
        ready.outcome.summary |= summary_of(moment, found, ground.grid)
        ready.outcome.summary["rain_ahead_mm"] = round(ready.rain.mean_mm, 1)
        files.meta["summary"] = ready.outcome.summary


def fields_of(end: Moment) -> dict[str, NDArray[Any]]:
    """What is kept of a whole run."""
    result = end.result
    return {
        "max_depth": result.max_depth_m,
        "max_speed": result.max_speed_m_s,
        "max_hazard": result.max_hazard_m2_s,
        "arrival": result.arrival_s,
        "duration": result.duration_s,
    }


def summary_of(end: Moment, found: dict[str, NDArray[Any]], grid: Grid) -> dict[str, Any]:
    """The run in a few numbers."""
    depth = found["max_depth"]
    cell_ha = grid.cell_m**2 / 10_000.0
    row, col = np.unravel_index(int(np.nanargmax(depth)), depth.shape)
    at: list[float] = [int(row), int(col)]
    if grid.epsg:
        at = [round(float(v), 6) for v in grid.lonlat(row, col)]
    balance, limit = end.result.balance, end.result.limit
    return {
        "deepest_m": round(float(depth[row, col]), 2),
        "deepest_at": at,  # lon, lat; without a CRS row, column
        "wet_ha": round(float((depth >= WET_M).sum()) * cell_ha, 1),
        "balance_m3": {
            name.removesuffix("_m3"): round(float(getattr(balance, name)), 1)
            for name in balance.__dataclass_fields__
        },
        "limit": {"depth_m": round(limit.depth_m, 2), "step_s": round(limit.step_s, 3)},
        "steps": end.result.steps,
    }
