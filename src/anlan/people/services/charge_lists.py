"""Import who answers for sites and roads from a list that an office keeps in Excel."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from anlan.base import tables
from anlan.base.events import publish
from anlan.base.tables import Column, Line, Problem
from anlan.places import kinds
from anlan.places.models import Region, Road, Site

from ..models import Account, Charge, Post, Role, place_key
from .charges import of_place

ROAD = "道路"
COLUMNS = (
    Column("kind", ("类型", "kind", "类别")),
    Column("code", ("编号", "code", "编码")),
    Column("owner", ("养护单位", "owner", "权属单位", "管理单位"), required=False),
    Column("region", ("岗位区划代码", "region", "区划代码")),
    Column("role", ("岗位", "role", "责任岗位")),
)


@dataclass(frozen=True)
class ChargePlan:
    new: int
    changed: int
    same: int
    problems: list[Problem] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    to_write: list[Charge] = field(default_factory=list)


def plan_charges(*, content: bytes, by: Account) -> ChargePlan:
    """What a list would change, with every bad cell; changes nothing. Absence ends no charge."""
    lines = tables.read(content, COLUMNS)
    check = _Check(lines, by)
    problems: list[Problem] = []
    wanted = []
    for line in lines:
        wrong = list(check.problems(line))
        problems += wrong
        if not wrong:
            wanted.append(check.charge(line))
    changed = [charge for charge in wanted if charge.pk and _differs(charge, check)]
    new = [charge for charge in wanted if not charge.pk]
    same = len(wanted) - len(new) - len(changed)
    return ChargePlan(len(new), len(changed), same, problems, lines, [*new, *changed])


@transaction.atomic
def import_charges(*, content: bytes, by: Account, at: datetime) -> ChargePlan:
    """Take every good line; the same list again changes nothing."""
    plan = plan_charges(content=content, by=by)
    if plan.to_write:
        Charge.objects.bulk_create([c for c in plan.to_write if not c.pk], batch_size=500)
        Charge.objects.bulk_update(
            [c for c in plan.to_write if c.pk], ["post", "owner"], batch_size=300
        )
        publish(
            "people.charges.imported",
            at=at,
            by=by,
            region_path=min(c.place.region.path for c in plan.to_write),
            new=plan.new,
            changed=plan.changed,
        )
    return plan


def error_list(plan: ChargePlan) -> bytes:
    return tables.error_workbook(COLUMNS, plan.lines, plan.problems)


def empty_list() -> bytes:
    """A workbook with the headers and one example line."""
    label = str(kinds.get("underpass").label)  # type: ignore[union-attr]
    example = {"kind": label, "code": "", "owner": "市政管养中心", "role": "乡镇防汛责任人"}
    return tables.workbook(COLUMNS, [example])


class _Check:
    """What the lines are held against, read once."""

    def __init__(self, lines: list[Line], by: Account) -> None:
        codes = {line["code"] for line in lines}
        regions = {line["region"] for line in lines}
        self.by, self.managed = by, tuple(by.regions_for("people.manage"))
        self.sites = {
            (site.kind, site.code): site
            for site in Site.objects.in_use().select_related("region")
            if site.code in codes
        }
        self.roads = {
            road.code: road
            for road in Road.objects.in_use().select_related("region").defer("wkb")
            if road.code in codes
        }
        self.regions = {
            r.code: r for r in Region.objects.filter(valid_to=None) if r.code in regions
        }
        roles = list(Role.objects.all())
        self.roles = {role.name: role for role in roles} | {role.code: role for role in roles}
        self.posts = {
            (post.role_id, post.region_id): post
            for post in Post.objects.filter(region__in=self.regions.values())
        }
        known = Charge.objects.select_related("site", "road")
        self.known = {place_key(charge.place): charge for charge in known}
        self.first: dict[tuple[str, int], int] = {}

    def problems(self, line: Line) -> Iterable[Problem]:
        place = self._place(line)
        yield from self._about_place(line, place)
        yield from self._about_post(line, place)
        if place is not None:
            self.first.setdefault(place_key(place), line.number)

    def _about_place(self, line: Line, place: Site | Road | None) -> Iterable[Problem]:
        def bad(column: str, text: str) -> Problem:
            return Problem(line.number, column, line[column], text)

        if line["kind"] != ROAD and kinds.code_of(line["kind"]) is None:
            yield bad("kind", _("Unknown kind of site."))
        elif place is None:
            yield bad("code", _("No site or road in use with this code."))
        elif not self.by.is_system and not place.region.path.startswith(self.managed or ("?",)):
            yield bad("code", _("You do not manage people there."))
        elif place_key(place) in self.first:
            row = self.first[place_key(place)]
            yield bad("code", _("The same code is in row %(row)d.") % {"row": row})
        if len(line["owner"]) > 120:
            yield bad("owner", _("At most 120 characters."))

    def _about_post(self, line: Line, place: Site | Road | None) -> Iterable[Problem]:
        def bad(column: str, text: str) -> Problem:
            return Problem(line.number, column, line[column], text)

        post = self._post(line)
        if line["region"] not in self.regions:
            yield bad("region", _("No region in force with this code."))
        elif post is None:
            yield bad("role", _("There is no such post in this region; import people first."))
        elif place is not None and not post.region.covers(place.region):
            yield bad("region", _("This post does not answer for the place's region."))

    def charge(self, line: Line) -> Charge:
        place, post = self._place(line), self._post(line)
        assert place is not None
        assert post is not None
        before = self.known.get(place_key(place))
        # A list that does not name the keeper leaves the one that is known.
        owner = line["owner"] or (before.owner if before else "")
        return Charge(pk=before.pk if before else None, post=post, owner=owner, **of_place(place))

    def _place(self, line: Line) -> Site | Road | None:
        if line["kind"] == ROAD:
            return self.roads.get(line["code"])
        return self.sites.get((kinds.code_of(line["kind"]) or "", line["code"]))

    def _post(self, line: Line) -> Post | None:
        region, role = self.regions.get(line["region"]), self.roles.get(line["role"])
        if region is None or role is None:
            return None
        post = self.posts.get((role.pk, region.pk))
        if post is not None:
            post.region, post.role = region, role
        return post


def _differs(charge: Charge, check: _Check) -> bool:
    before = check.known[place_key(charge.place)]
    return (before.post_id, before.owner) != (charge.post_id, charge.owner)
