"""What upper rooms have to say at the head of everybody's own work: rooms register it in `apps.py`.

A notice is asked at each look, so it must be quick, and says nothing where there is nothing to say.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from anlan.people.models import Account


@dataclass(frozen=True)
class Notice:
    text: str
    url: str
    icon: str = ""
    kind: str = ""  # "", "good", "warn" or "bad", as the class of the same name


Teller = Callable[["Account"], list[Notice]]
_tellers: list[tuple[str, Teller]] = []


def register(permission: str, teller: Teller) -> None:
    """`teller` is asked for everybody who holds the permission anywhere."""
    if (permission, teller) not in _tellers:
        _tellers.append((permission, teller))


def for_reader(actor: "Account") -> list[Notice]:
    return [
        notice
        for permission, teller in _tellers
        if actor.may_anywhere(permission)
        for notice in teller(actor)
    ]
