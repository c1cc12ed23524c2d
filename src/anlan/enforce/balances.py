"""A fine's rows as the ledger takes them."""

from datetime import date

from .ledger import ZERO, Balance, Due, Paid, Still, balance
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
    return balance(parts_of(fine), paid, still, day, a_day)
