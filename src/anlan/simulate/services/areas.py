"""Forecast areas: windows of a terrain."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from anlan.base.errors import BadInput, Refusal
from anlan.base.events import publish
from anlan.people.models import Account
from anlan.places.models import Region

from ..ground.estimate import need_of
from ..models import Area, Terrain
from ..runs.solver import FACTORS

FEWEST_CELLS = 16
MOST_FRAMES = 288
LONGEST_S = 24 * 3600


@transaction.atomic
def make_area(
    *,
    terrain: Terrain,
    name: str,
    region: Region | None = None,
    window: tuple[int, int, int, int] | None = None,
    factor: int = 1,
    every_s: int = 600,
    horizon_s: int = 3 * 3600,
    frame_s: int = 600,
    by: Account,
    at: datetime,
) -> Area:
    """A window (first row, first column, rows, columns) of a terrain to forecast; all of it."""
    region = region or terrain.region
    by.require("simulate.manage", region=region)
    by.require("simulate.manage", region=terrain.region)
    if terrain.replaced_at is not None:
        raise _replaced(terrain)
    row, col, rows, cols = window or (0, 0, terrain.rows, terrain.cols)
    area = Area(
        name=name.strip(),
        region=region,
        terrain=terrain,
        first_row=max(row, 0),
        first_col=max(col, 0),
        rows=rows,
        cols=cols,
        factor=factor,
        every_s=every_s,
        horizon_s=horizon_s,
        frame_s=frame_s,
    )
    _check(area, row, col)
    area.save()
    _publish("simulate.area.made", area, by=by, at=at)
    return area


@transaction.atomic
def switch_area(*, area: Area, enabled: bool, by: Account, at: datetime) -> Area:
    """Forecast it on the clock, or no more."""
    by.require("simulate.manage", region=area.region)
    if enabled:
        require_ground(area)
    if Area.objects.filter(pk=area.pk, enabled=not enabled).update(enabled=enabled):
        name = "simulate.area.enabled" if enabled else "simulate.area.disabled"
        _publish(name, area, by=by, at=at)
    area.refresh_from_db()
    return area


def require_ground(area: Area) -> None:
    """Of ground that is not in force nothing new is computed."""
    if area.terrain.replaced_at is not None:
        raise _replaced(area.terrain)


def _replaced(terrain: Terrain) -> Refusal:
    return Refusal(
        "simulate.terrain_replaced",
        _("The terrain “%(name)s” has been replaced by a newer one.") % {"name": terrain.name},
        hint=_("Make an area on the terrain that is in force, under terrain and areas."),
    )


def _check(area: Area, row: int, col: int) -> None:
    terrain = area.terrain
    if not area.name:
        raise BadInput("simulate.name", _("A forecast area needs a name."))
    outside = row < 0 or col < 0
    outside |= row + area.rows > terrain.rows or col + area.cols > terrain.cols
    if outside or min(area.rows, area.cols) < FEWEST_CELLS * area.factor:
        raise BadInput(
            "simulate.window",
            _("The window must lie in the terrain (%(rows)d x %(cols)d cells) and be 16 wide.")
            % {"rows": terrain.rows, "cols": terrain.cols},
        )
    if area.factor not in FACTORS:
        raise BadInput("simulate.factor", _("A coarse cell is 1, 2, 4, 8 or 16 cells wide."))
    if not 300 <= area.every_s <= 86_400:
        raise BadInput("simulate.every", _("Forecasts come every 5 minutes to every day."))
    if not 0 < area.frame_s <= area.horizon_s <= LONGEST_S or area.horizon_s % area.frame_s:
        raise BadInput(
            "simulate.horizon",
            _("The horizon must be a whole number of frames, and a day at most."),
        )
    if area.horizon_s // area.frame_s > MOST_FRAMES:
        raise BadInput("simulate.frames", _("That is more than 288 frames."))
    _require_memory(area)


def _require_memory(area: Area) -> None:
    need = need_of(area)
    if not need.fits:
        raise Refusal(
            "simulate.memory",
            _("A forecast of this area needs %(needed).1f GB of memory; %(free).1f GB are free.")
            % {"needed": need.bytes / 1e9, "free": need.free / 1e9},
            hint=_("Choose a higher factor or a smaller window."),
        )


def _publish(name: str, area: Area, *, by: Account, at: datetime) -> None:
    publish(name, at=at, by=by, region_path=area.region.path, area_id=area.pk)
