"""A case's money for its page: the fine, its parts, what came in, what is left today."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from .balances import balance_of, parts_of
from .ledger import Balance, Due
from .models import Case, Fine, Payment, Standstill
from .papers.amounts import both


@dataclass(frozen=True)
class MoneyView:
    fine: Fine
    words: str  # in capital numerals
    parts: list[Due]
    payments: QuerySet[Payment]
    standstills: QuerySet[Standstill]
    balance: Balance


def money_of(*, case: Case, at: datetime) -> MoneyView | None:
    """Nothing where nothing is, or was, to be paid."""
    fine = Fine.objects.filter(case=case).first()
    if fine is None:
        return None
    # A fine that was paid stands as on the day of its last payment.
    day = fine.settled_on or timezone.localdate(at)
    return MoneyView(
        fine,
        both(fine.amount),
        parts_of(fine),
        fine.payments.select_related("entered_by").order_by("paid_on", "pk"),
        fine.standstills.order_by("from_date"),
        balance_of(fine, day),
    )
