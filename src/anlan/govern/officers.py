"""Officers of villages, for the yearly refresh: who holds a post now and who has been confirmed.

A village keeps its officers when it is renamed, recoded or merged: a post hangs on the row of the
region that it was opened for, so rows are followed to what they have become.
"""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import Q, QuerySet

from anlan.people.models import Holding, Post
from anlan.places.models import Region
from anlan.places.queries import became, versions

VILLAGE, GRID = Region.Level.VILLAGE, Region.Level.GRID


def posts_below(region: Region, now: dict[int, int]) -> QuerySet[Post]:
    """Posts of what lies below a region, or of what has become something else."""
    return Post.objects.filter(Q(region__path__under=region.path) | Q(region__in=list(now)))


def villages_with_posts(region: Region) -> list[Region]:
    """Villages in force below a region in which, or in whose grids, somebody has a post."""
    now = became()
    posts = posts_below(region, now).filter(region__level__in=[VILLAGE, GRID])
    rows = posts.values_list("region_id", "region__parent_id", "region__level").distinct()
    later = Region.objects.in_bulk(set(now.values()))
    found: set[int] = set()
    for pk, parent_id, level in rows:
        if pk in now:
            here = later[now[pk]]
            pk, level, parent_id = here.pk, here.level, here.parent_id
        village = pk if level == VILLAGE else parent_id or pk
        found.add(now.get(village, village))
    villages = Region.objects.filter(pk__in=found, valid_to=None, path__under=region.path)
    return list(villages.select_related("parent").order_by("path"))


def holdings_of(village: Region, on: date) -> QuerySet[Holding]:
    """Who holds a post of the village or of its grids on a day."""
    paths = Region.objects.filter(pk__in=versions(village)).values_list("path", flat=True)
    below = Q()
    for path in set(paths):
        below |= Q(post__region__path__under=path)
    rows = Holding.objects.on(on).filter(below)
    return rows.select_related("account", "post__role", "post__region").order_by(
        "post__region__path", "post__role__code", "pk"
    )


def unconfirmed(village: Region, *, since: datetime, on: date) -> QuerySet[Holding]:
    return holdings_of(village, on).filter(Q(confirmed_at=None) | Q(confirmed_at__lt=since))


def is_confirmed(village: Region, *, since: datetime, on: date) -> bool:
    """Whether nobody is left to confirm. Vacant posts are gaps of their own and hold up nothing."""
    return not unconfirmed(village, since=since, on=on).exists()
