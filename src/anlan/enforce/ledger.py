"""What is left of a fine on a day: pure arithmetic on exact decimals (docs/rules/enforce.md).

The surcharge is three in a hundred a day on what is overdue and unpaid, from the day after the
due day to the day of payment, together never more than the fine; days of a reconsideration or
lawsuit are not counted. What comes in goes to the fine first, then to the surcharge.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

from .rules import SURCHARGE_A_DAY, SURCHARGE_MOST

CENT = Decimal("0.01")
ZERO = Decimal("0.00")
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Due:
    """A part of the fine and the last day to pay it."""

    amount: Decimal
    due_on: date


@dataclass(frozen=True)
class Postponed:
    """What was due, and the day on which later days were granted instead."""

    parts: Sequence[Due]
    on: date


@dataclass(frozen=True)
class Paid:
    amount: Decimal  # negative: an earlier payment was cancelled
    on: date


@dataclass(frozen=True)
class Still:
    """Days, both included, on which the surcharge stands still; no end: until further notice."""

    start: date
    end: date | None


@dataclass(frozen=True)
class Balance:
    """On a day: what the fine and its surcharge are, and what came in for each."""

    fine: Decimal
    surcharge: Decimal
    paid_fine: Decimal
    paid_surcharge: Decimal
    overdue_days: int

    @property
    def left(self) -> Decimal:
        return self.fine + self.surcharge - self.paid_fine - self.paid_surcharge

    @property
    def left_of_fine(self) -> Decimal:
        return self.fine - self.paid_fine

    @property
    def left_of_surcharge(self) -> Decimal:
        return self.surcharge - self.paid_surcharge


def balance(
    parts: Sequence[Due],
    payments: Iterable[Paid],
    still: Sequence[Still],
    day: date,
    a_day: Decimal = SURCHARGE_A_DAY,
    before: Sequence[Postponed] = (),
) -> Balance:
    """Where a fine stands at the end of a day, with this part of it as surcharge a day.

    Between two days on which something changes (a due day, a payment, a standstill's border)
    what is overdue stays the same, so the surcharge is counted a stretch at a time. Later days
    that were granted (`before`, the first first) take nothing back of what had grown until then.
    """
    fine = sum((part.amount for part in parts), ZERO)
    paid = [payment for payment in payments if payment.on <= day]
    raw, days = ZERO, 0
    borders = _borders(parts, paid, still, day, before)
    for start, end in pairwise(borders):
        # The days start+1 … end are charged on what was unpaid after day `start`.
        if _stands(still, end):
            continue
        asked = next((was.parts for was in before if end < was.on), parts)
        late = _overdue(asked, paid, start)
        if late > 0:
            raw += late * a_day * (end - start).days
            days += (end - start).days
    surcharge = min(raw, fine * SURCHARGE_MOST).quantize(CENT, ROUND_HALF_UP)
    total = sum((payment.amount for payment in paid), ZERO)
    to_fine = min(total, fine)
    return Balance(fine, surcharge, to_fine, total - to_fine, days)


def _borders(
    parts: Sequence[Due],
    paid: Sequence[Paid],
    still: Sequence[Still],
    day: date,
    before: Sequence[Postponed],
) -> list[date]:
    parts = [*parts, *(part for was in before for part in was.parts)]
    marks = {part.due_on for part in parts} | {payment.on for payment in paid} | {day}
    marks |= {was.on - DAY for was in before}
    for stretch in still:
        marks |= {stretch.start - DAY} | ({stretch.end} if stretch.end else set())
    first = min((part.due_on for part in parts), default=day)
    return sorted(mark for mark in marks if first <= mark <= day)


def _stands(still: Sequence[Still], day: date) -> bool:
    """Whether this day, and so all of the stretch that it ends, is not counted."""
    return any(s.start <= day and (s.end is None or day <= s.end) for s in still)


def _overdue(parts: Sequence[Due], paid: Sequence[Paid], day: date) -> Decimal:
    """What was to be paid by the end of a day and had not been."""
    due = sum((part.amount for part in parts if part.due_on <= day), ZERO)
    return due - min(sum((p.amount for p in paid if p.on <= day), ZERO), due)


def equal_parts(amount: Decimal, count: int) -> list[Decimal]:
    """Instalments in whole cents that add up to the amount; the first ones take the odd cents."""
    cents, left = divmod(int(amount / CENT), count)
    return [(cents + (1 if n < left else 0)) * CENT for n in range(count)]
