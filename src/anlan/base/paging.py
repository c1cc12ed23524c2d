"""Lists a page at a time: of the API, and of pages whose rows nobody wants to count."""

from collections.abc import Callable
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


def sheet_of(
    rows: QuerySet[Row],
    asked: str | None,
    *,
    size: int = 50,
    dress: "Callable[[QuerySet[Row]], QuerySet[Row]] | None" = None,
) -> Sheet[Row]:
    """The sheet of this number; the first, where the number makes no sense.

    `dress` adds what the page shows beside each row (joins, counts). It is then asked for the rows
    of this sheet only: sorting a hundred thousand keys is quick, sorting wide rows is not.
    """
    given = asked or ""
    number = int(given) if given.isascii() and given.isdecimal() and len(given) < 6 else 1
    number = min(max(number, 1), MOST_SHEETS)
    start = (number - 1) * size
    if dress is None:
        found = list(rows[start : start + size + 1])
        return Sheet(found[:size], number, len(found) > size)
    keys = list(rows.values_list("pk", flat=True)[start : start + size + 1])
    dressed = {row.pk: row for row in dress(rows.model._default_manager.filter(pk__in=keys[:size]))}
    # A row that was removed between the two questions is left out.
    shown = [dressed[key] for key in keys[:size] if key in dressed]
    return Sheet(shown, number, len(keys) > size)
