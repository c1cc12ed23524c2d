"""What upper rooms know about an alarm's place: the plan's step it calls for, what is closed.

`facts.register("command.view", function)`: the function answers lines for an alarm and its reader.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .models import Alarm

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from anlan.people.models import Account


@dataclass(frozen=True)
class Fact:
    label: "StrOrPromise"
    text: str
    url: str = ""


Teller = Callable[["Alarm", "Account"], list[Fact]]
_tellers: list[tuple[str, Teller]] = []


def register(permission: str, teller: Teller) -> None:
    """Asked on the alarm's page for whoever holds the permission in its region."""
    if (permission, teller) not in _tellers:
        _tellers.append((permission, teller))


def for_alarm(alarm: Alarm, actor: "Account") -> list[Fact]:
    return [
        fact
        for permission, teller in _tellers
        if actor.may(permission, region=alarm.region)
        for fact in teller(alarm, actor)
    ]
