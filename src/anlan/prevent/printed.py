"""Papers that come of a visit or a hazard: an upper room sets them, the pages here offer them.

`printed.register(papers_of)`: the function gives those that the record of a visit or hazard has,
for whoever may read that record; its addresses ask that again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .models import Hazard, Visit


@dataclass(frozen=True)
class Printed:
    title: str
    number: str  # empty: none was given
    pdf: str  # addresses
    docx: str


Find = Callable[["Visit | Hazard"], Sequence[Printed]]
_known: list[Find] = []


def register(find: Find) -> None:
    if find not in _known:
        _known.append(find)


def papers_of(record: "Visit | Hazard") -> list[Printed]:
    return [paper for find in _known for paper in find(record)]
