"""Read hazards, how far they are and what was decided about them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.db.models import (
    Case,
    CharField,
    Exists,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Value,
    When,
    prefetch_related_objects,
)
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from anlan.base.errors import NotFound
from anlan.people.models import Account
from anlan.places.models import PLACE, Region, are_wide, overlap
from anlan.work.models import Step, WorkItem

from .. import lookups
from ..models import Campaign, Enterprise, Extension, Hazard, Listing, Transfer
from ..models.hazards import HazardQuerySet

S = WorkItem.State
Rows = TypeVar("Rows", bound="QuerySet[Hazard]")
# How far a hazard is. Each is in one of them only, so they add up; overdue ones stay open.
STANDINGS = {
    "going": gettext_lazy("in time"),
    "extended": gettext_lazy("under an extension"),
    "overdue": pgettext_lazy("hazard", "overdue"),
    "recheck": gettext_lazy("waiting for the re-check"),
    "closed": gettext_lazy("put right"),
}


def standing(name: str, at: datetime) -> Q:
    """The hazards of one standing at that time; "open" is all but those put right."""
    late = Q(item__state__in=["OPEN", "DOING"], item__due_at__lt=at)
    running = Q(item__state__in=[S.OPEN, S.DOING, S.PAUSED]) & ~late
    granted = Exists(Extension.objects.filter(hazard=OuterRef("pk"), state=Extension.State.GRANTED))
    return {
        "going": running & ~Q(granted),
        "extended": running & Q(granted),
        "overdue": late,
        "recheck": Q(item__state=S.SUBMITTED),
        "closed": Q(item__state=S.CLOSED),
        "open": Q(item__state__in=WorkItem.OPEN_STATES),
        "cancelled": Q(item__state=S.CANCELLED),
    }.get(name, Q())


def with_standing(rows: Rows, at: datetime) -> Rows:
    """Each row with its `standing`, a key of STANDINGS or "cancelled"."""
    whens = [When(standing(name, at), then=Value(name)) for name in (*STANDINGS, "cancelled")]
    return rows.annotate(standing=Case(*whens, output_field=CharField()))


@dataclass(frozen=True)
class Wanted:
    """What a list of hazards is narrowed to."""

    standing: str = "open"  # a key of STANDINGS, "open", "cancelled", or "" for all
    grade: str = ""
    source: str = ""
    region: Region | None = None
    campaign: Campaign | None = None
    enterprise_id: int = 0
    since: datetime | None = None  # found at or after
    listed: bool = False
    again: bool = False
    asked: bool = False  # an extension waits for a decision
    counted: bool = False  # only what figures are made of: no exercises
    text: str = ""


def visible(actor: Account) -> HazardQuerySet:
    """Hazards in the reader's regions, and those of enterprises that they sign in for."""
    return _or_own(Hazard.objects.within(_paths(actor)), actor)


def _paths(actor: Account) -> list[str]:
    return sorted({p for c in ("prevent.view", "prevent.rectify") for p in actor.regions_for(c)})


def _or_own(found: HazardQuerySet, actor: Account, region: Region | None = None) -> HazardQuerySet:
    firms = list(actor.enterprises.values_list("enterprise", flat=True))
    if not firms:
        return found
    own = Hazard.objects.filter(site__in=firms)
    return found | (own.filter(item__region__path__under=region.path) if region else own)


def list_hazards(*, actor: Account, at: datetime, wanted: Wanted) -> QuerySet[Hazard]:
    """Hazards as asked for, with what a list shows; in the order of `find_hazards`."""
    return with_marks(find_hazards(actor=actor, at=at, wanted=wanted), at)


def find_hazards(*, actor: Account, at: datetime, wanted: Wanted) -> QuerySet[Hazard]:
    """What is due first comes first, closed ones newest first. For `sheet_of`: the rows alone."""
    paths = overlap(_paths(actor), wanted.region)
    rows = _or_own(Hazard.objects.sheet_within(paths), actor, wanted.region)
    rows = rows.filter(_narrowed(wanted))
    if not are_wide(paths):
        rows = rows.filter(standing(wanted.standing, at))
    elif wanted.standing == "closed":
        rows = rows.met_newest_first(put_right=True)  # nearly all are
    elif wanted.standing in {*STANDINGS, "open"}:
        rows = rows.filter(standing(wanted.standing, at)).by_kind()
    else:
        rows = rows.filter(standing(wanted.standing, at)).met_newest_first()
    if wanted.standing in {"open", "going", "extended", "overdue"}:
        return rows.order_by("item__due_at", "pk")
    return rows.order_by("-pk")


