"""Import sites: from a list that somebody hands in, or from rows that a program has."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from anlan.base import tables
from anlan.base.errors import BadInput
from anlan.base.events import publish, publish_many
from anlan.base.tables import Column, Line, Problem

from .. import gcj02, kinds, position
from ..models import Region, Site
from .revisions import touch

if TYPE_CHECKING:
    from datetime import datetime

    from anlan.people.models import Account

COLUMNS = (
    Column("code", ("编号", "code", "编码", "点位编号")),
    Column("kind", ("类型", "kind", "类别", "点位类型")),
    Column("name", ("名称", "name", "点位名称")),
    Column("lon", ("经度", "lon", "lng", "longitude", "X")),
    Column("lat", ("纬度", "lat", "latitude", "Y")),
    Column("region", ("区划代码", "region", "所属区划", "行政区划代码"), required=False),
)
_CODE = re.compile(r"[\w.:/-]{1,40}")


@dataclass(frozen=True, slots=True)
class SiteRow:
    """A site as a program gives it; without a region code the position decides."""

    code: str
    kind: str
    name: str
    lon: float
    lat: float
    region: str = ""
    made_up: bool = False
    row: int = 0


@dataclass(frozen=True)
class SitePlan:
    new: int
    changed: int
    same: int
    guessed: int  # region by the nearest point, for want of an outline
    problems: list[Problem] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    # What `save_sites` writes.
    to_make: list[Site] = field(default_factory=list)
    to_change: list[Site] = field(default_factory=list)
    moved: list[tuple[Site, str]] = field(default_factory=list)  # with the path of the region left
    renamed: list[Site] = field(default_factory=list)


def plan_sites(*, content: bytes, crs: str = "wgs84", by: Account) -> SitePlan:
    """What a list of sites would change, with every bad cell; changes nothing."""
    lines = tables.read(content, COLUMNS)
    rows, problems = [], []
    first: dict[tuple[str, str], int] = {}
    for line in lines:
        wrong = list(_check_form(line, first))
        problems += wrong
        if not wrong:
            rows.append(_row(line))
    plan = _compare(_unshifted(rows) if crs == "gcj02" else rows, by)
    problems = sorted(problems + plan.problems, key=lambda problem: problem.row)
    return SitePlan(
        plan.new,
        plan.changed,
        plan.same,
        plan.guessed,
        problems,
        lines,
        plan.to_make,
        plan.to_change,
        plan.moved,
        plan.renamed,
    )


@transaction.atomic
def import_sites(*, content: bytes, crs: str = "wgs84", by: Account, at: datetime) -> SitePlan:
    """Take every good row of a list; the bad ones come back in the error workbook."""
    plan = plan_sites(content=content, crs=crs, by=by)
    _write(plan, by=by, at=at)
    return plan


@transaction.atomic
def save_sites(*, rows: Iterable[SiteRow], by: Account, at: datetime) -> SitePlan:
    """Make or change many sites at once; all of them, or none where a row is bad."""
    plan = _compare(list(rows), by)
    if plan.problems:
        problem = plan.problems[0]
        raise BadInput("places.bad_site", f"{problem.column} {problem.value}: {problem.text}")
    _write(plan, by=by, at=at)
    return plan


@transaction.atomic
def close_site(*, site: Site, by: Account, at: datetime) -> Site:
    """The site is no more. Its records stay."""
    by.require("places.manage", region=site.region)
    site.closed_on = localdate(at)
    site.save(update_fields=["closed_on"])
    publish("places.site.closed", at=at, by=by, region_path=site.region.path, site_id=site.pk)
    touch("sites")
    return site


def error_list(plan: SitePlan) -> bytes:
    return tables.error_workbook(COLUMNS, plan.lines, plan.problems)


def _check_form(line: Line, first: dict[tuple[str, str], int]) -> Iterable[Problem]:
    def bad(column: str, text: str) -> Problem:
        return Problem(line.number, column, line[column], text)

    kind = kinds.code_of(line["kind"])
    if not _CODE.fullmatch(line["code"]):
        yield bad("code", _("A site's code has 1 to 40 letters or digits."))
    elif (kind or "", line["code"]) in first:
        row = first[kind or "", line["code"]]
        yield bad("code", _("The same code is in row %(row)d.") % {"row": row})
    first.setdefault((kind or "", line["code"]), line.number)
    if kind is None:
        labels = "、".join(str(k.label) for k in kinds.registered())
        yield bad("kind", _("Unknown kind; use one of: %(kinds)s.") % {"kinds": labels})
    if not 0 < len(line["name"]) <= 120:
        yield bad("name", _("A name has 1 to 120 characters."))
    for column, most in (("lon", 180), ("lat", 90)):
        number = _number(line[column])
        if number is None or not -most <= number <= most:
            yield bad(column, _("Not a position in degrees."))


def _number(text: str) -> float | None:
    try:
        number = float(text.rstrip("°"))
    except ValueError:
        return None
    return number if number == number else None


def _row(line: Line) -> SiteRow:
    kind = kinds.code_of(line["kind"])
    lon, lat = _number(line["lon"]), _number(line["lat"])
    assert kind is not None
    assert lon is not None
    assert lat is not None
    return SiteRow(line["code"], kind, line["name"], lon, lat, line["region"], row=line.number)


def _unshifted(rows: list[SiteRow]) -> list[SiteRow]:
    lon, lat = gcj02.to_wgs84([r.lon for r in rows], [r.lat for r in rows])
    return [
        SiteRow(r.code, r.kind, r.name, round(x, 7), round(y, 7), r.region, r.made_up, r.row)
        for r, x, y in zip(rows, lon.tolist(), lat.tolist(), strict=True)
    ]


def _compare(rows: Sequence[SiteRow], by: Account) -> SitePlan:
    problems: list[Problem] = []
    regions, guessed = _regions_of(rows, problems)
    paths = tuple(by.regions_for("places.manage"))
    known = _known_sites(rows)
    make, change, same = [], [], 0
    moved: list[tuple[Site, str]] = []
    renamed = []
    for row, region in zip(rows, regions, strict=True):
        if region is None:
            continue
        if not by.is_system and not (paths and region.path.startswith(paths)):
            text = _("You may not manage sites in %(region)s.") % {"region": region.name}
            problems.append(Problem(row.row, "region", row.region or region.code, text))
            continue
        site = known.get((row.kind, row.code))
        if site is None:
            make.append(_filled(Site(kind=row.kind, code=row.code), row, region))
        elif not by.is_system and not site.region.path.startswith(paths):
            text = _("Another office uses this code.")
            problems.append(Problem(row.row, "code", row.code, text))
        elif _differs(site, row, region):
            if site.region_id != region.pk:
                moved.append((site, site.region.path))
            if site.name != row.name:
                renamed.append(site)
            change.append(_filled(site, row, region))
        else:
            same += 1
    return SitePlan(
        len(make), len(change), same, guessed, problems,
        to_make=make, to_change=change, moved=moved, renamed=renamed,
    )  # fmt: skip


def _regions_of(
    rows: Sequence[SiteRow], problems: list[Problem]
) -> tuple[list[Region | None], int]:
    """Each row's region: by its code where it has one, by its position otherwise."""
    in_force = {r.code: r for r in Region.objects.filter(valid_to=None)}
    by_pk = {r.pk: r for r in in_force.values()}
    open_rows = [row for row in rows if not row.region]
    found: dict[int, Region | None] = {}
    guesses = 0
    if open_rows:
        pks, guessed = position.locate([r.lon for r in open_rows], [r.lat for r in open_rows])
        guesses = int(guessed.sum())
        found = {id(r): by_pk.get(pk) for r, pk in zip(open_rows, pks.tolist(), strict=True)}
    regions = []
    for row in rows:
        region = in_force.get(row.region) if row.region else found[id(row)]
        if region is None and row.region:
            text = _("No region in force with this code.")
            problems.append(Problem(row.row, "region", row.region, text))
        elif region is None:
            text = _("The position lies in no outline; give the region's code.")
            problems.append(Problem(row.row, "lon", str(row.lon), text))
        regions.append(region)
    return regions, guesses


