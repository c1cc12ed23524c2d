"""What forecasts say of people's places: what will stand in water, when, and how deep.

Every function takes the reader and shows only what lies in their regions.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from anlan.base import clock
from anlan.base.notices import Notice
from anlan.people.models import Account
from anlan.places import kinds
from anlan.places.models import PLACE, Region
from anlan.places.queries import paths_upwards

from ..models import Hit, Run
from ..queries import Health, run_health
from ..results.seen import VIEW, my_areas, my_run

MOST_HITS = 300  # rows of a list; all are counted


def list_hits(*, actor: Account, run: Run) -> QuerySet[Hit]:
    """What a run says will stand in water in the reader's regions, the soonest first."""
    hits = Hit.objects.within(actor.regions_for(VIEW)).filter(run=run)
    return hits.select_related(f"region__{PLACE}", "site").order_by(
        "first_at", "-max_depth_m", "pk"
    )


@dataclass(frozen=True)
class Outlook:
    """What the last good forecast of an area says of the reader's places from now on."""

    health: Health
    hits: list[Hit]
    over: bool  # its time is over: it says nothing of now
    may_ask: bool

    @property
    def first(self) -> Hit | None:
        return self.hits[0] if self.hits else None


def list_outlooks(*, actor: Account, at: datetime) -> list[Outlook]:
    """For each of the reader's areas, the places under water now or soon, the soonest first."""
    found = []
    for area in my_areas(actor=actor):
        health = run_health(area=area, actor=actor, at=at)
        run, hits, over = health.latest, list[Hit](), False
        if run is not None:
            over = at > run.base_at + timedelta(seconds=run.horizon_s)
            ahead = list_hits(actor=actor, run=run)
            hits = [] if over else [hit for hit in ahead if hit.ends_at > at]
        may_ask = actor.may("simulate.run", region=area.region)
        found.append(Outlook(health, hits, over, may_ask))
    return found


def hits_and_counts(*, actor: Account, run_id: int) -> dict[str, Any]:
    """What will stand in water in the reader's regions: the first ones, and how many by county."""
    rows = list_hits(actor=actor, run=my_run(actor=actor, run_id=run_id))
    every = rows.values_list("region__path", "site_id", "road_code", "people")
    counties = counties_of(path for path, *_rest in every)
    counts: dict[str, dict[str, Any]] = {}
    for path, site, road, people in every:
        name = counties[path].name if path in counties else ""
        count = counts.setdefault(name, dict.fromkeys(("sites", "roads", "grids", "people"), 0))
        count["sites" if site else "roads" if road else "grids"] += 1
        count["people"] += people
    return {
        "total": len(every),
        "counties": [{"name": name, **count} for name, count in sorted(counts.items())],
        "rows": [_described(hit, counties.get(hit.region.path)) for hit in rows[:MOST_HITS]],
    }


def counties_of(paths: Iterable[str]) -> dict[str, Region]:
    """The county that each path lies in."""
    wanted = {path: paths_upwards(path) for path in set(paths)}
    above = {prefix for prefixes in wanted.values() for prefix in prefixes}
    rows = Region.objects.filter(path__in=above, level=Region.Level.COUNTY).order_by("valid_from")
    counties = {region.path: region for region in rows}
    found = {
        path: next((counties[p] for p in prefixes if p in counties), None)
        for path, prefixes in wanted.items()
    }
    return {path: county for path, county in found.items() if county}


def _described(hit: Hit, county: Region | None) -> dict[str, Any]:
    kind = kinds.get(hit.site.kind) if hit.site else None
    return {
        "what": "grid" if hit.is_grid else "site" if hit.site else "road",
        "name": hit.place,
        "kind": str(kind.label) if kind else "",
        "region": hit.where,
        "county": county.name if county else "",
        "lon": hit.lon,
        "lat": hit.lat,
        "first_at": clock.to_epoch_ms(hit.first_at),
        "deep_at": hit.deep_at and clock.to_epoch_ms(hit.deep_at),
        "max_at": clock.to_epoch_ms(hit.max_at),
        "max_depth_m": hit.max_depth_m,
        "duration_s": hit.duration_s,
        "people": hit.people,
    }


def notices(actor: Account) -> list[Notice]:
    """For the head of somebody's work: what of theirs will be under water, or that nothing will."""
    outlooks = list_outlooks(actor=actor, at=clock.now())
    hits = sorted((hit for o in outlooks for hit in o.hits), key=lambda hit: hit.first_at)
    url = reverse("simulate:mine")
    if hits:
        text = ngettext(
            "Forecast of water: %(n)d place of yours, from %(time)s (%(place)s)",
            "Forecast of water: %(n)d places of yours, the first at %(time)s (%(place)s)",
            len(hits),
        )
        first = {"time": f"{timezone.localtime(hits[0].first_at):%H:%M}", "place": hits[0].place}
        return [Notice(text % {"n": len(hits), **first}, url, "water", "warn")]
    if any(o.health.latest and not o.over for o in outlooks):
        return [Notice(_("Forecast of water: nothing of yours"), url, "water")]
    return []
