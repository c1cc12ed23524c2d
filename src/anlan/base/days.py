"""Days as people speak of them."""

from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.translation import get_language


def last_day(due_at: datetime) -> date:
    """A limit ends at 24:00: its last day is the one before that midnight."""
    return timezone.localdate(due_at - timedelta(seconds=1))


def spoken(day: date) -> str:
    """2026年7月3日; 3 Jul 2026 for who reads English. For sentences: data keep the ISO form."""
    if (get_language() or "").startswith("en"):
        return f"{day.day} {day:%b %Y}"
    return f"{day.year}年{day.month}月{day.day}日"
