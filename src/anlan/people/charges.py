"""Read who answers for a site or a road."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from anlan.base.errors import NotFound
from anlan.places.models import PLACE, Region, Road, Site
from anlan.places.queries import get_site, paths_upwards
from anlan.places.roads import get_road

from .models import Account, Charge, Holding, Post, place_key
from .queries import Answer, holder

# Kinds of sites that somebody must close or guard when water comes: without a post it is a gap.
NEEDED = ("underpass",)


def charge_of(place: Site | Road) -> Charge | None:
    """For machinery: it asks for no actor."""
    return charges_of([place]).get(place_key(place))


def charges_of(places: Iterable[Site | Road]) -> dict[tuple[str, int], Charge]:
    """By ("site" or "road", id) the charges of many places at once."""
    keys = [place_key(place) for place in places]
    sites = [pk for sort, pk in keys if sort == "site"]
    roads = [pk for sort, pk in keys if sort == "road"]
    rows = Charge.objects.filter(Q(site__in=sites) | Q(road__in=roads))
    found = rows.select_related("post__role", "post__region", "site", "road")
    return {place_key(charge.place): charge for charge in found}


def answer_of(charge: Charge, *, on: date) -> Answer:
    """The post in charge and who holds it; phones masked."""
    holdings = Holding.objects.filter(post=charge.post).on(on).select_related("account")
    return Answer(charge.post, [holder(row, on) for row in holdings.order_by("from_date", "pk")])


def get_place(*, actor: Account, site_id: int = 0, road_id: int = 0) -> Site | Road:
    """A site or road whose people the actor may see."""
    paths = actor.regions_for("people.view")
    if site_id:
        return get_site(site_id=site_id, paths=paths)
    return get_road(road_id=road_id, paths=paths)


def list_charges(*, actor: Account, region: Region, text: str = "") -> QuerySet[Charge]:
    """Charges of places at and below a region, as far as the actor sees people."""
    rows = Charge.objects.within(actor.regions_for("people.view")).filter(
        Q(site__region__path__under=region.path) | Q(road__region__path__under=region.path)
    )
    if text:
        rows = rows.filter(
            Q(site__name__contains=text)
            | Q(road__name__contains=text)
            | Q(owner__contains=text)
            | Q(site__code=text)
            | Q(road__code=text)
        )
    path = Coalesce("site__region__path", "road__region__path")
    return rows.select_related(
        "post__role", "post__region", f"site__region__{PLACE}", f"road__region__{PLACE}"
    ).order_by(path, "pk")


def list_uncharged(*, actor: Account, region: Region) -> QuerySet[Site]:
    """Sites for which somebody should answer and nobody does."""
    rows = Site.objects.within(actor.regions_for("people.view")).in_use()
    rows = rows.filter(region__path__under=region.path, kind__in=NEEDED, charge=None)
    return rows.select_related(f"region__{PLACE}").order_by("region__path", "code")


def list_posts_for(*, actor: Account, region: Region) -> QuerySet[Post]:
    """Posts that may answer for a place in a region: its own and those of the regions around it."""
    rows = Post.objects.within(actor.regions_for("people.manage"))
    rows = rows.filter(region__path__in=paths_upwards(region.path))
    return rows.select_related("role", "region").order_by("-region__level", "role__code")


def get_post_for(*, actor: Account, region: Region, post_id: int) -> Post:
    post = list_posts_for(actor=actor, region=region).filter(pk=post_id).first()
    if post is None:
        raise NotFound("people.no_post_here", _("No such post answers for this region."))
    return post