def _known_sites(rows: Sequence[SiteRow]) -> dict[tuple[str, str], Site]:
    sites = Site.objects.select_related("region").filter(kind__in={row.kind for row in rows})
    if len(rows) <= 500:
        sites = sites.filter(code__in=[row.code for row in rows])
    return {(site.kind, site.code): site for site in sites}


def _differs(site: Site, row: SiteRow, region: Region) -> bool:
    return (
        (site.name, site.made_up, site.region_id) != (row.name, row.made_up, region.pk)
        or abs(site.lon - row.lon) > 1e-9
        or abs(site.lat - row.lat) > 1e-9
        or site.closed_on is not None
    )


def _filled(site: Site, row: SiteRow, region: Region) -> Site:
    site.name, site.lon, site.lat = row.name, row.lon, row.lat
    site.region, site.made_up, site.closed_on = region, row.made_up, None
    return site


def _write(plan: SitePlan, *, by: Account, at: datetime) -> None:
    if not plan.to_make and not plan.to_change:
        return
    Site.objects.bulk_create(plan.to_make, batch_size=2000)
    fields = ["name", "lon", "lat", "region", "made_up", "closed_on"]
    Site.objects.bulk_update(plan.to_change, fields, batch_size=100)
    paths = [site.region.path for site in (*plan.to_make, *plan.to_change)]
    publish(
        "places.sites.imported",
        at=at,
        by=by,
        region_path=common_path(paths),
        new=plan.new,
        changed=plan.changed,
    )
    _tell_of_each(plan, by, at)
    touch("sites")


def _tell_of_each(plan: SitePlan, by: Account, at: datetime) -> None:
    """Rooms that keep a file of a site follow it to its new region, and learn its new name."""
    moves = [
        (path, {"site_id": site.pk, "kind": site.kind, "to_path": site.region.path})
        for site, path in plan.moved
    ]
    publish_many("places.site.moved", at=at, by=by, rows=moves)
    names = [(site.region.path, {"site_id": site.pk, "kind": site.kind}) for site in plan.renamed]
    publish_many("places.site.renamed", at=at, by=by, rows=names)


def common_path(paths: list[str]) -> str:
    """The smallest region over all of them."""
    first, last = min(paths).split("/"), max(paths).split("/")
    shared = []
    for one, other in zip(first, last, strict=False):
        if one != other or not one:
            break
        shared.append(one)
    return "/".join(shared) + "/" if shared else ""
