"""Days as people type them."""

from datetime import date

from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from anlan.base.errors import BadInput


def day_or_none(text: str) -> date | None:
    """A day, or none where nothing was typed; what is no day is refused."""
    text = text.strip()
    if not text:
        return None
    try:
        found = parse_date(text)
    except ValueError:
        found = None
    if found is None or not 1900 < found.year < 2200:
        raise BadInput("prevent.bad_date", _("“%(text)s” is no day.") % {"text": text[:20]})
    return found


def day_of(text: str) -> date:
    """A day that must be there."""
    found = day_or_none(text)
    if found is None:
        raise BadInput("prevent.no_date", _("Choose a day."))
    return found
