"""What time it is: one clock for the whole process group.

In a real city this is the machine's clock. In a demo database the scenario clock maps it to the
storm's hours, and can be paused or sped up; every statutory clock, rule and page then runs on it.
Doors (pages, API, commands, tickers) ask here once and pass `at` on; nothing below them reads it.
"""

import time
from datetime import UTC, datetime, timedelta

from django.utils import timezone

from .models import ScenarioClock

# How long a process may go on with a clock that another process has just changed.
_FRESH_S = 0.5
_cached: tuple[float, ScenarioClock | None] = (float("-inf"), None)


def now() -> datetime:
    """The scenario's time where there is a scenario, the machine's otherwise. Aware, UTC."""
    scenario = _scenario()
    return scenario.time_at(timezone.now()) if scenario else timezone.now()


def rate() -> float:
    """How many scenario seconds pass in a second: 1 in a real city, 0 while paused."""
    scenario = _scenario()
    return scenario.rate if scenario else 1.0


def is_scenario() -> bool:
    return _scenario() is not None


def forget() -> None:
    """Read the clock's setting afresh at the next question (after changing it, and in tests)."""
    global _cached
    _cached = (float("-inf"), None)


def from_epoch_ms(ms: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)


def to_epoch_ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def _scenario() -> ScenarioClock | None:
    global _cached
    read_at, scenario = _cached
    if time.monotonic() - read_at > _FRESH_S:
        scenario = ScenarioClock.objects.first()
        _cached = (time.monotonic(), scenario)
    return scenario
