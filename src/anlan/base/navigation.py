"""The main menu: rooms register their entries in `apps.py`; each shows to who may use it.

A room with many lists has one entry in the menu, the rest are tabs: `{% tabs "prevent" %}`.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from django_stubs_ext import StrOrPromise

    from anlan.people.models import Account


@dataclass(frozen=True)
class Entry:
    label: "StrOrPromise"
    url_name: str
    permission: str  # shown to accounts that hold it anywhere; "" for everyone signed in
    order: int
    icon: str = ""
    group: str = ""  # a tab of this group, not an entry of the menu
    # Asked where no permission says who sees it: those who sign in for an enterprise.
    shown_to: "Callable[[Account], bool] | None" = None

    def is_for(self, account: "Account") -> bool:
        """Whether the account sees it."""
        if self.shown_to is not None:
            return self.shown_to(account)
        return not self.permission or account.may_anywhere(self.permission)


_entries: list[Entry] = []


def register(entry: Entry) -> None:
    if entry not in _entries:
        _entries.append(entry)


def registered() -> list[Entry]:
    """The menu itself."""
    return group("")


def group(name: str) -> list[Entry]:
    return sorted((e for e in _entries if e.group == name), key=lambda entry: entry.order)
