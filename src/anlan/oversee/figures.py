"""One sheet for the head: how committees, duties, letters and accidents stand, by region.

Each figure is counted by the same question as the list that its number opens.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from anlan.govern.gaps import Gaps, find_gaps
from anlan.govern.queries import list_committees
from anlan.people.models import Account
from anlan.people.queries import list_gaps, list_stale
from anlan.places.models import Region
from anlan.prevent.queries.towns import list_awards
from anlan.work.led import led_below

from . import accidents, queries
from .queries import LetterFilter


@dataclass(frozen=True)
class Ask:
    """Who asks about which region, which year, and when."""

    actor: Account
    region: Region
    year: int
    at: datetime

    @property
    def on(self) -> date:
        return timezone.localdate(self.at)


@dataclass(frozen=True)
class Figure:
    """A number by region, and the page whose list has exactly so many rows."""

    label: Promise
    permission: str
    page: str
    query: dict[str, str]  # beside the region
    count: Callable[[Ask], Counter[str]]  # by region path
    anchor: str = ""
    of_year: bool = False  # the list takes the year

    def address(self, region: Region, year: int) -> str:
        asked = {"region": region.code, **self.query}
        if self.of_year:
            asked["year"] = str(year)
        return f"{reverse(self.page)}?{urlencode(asked)}{self.anchor}"


def by_path(rows: QuerySet[Any], column: str) -> Counter[str]:
    """How many rows at each region path."""
    # Counted anew: what the list adds to its rows would group them.
    inside = rows.model._default_manager.filter(pk__in=rows.order_by().values("pk"))
    return Counter(dict(inside.values_list(column).annotate(n=Count("pk"))))


def _letters(kind: str = "", state: str = "", *, of_year: bool = False) -> Callable[[Ask], Any]:
    def count(ask: Ask) -> Counter[str]:
        wanted = LetterFilter(kind=kind, state=state, year=ask.year if of_year else 0)
        rows = queries.list_letters(actor=ask.actor, region=ask.region, wanted=wanted, at=ask.at)
        return by_path(rows, "item__region__path")

    return count


def _accidents(stage: str = "", *, of_year: bool = False) -> Callable[[Ask], Any]:
    def count(ask: Ask) -> Counter[str]:
        rows = accidents.list_accidents(
            actor=ask.actor, region=ask.region, year=ask.year if of_year else None, stage=stage
        )
        return by_path(rows, "item__region__path")

    return count


def _committees(ask: Ask) -> Counter[str]:
    rows = list_committees(actor=ask.actor, region=ask.region, on=ask.on)
    return by_path(rows, "region__path")


def _vacant(ask: Ask) -> Counter[str]:
    return by_path(list_gaps(actor=ask.actor, region=ask.region, on=ask.on), "region__path")


def _stale(ask: Ask) -> Counter[str]:
    rows = list_stale(actor=ask.actor, region=ask.region, on=ask.on)
    return by_path(rows, "post__region__path")


def _proposals(ask: Ask) -> Counter[str]:
    rows = queries.list_proposals(actor=ask.actor, region=ask.region, decided=False)
    return by_path(rows, "item__region__path")


GOVERN, PEOPLE, OVERSEE = "govern.view", "people.view", "oversee.view"
FIGURES = (
    Figure(_("Number of committees"), GOVERN, "govern:index", {}, _committees),
    Figure(_("Vacant posts"), PEOPLE, "people:gaps", {}, _vacant),
    Figure(_("Officers not confirmed this year"), PEOPLE, "people:gaps", {}, _stale, "#stale"),
    Figure(_("Letters issued"), OVERSEE, "oversee:letters", {}, _letters(of_year=True),
           of_year=True),
    Figure(_("Answers overdue"), OVERSEE, "oversee:letters", {"state": "overdue"},
           _letters(state="overdue")),
    Figure(_("Calls to interviews"), OVERSEE, "oversee:letters", {"kind": "INTERVIEW"},
           _letters("INTERVIEW", of_year=True), of_year=True),
    Figure(_("Sanctions"), OVERSEE, "oversee:letters", {"kind": "SANCTION"},
           _letters("SANCTION", of_year=True), of_year=True),
    Figure(_("Steps to be decided"), OVERSEE, "oversee:proposals", {}, _proposals),
    Figure(_("Number of accidents"), OVERSEE, "oversee:accidents", {}, _accidents(of_year=True),
           of_year=True),
    Figure(_("Accidents with remedies still open"), OVERSEE, "oversee:accidents",
           {"stage": "remedies"}, _accidents("remedies")),
    Figure(_("Look-backs under way"), OVERSEE, "oversee:accidents", {"stage": "look_back"},
           _accidents("look_back")),
)  # fmt: skip


@dataclass(frozen=True)
class Cell:
    label: Promise | str
    count: int
    address: str


@dataclass(frozen=True)
class Row:
    region: Region
    cells: list[Cell]


def sheet(*, ask: Ask, regions: Iterable[Region]) -> list[Row]:
    """The region first with all that lies below it, then each of these below."""
    rows = [Row(region, []) for region in (ask.region, *regions)]
    for figure in FIGURES[:1]:
        _fill(rows, figure, ask)
    _fill_gaps(rows, ask)
    _fill_led(rows, ask)
    for figure in FIGURES[1:3]:
        _fill(rows, figure, ask)
    _fill_models(rows, ask)
    for figure in FIGURES[3:]:
        _fill(rows, figure, ask)
    return rows


def _fill(rows: list[Row], figure: Figure, ask: Ask) -> None:
    if ask.actor.may_anywhere(figure.permission):
        counts = figure.count(ask)
        for row in rows:
            address = figure.address(row.region, ask.year)
            row.cells.append(Cell(figure.label, _below(counts, row.region), address))


def _fill_gaps(rows: list[Row], ask: Ask) -> None:
    """What is missing, worked out once for all rows."""
    if not ask.actor.may_anywhere(GOVERN):
        return
    found: Gaps = find_gaps(actor=ask.actor, region=ask.region, on=ask.on)
    for label, anchor, paths in (
        (_("Regions without a committee"), "regions", [one.path for one in found.regions]),
        (_("Vacant chairs"), "chairs", [gap.committee.region.path for gap in found.chairs]),
        (_("Units without duties"), "members",
         [one.committee.region.path for one in found.members]),
        (_("Duties without a holder"), "duties",
         [gap.duty.member.committee.region.path for gap in found.duties]),
        (_("Missed meetings"), "meetings", [gap.committee.region.path for gap in found.meetings]),
        (_("Year lists not issued"), "lists", [one.region.path for one in found.lists]),
    ):  # fmt: skip
        counts = Counter(paths)
        for row in rows:
            address = f"{reverse('govern:gaps')}?region={row.region.code}#{anchor}"
            row.cells.append(Cell(label, _below(counts, row.region), address))


def _fill_led(rows: list[Row], ask: Ask) -> None:
    led = led_below(actor=ask.actor, regions=[row.region for row in rows], year=ask.year)
    for row in rows:
        for one in led[row.region.pk]:
            row.cells.append(Cell(_("Visits led by principals"), one.count, one.address))


def _fill_models(rows: list[Row], ask: Ask) -> None:
    """Towns that were awarded in the year and still hold it."""
    if not ask.actor.may_anywhere("prevent.view"):
        return
    towns = list_awards(actor=ask.actor, region=ask.region, year=ask.year)
    counts = by_path(towns, "town__path")
    for row in rows:
        asked = urlencode({"region": row.region.code, "year": str(ask.year)})
        address = f"{reverse('prevent:town_standards')}?{asked}"
        row.cells.append(Cell(_("Model towns awarded"), _below(counts, row.region), address))


def _below(counts: Counter[str], region: Region) -> int:
    return sum(count for path, count in counts.items() if path.startswith(region.path))
