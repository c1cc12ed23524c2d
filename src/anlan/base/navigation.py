"""The main menu: rooms register their entries in `apps.py`; each shows to who may use it."""

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


_entries: list[Entry] = []


def register(entry: Entry) -> None:
    if entry not in _entries:
        _entries.append(entry)


def registered() -> list[Entry]:
    return sorted(_entries, key=lambda entry: entry.order)
