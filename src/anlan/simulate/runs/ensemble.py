"""A scenario: other rain over one ground; with members, also how sure it is.

The run itself is the middle one and has its frames; each member changes rain, roughness or
drains and gives its greatest depths. Of all members together: the part that passes 15, 30, 50 cm.
"""

import time
from typing import Any

import numpy as np
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from anlan.engines import rain as rain_engine

from ..ground.terrain_files import read_ground
from ..models import Run
from ..rain.field import RainField, even
from ..results.files import OVER_CM, add_fields, run_folder
from ..words import in_our_words
from . import cluster, flood, member
from .flood import Beat, Course, Outcome, Ready, Stopped
from .solver import Solver, case_of

ALONE = 0.4  # of the progress: the middle run, before its members


def compute(run: Run, beat: Beat) -> Outcome:
    """The middle run with its frames, then the members."""
    started = time.perf_counter()
    members = list(run.members.order_by("member"))
    share = ALONE if members else 1.0
    with in_our_words():
        ready = _ready(run, lambda part: beat(part * share))
        flood.run_ahead(run, ready)
        if members:
            _together(run, members, ready, beat)
    ready.outcome.summary["took_s"] = round(time.perf_counter() - started, 2)
    return ready.outcome


def _ready(run: Run, beat: Beat) -> Ready:
    """A design storm on dry ground, or the water and the rain of now."""
    if "storm" not in run.settings:
        return flood.analysed(run, beat)
    rain = design_storm(run.settings["storm"])
    ground = read_ground(run.area)
    inputs = {
        "terrain": flood.terrain_note(run),
        "rain_ahead": {"note": rain.note, "sha256": rain.sha256},
    }
    outcome = Outcome(inputs=inputs, rain_source=Run.Rain.DESIGN)
    solver = Solver(case_of(ground), factor=run.area.factor)
    return Ready(ground, solver, rain, Course(run.horizon_s, beat), outcome=outcome)


def design_storm(given: dict[str, Any]) -> RainField:
    """A city's intensity formula in the Chicago pattern, the same everywhere."""
    made = rain_engine.design_storm(
        rain_engine.IntensityFormula(**given["formula"]),
        years=given["years"],
        duration_min=given["duration_min"],
        peak_ratio=given["peak_ratio"],
    )
    return even(made.edges_s, made.rate_mm_h, f"P={made.years:g}a, {made.depth_mm:.1f} mm")


def _together(run: Run, members: list[Run], ready: Ready, beat: Beat) -> None:
    horizon_s = float(run.horizon_s)
    tasks = [
        member.Task(
            ready.ground,
            ready.rain,
            run.area.factor,
            horizon_s,
            member.Change(**child.settings["change"]),
            ready.state,
        )
        for child in members
    ]
    counts = {depth: np.zeros(ready.ground.grid.shape, np.int32) for depth in OVER_CM}
    folder = str(settings.DATA_DIR / "simulate" / "dask")
    try:
        with cluster.workers(settings.DASK, most=len(tasks), folder=folder) as client:
            found = cluster.each(
                client, member.run_member, tasks, beat=lambda p: beat(ALONE + (1 - ALONE) * p)
            )
            for number, result in found:
                for depth, count in counts.items():
                    count += np.nan_to_num(result.max_depth_m) * 100.0 >= depth
                _note_member(members[number], result, ready.outcome.rain_source)
    except cluster.Called as called:
        raise Stopped from called
    inside = np.isfinite(ready.ground.bed_m)
    parts = {f"over_{d}cm": np.where(inside, n / len(tasks), np.nan) for d, n in counts.items()}
    add_fields(run_folder(run), parts)
    ready.outcome.summary["members"] = len(tasks)


@transaction.atomic
def _note_member(child: Run, found: member.Result, rain_source: str) -> None:
    Run.objects.filter(pk=child.pk, state=Run.State.QUEUED).update(
        state=Run.State.DONE,
        finished_at=timezone.now(),
        progress=1.0,
        engine=flood.ENGINE,
        rain_source=rain_source,
        summary={
            "deepest_m": round(found.deepest_m, 2),
            "wet_ha": round(found.wet_ha, 1),
            "error_m3": found.error_m3,
            "took_s": round(found.took_s, 2),
        },
    )
