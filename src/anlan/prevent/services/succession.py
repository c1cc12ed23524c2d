"""What runs in regions that were renamed, recoded, moved or merged goes along with them.

Enterprises follow their sites. What is over stays with the region that it was done in.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from anlan.places.queries import became

from ..models import Campaign, Contract, Listing, Quota


@transaction.atomic
def follow_regions(*, at: datetime) -> None:
    """Open campaigns with their quotas, contracts in force, listings not lifted. Repeatable."""
    now = became()
    campaigns = Campaign.objects.filter(closed_at=None)
    contracts = Contract.objects.running(timezone.localdate(at))
    listings = Listing.objects.filter(lifted_at=None)
    for rows in (campaigns, contracts, listings):
        _carry(rows, now)
    _carry_quotas(now)


def _carry(rows: QuerySet[Any], now: dict[int, int]) -> None:
    astray = rows.filter(region__successor__isnull=False)
    for pk, region in list(astray.values_list("pk", "region")):
        rows.filter(pk=pk).update(region=now[region])


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
