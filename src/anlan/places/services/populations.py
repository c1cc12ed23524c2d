"""Import how many people live in regions, down to the grids, from a list with source and date."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from anlan.base import tables
from anlan.base.errors import BadInput
from anlan.base.events import publish
from anlan.base.tables import Column, Line, Problem

from ..models import Population, Region
from .revisions import touch
from .sites import common_path

if TYPE_CHECKING:
    from datetime import datetime

    from anlan.people.models import Account

COLUMNS = (
    Column("region", ("区划代码", "region", "行政区划代码", "网格编码")),
    Column("people", ("人口", "people", "population", "常住人口", "人数")),
    Column("counted_on", ("统计日期", "date", "日期"), required=False),
)
_MOST = 40_000_000  # more than any prefecture has


@dataclass(frozen=True)
class PopulationPlan:
    new: int
    changed: int
    same: int
    people: int  # of all good lines
    problems: list[Problem] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    to_make: list[Population] = field(default_factory=list)
    to_change: list[Population] = field(default_factory=list)


def plan_populations(
    *,
    content: bytes,
    source: str,
    counted_on: date | None,
    made_up: bool = False,
    by: Account,
    at: datetime,
) -> PopulationPlan:
    """What a list would change, with every bad cell; changes nothing.

    `counted_on` holds for the lines without a day of their own. Counts of other days stay.
    """
    if not source.strip():
        raise BadInput("places.no_source", _("Say where the figures come from."))
    lines = tables.read(content, COLUMNS)
    check = _Check(lines, counted_on, by, localdate(at))
    problems: list[Problem] = []
    rows = []
    for line in lines:
        wrong = list(check.problems(line))
        problems += wrong
        if not wrong:
            rows.append(check.row(line, source.strip()[:200], made_up))
    return _compare(rows, problems, lines)


@transaction.atomic
def import_populations(
    *,
    content: bytes,
    source: str,
    counted_on: date | None,
    made_up: bool = False,
    by: Account,
    at: datetime,
) -> PopulationPlan:
    """Take every good line; the same list again changes nothing."""
    plan = plan_populations(
        content=content, source=source, counted_on=counted_on, made_up=made_up, by=by, at=at
    )
    written = [*plan.to_make, *plan.to_change]
    if written:
        Population.objects.bulk_create(plan.to_make, batch_size=1000)
        Population.objects.bulk_update(
            plan.to_change, ["people", "source", "made_up"], batch_size=300
        )
        publish(
            "places.populations.imported",
            at=at,
            by=by,
            region_path=common_path([row.region.path for row in written]),
            new=plan.new,
            changed=plan.changed,
            source=source.strip()[:200],
        )
        touch("populations")
    return plan


def error_list(plan: PopulationPlan) -> bytes:
    return tables.error_workbook(COLUMNS, plan.lines, plan.problems)


class _Check:
    """What the lines are held against, read once."""

    def __init__(
        self, lines: list[Line], counted_on: date | None, by: Account, today: date
    ) -> None:
        codes = {line["region"] for line in lines}
        self.regions = {r.code: r for r in Region.objects.filter(valid_to=None) if r.code in codes}
        self.counted_on, self.today = counted_on, today
        self.everywhere = by.is_system
        self.managed = tuple(by.regions_for("places.manage"))
        self.first: dict[tuple[str, date | None], int] = {}

    def problems(self, line: Line) -> Iterable[Problem]:
        def bad(column: str, text: str) -> Problem:
            return Problem(line.number, column, line[column], text)

        region = self.regions.get(line["region"])
        if region is None:
            yield bad("region", _("No region in force with this code."))
        elif not self.everywhere and not (self.managed and region.path.startswith(self.managed)):
            text = _("You may not enter figures for %(region)s.") % {"region": region.name}
            yield bad("region", text)
        people = _whole(line["people"])
        if people is None or not 0 <= people <= _MOST:
            yield bad("people", _("Not a number of people."))
        day = self.day(line)
        if day is None:
            yield bad("counted_on", _("Give the day of the count, as 2026-07-03."))
        elif day > self.today:
            yield bad("counted_on", _("The day of the count lies ahead."))
        key = (line["region"], day)
        if key in self.first:
            text = _("The same region is in row %(row)d.") % {"row": self.first[key]}
            yield bad("region", text)
        self.first.setdefault(key, line.number)

    def day(self, line: Line) -> date | None:
        if not line["counted_on"]:
            return self.counted_on
        return tables.read_day(line["counted_on"])

    def row(self, line: Line, source: str, made_up: bool) -> Population:
        people, day = _whole(line["people"]), self.day(line)
        assert people is not None
        assert day is not None
        return Population(
            region=self.regions[line["region"]],
            people=people,
            counted_on=day,
            source=source,
            made_up=made_up,
        )


def _whole(text: str) -> int | None:
    text = text.replace(",", "").replace("人", "")
    return int(text) if text.isascii() and text.isdecimal() else None


def _compare(rows: list[Population], problems: list[Problem], lines: list[Line]) -> PopulationPlan:
    days = {row.counted_on for row in rows}
    known = {
        (old.region_id, old.counted_on): old
        for old in Population.objects.filter(counted_on__in=days).select_related("region")
    }
    make, change, same = [], [], 0
    for row in rows:
        old = known.get((row.region_id, row.counted_on))
        if old is None:
            make.append(row)
        elif (old.people, old.source, old.made_up) == (row.people, row.source, row.made_up):
            same += 1
        else:
            old.people, old.source, old.made_up = row.people, row.source, row.made_up
            change.append(old)
    people = sum(row.people for row in rows)
    return PopulationPlan(len(make), len(change), same, people, problems, lines, make, change)
