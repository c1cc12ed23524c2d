"""Read what forecasts stand on, for who keeps it. Every function takes the reader."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from anlan.base.errors import NotFound
from anlan.people.models import Account

from ..describe import report_lines
from ..models import Area, RainForecast, Terrain
from .estimate import Need, need_of

MANAGE = "simulate.manage"
FILES = 20  # of the weather service, the newest


@dataclass(frozen=True)
class Kept:
    """Everything on the page of grounds."""

    terrains: QuerySet[Terrain]
    areas: list[tuple[Area, Need]]
    rain: QuerySet[RainForecast]


def everything(*, actor: Account) -> Kept:
    paths = actor.regions_for(MANAGE)
    if not paths:
        raise NotFound("simulate.nothing_kept", _("You keep no terrain and no forecast areas."))
    terrains = Terrain.objects.within(paths).in_force().select_related("region")
    used = Count("areas", filter=Q(areas__enabled=True))
    areas = Area.objects.within(paths).select_related("terrain", "region")
    rain = RainForecast.objects.within(paths).select_related("region").order_by("-issued_at", "-pk")
    return Kept(
        terrains.annotate(used=used).order_by("region__path", "name"),
        [(area, need_of(area)) for area in areas.order_by("-enabled", "region__path", "name")],
        rain[:FILES],
    )


def get_terrain(*, actor: Account, terrain_id: int) -> Terrain:
    found = Terrain.objects.within(actor.regions_for(MANAGE)).filter(pk=terrain_id)
    terrain = found.select_related("region", "imported_by").first()
    if terrain is None:
        raise NotFound("simulate.no_terrain", _("There is no such terrain in your regions."))
    return terrain


def get_area(*, actor: Account, area_id: int) -> Area:
    found = Area.objects.within(actor.regions_for(MANAGE)).filter(pk=area_id)
    area = found.select_related("terrain", "region").first()
    if area is None:
        raise NotFound("simulate.no_area", _("There is no such forecast area in your regions."))
    return area


def need(*, terrain: Terrain, window: tuple[int, int, int, int], **fields: Any) -> Need:
    """What an area would need that is not made yet."""
    row, col, rows, cols = window
    return need_of(
        Area(terrain=terrain, first_row=row, first_col=col, rows=rows, cols=cols, **fields)
    )


def report(terrain: Terrain) -> list[str]:
    """What was found when it was checked."""
    return report_lines(terrain.grid, terrain.report) if terrain.report else []
