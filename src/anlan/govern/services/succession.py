"""Committees and refreshes of regions that were renamed, recoded, moved or merged go along."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.db.models import Q

from anlan.base.events import publish
from anlan.people.models import Account
from anlan.places.models import Region
from anlan.places.queries import became

from ..models import Committee, Refresh


@transaction.atomic
def follow_regions(*, by: Account, at: datetime) -> int:
    """Hang them on what their regions are today; returns how many committees went along.

    Lists, minutes and duties hang on the committee and so go with it.
    """
    now = became()
    regions = Region.objects.in_bulk(set(now.values()))
    rows = list(Committee.objects.filter(region__successor__isnull=False).select_related("region"))
    # Of two that cannot both stand, the one of the region that kept its name does.
    rows.sort(key=lambda row: (row.region.name != regions[now[row.region_id]].name, row.pk))
    for committee in rows:
        _carry(committee, regions[now[committee.region_id]], by, at)
    for refresh in Refresh.objects.filter(region__successor__isnull=False).order_by("pk"):
        region = now[refresh.region_id]
        if not Refresh.objects.filter(region=region, year=refresh.year).exists():
            Refresh.objects.filter(pk=refresh.pk).update(region=region)
    return len(rows)


def _carry(committee: Committee, region: Region, by: Account, at: datetime) -> None:
    """To the region; dissolved on the day of the merger where such a committee stands there."""
    before, ended_on = committee.region, committee.ended_on
    if ended_on is None and _has_one(region, committee):
        day: date = before.valid_to or region.valid_from
        ended_on = max(day, committee.founded_on)
    Committee.objects.filter(pk=committee.pk).update(region=region, ended_on=ended_on)
    publish(
        "govern.committee.went_along",
        at=at,
        by=by,
        region_path=region.path,
        committee_id=committee.pk,
        from_path=before.path,
        dissolved_on=ended_on.isoformat() if ended_on != committee.ended_on and ended_on else "",
    )


def _has_one(region: Region, committee: Committee) -> bool:
    same = Q(name=committee.name)
    if committee.kind == Committee.Kind.SAFETY:
        same |= Q(kind=Committee.Kind.SAFETY)
    return Committee.objects.filter(same, region=region, ended_on=None).exists()
