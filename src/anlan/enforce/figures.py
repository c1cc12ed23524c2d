"""Sums of penalties by region and period, exact to the cent; every figure opens to its cases."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, Sum

from anlan.people.models import Account
from anlan.places.models import Region, overlap
from anlan.work.counts import Parts
from anlan.work.deadlines import BEIJING

from .ledger import ZERO
from .models import Case, Payment
from .queries import VIEW
from .rules import LARGE_FINE
from .stages import Procedure


@dataclass
class Row:
    """A region's penalties in a period."""

    region: Region
    filed: int = 0
    penalties: int = 0
    on_spot: int = 0
    fined: Decimal = ZERO
    large: int = 0  # fines of fifty thousand yuan and more
    paid: Decimal = ZERO


@dataclass
class Sheet:
    rows: list[Row] = field(default_factory=list)
    total: Row | None = None


def sums(*, actor: Account, region: Region, since: date, until: date) -> Sheet:
    """A region and those below it, for days from `since` to `until`, both included."""
    parts = Region.objects.filter(parent=region, valid_to=None).order_by("path")
    rows: dict[int | None, Row] = {part.pk: Row(part) for part in parts}
    total = Row(region)
    for part, figures in _by_part(list(parts), actor, region, since, until):
        row = rows.get(part)
        for one in (total, row) if row else (total,):
            for name, value in figures.items():
                setattr(one, name, getattr(one, name) + value)
    shown = [row for row in rows.values() if row.filed or row.penalties or row.paid]
    return Sheet(shown, total)


def _by_part(
    parts: list[Region], actor: Account, region: Region, since: date, until: date
) -> Iterator[tuple[int | None, dict[str, Any]]]:
    """The key of a part, none for the region's own cases, with figures of its row."""
    start, end = _midnight(since), _midnight(until + timedelta(days=1))
    where = Parts(parts, overlap(actor.regions_for(VIEW), region))
    cases = Case.objects.filter(exercise=False)
    filed = cases.filter(filed_at__gte=start, filed_at__lt=end)
    for part, number in where.sums(filed, n=Count("*")):
        yield part, {"filed": number}
    decided = cases.filter(decided_at__gte=start, decided_at__lt=end, outcome="PENALTY")
    counted = where.sums(
        decided,
        penalties=Count("*"),
        on_spot=Count("procedure", filter=Q(procedure=Procedure.SUMMARY)),
        fined=Sum("fine"),
        large=Count("fine", filter=Q(fine__gte=LARGE_FINE)),
    )
    for part, number, spot, fined, large in counted:
        yield (
            part,
            {"penalties": number, "on_spot": spot, "fined": cents(fined), "large": large},
        )
    paid = Payment.objects.filter(fine__gains=False, fine__case__exercise=False)
    paid = paid.filter(paid_on__range=(since, until))
    for part, amount in where.sums(paid, region="fine__case__region", sum=Sum("amount")):
        yield part, {"paid": cents(amount)}


def cents(amount: Decimal | float | None) -> Decimal:
    """A sum as the database gives it, to the cent; SQLite adds up in binary."""
    return Decimal(str(amount or 0)).quantize(ZERO)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time(), BEIJING)