def with_marks(rows: QuerySet[Hazard], at: datetime) -> QuerySet[Hazard]:
    """With the standing, the place, who puts it right, listed or asked about."""
    asked = Extension.objects.filter(hazard=OuterRef("pk"), state=Extension.State.ASKED)
    listed = Listing.objects.filter(hazard=OuterRef("pk"), lifted_at=None)
    return (
        with_standing(rows, at)
        .select_related(f"item__region__{PLACE}", "item__doer", "site")
        .annotate(is_listed=Exists(listed), is_asked=Exists(asked))
    )


def open_of(*, actor: Account, at: datetime, enterprise: Enterprise) -> QuerySet[Hazard]:
    """What is open at one enterprise."""
    return list_hazards(actor=actor, at=at, wanted=Wanted(enterprise_id=enterprise.pk))[:100]


def _narrowed(wanted: Wanted) -> Q:
    asked = Extension.objects.filter(state=Extension.State.ASKED)
    conditions = (
        (wanted.grade, Q(grade=wanted.grade)),
        (wanted.source, Q(source=wanted.source)),
        (wanted.campaign, Q(visit__campaign=wanted.campaign)),
        (wanted.since, Q(found_at__gte=wanted.since)),
        (wanted.enterprise_id, Q(site=wanted.enterprise_id)),
        (wanted.listed, Q(pk__in=Listing.objects.filter(lifted_at=None).values("hazard"))),
        (wanted.asked, Q(pk__in=asked.values("hazard"))),
        (wanted.counted, Q(item__exercise=False) & ~Q(item__state=S.CANCELLED)),
        (wanted.again, Q(again_of__isnull=False)),
    )
    narrowed = _with_text(wanted.text.strip())
    for is_wanted, condition in conditions:
        if is_wanted:
            narrowed &= condition
    return narrowed


def _with_text(text: str) -> Q:
    if not text:
        return Q()
    number = Q(pk=int(text[:18])) if text.isdecimal() else Q(pk__in=[])
    has = lookups.fastest(text)
    return number | Q(**{f"what__{has}": text}) | Q(**{f"site__name__{has}": text})


def get_hazard(*, actor: Account, hazard_id: int, at: datetime | None = None) -> Hazard:
    """One hazard with what its page needs, with its standing where a time is given; or NotFound."""
    seen = visible(actor) if at is None else with_standing(visible(actor), at)
    rows = seen.select_related(
        f"item__region__{PLACE}", "item__doer", "item__post__role", "item__post__region",
        "item__clock", "site__region", "site__enterprise", "visit__campaign",
        "entry__version__standard", "found_by", "ordered_by", "again_of__item",
    )  # fmt: skip
    hazard = rows.filter(item__pk=hazard_id).first()
    if hazard is None:
        raise NotFound("prevent.no_hazard", _("There is no such hazard in your regions."))
    return hazard


def get_extension(*, actor: Account, extension_id: int) -> Extension:
    rows = Extension.objects.filter(pk=extension_id, hazard__in=visible(actor))
    found = rows.select_related(
        "hazard__item__region", "hazard__item__doer", "hazard__site", "asked_by"
    ).first()
    if found is None:
        raise NotFound("prevent.no_extension", _("There is no such request in your regions."))
    return found


def get_listing(*, actor: Account, listing_id: int) -> Listing:
    rows = Listing.objects.filter(pk=listing_id, hazard__in=visible(actor))
    found = rows.select_related("hazard__item__region", "region").first()
    if found is None:
        raise NotFound("prevent.no_listing", _("There is no such listing in your regions."))
    return found


def extensions_of(hazard: Hazard) -> list[Extension]:
    """All that were asked for; kept with the hazard, so that nobody asks for them again."""
    rows = Extension.objects.select_related("asked_by", "decided_by").order_by("pk")
    prefetch_related_objects([hazard], Prefetch("extensions", rows))
    return list(hazard.extensions.all())


def listings_of(hazard: Hazard) -> QuerySet[Listing]:
    return hazard.listings.select_related("region", "listed_by", "lifted_by").order_by("pk")


def transfers_of(hazard: Hazard) -> QuerySet[Transfer]:
    whole = (f"from_region__{PLACE}", f"to_region__{PLACE}")
    return hazard.transfers.select_related(*whole, "by").order_by("pk")


def moved_away(*, actor: Account) -> QuerySet[Transfer]:
    """Hazards that were the reader's and now belong to a region that they do not see."""
    gone = Transfer.objects.within(actor.regions_for("prevent.view")).exclude(
        hazard__in=visible(actor)
    )
    return gone.select_related("hazard__site", "from_region", f"to_region__{PLACE}").order_by("-pk")


def closed_at(hazard: Hazard) -> datetime | None:
    """When somebody verified that it was put right."""
    steps = Step.objects.filter(item=hazard.pk, move="verify").order_by("-pk")
    return steps.values_list("at", flat=True).first()
