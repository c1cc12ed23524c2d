"""The application index (应用指数): how far enterprises and regions really use the system.

Each indicator is declared here once, as a condition that an enterprise meets or not. Every figure
is a count of enterprises, and opens to them; nothing is typed in (docs/rules/usage.md).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from anlan.base.models import Event
from anlan.people.models import Account
from anlan.places.models import PLACE, Region
from anlan.work.counts import first_prefix

from ..models import Contact, Control, Enterprise, Hazard, RiskPoint, Visit

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

VIEW = "prevent.view"
MONTH = timedelta(days=31)
QUARTER = timedelta(days=92)
Condition = Callable[[datetime], Q]


@dataclass(frozen=True)
class Indicator:
    """What an enterprise meets or not, and what it is worth of 100."""

    code: str
    label: StrOrPromise
    meaning: StrOrPromise
    weight: int
    met: Condition


def _inspected_itself(at: datetime) -> Q:
    own = Visit.objects.filter(
        enterprise=OuterRef("pk"), kind=Visit.Kind.SELF, finished_at__range=(at - MONTH, at)
    )
    return Q(Exists(own))


def _hazards_in_time(at: datetime) -> Q:
    # Sets of sites, each looked up once: asked for each enterprise anew they take twice as long.
    open_late = Hazard.objects.filter(item__state__in=["OPEN", "DOING"], item__due_at__lt=at)
    closed_late = Hazard.objects.filter(
        item__clock__stopped_at__gt=F("item__clock__due_at"),
        item__clock__stopped_at__range=(at - QUARTER, at),
    )
    return ~Q(pk__in=open_late.values("site")) & ~Q(pk__in=closed_late.values("site"))


def _has_all_five(at: datetime) -> Q:
    return Q(gaps=0)


def _keeps_risks(at: datetime) -> Q:
    points = RiskPoint.objects.in_use()
    stale = points.to_grade_again(timezone.localdate(at)).values("enterprise")
    late = Control.objects.overdue(at).values("point__enterprise")
    return Q(pk__in=points.values("enterprise")) & ~Q(pk__in=stale) & ~Q(pk__in=late)


def _signs_in(at: datetime) -> Q:
    lately = Event.objects.filter(name="people.signed_in", at__range=(at - MONTH, at))
    people = Contact.objects.filter(enterprise=OuterRef("pk"), account__in=lately.values("by"))
    return Q(Exists(people))


INDICATORS = (
    Indicator(
        "self",
        _("Self-inspection in time"),
        _("a self-inspection was finished in the last 31 days"),
        25,
        _inspected_itself,
    ),
    Indicator(
        "hazards",
        _("Hazards put right in time"),
        _("none is overdue, and none was put right too late in the last 92 days"),
        25,
        _hazards_in_time,
    ),
    Indicator(
        "haves",
        _("Five haves complete"),
        _("none of the five is missing"),
        20,
        _has_all_five,
    ),
    Indicator(
        "risks",
        _("Risks under control"),
        _("there are risk points, none is to be graded anew and no check is overdue"),
        20,
        _keeps_risks,
    ),
    Indicator(
        "sign_in",
        _("Signed in"),
        _("somebody of the enterprise signed in during the last 31 days"),
        10,
        _signs_in,
    ),
)
BY_CODE = {indicator.code: indicator for indicator in INDICATORS}


@dataclass
class Usage:
    """How many enterprises of a region meet each indicator."""

    region: Region
    total: int = 0
    met: dict[str, int] = field(default_factory=dict)
    only_itself: bool = False  # without the regions below it: no list opens to these

    @property
    def cells(self) -> list[tuple[Indicator, int]]:
        return [(one, self.met.get(one.code, 0)) for one in INDICATORS]

    @property
    def index(self) -> Decimal | None:
        """Of 100: each indicator's share of the enterprises, by its weight."""
        if not self.total:
            return None
        points = sum(one.weight * number for one, number in self.cells)
        return (Decimal(points) / self.total).quantize(Decimal("0.1"), ROUND_HALF_UP)


def counted(actor: Account) -> QuerySet[Enterprise]:
    """Enterprises in business in the actor's regions: those closed or resting use nothing."""
    return Enterprise.objects.within(actor.regions_for(VIEW)).in_business()


def usage_by_region(
    *, actor: Account, at: datetime, regions: list[Region], parent: Region | None = None
) -> list[Usage]:
    """All indicators of each region in one question."""
    found = {region.path: Usage(region) for region in regions}
    own = Usage(parent, only_itself=True) if parent and parent.path not in found else None
    counts = {f"met_{one.code}": Count("pk", filter=one.met(at)) for one in INDICATORS}
    grouped = counted(actor).values_list("site__region__path").annotate(n=Count("pk"), **counts)
    for path, number, *met in grouped:
        place = first_prefix(path, found)
        row = found[place] if place else own
        if row is not None and path.startswith(row.region.path):
            row.total += number
            for one, count in zip(INDICATORS, met, strict=True):
                row.met[one.code] = row.met.get(one.code, 0) + count
    rows = list(found.values())
    return [own, *rows] if own and own.total else rows


@dataclass(frozen=True)
class EnterpriseUsage:
    enterprise: Enterprise
    cells: list[tuple[Indicator, bool]]

    @property
    def index(self) -> int:
        return sum(one.weight for one, met in self.cells if met)


def list_usage(
    *,
    actor: Account,
    at: datetime,
    region: Region | None = None,
    indicator: str = "",
    met: bool | None = None,
) -> QuerySet[Enterprise]:
    """The enterprises behind a figure, each with what it meets."""
    rows = counted(actor)
    if region is not None:
        rows = rows.filter(site__region__path__under=region.path)
    if indicator in BY_CODE and met is not None:
        condition = BY_CODE[indicator].met(at)
        rows = rows.filter(condition if met else ~condition)
    return rows.select_related(f"site__region__{PLACE}").order_by("pk")


def usage_of(*, enterprises: list[Enterprise], at: datetime) -> list[EnterpriseUsage]:
    """What each of a sheet of enterprises meets: one question an indicator."""
    keys = [enterprise.pk for enterprise in enterprises]
    met = {
        one.code: set(
            Enterprise.objects.filter(one.met(at), pk__in=keys).values_list("pk", flat=True)
        )
        for one in INDICATORS
    }
    return [
        EnterpriseUsage(row, [(one, row.pk in met[one.code]) for one in INDICATORS])
        for row in enterprises
    ]
