"""Take in a list of enterprises from Excel: what it would change, then the change by parts.

An empty cell says nothing and what it would change stays; an enterprise that is missing from the
list is never closed by it. The same list again changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from anlan.base import tables
from anlan.base.events import publish, publish_many
from anlan.base.statistics import recount
from anlan.base.tables import Line, Problem
from anlan.people.models import Account
from anlan.places import position
from anlan.places.models import Region, Site
from anlan.places.services.revisions import touch
from anlan.places.services.sites import common_path

from ..models import Change, Contact, Enterprise, Standard, Wording
from .enterprises import OF_FILE, OF_SITE, SITE_KIND
from .list_cells import COLUMNS, Reader
from .wordings import wording_of

PERMISSION = "prevent.manage"
CHUNK = 500
MANY = 1000  # new ones: the database should know of them
SHOWN = 100
Progress = Callable[[int, int], None]
CONTACTS = (("head", Contact.Role.HEAD), ("officer", Contact.Role.SAFETY))


@dataclass(slots=True)
class Row:
    """A good line: what it says, whom it is about, what it changes there."""

    line: int
    given: dict[str, Any]
    region: Region | None = None
    enterprise: Enterprise | None = None
    site: Site | None = None  # it stands on the map, and has no file yet
    fields: dict[str, list[Any]] = field(default_factory=dict)  # before and after
    contacts: list[tuple[str, str, str]] = field(default_factory=list)  # role, name, phone: new


@dataclass
class Plan:
    new: list[Row] = field(default_factory=list)
    changed: list[Row] = field(default_factory=list)
    same: int = 0
    absent: list[str] = field(default_factory=list)  # names of some that the list does not have
    absent_count: int = 0
    problems: list[Problem] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        return {
            "new": len(self.new),
            "changed": len(self.changed),
            "same": self.same,
            "absent": self.absent_count,
            "bad_lines": len({problem.row for problem in self.problems}),
        }

    @property
    def shown(self) -> dict[str, Any]:
        """The first of each, for the page that asks whether to go on."""
        return {
            "new": [row.given["name"] for row in self.new[:SHOWN]],
            "changed": [
                {"name": row.given["name"], "fields": row.fields, "contacts": bool(row.contacts)}
                for row in self.changed[:SHOWN]
            ],
            "absent": self.absent,
        }


def plan_list(
    *,
    content: bytes,
    region: Region | None = None,
    by: Account,
    progress: Progress = lambda done, total: None,
) -> Plan:
    """What a list would change, with every bad cell. `region`: all of it lies there."""
    plan = Plan(lines=tables.read(content, COLUMNS))
    reader = Reader(Standard.objects.filter(retired_on=None))
    rows = []
    for n, line in enumerate(plan.lines):
        given, problems = reader.read(line)
        plan.problems += problems
        if not problems:
            rows.append(Row(line.number, given))
        if n % 1000 == 0:
            progress(n // 2, len(plan.lines))
    known = _Known(rows, region, by)
    known.locate(rows)
    for n, row in enumerate(rows):
        wrong = known.compare(row)
        if wrong is not None:
            plan.problems.append(wrong)
        elif row.enterprise is None:
            plan.new.append(row)
        elif row.fields or row.contacts:
            plan.changed.append(row)
        else:
            plan.same += 1
        if n % 1000 == 0:
            progress((len(rows) + n) // 2, len(plan.lines))
    plan.problems.sort(key=lambda problem: problem.row)
    listed = set(reader.first)
    plan.absent_count, plan.absent = known.absent(listed)
    return plan


def write_plan(
    *,
    plan: Plan,
    by: Account,
    at: datetime,
    made_up: bool = False,
    progress: Progress = lambda done, total: None,
) -> None:
    """Carry a plan out in parts, each a transaction of its own.

    SQLite lets one write at a time: readings must get in between. Whoever stops it in the middle
    hands the same list in again, which takes only the rest.
    """
    total, done = len(plan.new) + len(plan.changed), 0
    for write, rows in ((_write_new, plan.new), (_write_changed, plan.changed)):
        for start in range(0, len(rows), CHUNK):
            part = rows[start : start + CHUNK]
            write(part, made_up=made_up, by=by, at=at)
            done += len(part)
            progress(done, total)
    if len(plan.new) >= MANY:
        recount(Site, Enterprise, Contact, Wording)


def error_list(plan: Plan) -> bytes:
    return tables.error_workbook(COLUMNS, plan.lines, plan.problems)


def empty_list() -> bytes:
    """A workbook with the headers and one example line."""
    example = {
        "credit_code": "91330700MA00000000",
        "name": "示例五金制品有限公司",
        "region": "330702001001001",
        "address": "示例路1号",
        "industry": "C3399",
        "size": "小型",
        "employees": "35",
        "officer": "张三",
        "officer_phone": "13800001234",
    }
    return tables.workbook(COLUMNS, [example])


class _Known:
    """What the lines are compared with, read once."""

    def __init__(self, rows: Sequence[Row], region: Region | None, by: Account) -> None:
        self.by, self.within = by, region.path if region else ""
        self.paths = ("",) if by.is_system else tuple(by.regions_for(PERMISSION))
        self.regions = {r.pk: r for r in Region.objects.filter(valid_to=None)}
        self.by_text = self._names()
        files = Enterprise.objects.select_related("site")
        self.files = {e.credit_code: e for e in files.iterator(2000)}
        bare = Site.objects.filter(kind=SITE_KIND, enterprise=None)
        self.sites = {site.code: site for site in bare.iterator(2000)}
        self.contacts: dict[int, dict[tuple[str, str], str]] = {}
        for pk, role, name, phone in Contact.objects.values_list(
            "enterprise_id", "role", "name", "phone"
        ):
            self.contacts.setdefault(pk, {})[role, name] = phone

    def _names(self) -> dict[str, Region | None]:
        """Regions by code, by place and by name; None: several are called so."""
        found: dict[str, Region | None] = {}
        for region in self.regions.values():
            if not self._mine(region):
                continue
            for text in {region.name, self._place(region)}:
                found[text] = None if text in found else region
        return found | {region.code: region for region in self.regions.values()}

    def _place(self, region: Region) -> str:
        names: list[str] = []
        here: Region | None = region
        while here is not None and (not names or here.level >= Region.Level.COUNTY):
            names.insert(0, here.name)
            here = self.regions.get(here.parent_id or 0)
        return "".join(names)

    def _mine(self, region: Region) -> bool:
        return region.path.startswith(self.paths) and region.path.startswith(self.within)

    def locate(self, rows: Sequence[Row]) -> None:
        """Each row's region: what its cell says; else, of new ones, where the position lies."""
        open_rows = []
        for row in rows:
            code = row.given["credit_code"]
            row.enterprise = self.files.get(code)
            if row.enterprise is None:
                row.site = self.sites.get(row.given.get("site", code))
            text = row.given.get("region", "")
            if text:
                row.region = self.by_text.get(text)
            elif row.enterprise or row.site:
                stands = row.enterprise.site if row.enterprise else row.site
                row.region = self.regions.get(stands.region_id) if stands else None
            elif "lon" in row.given:
                open_rows.append(row)
        if open_rows:
            pks, _guessed = position.locate(
                [r.given["lon"] for r in open_rows], [r.given["lat"] for r in open_rows]
            )
            for row, pk in zip(open_rows, pks.tolist(), strict=True):
                row.region = self.regions.get(pk)

    def compare(self, row: Row) -> Problem | None:
        """What the row changes; or why it cannot be taken."""
        given, enterprise = row.given, row.enterprise
        if "site" in given and not (enterprise or row.site):
            why = _("No enterprise without a file has this number on the map.")
            return Problem(row.line, "site", given["site"], why)
        wrong = self._wrong_region(row)
        if wrong is not None:
            return wrong
        assert row.region is not None
        stands = enterprise.site if enterprise else row.site
        if stands is not None and not self._keeps(stands):
            why = _("Another office keeps the file of this enterprise.")
            return Problem(row.line, "credit_code", given["credit_code"], why)
        if stands is None and "lon" not in given and row.region.lon is None:
            why = _("Give the position: nothing is known of the region's.")
            return Problem(row.line, "lon", "", why)
        if enterprise is not None:
            row.fields = self._fields(row, enterprise)
        row.contacts = self._new_contacts(row)
        return None

    def _keeps(self, site: Site) -> bool:
        region = self.regions.get(site.region_id)
        return region is not None and self._mine(region)

    def _wrong_region(self, row: Row) -> Problem | None:
        text = row.given.get("region", "")
        if row.region is None:
            column = "region" if text or "lon" not in row.given else "lon"
            if not text:
                why = _("Give the grid or village, or a position that lies in your regions.")
            elif text in self.by_text:
                why = _("Several are called so: give the code, or county, town and village.")
            else:
                why = _("No grid or village of yours is called so; give its code.")
            return Problem(row.line, column, text, why)
        if not self._mine(row.region):
            why = _("You may not keep files in %(region)s.") % {"region": row.region.name}
            return Problem(row.line, "region", text, why)
        return None

    def _fields(self, row: Row, enterprise: Enterprise) -> dict[str, list[Any]]:
        given, site = row.given, enterprise.site
        changed: dict[str, list[Any]] = {}
        assert row.region is not None
        if site.region_id != row.region.pk:
            before = self._place(self.regions[site.region_id])
            changed["region"] = [before, self._place(row.region)]
        for name in ("name", "lon", "lat"):
            if name in given and given[name] != getattr(site, name):
                changed[name] = [getattr(site, name), given[name]]
        for name in OF_FILE:
            if name == "standard":
                continue
            if name in given and given[name] != getattr(enterprise, name):
                changed[name] = [getattr(enterprise, name), given[name]]
        if "standard" in given and given["standard"].pk != enterprise.standard_id:
            changed["standard"] = [str(enterprise.standard or ""), str(given["standard"])]
        return changed

    def _new_contacts(self, row: Row) -> list[tuple[str, str, str]]:
        """Those that are not there, or with another number. Nobody is removed by absence."""
        there = self.contacts.get(row.enterprise.pk, {}) if row.enterprise else {}
        found = []
        for column, role in CONTACTS:
            name, phone = row.given.get(column), row.given.get(f"{column}_phone", "")
            if name and (there.get((role, name)) is None or (phone and there[role, name] != phone)):
                found.append((str(role), name, phone))
        return found

    def absent(self, listed: set[str], most: int = 50) -> tuple[int, list[str]]:
        """In business here and not in the list: shown, never closed."""
        rows = [
            e.site.name
            for e in self.files.values()
            if e.state == Enterprise.State.IN_BUSINESS
            and e.credit_code not in listed
            and self._keeps(e.site)
        ]
        return len(rows), rows[:most]


