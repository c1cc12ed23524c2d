"""Sites and roads of regions that were renamed, recoded, moved or merged go along."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from anlan.base.events import publish_many

from ..models import Region, Road, Site
from ..queries import became
from .revisions import touch

if TYPE_CHECKING:
    from datetime import datetime

    from anlan.people.models import Account


@transaction.atomic
def follow_regions(*, by: Account | None, at: datetime) -> int:
    """Hang them on what their regions are today; returns how many sites have another path now.

    Rooms that keep a file of a site are told of each that has. Safe to repeat.
    """
    now = became()
    paths = dict(Region.objects.filter(predecessors__isnull=False).values_list("pk", "path"))
    astray = Site.objects.filter(region__successor__isnull=False).order_by("pk")
    rows = []
    for pk, kind, region, path in astray.values_list("pk", "kind", "region", "region__path"):
        to_path = paths[now[region]]
        if to_path != path:
            data = {"site_id": pk, "kind": kind, "to_path": to_path, "because": "regions"}
            rows.append((path, data))
    for model, name in ((Site, "sites"), (Road, "roads")):
        left = model.objects.filter(region__successor__isnull=False)
        for region in list(left.order_by().values_list("region", flat=True).distinct()):
            model.objects.filter(region=region).update(region=now[region])
            touch(name)
    publish_many("places.site.moved", at=at, by=by, rows=rows)
    return len(rows)
