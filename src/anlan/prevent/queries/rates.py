"""How much of what was found has been put right: counted from the rows, never typed in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import Count, QuerySet

from anlan.people.models import Account
from anlan.places.models import Region, are_wide, overlap
from anlan.places.queries import ancestors
from anlan.work.counts import Parts, part_of, top_regions
from anlan.work.models import WorkItem

from ..models import Campaign, Hazard
from ..models.hazards import KIND, HazardQuerySet
from .hazards import STANDINGS, visible, with_standing


def percent(part: int, whole: int) -> Decimal | None:
    """Two decimals, halves up, as figures are printed: 1207 of 1249 is 96.64; of nothing, none."""
    if not whole:
        return None
    return (Decimal(100 * part) / whole).quantize(Decimal("0.01"), ROUND_HALF_UP)


@dataclass
class Rate:
    """The hazards of one subtree, or of all together, by grade and standing."""

    region: Region | None
    counts: dict[tuple[str, str], int] = field(default_factory=dict)
    only_itself: bool = False  # without the regions below it: no list opens to these

    def add(self, grade: str, name: str, number: int) -> None:
        key = (grade, name)
        self.counts[key] = self.counts.get(key, 0) + number

    def number(self, name: str = "", grade: str = "") -> int:
        """How many of a standing and grade; without one, of all of them."""
        return sum(
            count
            for (has_grade, has_name), count in self.counts.items()
            if (not grade or grade == has_grade) and (not name or name == has_name)
        )

    @property
    def parts(self) -> list[RatePart]:
        """All hazards, then general and major ones, each with its figures."""
        return [RatePart(self, grade) for grade in ("", *Hazard.Grade.values)]


@dataclass(frozen=True)
class RatePart:
    rate: Rate
    grade: str

    @property
    def found(self) -> int:
        return self.rate.number(grade=self.grade)

    @property
    def closed(self) -> int:
        return self.rate.number("closed", self.grade)

    @property
    def percent(self) -> Decimal | None:
        return percent(self.closed, self.found)

    @property
    def standings(self) -> list[tuple[str, int]]:
        return [(name, self.rate.number(name, self.grade)) for name in STANDINGS]


def rates_by_region(
    *,
    actor: Account,
    at: datetime,
    parent: Region | None = None,
    campaign: Campaign | None = None,
    since: datetime | None = None,
) -> list[Rate]:
    """Rates of each region below `parent` (of the reader's highest ones), those of its own first.

    Counted: what was found since then, without what was called off and without exercises.
    """
    held = actor.regions_for("prevent.view")
    if parent is None:
        regions, own = top_regions(held), None
    else:
        regions = list(parent.children.filter(valid_to=None).order_by("code"))
        own = Rate(parent, only_itself=True)
    found: dict[int | None, Rate] = {region.pk: Rate(region) for region in regions}
    if campaign is None and since is None:
        counts = _all_of(overlap(held, parent), regions, at)
    else:
        rows = visible(actor).counted()
        if parent is not None:
            rows = rows.filter(item__region__path__under=parent.path)
        counts = _grouped(_narrowed(rows, campaign, since), regions, at)
    for part, grade, name, number in counts:
        rate = found.get(part) or own
        if rate is not None:
            rate.add(grade, name, number)
    shown = [found[region.pk] for region in regions]
    return [own, *shown] if own and own.counts else shown


# The key of one of the regions (none: of no part), grade, standing, how many.
Counts = Iterable[tuple[int | None, str, str, int]]


def _narrowed(
    rows: HazardQuerySet, campaign: Campaign | None, since: datetime | None
) -> HazardQuerySet:
    if campaign is not None:
        rows = rows.filter(visit__campaign=campaign)
    return rows.filter(found_at__gte=since) if since is not None else rows


def _grouped(rows: HazardQuerySet, regions: list[Region], at: datetime) -> Counts:
    named: QuerySet[Any] = with_standing(rows, at)
    named = named.annotate(part=part_of(regions, "item__region__path"))
    yield from named.values_list("part", "grade", "standing").annotate(n=Count("pk")).order_by()


def _all_of(paths: list[str], regions: list[Region], at: datetime) -> Counts:
    """The same for all hazards of these subtrees, without reading each of those put right.

    They are nearly all. How many there are by region stands in an index of the work items; the few
    major ones are counted apart, the others are the rest.
    """
    running = Hazard.objects.sheet_within(paths).counted().unresolved()
    yield from _grouped(running.by_kind() if are_wide(paths) else running, regions, at)
    closed = WorkItem.objects.filter(kind=KIND, state=WorkItem.State.CLOSED, exercise=False)
    where = Parts(regions, paths)
    # Counting "*", not keys: the index holds no key on PostgreSQL.
    for part, number in where.sums(closed, n=Count("*")):
        yield part, Hazard.Grade.GENERAL, "closed", number
    major = closed.filter(pk__in=Hazard.objects.filter(grade=Hazard.Grade.MAJOR).values("pk"))
    for part, number in where.sums(major, n=Count("*")):
        yield part, Hazard.Grade.MAJOR, "closed", number
        yield part, Hazard.Grade.GENERAL, "closed", -number


def total(rates: list[Rate]) -> Rate:
    """The sum of these; each hazard is in one of them only."""
    summed = Rate(None)
    for rate in rates:
        for (grade, name), number in rate.counts.items():
            summed.add(grade, name, number)
    return summed


def above(*, actor: Account, region: Region) -> list[Region]:
    """The regions over this one whose figures the reader may open too."""
    held = actor.regions_for("prevent.view")
    return [r for r in ancestors(region) if any(r.path.startswith(path) for path in held)]
