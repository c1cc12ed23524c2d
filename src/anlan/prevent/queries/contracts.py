"""Read third-party service: contracts, their visits and quality, coverage by region."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import Avg, Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from anlan.base.errors import NotFound
from anlan.people.models import Account
from anlan.places.models import PLACE, Region
from anlan.work.counts import first_prefix

from ..models import Contract, Enterprise, Served, Visit
from .rates import percent

VIEW = "prevent.view"
SMALL = [Enterprise.Size.SMALL, Enterprise.Size.MICRO]
MANUFACTURING = "C"  # of GB/T 4754


def list_contracts(
    *, actor: Account, at: datetime, region: Region | None = None, over: bool = False
) -> QuerySet[Contract]:
    """Contracts of the actor's regions, running ones or those that are over."""
    today = timezone.localdate(at)
    rows = Contract.objects.within(actor.regions_for(VIEW))
    running = Contract.objects.running(today)
    ahead = Q(from_date__gt=today, ended_on=None)
    held = Q(pk__in=running) | ahead
    rows = rows.exclude(held) if over else rows.filter(held)
    if region is not None:
        rows = rows.filter(region__path__under=region.path)
    return (
        rows.annotate(enterprises=Count("served", distinct=True), quality=Avg("reviews__quality"))
        .select_related(f"region__{PLACE}")
        .order_by("to_date", "pk")
    )


def get_contract(*, actor: Account, contract_id: int, permission: str = VIEW) -> Contract:
    found = (
        Contract.objects.within(actor.regions_for(permission))
        .select_related(f"region__{PLACE}", "by")
        .filter(pk=contract_id)
        .first()
    )
    if found is None:
        raise NotFound("prevent.no_contract", _("There is no such contract in your regions."))
    return found


@dataclass(frozen=True)
class ServedRow:
    """An enterprise under a contract, and how many visits it has had of those due by now."""

    enterprise: Enterprise
    made: int
    due: int

    @property
    def behind(self) -> bool:
        return self.made < self.due


def due_by(contract: Contract, day: date) -> int:
    """Visits that should have been made by a day: the agreed number for each year, in days."""
    last = min(day, contract.to_date, contract.ended_on or contract.to_date)
    days = (last - contract.from_date).days + 1
    return max(0, math.floor(contract.visits_a_year * days / 365))


def served_by(*, contract: Contract, at: datetime) -> list[ServedRow]:
    """The enterprises of a contract that `get_contract` has given; those behind come first."""
    made = Counter(
        Visit.objects.filter(under(contract)).finished().values_list("enterprise", flat=True)
    )
    due = due_by(contract, timezone.localdate(at))
    rows = contract.served.select_related(f"enterprise__site__region__{PLACE}").order_by("pk")
    found = [ServedRow(one.enterprise, made[one.enterprise_id], due) for one in rows]
    return sorted(found, key=lambda row: not row.behind)


def under(contract: Contract) -> Q:
    """Service visits to its enterprises in its time."""
    last = contract.ended_on or contract.to_date
    return Q(
        kind=Visit.Kind.SERVICE,
        enterprise__in=contract.served.values("enterprise"),
        started_at__date__gte=contract.from_date,
        started_at__date__lte=last,
    )


def visits_of(*, actor: Account, contract: Contract) -> QuerySet[Visit]:
    """The visits made under a contract, newest first, with how good they were."""
    rows = Visit.objects.within(actor.regions_for(VIEW)).filter(under(contract)).finished()
    return (
        rows.annotate(found=Count("hazards"))
        .select_related("enterprise__site", "service_review__by")
        .prefetch_related("inspectors")
        .order_by("-started_at")
    )


def get_visit(*, actor: Account, contract: Contract, visit_id: UUID) -> Visit:
    found = visits_of(actor=actor, contract=contract).filter(pk=visit_id).first()
    if found is None:
        raise NotFound("prevent.no_visit", _("There is no such visit under this contract."))
    return found


@dataclass
class Coverage:
    """The small manufacturers of a region, and how many are served."""

    region: Region
    total: int = 0
    served: int = 0
    only_itself: bool = False  # without the regions below it: no list opens to these

    @property
    def open(self) -> int:
        return self.total - self.served

    @property
    def percent(self) -> Decimal | None:
        return percent(self.served, self.total)


def small_manufacturers(actor: Account) -> QuerySet[Enterprise]:
    rows = Enterprise.objects.within(actor.regions_for(VIEW)).in_business()
    return rows.filter(size__in=SMALL, industry__startswith=MANUFACTURING)


def _is_served(on: date) -> Exists:
    running = Contract.objects.running(on)
    return Exists(Served.objects.filter(enterprise=OuterRef("pk"), contract__in=running))


def coverage_by_region(
    *, actor: Account, at: datetime, regions: list[Region], parent: Region | None = None
) -> list[Coverage]:
    """How many small manufacturers have a contract running today, region by region."""
    found = {region.path: Coverage(region) for region in regions}
    own = Coverage(parent, only_itself=True) if parent and parent.path not in found else None
    rows = small_manufacturers(actor).annotate(served_now=_is_served(timezone.localdate(at)))
    grouped = rows.values_list("site__region__path", "served_now").annotate(n=Count("pk"))
    for path, served, number in grouped:
        place = first_prefix(path, found)
        row = found[place] if place else own
        if row is not None and path.startswith(row.region.path):
            row.total += number
            row.served += number * served
    listed = list(found.values())
    return [own, *listed] if own and own.total else listed


def list_small(
    *, actor: Account, at: datetime, region: Region | None, served: bool | None
) -> QuerySet[Enterprise]:
    """The rows behind the coverage: all, those with a contract, or those without."""
    rows = small_manufacturers(actor).annotate(served_now=_is_served(timezone.localdate(at)))
    if region is not None:
        rows = rows.filter(site__region__path__under=region.path)
    if served is not None:
        rows = rows.filter(served_now=served)
    return rows.select_related("standard", f"site__region__{PLACE}").order_by("colour", "pk")
