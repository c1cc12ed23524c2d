"""How much of what was found has been put right: counted from the rows, never typed in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import Count, QuerySet

from anlan.people.models import Account
from anlan.places.models import Region
from anlan.places.queries import ancestors
from anlan.work.counts import first_prefix, top_regions

from ..models import Campaign, Hazard
from ..models.hazards import HazardQuerySet
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
    rows = visible(actor).counted()
    if campaign is not None:
        rows = rows.filter(visit__campaign=campaign)
    if since is not None:
        rows = rows.filter(found_at__gte=since)
    if parent is None:
        regions, own = top_regions(actor.regions_for("prevent.view")), None
    else:
        rows = rows.filter(item__region__path__under=parent.path)
        regions = list(parent.children.filter(valid_to=None).order_by("code"))
        own = Rate(parent)
    found = {region.path: Rate(region) for region in regions}
    for path, grade, name, number in _grouped(rows, at):
        rate = found.get(first_prefix(path, found)) or own
        if rate is not None:
            rate.add(grade, name, number)
    shown = [found[region.path] for region in regions]
    return [own, *shown] if own and own.counts else shown


def _grouped(rows: HazardQuerySet, at: datetime) -> Iterable[tuple[str, str, str, int]]:
    named: QuerySet[Any] = with_standing(rows, at)
    grouped = named.values_list("item__region__path", "grade", "standing")
    yield from grouped.annotate(n=Count("pk"))


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
