"""What stands beside a duty: upper rooms add panels, pages about duties show them.

`beside.register(Panel("oversee/_letters_about.html", letters_about))`: the template gets `rows`,
what the function finds for the reader about these items. A panel without rows is not shown.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from anlan.people.models import Account

    from .models import WorkItem

Find = Callable[["Account", "QuerySet[WorkItem]"], Sequence[Any]]


@dataclass(frozen=True)
class Panel:
    template: str
    find: Find


_known: list[Panel] = []


def register(one: Panel) -> None:
    if one not in _known:
        _known.append(one)


def panels(
    *, actor: "Account", items: "QuerySet[WorkItem]", but: Find | None = None
) -> list[tuple[Panel, Sequence[Any]]]:
    """Each panel with its rows, for a reader who may see the page of these items.

    `but`: what a page does not show beside itself.
    """
    found = [(panel, panel.find(actor, items)) for panel in _known if panel.find is not but]
    return [(panel, rows) for panel, rows in found if rows]
