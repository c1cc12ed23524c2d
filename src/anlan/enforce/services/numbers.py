"""Numbers of documents: per organ, word and year, one after the other, none left out."""

from datetime import datetime

from django.db import connection
from django.db.models import F
from django.utils import timezone

from ..models import Organ, Serial


def take_number(*, organ: Organ, word: str, at: datetime) -> str:
    """The next number under a word in this year: （金）应急罚〔2021〕12号.

    Taken in the caller's transaction: where that fails, the number was never given. The row is
    held until its end, so two at once get two numbers, one after the other.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("a number is taken inside the transaction that uses it")
    year = timezone.localdate(at).year
    serial, _made = Serial.objects.get_or_create(organ=organ, word=word, year=year)
    Serial.objects.filter(pk=serial.pk).update(last=F("last") + 1)
    serial.refresh_from_db(fields=["last"])
    return f"（{organ.mark}）{word}〔{year}〕{serial.last}号"
