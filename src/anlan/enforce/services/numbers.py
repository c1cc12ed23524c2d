"""Numbers of documents: per organ, word and year, one after the other, none left out."""

from datetime import datetime

from anlan.base.serials import number_after

from ..models import Organ


def take_number(*, organ: Organ, word: str, at: datetime) -> str:
    """The next number under a word in this year: （金）应急罚〔2021〕12号.

    Taken in the caller's transaction: where that fails, the number was never given. An order or
    re-check that the same office gives without a case takes its number from the same row.
    """
    return number_after(f"（{organ.mark}）{word}", at)
