"""Periodic duties: rooms register theirs in `apps.py`, the worker runs what is due.

A duty gets `at` (the house's clock) and must be safe to run twice. Of several workers one runs a
duty at a time: the row's time is compared and set in one UPDATE.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from . import clock
from .events import leave_room
from .models import Ticked

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Duty:
    name: str  # "work.remind"
    every_s: float  # machine seconds
    run: Callable[[datetime], object]


_duties: dict[str, Duty] = {}


def register(name: str, *, every_s: float, run: Callable[[datetime], object]) -> None:
    _duties[name] = Duty(name, every_s, run)


def registered() -> list[Duty]:
    return list(_duties.values())


def tick() -> int:
    """Run every duty that is due; returns how many ran."""
    return sum(_run_if_due(duty) for duty in _duties.values())


def _run_if_due(duty: Duty) -> bool:
    now = timezone.now()
    row, made = Ticked.objects.get_or_create(name=duty.name, defaults={"last_at": now})
    if not made:
        due = now - timedelta(seconds=duty.every_s)
        if row.last_at > due:
            return False
        mine = Ticked.objects.filter(pk=duty.name, last_at=row.last_at).update(last_at=now)
        if not mine:
            return False
    started, error = time.monotonic(), ""
    try:
        duty.run(clock.now())
    except Exception as failure:
        # One duty's failure must not stop the others; it is shown on the health page.
        logger.exception("duty failed", extra={"duty": duty.name})
        error = f"{type(failure).__name__}: {failure}"[:2000]
    took_s = time.monotonic() - started
    Ticked.objects.filter(pk=duty.name).update(took_s=took_s, error=error)
    leave_room(took_s)
    return True
