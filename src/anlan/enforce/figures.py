"""Sums of penalties by region and period, exact to the cent; every figure opens to its cases."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Count, Q, Sum

from anlan.people.models import Account
from anlan.places.models import Region
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
    sheet = Sheet([_row(actor, part, since, until) for part in parts])
    sheet.rows = [row for row in sheet.rows if row.filed or row.penalties or row.paid]
    sheet.total = _row(actor, region, since, until)
    return sheet


def _row(actor: Account, region: Region, since: date, until: date) -> Row:
    start, end = _midnight(since), _midnight(until + timedelta(days=1))
    cases = Case.objects.within(actor.regions_for(VIEW)).filter(
        region__path__under=region.path, exercise=False
    )
    decided = cases.filter(decided_at__gte=start, decided_at__lt=end, outcome="PENALTY")
    found = decided.aggregate(
        penalties=Count("pk"),
        on_spot=Count("pk", filter=Q(procedure=Procedure.SUMMARY)),
        fined=Sum("fine"),
        large=Count("pk", filter=Q(fine__gte=LARGE_FINE)),
    )
    paid = Payment.objects.filter(fine__case__in=cases, paid_on__range=(since, until))
    return Row(
        region,
        filed=cases.filter(filed_at__gte=start, filed_at__lt=end).count(),
        penalties=found["penalties"],
        on_spot=found["on_spot"],
        fined=cents(found["fined"]),
        large=found["large"],
        paid=cents(paid.aggregate(sum=Sum("amount"))["sum"]),
    )


def cents(amount: Decimal | float | None) -> Decimal:
    """A sum as the database gives it, to the cent; SQLite adds up in binary."""
    return Decimal(str(amount or 0)).quantize(ZERO)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time(), BEIJING)
