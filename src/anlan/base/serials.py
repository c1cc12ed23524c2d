"""Numbers in a row: no two alike, none left out."""

from datetime import datetime

from django.db import connection
from django.db.models import F
from django.utils import timezone

from .models import Serial


def next_number(name: str) -> int:
    """The next number of a row, in the transaction that uses it: undone with it, so no gap stays.

    The row is locked until that transaction ends: a second caller waits and gets the one after.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("a serial number outside of a transaction could be lost")
    Serial.objects.get_or_create(name=name)
    Serial.objects.filter(pk=name).update(last=F("last") + 1)
    return Serial.objects.values_list("last", flat=True).get(pk=name)


def number_after(words: str, at: datetime) -> str:
    """（金）应急罚〔2026〕12号: the next number after these words in the year of that day.

    The row is named as the number is printed, so that no two documents ever read alike, whichever
    room makes them.
    """
    before = f"{words}〔{timezone.localdate(at).year}〕"
    return f"{before}{next_number(before)}号"
