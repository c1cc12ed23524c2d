"""What a reader sees of finished runs: pictures, rasters, depths at a point.

Every function takes the reader. A run that shows nothing of their regions is not there for them.
"""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from django.utils import timezone
from django.utils.translation import gettext as _

from anlan.base import clock
from anlan.base.errors import NotFound
from anlan.people.models import Account

from ..ground.rasters import write_raster
from ..models import Area, Run
from ..queries import get_run, visible_areas
from . import frames
from .files import FIELDS, OUTSIDE, RunResult, open_run
from .reach import Reach, reach

VIEW = "simulate.view"


@dataclass(frozen=True)
class Seen:
    """A finished run as one reader sees it."""

    run: Run
    result: RunResult
    reach: Reach

    @property
    def key(self) -> str:
        """Of its pictures; goes into their addresses."""
        return frames.key(result=self.result, reach=self.reach)


def see(*, actor: Account, run: Run) -> Seen:
    """A finished run with its files, cut to the reader's regions."""
    result = open_run(run)
    mine = reach(area=run.area, grid=result.grid, paths=actor.regions_for(VIEW))
    return Seen(run, result, mine)


def my_areas(*, actor: Account, in_use: bool = True) -> list[Area]:
    """Areas that show something of the reader's own regions, not only of their city."""
    areas = visible_areas(actor=actor)
    if in_use:
        areas = areas.filter(enabled=True, terrain__replaced_at=None)
    return [area for area in areas if _shows(area, actor)]


def _shows(area: Area, actor: Account) -> bool:
    try:
        reach(area=area, grid=area.grid, paths=actor.regions_for(VIEW))
    except NotFound:
        return False
    return True


def my_run(*, actor: Account, run_id: int) -> Run:
    """One run, finished or not, of an area that shows something of the reader's regions."""
    run = get_run(actor=actor, run_id=run_id)
    reach(area=run.area, grid=run.area.grid, paths=actor.regions_for(VIEW))
    return run


def get_picture(*, actor: Account, run_id: int, picture: frames.Picture) -> tuple[bytes, str]:
    """A picture of a run's water in the reader's regions, and the key of all of that run."""
    seen = see(actor=actor, run=my_run(actor=actor, run_id=run_id))
    frame = picture.frame
    known = (
        frame < len(seen.result.times_s)
        if isinstance(frame, int)
        else frame in frames.sheets(seen.result)
    )
    if not known:
        raise NotFound("simulate.no_frame", _("This forecast has no such picture."))
    return frames.png(result=seen.result, reach=seen.reach, picture=picture), seen.key


def get_raster(*, actor: Account, run_id: int) -> tuple[bytes, str]:
    """The greatest depths in the reader's regions as a GeoTIFF, and a name for the file."""
    return _field(actor, run_id, "max_depth", "")


def get_probability(*, actor: Account, run_id: int, depth_cm: int) -> tuple[bytes, str]:
    """Of an ensemble: how likely a depth is in the reader's regions, as a GeoTIFF."""
    return _field(actor, run_id, f"over_{depth_cm}cm", f"-{depth_cm}cm")


def _field(actor: Account, run_id: int, field: str, ending: str) -> tuple[bytes, str]:
    seen = see(actor=actor, run=my_run(actor=actor, run_id=run_id))
    when = timezone.localtime(seen.run.base_at)
    name = f"{seen.run.area.name}-{when:%Y%m%d-%H%M}{ending}.tif"
    path = seen.result.path(field)
    if seen.reach.cells is None:
        return path.read_bytes(), name
    values = seen.reach.cut(seen.result.field(field), np.nan)
    with TemporaryDirectory(prefix="anlan-") as folder:
        part = Path(folder) / "field.tif"
        note = "made-up ground" if seen.result.made_up else ""
        write_raster(part, values, seen.result.grid, unit=FIELDS[field], note=note)
        return part.read_bytes(), name


def point_series(*, actor: Account, run_id: int, lon: float, lat: float) -> dict[str, Any]:
    """How deep it will be at a position over time; only inside the reader's regions."""
    seen = see(actor=actor, run=my_run(actor=actor, run_id=run_id))
    grid = seen.result.grid
    row, col = (int(part) for part in grid.cells(lon, lat))
    if not (grid.holds(row, col) and seen.reach.holds(row, col)):
        raise NotFound("simulate.no_cell", _("This forecast shows nothing there in your regions."))
    column = [seen.result.depth_cm(n)[row, col] for n in range(len(seen.result.times_s))]
    return {
        "times": [clock.to_epoch_ms(time) for time in seen.result.times],
        "depths_m": [None if cm == OUTSIDE else int(cm) / 100 for cm in column],
        "cell_m": grid.cell_m,
    }
