"""The numbers of documents: per office, word and year, without gaps (发文字号)."""

from datetime import datetime

from anlan.base.serials import number_after
from anlan.places.models import Region
from anlan.places.queries import ancestors

from .models import Account


def number_document(*, word: str, by: Account, region: Region, at: datetime) -> str:
    """（金）应急罚〔2026〕12号: the next number of the office of whoever signs.

    Inside the transaction that keeps the document. Where somebody belongs to no office, the county
    of the region stands for one.
    """
    return number_after(f"{_organ(by, region)}{word}", at)


def _organ(by: Account, region: Region) -> str:
    if by.organisation is not None:
        return by.organisation.short or by.organisation.name
    over = [*ancestors(region), region]
    office = next((r for r in over if r.level == Region.Level.COUNTY), region)
    return f"（{office.name}）应急"
