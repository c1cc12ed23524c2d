"""Officers of villages, for the yearly refresh: who holds a post now and who has been confirmed."""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import Q, QuerySet

from anlan.people.models import Holding, Post
from anlan.places.models import Region


def villages_with_posts(region: Region) -> list[Region]:
    """Villages in force below a region in which, or in whose grids, somebody has a post."""
    villages = Region.objects.filter(
        level=Region.Level.VILLAGE, valid_to=None, path__under=region.path
    )
    posts = Post.objects.filter(region__path__under=region.path, region__valid_to=None)
    own = Q(pk__in=posts.filter(region__level=Region.Level.VILLAGE).values("region"))
    grids = Q(pk__in=posts.filter(region__level=Region.Level.GRID).values("region__parent"))
    return list(villages.filter(own | grids).select_related("parent").order_by("path"))


def holdings_of(village: Region, on: date) -> QuerySet[Holding]:
    """Who holds a post of the village or of its grids on a day."""
    rows = Holding.objects.on(on).filter(post__region__path__under=village.path)
    return rows.select_related("account", "post__role", "post__region").order_by(
        "post__region__path", "post__role__code", "pk"
    )


def unconfirmed(village: Region, *, since: datetime, on: date) -> QuerySet[Holding]:
    return holdings_of(village, on).filter(Q(confirmed_at=None) | Q(confirmed_at__lt=since))


def is_confirmed(village: Region, *, since: datetime, on: date) -> bool:
    """Whether nobody is left to confirm. Vacant posts are gaps of their own and hold up nothing."""
    return not unconfirmed(village, since=since, on=on).exists()
