"""Who and what is there before the year begins, made through the services of the house."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from stdnum.cn import uscc

from anlan.base import tables
from anlan.enforce.models import Certificate, Organ
from anlan.enforce.services import organs
from anlan.people.models import Account, Grant
from anlan.places.models import Region
from anlan.prevent.models import Campaign, Enterprise, Entry, Standard, StandardVersion
from anlan.prevent.services import campaigns, enterprise_lists, standards
from anlan.prevent.services.list_cells import COLUMNS
from anlan.prevent.services.standards import Text

from . import plan

BEFORE = datetime(2025, 12, 1, 1, tzinfo=UTC)
NAMES = "兰溪云山化工五金机械纺织服装永康门业义乌饰品东阳木雕金华火腿武义保温杯浦江水晶磐安药材"
RIGHTS = {
    "inspector": ("prevent.inspect", "prevent.check"),
    "doer": ("prevent.rectify",),
    "officer": ("enforce.view", "enforce.handle"),
    "second": ("enforce.view", "enforce.handle"),
    "reviewer": ("enforce.view", "enforce.review"),
    "head": ("enforce.view", "enforce.approve", "enforce.publish", "enforce.manage"),
    "city": ("prevent.check", "prevent.campaign", "prevent.standard", "prevent.manage"),
    "writer": ("prevent.standard",),
}


@dataclass(frozen=True)
class Office:
    """A county's organ and its people."""

    organ: Organ
    officer: Account
    second: Account
    reviewer: Account
    head: Account
    certificates: tuple[Certificate, ...]


@dataclass
class World:
    city: Account
    inspectors: dict[str, Account]  # by the town's path
    doers: dict[str, Account]
    offices: dict[str, Office]  # by the county's path
    versions: dict[int, StandardVersion]  # by the standard's number
    lines: dict[int, list[Entry]]
    campaigns: dict[int, Campaign]  # by the month
    firms: list[Enterprise]

    def town_of(self, firm: int) -> str:
        return _upto(self.firms[firm].site.region.path, 4)

    def county_of(self, firm: int) -> str:
        return _upto(self.firms[firm].site.region.path, 3)

    def office_of(self, firm: int) -> Office:
        return self.offices[self.county_of(firm)]


def _upto(path: str, parts: int) -> str:
    return "/".join(path.split("/")[:parts]) + "/"


def make(enterprises: int) -> World:
    """In the regions that are there: a city with counties, towns, villages and grids."""
    city = Region.objects.get(level=Region.Level.CITY)
    counties = list(Region.objects.filter(level=Region.Level.COUNTY).order_by("path"))
    towns = list(Region.objects.filter(level=Region.Level.TOWN).order_by("path"))
    by, writer = _account("city", city), _account("writer", city)
    found = dict(_standards(by, writer))
    _take_list(enterprises)
    firms = Enterprise.objects.select_related("site__region").order_by("credit_code")
    return World(
        by,
        {town.path: _account("inspector", town) for town in towns},
        {town.path: _account("doer", town) for town in towns},
        {county.path: _office(n, county) for n, county in enumerate(counties)},
        found,
        {n: list(version.entries.order_by("number")) for n, version in found.items()},
        {month: _campaign(month, city, counties, by) for month in plan.MONTHS},
        list(firms),
    )


def _account(word: str, region: Region) -> Account:
    account = Account.objects.create_account(f"{word}{region.code}", None, name=f"{word}{region}")
    Grant.objects.bulk_create(
        Grant(account=account, permission=code, region=region) for code in RIGHTS[word]
    )
    return account


def _standards(by: Account, writer: Account) -> Iterator[tuple[int, StandardVersion]]:
    """Ten checklists in force; the last line of each is a major hazard."""
    for n in range(plan.STANDARDS):
        made = standards.make_standard(
            code=f"S{n}", name=f"第{n + 1}类企业标准", by=writer, at=BEFORE
        )
        draft = standards.draft_version(standard=made, by=writer, at=BEFORE)
        for k, text in enumerate((*plan.WRONG, plan.GRAVE)):
            given = Text(
                f"{text}（{n}.{k}）", basis="安全生产法第三十六条", major=k == plan.LINES - 1
            )
            standards.save_entry(version=draft, number=None, given=given, by=writer, at=BEFORE)
        yield n, standards.put_in_force(version=draft, by=by, at=BEFORE)


def _take_list(count: int) -> None:
    grids = list(Region.objects.filter(level=Region.Level.GRID).order_by("path"))
    rows = (_firm(n, grids[n % len(grids)]) for n in range(count))
    system = Account.objects.system()
    made = enterprise_lists.plan_list(content=tables.workbook(COLUMNS, rows), by=system)
    if made.problems:
        raise RuntimeError(f"the made-up list has bad cells: {made.problems[:3]}")
    enterprise_lists.write_plan(plan=made, by=system, at=BEFORE)


def _firm(n: int, grid: Region) -> dict[str, Any]:
    at = n * 7 % (len(NAMES) - 4)
    base = f"91990000{n:09d}"
    return {
        "credit_code": base + str(uscc.calc_check_digit(base)),
        "name": f"{NAMES[at : at + 4]}{n}制品有限公司",
        "region": grid.code,
        "address": f"工业园区{n % 97}路{n}号",
        "industry": "C3399",
        "standard": f"S{n % plan.STANDARDS}",
        "size": "小型",
        "employees": str(n % 300),
        "legal_person": f"王小明{n}",
        "officer": f"张三{n % 50}",
        "officer_phone": f"1000000{n % 10000:04d}",
        "head": "李四",
        "head_phone": f"1390000{n % 10000:04d}",
    }


def _office(n: int, county: Region) -> Office:
    people = {word: _account(word, county) for word in ("officer", "second", "reviewer", "head")}
    organ = organs.save_organ(
        region=county, name=f"{county.name}应急管理局", mark=f"试{n}", address="试验路1号",
        review_body=f"{county.name}人民政府", court=f"{county.name}人民法院", bank="试验银行",
        account_number="000000000000", by=people["head"], at=BEFORE,
    )  # fmt: skip
    certificates = tuple(
        organs.add_certificate(
            organ=organ, account=people[word], number=f"SY{county.code}{word}",
            valid_from=date(2024, 1, 1), valid_until=date(2028, 12, 31),
            by=people["head"], at=BEFORE,
        )
        for word in ("officer", "second")
    )  # fmt: skip
    return Office(organ, **people, certificates=certificates)


def _campaign(month: int, city: Region, counties: list[Region], by: Account) -> Campaign:
    asked = {f"S{(month + n) % plan.STANDARDS}" for n in range(3)}
    made = campaigns.make_campaign(
        title=f"{month}月专项整治", region=city, starts_on=date(2026, month, 1),
        ends_on=date(2026, month, 28), standards=list(Standard.objects.filter(code__in=asked)),
        by=by, at=BEFORE,
    )  # fmt: skip
    for county in counties:
        campaigns.set_quota(campaign=made, region=county, visits=400, by=by, at=BEFORE)
    return made