@transaction.atomic
def _write_new(rows: Sequence[Row], *, made_up: bool, by: Account, at: datetime) -> None:
    for row in rows:
        assert row.region is not None
        site = row.site or Site(
            kind=SITE_KIND,
            code=row.given["credit_code"],
            # Where the line gives none; `compare` has seen to it that one of them is there.
            lon=row.region.lon or 0.0,
            lat=row.region.lat or 0.0,
            made_up=made_up,
        )
        _fill(site, OF_SITE, row)
        row.enterprise = Enterprise(site=site, changed_at=at)
        _fill(row.enterprise, OF_FILE, row)
    files = [row.enterprise for row in rows if row.enterprise]
    Site.objects.bulk_create([file.site for file in files if file.site.pk is None])
    _upsert([row.site for row in rows if row.site], OF_SITE)
    for file in files:
        # Anew, now that it has its number; setting the number alone would forget the site.
        file.site = file.site
    Enterprise.objects.bulk_create(files)
    _write_contacts(rows)
    _write_wordings(rows)
    _tell(rows, "new", by, at)


@transaction.atomic
def _write_changed(rows: Sequence[Row], *, made_up: bool, by: Account, at: datetime) -> None:
    sites, files = [], []
    rows = _not_changed_meanwhile(rows)
    moves = _moves(rows)
    for row in rows:
        assert row.enterprise is not None
        if row.fields.keys() & set(OF_SITE):
            _fill(row.enterprise.site, OF_SITE, row)
            sites.append(row.enterprise.site)
        _fill(row.enterprise, OF_FILE, row)
        row.enterprise.changed_at = at
        files.append(row.enterprise)
    _upsert(sites, OF_SITE)
    _upsert(files, (*OF_FILE, "changed_at"))
    _write_contacts(rows)
    _write_wordings(rows)
    Change.objects.bulk_create(
        Change(
            enterprise=row.enterprise,
            at=at,
            by=by,
            fields=row.fields | ({"contacts": []} if row.contacts else {}),
            why=_("list imported"),
        )
        for row in rows
    )
    publish_many("prevent.enterprise.moved", at=at, by=by, rows=moves)
    _tell(rows, "changed", by, at)


