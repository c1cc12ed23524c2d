"""What is dropped of old runs, and what stays."""

import os
from datetime import timedelta

import numpy as np
import pytest

from anlan.people.models import Account
from anlan.places.tests.factories import RegionFactory
from anlan.simulate.models import Run
from anlan.simulate.results.files import open_run, run_folder, writing
from anlan.simulate.runs.tidy import tidy_runs

from .factories import GRID, NOON, area_in

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def written(area, base_at, kind=Run.Kind.FORECAST):
    run = Run.objects.create(
        area=area, kind=kind, state=Run.State.DONE, base_at=base_at, horizon_s=600, frame_s=600,
        requested_at=base_at, requested_by=Account.objects.system(),
    )  # fmt: skip
    with writing(run_folder(run), grid=GRID, base_at=base_at, made_up=True) as files:
        files.frames([0.0, 600.0])
        for name in ("max_depth", "arrival"):
            files.field(name, np.zeros(GRID.shape))
    return run


def test_frames_go_after_days_files_after_more_and_scenarios_never(settings, tmp_path):
    settings.DATA_DIR, settings.FRAME_DAYS, settings.RUN_DAYS = tmp_path, 3, 30
    area = area_in(RegionFactory(level=3), tmp_path)
    fresh, old, ancient = (written(area, NOON - days * DAY) for days in (2, 4, 31))
    kept = written(area, NOON - 40 * DAY, Run.Kind.SCENARIO)
    parts = [run_folder(fresh).with_name(name) for name in (".77.part", ".78.part")]
    for part in parts:
        part.mkdir()
    os.utime(parts[0], (0, 0))

    assert tidy_runs(NOON) == 3
    assert tidy_runs(NOON) == 0

    assert open_run(fresh).has_frames
    assert open_run(fresh).has("arrival")
    assert open_run(kept).has_frames
    found = open_run(old)
    assert (found.has_frames, found.has("arrival"), found.has("max_depth")) == (False, False, True)
    assert not run_folder(ancient).exists()
    assert [part.exists() for part in parts] == [False, True]
    assert Run.objects.count() == 4
