"""A fine's rows as the ledger takes them."""

from datetime import date
from decimal import Decimal
from typing import Any

from .ledger import ZERO, Balance, Due, Paid, Postponed, Still, balance
from .models import Fine
from .rules import SURCHARGE_A_DAY


def parts_of(fine: Fine) -> list[Due]:
    """The fine's parts and their last days: instalments, or the whole."""
    instalments = [Due(i.amount, i.due_on) for i in fine.instalments.all()]
    if instalments or fine.due_on is None:
        return instalments
    return [Due(fine.amount, fine.due_on)]


def balance_of(fine: Fine, day: date) -> Balance:
    """Where a fine stands at the end of a day."""
    paid = [Paid(payment.amount, payment.paid_on) for payment in fine.payments.all()]
    still = [Still(s.from_date, s.to_date) for s in fine.standstills.all()]
    a_day = ZERO if fine.gains else SURCHARGE_A_DAY
    return balance(parts_of(fine), paid, still, day, a_day, _postponed(fine))


def _postponed(fine: Fine) -> list[Postponed]:
    return [
        Postponed(
            [Due(Decimal(a), date.fromisoformat(d)) for a, d in parts], date.fromisoformat(on)
        )
        for on, parts in fine.postponed
    ]


def postponed_on(fine: Fine, day: date) -> list[Any]:
    """The fine's `postponed` when later days are granted: what was due until this day joins it."""
    parts = [[str(part.amount), part.due_on.isoformat()] for part in parts_of(fine)]
    return [*fine.postponed, [day.isoformat(), parts]]
