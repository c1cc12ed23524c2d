"""Bring the region tree up to date. Absence from a list closes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, TypeVar

from django.db import transaction
from django.db.models import F, Max
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from anlan.base import tables
from anlan.base.days import spoken
from anlan.base.errors import BadInput, NotAllowed, Refusal
from anlan.base.events import publish
from anlan.base.statistics import recount

from .. import divisions
from ..divisions import Change, Known, Merger, Plan
from ..models import Outline, Region
from ..queries import get_region
from .revisions import touch

if TYPE_CHECKING:
    from anlan.people.models import Account

T = TypeVar("T")
# The first list holds from here: what is older than the product has a region too.
BEGINNING = date(2000, 1, 1)
_BATCH = 1000
MANY = 1000  # new ones: the database should know of them


def plan_divisions(*, content: bytes) -> Plan:
    """What a file of divisions would change, with every bad cell; changes nothing."""
    found, problems = divisions.parse(tables.read(content, divisions.COLUMNS))
    if problems:
        return Plan([], [], 0, problems)
    if not found:
        raise BadInput("places.empty_list", _("The list has no divisions in it."))
    return divisions.compare(found, _tree_in_force())


@transaction.atomic
def import_divisions(
    *,
    content: bytes,
    valid_from: date | None = None,
    expect: str = "",
    by: Account,
    at: datetime,
) -> Plan:
    """Carry out what `plan_divisions` shows. All of it, or nothing where a cell is bad.

    `valid_from` is the day from which the changes hold: today, or the beginning in an empty tree.
    `expect` is the digest of the plan that somebody has looked at.
    """
    # One import at a time; on SQLite the transaction itself is that lock.
    list(Region.objects.select_for_update().filter(parent=None).values_list("pk"))
    plan = plan_divisions(content=content)
    if plan.problems:
        raise BadInput(
            "places.bad_list",
            _("%(count)d cells cannot be taken; nothing was imported. %(first)s")
            % {"count": len(plan.problems), "first": problem_text(plan.problems[0])},
        )
    if expect and plan.digest != expect:
        raise Refusal(
            "places.tree_changed",
            _("The tree has changed since you looked at the preview."),
            hint=_("Look at the new preview and confirm again."),
        )
    _require_all(plan, by)
    if not plan.is_empty:
        day = valid_from or (localdate(at) if Region.objects.exists() else BEGINNING)
        _carry_out(plan.changes, day, plan.mergers)
        publish(
            "places.divisions.imported",
            at=at,
            by=by,
            region_path=plan.changes[0].path if plan.changes else plan.mergers[0].old.path,
            valid_from=day,
            new=len(plan.new),
            renamed=[c.code for c in plan.renamed][:500],
            moved=[c.code for c in plan.moved][:500],
            recoded=[[c.old.code, c.code] for c in plan.recoded if c.old][:500],
            merged=[[merger.old.code, merger.into.code] for merger in plan.mergers][:500],
        )
        touch("regions")
        if len(plan.new) >= MANY:
            recount(Region)
    return plan


@transaction.atomic
def recode_region(
    *,
    region: Region,
    code: str,
    name: str = "",
    parent: Region | None = None,
    valid_from: date,
    by: Account,
    at: datetime,
) -> Region:
    """Give a region another code from a day on; what lies in it follows with its path.

    The old versions stay, name their successors, and keep the records that were made under them.
    """
    by.require("places.manage", region=region)
    parent = parent or region.parent
    if parent:
        by.require("places.manage", region=parent)
    tree = _tree_in_force()
    if region.code not in tree or tree[region.code].pk != region.pk:
        raise Refusal("places.not_in_force", _("This version of the region is no longer in force."))
    row = divisions.Division(
        0, code, name or region.name, region.level, parent.code if parent else "", region.code
    )
    if code in tree:
        raise Refusal("places.code_taken", _("The code %(code)s is in use.") % {"code": code})
    line = tables.Line(0, {"code": code, "name": row.name, "level": str(region.level)})
    problems = divisions.parse([line])[1]
    plan = divisions.compare([row], tree)
    if problems or plan.problems:
        raise BadInput("places.bad_code", problem_text((problems + plan.problems)[0]))
    _carry_out(plan.changes, valid_from)
    publish(
        "places.region.recoded",
        at=at,
        by=by,
        region_path=region.path,
        old_code=region.code,
        new_code=code,
        valid_from=valid_from,
        followed=len(plan.changes) - 1,
    )
    touch("regions")
    return get_region(code=code)


def problem_text(problem: tables.Problem) -> str:
    """One line that leads to the cell."""
    header = next((c.headers[0] for c in divisions.COLUMNS if c.name == problem.column), "")
    return _("Row %(row)d, “%(column)s” (%(value)s): %(text)s") % {
        "row": problem.row,
        "column": header or problem.column,
        "value": problem.value,
        "text": problem.text,
    }


def _tree_in_force() -> dict[str, Known]:
    rows = Region.objects.filter(valid_to=None).values_list(
        "pk", "code", "name", "level", "parent__code", "path"
    )
    return {row[1]: Known(*row[:4], row[4] or "", row[5]) for row in rows}


def _require_all(plan: Plan, by: Account) -> None:
    """Whoever imports must manage every place that changes, where it was and where it will be."""
    if by.is_system:
        return
    allowed = tuple(by.regions_for("places.manage"))
    for change in [*plan.changes, *(merger.into for merger in plan.mergers)]:
        old = change.old.path if change.old else change.path
        if not (allowed and change.path.startswith(allowed) and old.startswith(allowed)):
            raise _beyond(change.name, change.code)
    for merger in plan.mergers:
        if not merger.old.path.startswith(allowed):
            raise _beyond(merger.old.name, merger.old.code)


def _beyond(name: str, code: str) -> NotAllowed:
    return NotAllowed(
        "places.beyond_regions",
        _("You may not change %(name)s (%(code)s).") % {"name": name, "code": code},
        hint=_("The first list of a city is imported by the system's administrator."),
    )


def _carry_out(changes: list[Change], day: date, mergers: Sequence[Merger] = ()) -> None:
    """End the old versions, write the new ones parents first, link and re-hang."""
    old_pks = [change.old.pk for change in changes if change.old]
    old_pks += [merger.old.pk for merger in mergers]
    _check_dates(old_pks, [change.code for change in changes], day)
    for pks in _batches(old_pks):
        Region.objects.filter(pk__in=pks).update(valid_to=day)
    in_force = {r.code: r for r in Region.objects.filter(valid_to=None)}
    points = Region.objects.in_bulk(old_pks) if len(old_pks) < _BATCH else _points(old_pks)
    for level in sorted({change.level for change in changes}):
        rows = []
        for change in changes:
            if change.level == level:
                before = points.get(change.old.pk) if change.old else None
                rows.append(
                    Region(
                        code=change.code,
                        name=change.name,
                        level=change.level,
                        parent=in_force[change.parent] if change.parent else None,
                        path=change.path,
                        valid_from=day,
                        lon=before.lon if before else None,
                        lat=before.lat if before else None,
                    )
                )
        made = Region.objects.bulk_create(rows, batch_size=_BATCH)
        in_force |= {region.code: region for region in made}
    _link(changes, in_force)
    merged = [Region(pk=m.old.pk, successor=in_force[m.into.code]) for m in mergers]
    Region.objects.bulk_update(merged, ["successor"], batch_size=300)


def _points(pks: list[int]) -> dict[int, Region]:
    return {r.pk: r for batch in _batches(pks) for r in Region.objects.filter(pk__in=batch)}


def _link(changes: list[Change], in_force: dict[str, Region]) -> None:
    ended = []
    for change in changes:
        if change.old:
            ended.append(Region(pk=change.old.pk, successor=in_force[change.code]))
    Region.objects.bulk_update(ended, ["successor"], batch_size=300)
    _carry_outlines({c.old.pk: in_force[c.code].pk for c in changes if c.old})
    # A renamed region's children stay as they are but hang on its new version.
    orphans = Region.objects.filter(valid_to=None, parent__successor__isnull=False)
    orphans = orphans.exclude(parent__valid_to=None).select_related("parent")
    hung = []
    for child in orphans:
        assert child.parent is not None
        successor = in_force.get(child.parent.code)
        if successor and child.parent.successor_id == successor.pk:
            child.parent = successor
            hung.append(child)
    Region.objects.bulk_update(hung, ["parent"], batch_size=300)


def _carry_outlines(successors: dict[int, int]) -> None:
    """The new version has the old one's outline until a new one is imported."""
    copies = []
    for pks in _batches(list(successors)):
        for outline in Outline.objects.filter(region__in=pks):
            outline.region_id = successors[outline.region_id]
            copies.append(outline)
    Outline.objects.bulk_create(copies, batch_size=_BATCH)


def _check_dates(old_pks: list[int], codes: list[str], day: date) -> None:
    """A version must end after it began, and a code must not have been in force later."""
    latest: date | None = None
    for batch in _batches(old_pks):
        newest = Region.objects.filter(pk__in=batch).aggregate(last=Max("valid_from"))["last"]
        latest = max(filter(None, [latest, newest]), default=None)
    for some in _batches(codes):
        ended = Region.objects.filter(code__in=some, valid_to__gt=day).order_by(
            F("valid_to").desc()
        )
        again = ended.values_list("valid_to", flat=True).first()
        latest = max(filter(None, [latest, again]), default=None)
    if latest and latest >= day:
        raise Refusal(
            "places.too_early",
            _("Versions in force since %(since)s cannot end on %(day)s.")
            % {"since": spoken(latest), "day": spoken(day)},
            hint=_("Choose a later day from which the changes hold."),
        )


def _batches(items: list[T]) -> list[list[T]]:
    return [items[n : n + _BATCH] for n in range(0, len(items), _BATCH)]
