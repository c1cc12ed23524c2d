"""What stations send besides readings: a picture, a text that an observer typed in."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from django.db import connection

from .models import Report

Answer = TypeVar("Answer")


def keep(*, station_code: str, at: datetime, text: str, picture: bytes | None) -> Report:
    """Store a report once: a station repeats what it saw no confirmation for."""
    report, _made = Report.objects.get_or_create(
        station_code=station_code, at=at, text=text, defaults={"picture": picture}
    )
    return report


def outside_request(ask: Callable[[], Answer]) -> Answer:
    """Ask the database from a thread that belongs to no request, and leave no connection open."""
    try:
        return ask()
    finally:
        connection.close()
