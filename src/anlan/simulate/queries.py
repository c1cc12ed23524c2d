"""Read terrains, areas and runs. Every function takes the reader.

A forecast made for a city is seen by everybody who may see forecasts in the city or in a part of
it: a town's officer stands in the city's water. Elsewhere it is not there.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from anlan.base.errors import NotFound
from anlan.people.models import Account
from anlan.places.queries import paths_upwards

from .models import Area, Run, RunQuerySet

LATE_AFTER = 2.5  # times the area's own interval


def visible_areas(*, actor: Account) -> QuerySet[Area]:
    """Areas in the actor's regions, and those of the regions around them."""
    found = Area.objects.filter(_around(actor.regions_for("simulate.view")))
    return found.select_related("terrain", "region").order_by("region__path", "name")


def _around(paths: Iterable[str], prefix: str = "") -> Q:
    condition = Q(pk__in=[])
    above: set[str] = set()
    for path in paths:
        condition |= Q(**{f"{prefix}region__path__under": path})
        above.update(paths_upwards(path))
    return condition | Q(**{f"{prefix}region__path__in": sorted(above)})


def get_area(*, actor: Account, area_id: int) -> Area:
    found = visible_areas(actor=actor).filter(pk=area_id).first()
    if found is None:
        raise NotFound("simulate.no_area", _("There is no such forecast area in your regions."))
    return found


def visible_runs(*, actor: Account) -> RunQuerySet:
    """Forecasts and scenarios, the newest first; members of ensembles left out."""
    runs = Run.objects.filter(_around(actor.regions_for("simulate.view"), "area__"))
    runs = runs.exclude(kind=Run.Kind.MEMBER).select_related("area__terrain", "area__region")
    return runs.order_by("-base_at", "-pk")


def get_run(*, actor: Account, run_id: int) -> Run:
    found = visible_runs(actor=actor).filter(pk=run_id).first()
    if found is None:
        raise NotFound("simulate.no_run", _("There is no such run in your regions."))
    return found


def latest_run(*, area: Area, actor: Account) -> Run | None:
    """The newest forecast of an area that was computed to its end."""
    return visible_runs(actor=actor).forecasts().done().filter(area=area).first()


@dataclass(frozen=True)
class Health:
    """Whether an area's forecasts can be relied on."""

    area: Area
    latest: Run | None  # the last good one …
    age: timedelta | None  # … and how long ago it looked ahead from
    late: bool  # older than it should be
    underway: Run | None
    failed: Run | None  # the newest, if it went wrong


def run_health(*, area: Area, actor: Account, at: datetime) -> Health:
    """The last good forecast with its age, what is underway, and what went wrong since."""
    latest = latest_run(area=area, actor=actor)
    forecasts = visible_runs(actor=actor).forecasts().filter(area=area)
    newest = forecasts.exclude(state__in=[Run.State.QUEUED, Run.State.RUNNING]).first()
    age = at - latest.base_at if latest else None
    late = area.enabled and (age is None or age.total_seconds() > LATE_AFTER * area.every_s)
    failed = newest if newest is not None and newest.state == Run.State.FAILED else None
    return Health(area, latest, age, late, forecasts.unfinished().first(), failed)


def last_storm(*, actor: Account, area_id: int) -> dict[str, Any] | None:
    """The design storm last asked for in an area."""
    runs = visible_runs(actor=actor).filter(
        area=area_id, kind=Run.Kind.SCENARIO, rain_source=Run.Rain.DESIGN
    )
    found: dict[str, Any] | None = runs.values_list("settings__storm", flat=True).first()
    return found
