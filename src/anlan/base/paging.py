"""Lists a page at a time: of the API, and of pages whose rows nobody wants to count."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db.models import Model, QuerySet
from ninja import Field, Schema
from ninja.pagination import LimitOffsetPagination

MOST = 1000
MOST_SHEETS = 2000
Row = TypeVar("Row", bound=Model)


class Paging(LimitOffsetPagination):
    """Bounded: a number that no database holds is refused, not passed on."""

    class Input(Schema):
        limit: int = Field(100, ge=1, le=MOST)
        offset: int = Field(0, ge=0, le=1_000_000)


@dataclass(frozen=True)
class Sheet(Generic[Row]):
    """Some rows of a long list, and whether there are more. Nothing is counted.

    For the template: `{% include "sheets.html" %}` writes the links.
    """

    rows: list[Row]
    number: int
    has_next: bool

    @property
    def previous(self) -> int:
        return self.number - 1

    @property
    def next(self) -> int:
        return self.number + 1

    @property
    def is_only(self) -> bool:
        return self.number == 1 and not self.has_next


def sheet_of(rows: QuerySet[Row], asked: str | None, *, size: int = 50) -> Sheet[Row]:
    """The sheet of this number; the first, where the number makes no sense."""
    given = asked or ""
    number = int(given) if given.isascii() and given.isdecimal() and len(given) < 6 else 1
    number = min(max(number, 1), MOST_SHEETS)
    start = (number - 1) * size
    found = list(rows[start : start + size + 1])
    return Sheet(found[:size], number, len(found) > size)
