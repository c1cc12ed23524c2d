"""When which step is due: the ladder's arithmetic, without a database.

A step is proposed only about a duty that is past its limit, one at a time, and never before the
step below it was confirmed by a person. One that was dropped is proposed again after its days.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from anlan.work.deadlines import BEIJING, is_working_day

CONFIRMED, PROPOSED = "CONFIRMED", "PROPOSED"
ORDER = ("REMIND", "URGE", "INTERVIEW", "SANCTION")


@dataclass(frozen=True)
class Past:
    """A proposal that was made: which step, and what a person decided when."""

    rung: str
    state: str
    decided_at: datetime | None


def working_days_between(start: datetime, end: datetime) -> int:
    """Whole working days after the day of `start`, up to and with the day of `end`."""
    day, last = _day(start), _day(end)
    count = 0
    while day < last:
        day += timedelta(days=1)
        count += is_working_day(day)
    return count


def next_rung(
    rungs: Sequence[tuple[str, int]], *, due_at: datetime, past: Sequence[Past], at: datetime
) -> str | None:
    """The step to propose now about a duty past its limit, or None.

    `past` in the order in which it was made.
    """
    if at <= due_at or any(one.state == PROPOSED for one in past):
        return None
    confirmed = [ORDER.index(one.rung) for one in past if one.state == CONFIRMED]
    above = [step for step in rungs if ORDER.index(step[0]) > max(confirmed, default=-1)]
    if not above:
        return None
    rung, days = above[0]
    # The days run from the last thing that a person decided; at first, from the limit.
    since = max((one.decided_at for one in past if one.decided_at), default=due_at)
    since = max(since, due_at)
    return rung if working_days_between(since, at) >= days else None


def _day(at: datetime) -> date:
    return at.astimezone(BEIJING).date()
