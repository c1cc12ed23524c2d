"""Days as people speak of them."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from .errors import BadInput

LAST_YEAR = 2100  # nobody plans further; the calendar itself ends with 9999


def end_of(day: date) -> datetime:
    """24:00 of a day."""
    if day.year > LAST_YEAR:
        raise BadInput(
            "base.day_too_late", _("Give a day before the end of %(year)d.") % {"year": LAST_YEAR}
        )
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time()))


def last_day(due_at: datetime) -> date:
    """A limit ends at 24:00: its last day is the one before that midnight."""
    return timezone.localdate(due_at - timedelta(seconds=1))


def spoken(day: date) -> str:
    """2026年7月3日; 3 Jul 2026 for who reads English. For sentences: data keep the ISO form."""
    if (get_language() or "").startswith("en"):
        return f"{day.day} {day:%b %Y}"
    return f"{day.year}年{day.month}月{day.day}日"
