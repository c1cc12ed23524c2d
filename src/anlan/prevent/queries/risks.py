"""Read dual prevention: risk points, controls and checks, of one enterprise and by region."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Count, F, Prefetch, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from anlan.base.errors import NotFound
from anlan.people.models import Account
from anlan.places.models import PLACE, Region, overlap
from anlan.work.counts import first_prefix

from .. import grading
from ..grading import Method
from ..models import (
    Area,
    Check,
    Contact,
    Control,
    Enterprise,
    FloorPlan,
    Grading,
    MethodRule,
    RiskPoint,
)

VIEW = "prevent.view"
# What heads a narrow column.
GRADES = [
    (grading.RED, gettext_lazy("Red Ⅰ")),
    (grading.ORANGE, gettext_lazy("Orange Ⅱ")),
    (grading.YELLOW, gettext_lazy("Yellow Ⅲ")),
    (grading.BLUE, gettext_lazy("Blue Ⅳ")),
]
UNGRADED_FIRST = F("grade").asc(nulls_first=True)


def is_own(actor: Account, enterprise: Enterprise) -> bool:
    """Whether the actor signs in for this enterprise."""
    return Contact.objects.filter(enterprise=enterprise, account=actor).exists()


def may_keep(actor: Account, enterprise: Enterprise) -> bool:
    """Whether the actor keeps its risk points: somebody of its own, or who keeps its file."""
    region = enterprise.site.region
    return actor.may("prevent.manage", region=region) or is_own(actor, enterprise)


def visible_to(actor: Account, at: str = "") -> Q:
    """Enterprises in the actor's regions, and the one that the actor signs in for.

    `at`: where the enterprise is, seen from the row that is asked for ("point__enterprise__").
    """
    own = list(Contact.objects.filter(account=actor).values_list("enterprise", flat=True))
    condition = Q(**{f"{at}pk__in": own})
    for path in actor.regions_for(VIEW):
        condition |= Q(**{f"{at}site__region__path__under": path})
    return condition


def get_enterprise(*, actor: Account, enterprise_id: int) -> Enterprise:
    found = (
        Enterprise.objects.filter(visible_to(actor), pk=enterprise_id)
        .select_related(f"site__region__{PLACE}", "standard")
        .first()
    )
    if found is None:
        raise NotFound(
            "prevent.no_enterprise",
            _("There is no such enterprise in your regions."),
            hint=_("Check the number, or ask who sent it to you."),
        )
    return found


def method_for(enterprise: Enterprise) -> Method:
    """The standard's method, else that of the industry's longest prefix, else LEC."""
    prefixes = [enterprise.industry[:n] for n in range(1, len(enterprise.industry) + 1)]
    rules = MethodRule.objects.filter(
        Q(standard=enterprise.standard_id or 0) | Q(industry__in=prefixes)
    )
    best = max(rules, key=lambda rule: len(rule.industry or "standard"), default=None)
    return grading.METHODS[best.method] if best else grading.LEC


def method_rules(*, actor: Account) -> list[MethodRule]:
    """All rules, those of standards first; no record of anybody's region."""
    if not actor.may_anywhere(VIEW):
        raise NotFound("prevent.no_methods", _("You may not see enterprises anywhere."))
    rules = MethodRule.objects.select_related("standard")
    return sorted(rules, key=lambda rule: (rule.industry is not None, str(rule)))


def get_point(*, actor: Account, point_id: int) -> RiskPoint:
    point = (
        RiskPoint.objects.select_related(
            f"enterprise__site__region__{PLACE}", "enterprise__standard", "area__plan"
        )
        .filter(visible_to(actor, "enterprise__"), pk=point_id)
        .first()
    )
    if point is None:
        raise NotFound("prevent.no_risk_point", _("There is no such risk point in your regions."))
    return point


def get_control(*, actor: Account, control_id: int) -> Control:
    control = (
        Control.objects.select_related("point__enterprise__site__region", "point__area")
        .filter(visible_to(actor, "point__enterprise__"), pk=control_id)
        .first()
    )
    if control is None:
        raise NotFound("prevent.no_control", _("There is no such control in your regions."))
    return control


def get_area(*, actor: Account, area_id: int) -> Area:
    area = (
        Area.objects.select_related("enterprise__site__region", "plan")
        .filter(visible_to(actor, "enterprise__"), pk=area_id)
        .first()
    )
    if area is None:
        raise NotFound("prevent.no_area", _("There is no such area in your regions."))
    return area


