"""What runs in regions that were renamed, recoded, moved or merged goes along with them.

Enterprises follow their sites. What is over stays with the region that it was done in.
"""

from __future__ import annotations

from datetime import datetime
from itertools import chain, count
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from anlan.base.events import publish
from anlan.people.models import Account
from anlan.places.models import Region
from anlan.places.queries import became, carried_on

from ..models import Assessment, Campaign, Contract, Fishbone, Listing, Quota, TownStandard


@transaction.atomic
def follow_regions(*, by: Account | None, at: datetime) -> None:
    """Open campaigns with their quotas, contracts in force, listings not lifted, fishbones in use.

    The standards of model towns and their assessments go along with a region that goes on under
    another name or code. A merged one's are history: only an assessment that nobody has reviewed
    goes to the town that takes over, if that has none. Repeatable.
    """
    now, same = became(), carried_on()
    campaigns = Campaign.objects.filter(closed_at=None)
    listings = Listing.objects.filter(lifted_at=None)
    for rows in (campaigns, listings):
        _carry(rows, now)
    _carry_quotas(now)
    _carry_named(Contract.objects.running(timezone.localdate(at)), "number", now)
    for fishbone, from_path in _carry_named(Fishbone.objects.in_use(), "name", now):
        publish(
            "prevent.fishbone.went_along", at=at, by=by, region_path=fishbone.region.path,
            fishbone_id=fishbone.pk, from_path=from_path, name=fishbone.name,
        )  # fmt: skip
    _carry_town_standards(same)
    _carry_assessments(now, same)


def _carry(rows: QuerySet[Any], now: dict[int, int]) -> None:
    astray = rows.filter(region__successor__isnull=False)
    for pk, region in list(astray.values_list("pk", "region")):
        rows.filter(pk=pk).update(region=now[region])


def _carry_named(rows: QuerySet[Any], column: str, now: dict[int, int]) -> list[tuple[Any, str]]:
    """Each of these with the path it had. Where the other region has one called so: both stay.

    The one that comes says where it is from: 铸造行业（并入县）.
    """
    moved = []
    astray = rows.filter(region__successor__isnull=False).select_related("region")
    for row in list(astray.order_by("pk")):
        before, row.region = row.region, Region.objects.get(pk=now[row.region_id])
        setattr(row, column, _free_name(row, column, before.name))
        row.save(update_fields=["region", column])
        moved.append((row, before.path))
    return moved


def _free_name(row: Any, column: str, place: str) -> str:
    """What it is called where nothing else is; else with where it is from behind it."""
    called, most = getattr(row, column), row._meta.get_field(column).max_length
    others = type(row).objects.filter(region=row.region_id).exclude(pk=row.pk)
    taken = set(others.values_list(column, flat=True))
    marks = chain([""], (f"（{place}{'' if n == 1 else n}）" for n in count(1)))
    names = (str(called)[: most - len(mark)] + mark for mark in marks)
    return next(name for name in names if name not in taken)


def _carry_town_standards(same: dict[int, int]) -> None:
    for standard in TownStandard.objects.filter(region__in=same).order_by("pk"):
        there = TownStandard.objects.filter(region=same[standard.region_id], year=standard.year)
        if not there.exists():
            TownStandard.objects.filter(pk=standard.pk).update(region=same[standard.region_id])


def _carry_assessments(now: dict[int, int], same: dict[int, int]) -> None:
    astray = Assessment.objects.filter(town__in=now)
    # Of two that cannot both stand, the one of the town that goes on does.
    for row in sorted(astray, key=lambda row: (row.town_id not in same, row.pk)):
        if row.town_id not in same and row.state == Assessment.State.REVIEWED:
            continue
        there = Assessment.objects.filter(standard=row.standard_id, town=now[row.town_id])
        if not there.exists():
            Assessment.objects.filter(pk=row.pk).update(town=now[row.town_id])


def _carry_quotas(now: dict[int, int]) -> None:
    """A quota of a merged region is added to that of the region which takes over."""
    astray = Quota.objects.filter(campaign__closed_at=None, region__successor__isnull=False)
    for quota in astray.order_by("pk"):
        there = Quota.objects.filter(campaign=quota.campaign_id, region=now[quota.region_id])
        known = there.first()
        if known is None:
            Quota.objects.filter(pk=quota.pk).update(region=now[quota.region_id])
        else:
            there.update(visits=known.visits + quota.visits)
            quota.delete()
