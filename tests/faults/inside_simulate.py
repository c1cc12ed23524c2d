"""What the fault tests of computing ask inside: a valley with a run that takes a while."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from django.conf import settings
from django.core.management import call_command

from anlan.base.models import Event
from anlan.people.models import Account
from anlan.places.models import Region
from anlan.simulate.ground.grid import Grid
from anlan.simulate.models import Run
from anlan.simulate.results.files import open_run
from anlan.simulate.services.runs import request_run
from anlan.simulate.tests.factories import area_in, gauge_at, rain, terrain_in

GRID = Grid(epsg=32650, west_m=757_900.0, north_m=3_222_000.0, cell_m=5.0, rows=400, cols=400)


def prepare() -> dict[str, object]:
    """A run in the queue: some tens of seconds of computing."""
    call_command("migrate", verbosity=0)
    at = datetime.now(UTC)
    county = Region.objects.create(code="990101", name="试验县", level=3, path="99/990101/")
    bed = 60.0 - 0.002 * np.arange(400)[:, None] * 5.0 + np.zeros(GRID.shape)
    bed[200:260, 200:260] -= 3.0
    folder = Path(settings.DATA_DIR)
    terrain = terrain_in(county, folder, bed=bed.astype(np.float32), grid=GRID)
    area = area_in(county, folder, terrain=terrain, rows=400, cols=400, horizon_s=3 * 3600)
    rain(gauge_at(county), [50 / 12] * 24, until=at - timedelta(minutes=1))
    run = request_run(area=area, by=Account.objects.system(), at=at)
    return {"run": run.pk}


def state() -> dict[str, object]:
    """How the run stands."""
    run = Run.objects.get()
    frames = []
    if run.state == Run.State.DONE:
        found = open_run(run)
        frames = [int(found.depth_cm(n).max()) for n in range(run.frames)]
    return {
        "state": run.state,
        "attempts": run.attempts,
        "progress": run.progress,
        "error": run.error,
        "frames": frames,
        "told": Event.objects.filter(name="simulate.run.done").count(),
        "parts": [p.name for p in (Path(settings.DATA_DIR) / "simulate" / "runs").glob(".*")],
    }
