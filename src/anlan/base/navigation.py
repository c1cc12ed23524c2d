"""The main menu: rooms register their entries in `apps.py`; each shows to who may use it.

A room with many lists has one entry in the menu, the rest are tabs: `{% tabs "prevent" %}`.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True)
class Entry:
    label: "StrOrPromise"
    url_name: str
    permission: str  # shown to accounts that hold it anywhere; "" for everyone signed in
    order: int
    icon: str = ""
    group: str = ""  # a tab of this group, not an entry of the menu


_entries: list[Entry] = []


def register(entry: Entry) -> None:
    if entry not in _entries:
        _entries.append(entry)


def registered() -> list[Entry]:
    """The menu itself."""
    return group("")


def group(name: str) -> list[Entry]:
    return sorted((e for e in _entries if e.group == name), key=lambda entry: entry.order)