def get_floor_plan(*, actor: Account, plan_id: int) -> FloorPlan:
    plan = (
        FloorPlan.objects.select_related(f"enterprise__site__region__{PLACE}")
        .filter(visible_to(actor, "enterprise__"), pk=plan_id)
        .first()
    )
    if plan is None:
        raise NotFound("prevent.no_floor_plan", _("There is no such floor plan in your regions."))
    return plan


@dataclass(frozen=True)
class AreaView:
    """An area with its points, coloured by the gravest of them."""

    area: Area
    points: list[RiskPoint]

    @property
    def grade(self) -> int | None:
        return min((point.grade for point in self.points if point.grade), default=None)

    @property
    def grade_label(self) -> str:
        return str(Enterprise.Colour(self.grade).label) if self.grade else str(_("not graded"))

    def corners(self, plan: FloorPlan) -> str:
        """For an SVG of the plan's own size."""
        return " ".join(f"{x * plan.width:.1f},{y * plan.height:.1f}" for x, y in self.area.outline)


@dataclass(frozen=True)
class Outlined:
    view: AreaView
    corners: str
    x: float  # where its name stands
    y: float


@dataclass(frozen=True)
class PlanView:
    """A floor plan with its outlined areas, ready to draw."""

    plan: FloorPlan
    outlined: list[Outlined]
    text_px: float  # a size of letters that can be read on a plan of this size


def areas_of(enterprise: Enterprise) -> list[AreaView]:
    points = RiskPoint.objects.in_use().order_by(UNGRADED_FIRST, "pk")
    rows = enterprise.areas.select_related("plan").prefetch_related(
        Prefetch("risk_points", points, to_attr="in_use")
    )
    return [AreaView(area, area.in_use) for area in rows.order_by("name")]


def plans_of(enterprise: Enterprise, areas: Iterable[AreaView]) -> list[PlanView]:
    """Floor plans in use, oldest first."""
    plans = enterprise.floor_plans.filter(retired_at=None).order_by("pk")
    return [plan_view(plan, areas) for plan in plans]


def plan_view(plan: FloorPlan, areas: Iterable[AreaView]) -> PlanView:
    outlined = []
    for view in areas:
        if view.area.plan_id == plan.pk and view.area.outline:
            xs = [x for x, _y in view.area.outline]
            ys = [y for _x, y in view.area.outline]
            middle = (sum(xs) / len(xs) * plan.width, sum(ys) / len(ys) * plan.height)
            outlined.append(Outlined(view, view.corners(plan), *middle))
    return PlanView(plan, outlined, max(plan.width, plan.height) / 45)


def controls_of(point: RiskPoint) -> QuerySet[Control]:
    return point.controls.filter(retired_at=None).order_by("level", "pk")


def gradings_of(point: RiskPoint) -> QuerySet[Grading]:
    """The history of its gradings, newest first."""
    return point.gradings.select_related("by").order_by("-pk")


def checks_of(point: RiskPoint, most: int = 30) -> QuerySet[Check]:
    """The last checks of its controls, newest first."""
    rows = Check.objects.filter(control__point=point).select_related("by", "control")
    return rows.order_by("-pk")[:most]


def register_of(enterprise: Enterprise) -> QuerySet[RiskPoint]:
    """All points in use with their controls: the list that an enterprise must keep."""
    controls = Control.objects.filter(retired_at=None).order_by("level", "pk")
    return (
        enterprise.risk_points.in_use()
        .select_related("area")
        .prefetch_related(Prefetch("controls", controls, to_attr="in_use"))
        .order_by(UNGRADED_FIRST, "area__name", "pk")
    )


@dataclass(frozen=True)
class PointFilter:
    region: Region | None = None
    grade: int = 0
    show: str = ""  # "regrade": to be graded anew
    text: str = ""


def list_points(*, actor: Account, at: datetime, wanted: PointFilter) -> QuerySet[RiskPoint]:
    """Risk points in the actor's regions: those not graded, then the gravest first."""
    return with_enterprises(find_points(actor=actor, at=at, wanted=wanted))


