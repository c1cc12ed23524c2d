"""Hours of the day in which a rule stays silent, or speaks with another severity.

By the city's clock, on the days on which they begin; they may last over midnight. What is
fulfilled in silent hours and still holds when they end raises its alarm then. Hours with another
severity raise at once; an alarm keeps the severity of the instant at which it was raised.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.utils import timezone

from anlan.base import clock

from .models import RuleVersion

EVERY_DAY = frozenset(range(1, 8))  # ISO: Monday is 1
_MOST_IN_A_ROW = 15  # whole days that touch, as on weekends; more would be a rule never heard


@dataclass(frozen=True)
class Hours:
    """From `start` to `end` (not included) on these days; the same twice is a whole day."""

    start: time
    end: time
    days: frozenset[int] = EVERY_DAY
    severity: int | None = None  # none: silent

    def end_of(self, at: datetime) -> datetime | None:
        """When the hours that `at` lies in are over; none where it lies in none."""
        ends = [end for begin, end in self._around(at) if begin <= at < end]
        return max(ends, default=None)

    def _around(self, at: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The hours that begin on the day of `at` and on the day before."""
        today = timezone.localtime(at).date()
        for day in (today, today - timedelta(days=1)):
            if day.isoweekday() in self.days:
                last = day + timedelta(days=self.end <= self.start)
                yield (
                    _local(datetime.combine(day, self.start)),
                    _local(datetime.combine(last, self.end)),
                )

    def opens_at(self, at_ms: int) -> int:
        """The earliest instant from `at_ms` on at which an alarm may be raised."""
        if self.severity is not None:
            return at_ms
        at = clock.from_epoch_ms(at_ms)
        for _ in range(_MOST_IN_A_ROW):
            end = self.end_of(at)
            if end is None:
                break
            at = end
        return max(at_ms, clock.to_epoch_ms(at))


def _local(naive: datetime) -> datetime:
    return timezone.make_aware(naive)


def hours_of(version: RuleVersion) -> Hours | None:
    if version.quiet_from is None or version.quiet_to is None:
        return None
    days = frozenset(version.quiet_days) or EVERY_DAY
    return Hours(version.quiet_from, version.quiet_to, days, version.quiet_severity)


def is_silent(version: RuleVersion, at: datetime) -> bool:
    """Whether the rule raises nothing at this instant."""
    hours = hours_of(version)
    return hours is not None and hours.severity is None and hours.end_of(at) is not None


def severity_at(version: RuleVersion, at: datetime) -> int:
    """The severity of an alarm that the rule raises at this instant."""
    hours = hours_of(version)
    if hours is None or hours.severity is None or hours.end_of(at) is None:
        return version.severity
    return hours.severity
