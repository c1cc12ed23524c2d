"""Organs of regions that were renamed, recoded, moved or merged.

A region that goes on keeps its organ and all editions of its discretion table. The organ of a
merged one takes no new cases; its old ones go on under its name, with its table and numbers, and
officers of the organ that takes over may be put into them.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from anlan.base.errors import Refusal
from anlan.base.events import publish
from anlan.people.models import Account
from anlan.places.models import Region
from anlan.places.queries import became, carried_on

from ..models import DiscretionTable, Organ


@transaction.atomic
def follow_regions(*, by: Account | None, at: datetime) -> None:
    """Hang them on what their regions are today, where nothing is there already. Repeatable."""
    same = carried_on()
    for organ in Organ.objects.filter(region__in=same).select_related("region").order_by("pk"):
        region = Region.objects.get(pk=same[organ.region_id])
        if not Organ.objects.filter(region=region).exists():
            Organ.objects.filter(pk=organ.pk).update(region=region)
            publish(
                "enforce.organ.went_along", at=at, by=by, region_path=region.path,
                organ_id=organ.pk, from_path=organ.region.path,
            )  # fmt: skip
    for table in DiscretionTable.objects.filter(region__in=same).order_by("pk"):
        there = DiscretionTable.objects.filter(region=same[table.region_id], since=table.since)
        if not there.exists():
            DiscretionTable.objects.filter(pk=table.pk).update(region=same[table.region_id])


def check_standing(organ: Organ) -> None:
    """Nothing new begins with an organ whose region was merged."""
    if not organ.has_ended:
        return
    into = Region.objects.get(pk=became()[organ.region_id])
    raise Refusal(
        "enforce.organ_ended",
        _("%(region)s has been merged into %(into)s; %(organ)s takes no new cases.")
        % {"region": organ.region.name, "into": into.name, "organ": organ},
        hint=_("Choose the organ of %(into)s.") % {"into": into.name},
    )