def _moves(rows: Sequence[Row]) -> list[tuple[str, dict[str, Any]]]:
    """Those that go to another region, each under the path of the one it leaves."""
    moved = [row for row in rows if "region" in row.fields and row.enterprise and row.region]
    left = Region.objects.in_bulk([row.enterprise.site.region_id for row in moved])  # type: ignore[union-attr]
    return [
        (
            left[row.enterprise.site.region_id].path,
            {"enterprise_id": row.enterprise.pk, "to_path": row.region.path},
        )
        for row in moved
        if row.enterprise and row.region
    ]


def _not_changed_meanwhile(rows: Sequence[Row]) -> list[Row]:
    """What somebody has edited since the list was compared stays theirs."""
    pks = [row.enterprise.pk for row in rows if row.enterprise]
    now = dict(Enterprise.objects.filter(pk__in=pks).values_list("pk", "changed_at"))
    return [
        row
        for row in rows
        if row.enterprise and now[row.enterprise.pk] == row.enterprise.changed_at
    ]


def _fill(target: Site | Enterprise, names: Iterable[str], row: Row) -> None:
    for name in names:
        if name == "region":
            assert isinstance(target, Site)
            assert row.region is not None
            target.region = row.region
        elif name in row.given:
            setattr(target, name, row.given[name])


