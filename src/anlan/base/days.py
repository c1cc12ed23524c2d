"""Days as people speak of them."""

from datetime import date, datetime, timedelta

from django.utils import timezone


def last_day(due_at: datetime) -> date:
    """A limit ends at 24:00: its last day is the one before that midnight."""
    return timezone.localdate(due_at - timedelta(seconds=1))
