"""Rain ahead from radar: the last fields of a file, carried on by pysteps over a wide square."""

from datetime import datetime
from pathlib import Path

import numpy as np
from django.conf import settings
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from anlan.base.errors import BadInput
from anlan.engines.rain.radar import NEEDED, radar_ahead

from ..ground.grid import Grid
from ..models import RainForecast
from ..words import in_our_words
from .field import FIELD_CELL_M, RainField, between, middles
from .netcdf import RainFile, read_rain

AROUND_M = 60_000.0  # rain at 20 m/s comes from so far in the time that radar is good for
GOOD_FOR_S = 5400.0  # after that radar knows no more than gauges (docs/engines/rain.md)
EVEN = 0.02  # of a step: fields so close to evenly spaced are taken as such


def nowcast(file: RainForecast, grid: Grid, *, at: datetime, horizon_s: float) -> RainField:
    """Rates over a grid from an instant on, an hour and a half ahead at most."""
    told = read_rain(Path(settings.DATA_DIR) / file.folder, variable=file.variable)
    step_s = _step(told)
    late_s = (at - told.edges[-1]).total_seconds()
    ahead_s = min(horizon_s, GOOD_FOR_S)
    wide = _wide(grid)
    seen = told.over(wide, since=told.edges[0])
    with in_our_words():
        found = radar_ahead(
            seen.rate_mm_h, step_s=step_s, leads=int(np.ceil((late_s + ahead_s) / step_s))
        )
    rows, cols = _inside(wide, grid)
    cut = RainField(found.edges_s, found.rate_mm_h[:, rows[:, None], cols])
    return between(cut, late_s, late_s + ahead_s)


def _step(told: RainFile) -> float:
    steps = told.hours * 3600.0
    if len(steps) < NEEDED or np.ptp(steps[-NEEDED:]) > EVEN * steps[-1]:
        raise BadInput(
            "simulate.radar_steps",
            _("The radar file needs three intervals or more, equally long."),
        )
    return float(steps[-1])


def _wide(grid: Grid) -> Grid:
    """A grid of a kilometre a cell around another, far enough for the rain that will come."""
    west, south, east, north = grid.bounds_m
    rows, cols = (
        int(np.ceil((b - a + 2 * AROUND_M) / FIELD_CELL_M))
        for a, b in ((south, north), (west, east))
    )
    return Grid(grid.epsg, west - AROUND_M, north + AROUND_M, FIELD_CELL_M, rows, cols)


def _inside(wide: Grid, grid: Grid) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows and columns of the wide grid's blocks that are nearest to the grid's own."""
    (wide_x, wide_y), (x, y) = middles(wide), middles(grid)
    return (
        np.abs(wide_y[:, None] - y).argmin(axis=0),
        np.abs(wide_x[:, None] - x).argmin(axis=0),
    )