def find_points(*, actor: Account, at: datetime, wanted: PointFilter) -> QuerySet[RiskPoint]:
    """The same without what is shown beside them: for `sheet_of`."""
    rows = RiskPoint.objects.sheet_within(overlap(actor.regions_for(VIEW), wanted.region)).in_use()
    if wanted.grade:
        rows = rows.filter(grade=wanted.grade)
    if wanted.show == "regrade":
        rows = rows.to_grade_again(timezone.localdate(at))
    if wanted.text:
        rows = rows.filter(
            Q(name__contains=wanted.text) | Q(enterprise__site__name__contains=wanted.text)
        )
    return rows.order_by(UNGRADED_FIRST, "regrade_on", "pk")


def with_enterprises(rows: QuerySet[RiskPoint]) -> QuerySet[RiskPoint]:
    return rows.select_related(f"enterprise__site__region__{PLACE}", "area")


def list_due_checks(
    *, actor: Account, at: datetime, region: Region | None = None, overdue: bool = False
) -> QuerySet[Control]:
    """Checks to be made, what is due first comes first: in one's regions or own enterprise."""
    rows = Control.objects.watched().filter(
        point__enterprise__in=Enterprise.objects.filter(visible_to(actor))
    )
    if region is not None:
        rows = rows.filter(point__enterprise__site__region__path__under=region.path)
    if overdue:
        rows = rows.filter(due_at__lte=at)
    return rows.select_related("point__area", f"point__enterprise__site__region__{PLACE}").order_by(
        "due_at", "pk"
    )


@dataclass
class RegionRisks:
    """How dual prevention stands in one region and below."""

    region: Region
    grades: dict[int, int] = field(default_factory=dict)
    ungraded: int = 0
    regrade: int = 0
    overdue: int = 0
    only_itself: bool = False  # without the regions below it: no list opens to these

    @property
    def cells(self) -> list[tuple[int, str, int]]:
        """(grade, its short name, points), gravest first."""
        return [(grade, str(name), self.grades.get(grade, 0)) for grade, name in GRADES]

    @property
    def points(self) -> int:
        return sum(self.grades.values()) + self.ungraded


def risks_by_region(
    *, actor: Account, at: datetime, regions: list[Region], parent: Region | None = None
) -> list[RegionRisks]:
    """Points by colour, gradings that are due and overdue checks, counted from the rows.

    What belongs to the parent itself and to none of the regions stands in a row of its own.
    """
    today, paths = timezone.localdate(at), actor.regions_for(VIEW)
    found = {region.path: RegionRisks(region) for region in regions}
    own = RegionRisks(parent, only_itself=True) if parent and parent.path not in found else None
    path = "enterprise__site__region__path"
    due = Count("pk", filter=Q(regrade_on=None) | Q(regrade_on__lte=today))
    points = RiskPoint.objects.sheet_within(paths).in_use().values_list(path, "grade")
    for where, grade, number, again in points.annotate(n=Count("pk"), due=due):
        for row in _row_of(where, found, own):
            row.regrade += again
            if grade is None:
                row.ungraded += number
            else:
                row.grades[grade] = row.grades.get(grade, 0) + number
    late = Control.objects.sheet_within(paths).overdue(at).values_list(f"point__{path}")
    for where, number in late.annotate(n=Count("pk")):
        for row in _row_of(where, found, own):
            row.overdue += number
    rows = list(found.values())
    return [own, *rows] if own and (own.points or own.overdue) else rows


def _row_of(path: str, found: dict[str, RegionRisks], own: RegionRisks | None) -> list[RegionRisks]:
    place = first_prefix(path, found)
    if place:
        return [found[place]]
    return [own] if own and path.startswith(own.region.path) else []


def due_for_grading(point: RiskPoint, on: date) -> bool:
    return point.regrade_on is None or point.regrade_on <= on


def file_section(actor: Account, enterprise: Enterprise, at: datetime) -> dict[str, object] | None:
    """What the enterprise's file says about its risks; nothing where it has none to show."""
    points = list(
        enterprise.risk_points.in_use().select_related("area").order_by(UNGRADED_FIRST, "pk")
    )
    late = Control.objects.overdue(at).filter(point__enterprise=enterprise)
    counts = {int(c): sum(p.grade == c for p in points) for c in Enterprise.Colour}
    return {
        "points": points[:8],
        "more": max(0, len(points) - 8),
        "counts": list(counts.items()),
        "overdue": late.count(),
        "may_keep": may_keep(actor, enterprise),
    }
