"""Where the work stands, region by region: for those above."""

from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import (
    Aggregate,
    BigIntegerField,
    Case,
    Count,
    Q,
    QuerySet,
    Value,
    When,
)
from django.utils.translation import gettext as _

from anlan.base.errors import NotFound
from anlan.people.models import Account
from anlan.places.models import Region, are_wide
from anlan.places.queries import ancestors

from .models import OVERDUE_STATES, WorkItem
from .queries import GENERAL, visible

S = WorkItem.State


@dataclass
class RegionCount:
    """Where the work of one subtree stands. Open includes overdue, closed is verified."""

    region: Region | None  # None: the sum of others
    states: dict[str, int] = field(default_factory=dict)
    overdue: int = 0

    @property
    def open(self) -> int:
        return self.waiting + self.doing + self.submitted

    @property
    def waiting(self) -> int:
        return self.states.get(S.OPEN, 0)

    @property
    def doing(self) -> int:
        return self.states.get(S.DOING, 0) + self.states.get(S.PAUSED, 0)

    @property
    def submitted(self) -> int:
        return self.states.get(S.SUBMITTED, 0)

    @property
    def closed(self) -> int:
        return self.states.get(S.CLOSED, 0)

    @property
    def cancelled(self) -> int:
        return self.states.get(S.CANCELLED, 0)

    @property
    def total(self) -> int:
        return self.open + self.closed

    def add(self, state: str, count: int, late: int) -> None:
        self.states[state] = self.states.get(state, 0) + count
        self.overdue += late


def counts_by_region(
    *, actor: Account, at: datetime, parent: Region | None = None, kind: str = ""
) -> list[RegionCount]:
    """Where the work stands in each region directly below (or in the actor's own regions)."""
    items = visible(actor).filter(exercise=False)
    if kind:
        items = items.filter(kind=kind)
    if parent is not None:
        items = items.filter(region__path__under=parent.path)
        regions = list(parent.children.filter(valid_to=None).order_by("code"))
        own = RegionCount(parent)
    else:
        regions, own = _top_regions(actor), None
    late = Q(OVERDUE_STATES, due_at__lt=at)
    grouped = items.annotate(part=part_of(regions)).values_list("part", "state")
    found = {region.pk: RegionCount(region) for region in regions}
    for part, *row in grouped.annotate(n=Count("pk"), late=Count("pk", filter=late)).order_by():
        count = found.get(part, own)
        if count is not None:
            count.add(*row)
    rows = [found[region.pk] for region in regions]
    return [own, *rows] if own and own.states else rows


def total(rows: list[RegionCount]) -> RegionCount:
    """The sum of these; each item is in one of them only."""
    summed = RegionCount(None)
    for row in rows:
        for state, count in row.states.items():
            summed.add(state, count, 0)
        summed.overdue += row.overdue
    return summed


def first_prefix(path: str, among: Container[str]) -> str:
    """The highest of these regions that a path lies in, or nothing."""
    parts = path.split("/")
    for n in range(1, len(parts)):
        prefix = "/".join(parts[:n]) + "/"
        if prefix in among:
            return prefix
    return ""


def part_of(regions: Iterable[Region], path: str = "region__path") -> Case:
    """The key of the highest of these regions that a row's path lies in; none for all others.

    To group by: a city has nine counties, but ten thousand villages and grids to add up.
    """
    highest_first = sorted(regions, key=lambda region: region.path)
    whens = (When(**{f"{path}__under": r.path}, then=Value(r.pk)) for r in highest_first)
    return Case(*whens, output_field=BigIntegerField())


class Parts:
    """Regions to add up rows for, those of the highest that a row lies in.

    Rows are counted by their own region first, then by part, all in the database: a city's ten
    thousand regions are looked at once each, not once for each of a year's hundred thousand rows.
    """

    def __init__(self, regions: Iterable[Region], paths: Iterable[str]) -> None:
        """Of what lies in these subtrees: all else is not counted."""
        self._paths = list(paths)
        self._there = Region.objects.within(self._paths)
        parts = self._there.annotate(part=part_of(regions, "path"))
        self._parts = parts.values_list("pk", "part").order_by()

    def sums(
        self, rows: QuerySet[Any], *, region: str = "region", **sums: Aggregate
    ) -> list[tuple[Any, ...]]:
        """The key of each part (none: of rows in none of them) with its sums."""
        # A county's regions are sought one by one; of a city's rows hardly one lies elsewhere.
        if not are_wide(self._paths, Region.Level.COUNTY):
            rows = rows.filter(**{f"{region}__in": self._there})
        counted = rows.values_list(region).annotate(**sums).order_by()
        try:
            inner, asked = counted.query.sql_with_params()
            parts, where = self._parts.query.sql_with_params()
        except EmptyResultSet:  # of no region, or nothing can be such a row
            return []
        quote = connection.ops.quote_name
        added = ", ".join(_added(quote(name), one) for name, one in sums.items())
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT parts.part, {added} FROM ({inner}) counted"  # noqa: S608
                f" JOIN ({parts}) parts ON parts.pk = counted.{quote(region)}"
                " GROUP BY parts.part",
                (*asked, *where),
            )
            return list(cursor.fetchall())


def _added(column: str, aggregate: Aggregate) -> str:
    """PostgreSQL adds up counts as decimals."""
    added = f"SUM(counted.{column})"
    return f"CAST({added} AS bigint)" if isinstance(aggregate, Count) else added


def _top_regions(actor: Account) -> list[Region]:
    """The highest regions that the actor sees work in."""
    return top_regions({path for code in GENERAL for path in actor.regions_for(code)})


def top_regions(paths: Iterable[str]) -> list[Region]:
    """The regions in force at the head of these subtrees, without those inside of others."""
    paths = set(paths)
    highest = [p for p in paths if not any(p != q and p.startswith(q) for q in paths)]
    return list(Region.objects.filter(path__in=highest, valid_to=None).order_by("path"))


def above(*, actor: Account, region: Region) -> list[Region]:
    """The regions over this one whose counts the actor may open too."""
    held = [path for code in GENERAL for path in actor.regions_for(code)]
    return [r for r in ancestors(region) if any(r.path.startswith(path) for path in held)]


def get_parent(*, actor: Account, code: str = "") -> Region | None:
    """A region whose counts the actor may open, or NotFound.

    Without a code: the actor's only region, so that a city sees its counties at once; none for
    who answers for several regions, or for a village with nothing below but grids.
    """
    if not code:
        top = _top_regions(actor)
        return top[0] if len(top) == 1 and top[0].level < Region.Level.VILLAGE else None
    region = Region.objects.filter(code=code, valid_to=None).first()
    if region is None or not any(actor.may(right, region=region) for right in GENERAL):
        raise NotFound("work.no_region", _("There is no such region among yours."))
    return region
