"""Import committees, their units and what each answers for, from a list that an office keeps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from anlan.base import tables
from anlan.base.tables import Column, Line, Problem
from anlan.people.models import Account, Organisation, Post, Role
from anlan.people.roles import DO
from anlan.people.services.posts import open_post
from anlan.people.services.role_list import code_for, make_role
from anlan.places.models import Region

from ..models import Committee, DutyVersion
from .committees import DutyText, add_member, found_committee, seat_chair, write_duty

COLUMNS = (
    Column("region", ("区划代码", "region", "行政区划代码")),
    Column("committee", ("委员会", "committee", "委员会名称")),
    Column("kind", ("类型", "kind", "委员会类型")),
    Column("chairs", ("主任岗位", "chairs"), required=False),
    Column("unit", ("成员单位", "unit", "单位")),
    Column("number", ("职责序号", "number", "序号")),
    Column("duty", ("职责内容", "duty", "职责")),
    Column("basis", ("依据", "basis"), required=False),
    Column("role", ("责任岗位", "role"), required=False),
    Column("post_region", ("岗位区划代码", "post_region"), required=False),
)
KINDS = {"安委会": Committee.Kind.SAFETY, "专委会": Committee.Kind.SPECIAL}
BETWEEN = "、"


@dataclass(frozen=True)
class Wanted:
    """A good line, looked up."""

    region: Region
    committee: str
    kind: str
    chairs: tuple[str, ...]
    unit: Organisation
    number: int
    text: str
    basis: str
    role: str
    post_region: Region


@dataclass(frozen=True)
class DutyPlan:
    """What a list would change."""

    committees: int
    new: int
    changed: int
    same: int
    problems: list[Problem] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    wanted: list[Wanted] = field(default_factory=list)


def plan_duties(*, content: bytes, by: Account, at: datetime) -> DutyPlan:
    """What a list would change, with every bad cell; changes nothing. Absence ends nothing."""
    lines = tables.read(content, COLUMNS)
    check = _Check(lines, by)
    problems: list[Problem] = []
    wanted: list[Wanted] = []
    for line in lines:
        wrong = list(check.problems(line))
        problems += wrong
        if not wrong:
            wanted.append(check.wanted(line))
    fates = [check.fate(row) for row in wanted]
    committees = {(row.region.pk, row.committee) for row in wanted} - set(check.committees)
    return DutyPlan(
        committees=len(committees),
        new=fates.count("new"),
        changed=fates.count("changed"),
        same=fates.count("same"),
        problems=problems,
        lines=lines,
        wanted=wanted,
    )


@transaction.atomic
def import_duties(*, content: bytes, by: Account, at: datetime) -> DutyPlan:
    """Take every good line; the same list again changes nothing."""
    plan = plan_duties(content=content, by=by, at=at)
    today = timezone.localdate(at)
    for row in plan.wanted:
        committee = Committee.objects.filter(
            region=row.region, name=row.committee, ended_on=None
        ).first() or found_committee(
            kind=row.kind, name=row.committee, region=row.region, founded_on=today, by=by, at=at
        )
        for number, role in enumerate(row.chairs, start=1):
            post = _post(role, row.region, by, at)
            seat_chair(committee=committee, number=number, post=post, by=by, at=at)
        member = add_member(committee=committee, organisation=row.unit, since=today, by=by, at=at)
        text = DutyText(
            text=row.text,
            basis=row.basis,
            number=row.number,
            since=today,
            post=_post(row.role, row.post_region, by, at) if row.role else None,
        )
        write_duty(member=member, duty=text, by=by, at=at)
    return plan


def error_list(plan: DutyPlan) -> bytes:
    return tables.error_workbook(COLUMNS, plan.lines, plan.problems)


def empty_list() -> bytes:
    """A workbook with the headers and one example line."""
    example = {
        "region": "330700",
        "committee": "市安全生产委员会",
        "kind": "安委会",
        "chairs": "市党委主要负责人、市政府主要负责人",
        "unit": "市应急管理局",
        "number": "1",
        "duty": "承担市安委会办公室日常工作",
        "basis": "安全生产法第九条",
        "role": "市安委办主任",
    }
    return tables.workbook(COLUMNS, [example])


def _post(role_name: str, region: Region, by: Account, at: datetime) -> Post:
    """The post; where there is none it is opened, with a role of that name."""
    role = Role.objects.filter(name=role_name, level=region.level).first()
    if role is None:
        role = make_role(
            code=code_for(role_name, region.level),
            name=role_name,
            level=region.level,
            permissions=[*DO, "govern.view"],
            by=by,
            at=at,
        )
    found = Post.objects.filter(role=role, region=region).first()
    return found or open_post(role=role, region=region, by=by, at=at)


class _Check:
    """What the lines are held against, read once."""

    def __init__(self, lines: list[Line], by: Account) -> None:
        codes = {line["region"] for line in lines} | {line["post_region"] for line in lines}
        units = {line["unit"] for line in lines}
        self.by = by
        self.regions = {
            r.code: r for r in Region.objects.filter(valid_to=None, code__in=codes - {""})
        }
        self.units: dict[str, list[Organisation]] = {}
        for column in ("name", "code"):
            rows = Organisation.objects.filter(**{f"{column}__in": units})
            for unit in rows.select_related("region"):
                self.units.setdefault(getattr(unit, column), []).append(unit)
        self.roles = set(Role.objects.values_list("name", "level"))
        self.posts = {
            (name, region_id)
            for name, region_id in Post.objects.filter(
                region__in=self.regions.values()
            ).values_list("role__name", "region_id")
        }
        tops = Region.objects.filter(parent=None, valid_to=None)
        self.makes_roles = by.is_system or all(by.may("people.manage", region=r) for r in tops)
        standing = Committee.objects.filter(ended_on=None, region__in=self.regions.values())
        self.committees = {(c.region_id, c.name): c for c in standing}
        self.safety = {c.region_id: c.name for c in standing if c.kind == Committee.Kind.SAFETY}
        self.versions = {
            (v.duty.member.committee_id, v.duty.member.organisation_id, v.duty.number): v
            for v in DutyVersion.objects.filter(
                duty__member__committee__in=standing, duty__member__until=None
            )
            .select_related("duty__member", "post__role")
            .order_by("number")
        }  # the last version of each
        self.first: dict[tuple[str, ...], int] = {}

    def problems(self, line: Line) -> Iterator[Problem]:
        def bad(column: str, text: str) -> Problem:
            return Problem(line.number, column, line[column], text)

        region = self.regions.get(line["region"])
        if region is None:
            yield bad("region", _("No region in force with this code."))
            return
        if not self.by.is_system and not self.by.may("govern.manage", region=region):
            yield bad("region", _("You do not keep committees there."))
        elif not Region.Level.CITY <= region.level <= Region.Level.TOWN:
            yield bad("region", _("Committees are set up by a city, a county or a town."))
        yield from self._about_committee(line, region)
        yield from self._about_duty(line, region)
        yield from self._about_posts(line, region)

    def _about_committee(self, line: Line, region: Region) -> Iterator[Problem]:
        def bad(column: str, text: str) -> Problem:
            return Problem(line.number, column, line[column], text)

        kind, name = KINDS.get(line["kind"]), line["committee"]
        if kind is None:
            yield bad("kind", _("Write 安委会 or 专委会."))
        if not name or len(name) > 120:
            yield bad("committee", _("1 to 120 characters."))
        elif kind == Committee.Kind.SAFETY and self.safety.setdefault(region.pk, name) != name:
            yield bad("committee", _("This region's work-safety committee has another name."))
        elif (known := self.committees.get((region.pk, name))) and known.kind != kind:
            yield bad("kind", _("This committee is of the other kind."))

    def _about_duty(self, line: Line, region: Region) -> Iterator[Problem]:
        def bad(column: str, text: str) -> Problem:
            return Problem(line.number, column, line[column], text)

        if self._unit(line, region) is None:
            yield bad("unit", _("No such unit, or several, in this region; give its code."))
        number = line["number"]
        if not (number.isascii() and number.isdecimal() and 1 <= int(number[:9]) <= 999):
            yield bad("number", _("Duties are numbered from 1 to 999."))
        if not line["duty"] or len(line["duty"]) > 1000:
            yield bad("duty", _("1 to 1000 characters."))
        if len(line["basis"]) > 300:
            yield bad("basis", _("At most 300 characters."))
        key = (line["region"], line["committee"], line["unit"], number)
        first = self.first.setdefault(key, line.number)
        if first != line.number:
            yield bad("number", _("The same duty is in row %(row)d.") % {"row": first})

    def _about_posts(self, line: Line, region: Region) -> Iterator[Problem]:
        at = self.regions.get(line["post_region"]) if line["post_region"] else region
        if at is None or not region.covers(at):
            text = _("No region in force with this code, or not in the committee's.")
            yield Problem(line.number, "post_region", line["post_region"], text)
            return
        for column, name, where in (
            ("role", line["role"], at),
            *(("chairs", chair, region) for chair in _chairs(line)),
        ):
            if name and not self._post_there(name, where):
                text = _("There is no such post, and you cannot open it.")
                yield Problem(line.number, column, line[column], text)
        most = 2 if line["kind"] == "安委会" else 1
        if len(_chairs(line)) > most:
            text = _("This committee has %(count)d chair(s).") % {"count": most}
            yield Problem(line.number, "chairs", line["chairs"], text)

    def _post_there(self, name: str, region: Region) -> bool:
        if (name, region.pk) in self.posts:
            return True
        if (name, region.level) not in self.roles:
            return self.makes_roles and len(name) <= 60
        return self.by.is_system or self.by.may("people.manage", region=region)

    def _unit(self, line: Line, region: Region) -> Organisation | None:
        found = [u for u in self.units.get(line["unit"], []) if region.covers(u.region)]
        own = [unit for unit in found if unit.region_id == region.pk]
        found = own if own else found
        return found[0] if len({unit.pk for unit in found}) == 1 else None

    def wanted(self, line: Line) -> Wanted:
        region = self.regions[line["region"]]
        unit = self._unit(line, region)
        assert unit is not None
        return Wanted(
            region=region,
            committee=line["committee"],
            kind=KINDS[line["kind"]],
            chairs=_chairs(line),
            unit=unit,
            number=int(line["number"]),
            text=line["duty"],
            basis=line["basis"],
            role=line["role"],
            post_region=self.regions[line["post_region"]] if line["post_region"] else region,
        )

    def fate(self, row: Wanted) -> str:
        """Whether the duty is new, changed or the same."""
        committee = self.committees.get((row.region.pk, row.committee))
        key = (committee.pk if committee else 0, row.unit.pk, row.number)
        known = self.versions.get(key)
        if known is None:
            return "new"
        post = known.post
        role, where = (post.role.name, post.region_id) if post else ("", row.post_region.pk)
        now = (known.text, known.basis, role, where)
        return "same" if now == (row.text, row.basis, row.role, row.post_region.pk) else "changed"


def _chairs(line: Line) -> tuple[str, ...]:
    return tuple(name.strip() for name in line["chairs"].split(BETWEEN) if name.strip())