def _upsert(rows: Sequence[Any], columns: Sequence[str]) -> None:
    """Rows that exist, in one statement; `bulk_update` writes a branch a row and cell."""
    if rows:
        type(rows[0])._default_manager.bulk_create(
            rows, update_conflicts=True, unique_fields=["pk"], update_fields=list(columns)
        )


def _write_contacts(rows: Sequence[Row]) -> None:
    Contact.objects.bulk_create(
        [
            Contact(enterprise=row.enterprise, role=role, name=name, phone=phone)
            for row in rows
            for role, name, phone in row.contacts
        ],
        update_conflicts=True,
        unique_fields=["enterprise", "role", "name"],
        update_fields=["phone"],
    )


def _write_wordings(rows: Sequence[Row]) -> None:
    files = {row.enterprise.pk: row.enterprise for row in rows if row.enterprise}
    people: dict[int, list[Contact]] = {}
    for contact in Contact.objects.filter(enterprise__in=files):
        people.setdefault(contact.enterprise_id, []).append(contact)
    Wording.objects.bulk_create(
        [wording_of(file, people.get(pk, [])) for pk, file in files.items()],
        update_conflicts=True,
        unique_fields=["enterprise"],
        update_fields=["text", "people"],
    )


def _tell(rows: Sequence[Row], what: str, by: Account, at: datetime) -> None:
    if not rows:
        return
    paths = [row.region.path for row in rows if row.region]
    publish(
        "prevent.enterprises.imported",
        at=at,
        by=by,
        region_path=common_path(paths),
        **{what: len(rows)},
    )
    touch("sites")
