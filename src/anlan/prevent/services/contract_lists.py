"""Take in a list of service contracts from Excel: a line for each enterprise that is served.

A contract that is not known is entered; to one that is known, enterprises are added. None is ended
and no enterprise taken out because a list lacks it. The same list again changes nothing.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from anlan.base import tables
from anlan.base.errors import BadInput
from anlan.base.tables import Column, Line, Problem
from anlan.people.models import Account
from anlan.places.models import Region
from anlan.places.queries import regions_called

from ..models import Contract, Enterprise
from .contracts import KEEP, MOST_VISITS, make_contract, serve
from .enterprises import check_credit_code

COLUMNS = (
    Column("number", ("合同编号", "合同号", "编号")),
    Column("provider", ("服务机构", "机构名称", "服务机构名称")),
    Column("provider_code", ("机构信用代码", "服务机构信用代码", "机构统一社会信用代码")),
    Column("region", ("区划", "所属区划", "区划代码", "服务区划"), required=False),
    Column("from_date", ("开始日期", "合同开始日期", "起始日期")),
    Column("to_date", ("截止日", "截止日期", "合同截止日期", "结束日期")),
    Column("visits_a_year", ("年服务次数", "每家企业年服务次数", "每年服务次数")),
    Column("credit_code", ("企业信用代码", "统一社会信用代码", "企业统一社会信用代码")),
    Column("note", ("说明", "备注"), required=False),
)
OF_CONTRACT = ("provider", "provider_code", "from_date", "to_date", "visits_a_year")
LONGEST = {"number": 60, "provider": 120, "note": 300}
_DAY = re.compile(r"(\d{4})\D{1,2}(\d{1,2})\D{1,2}(\d{1,2})(日|T00:00:00)?")
SHOWN = 100
Progress = Callable[[int, int], None]


@dataclass
class Wanted:
    """One contract of the list, with the enterprises that it is to serve and does not yet."""

    line: int
    region: Region
    given: dict[str, Any]
    contract: Contract | None = None
    codes: dict[str, str] = field(default_factory=dict)  # with the enterprises' names


@dataclass
class Plan:
    wanted: list[Wanted] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)

    @property
    def new(self) -> list[Wanted]:
        return [one for one in self.wanted if one.contract is None]

    @property
    def changed(self) -> list[Wanted]:
        return [one for one in self.wanted if one.contract is not None and one.codes]

    @property
    def counts(self) -> dict[str, int]:
        same = len(self.wanted) - len(self.new) - len(self.changed)
        bad = len({problem.row for problem in self.problems})
        return {"new": len(self.new), "changed": len(self.changed), "same": same, "bad_lines": bad}

    @property
    def shown(self) -> dict[str, Any]:
        return {
            "new": [_name(one) for one in self.new[:SHOWN]],
            "changed": [
                {"name": _name(one), "fields": {"served": ["", "、".join(one.codes.values())]}}
                for one in self.changed[:SHOWN]
            ],
        }


def _name(one: Wanted) -> str:
    return f"{one.given['number']} {one.given['provider']}"


def plan_list(
    *,
    content: bytes,
    region: Region | None = None,
    by: Account,
    at: datetime,
    progress: Progress = lambda done, total: None,
) -> Plan:
    """What a list would change, with every bad cell. `region`: where its cell says nothing."""
    plan = Plan(lines=tables.read(content, COLUMNS))
    reader = _Reader(plan.lines, region, by, timezone.localdate(at))
    for n, line in enumerate(plan.lines):
        plan.problems += reader.read(line)
        if n % 200 == 0:
            progress(n, len(plan.lines))
    plan.wanted = list(reader.wanted.values())
    return plan


def write_plan(
    *, plan: Plan, by: Account, at: datetime, progress: Progress = lambda done, total: None
) -> None:
    """Each contract a transaction of its own; stopped in the middle, hand the list in again."""
    rows = [*plan.new, *plan.changed]
    for n, one in enumerate(rows):
        with transaction.atomic():
            contract = one.contract or make_contract(**one.given, region=one.region, by=by, at=at)
            serve(contract=contract, codes=one.codes, by=by, at=at)
        progress(n + 1, len(rows))


def empty_list() -> bytes:
    """A workbook with the headers and one example line."""
    example = {
        "number": "2026-001", "provider": "示例安全技术服务有限公司",
        "provider_code": "91330700MA00000000", "region": "330702", "from_date": "2026-01-01",
        "to_date": "2026-12-31", "visits_a_year": "4", "credit_code": "91330700MA00000001",
    }  # fmt: skip
    return tables.workbook(COLUMNS, [example])


class _Reader:
    """Reads lines one after the other; knows which contracts came before, and who is there."""

    def __init__(
        self, lines: Sequence[Line], region: Region | None, by: Account, today: date
    ) -> None:
        self.region, self.by, self.today = region, by, today
        self.paths = [""] if by.is_system else list(by.regions_for(KEEP))
        self.wanted: dict[tuple[int, str], Wanted] = {}
        self.regions: dict[str, Region | None] = {}
        codes = ["".join(line["credit_code"].split()).upper() for line in lines]
        firms = Enterprise.objects.filter(credit_code__in=codes).select_related("site__region")
        self.firms = {firm.credit_code: firm.site for firm in firms}
        known = Contract.objects.filter(number__in=[line["number"] for line in lines])
        self.known = {(one.region_id, one.number): one for one in known}
        self.served: dict[int, set[str]] = {}
        rows = known.values_list("pk", "served__enterprise__credit_code")
        for pk, code in rows:
            self.served.setdefault(pk, set()).add(code)

    def read(self, line: Line) -> list[Problem]:
        given: dict[str, Any] = {}
        problems = []
        for column in (*OF_CONTRACT, "number", "credit_code", "note", "region"):
            try:
                given[column] = self._value(column, line[column])
            except BadInput as wrong:
                text = " ".join(filter(None, (wrong.message, wrong.hint)))
                problems.append(Problem(line.number, column, line[column], text))
        if problems:
            return problems
        refused = self._take(line, given)
        return [refused] if refused else []

    def _take(self, line: Line, given: dict[str, Any]) -> Problem | None:
        region, code = given.pop("region"), given.pop("credit_code")
        if given["to_date"] < given["from_date"]:
            return _bad(line, "to_date", _("The contract ends before it begins."))
        if given["to_date"] < self.today:
            return _bad(line, "to_date", _("This contract is over."))
        one = self._contract(line, region, given)
        column = next((c for c in OF_CONTRACT if one.given[c] != given[c]), None)
        if column is not None:
            return _bad(line, column, _("The contract is known with something else here."))
        if one.contract is not None and one.contract.ended_on is not None:
            return _bad(line, "number", _("This contract is over."))
        site = self.firms.get(code)
        if site is None or not region.covers(site.region):
            return _bad(line, "credit_code", _("No enterprise of the region has this code."))
        self.wanted.setdefault((region.pk, given["number"]), one)
        if one.contract is None or code not in self.served[one.contract.pk]:
            one.codes[code] = site.name
        return None

    def _contract(self, line: Line, region: Region, given: dict[str, Any]) -> Wanted:
        key = (region.pk, given["number"])
        if key in self.wanted:
            return self.wanted[key]
        known = self.known.get(key)
        kept = {column: getattr(known, column) for column in OF_CONTRACT} if known else {}
        return Wanted(line.number, region, given | kept, known)

    def _value(self, column: str, text: str) -> Any:
        if column in {"provider_code", "credit_code"}:
            return check_credit_code(text)
        if column in {"from_date", "to_date"}:
            return _day(text)
        if column == "visits_a_year":
            return _visits(text)
        if column == "region":
            return self._region(text)
        least = 0 if column == "note" else 1
        if not least <= len(text) <= LONGEST[column]:
            raise _wrong(_("1 to %(most)d characters.") % {"most": LONGEST[column]})
        return text

    def _region(self, text: str) -> Region:
        if not text and self.region is not None:
            return self.region
        if text not in self.regions:
            found = regions_called(text=text, paths=self.paths) if text else []
            self.regions[text] = found[0] if len(found) == 1 else None
        region = self.regions[text]
        if region is None or not (self.region is None or self.region.covers(region)):
            raise _wrong(_("No region of yours is called so; give its code."))
        return region


def _day(text: str) -> date:
    """2026-01-01, 2026/1/1, 2026.1.1, 2026年1月1日."""
    found = _DAY.fullmatch("".join(text.split()))
    if found is not None:
        with contextlib.suppress(ValueError):
            return date(int(found[1]), int(found[2]), int(found[3]))
    raise _wrong(_("Write a day as 2026-01-31."))


def _visits(text: str) -> int:
    digits = text.removesuffix("次").strip()
    number = int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < 4 else 0
    if not 1 <= number <= MOST_VISITS:
        raise _wrong(_("Write a whole number from 1 to %(most)d.") % {"most": MOST_VISITS})
    return number


def _bad(line: Line, column: str, text: str) -> Problem:
    return Problem(line.number, column, line[column], text)


def _wrong(text: str) -> BadInput:
    return BadInput("prevent.bad_cell", text)
