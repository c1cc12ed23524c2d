"""What can be done about an alarm elsewhere: upper rooms add links, this room shows them.

`actions.register(Action(_("Open incident"), "command:open_from_alarm", "command.lead"))` puts a
button on every open alarm that posts to that page with the alarm's id.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .models import Alarm

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from anlan.people.models import Account


@dataclass(frozen=True)
class Action:
    label: "StrOrPromise"
    url_name: str  # takes `alarm_id`; asked by POST
    permission: str  # in the alarm's region
    order: int = 0
    icon: str = ""
    fits: "Callable[[Alarm], bool] | None" = None  # none: every alarm


_actions: list[Action] = []


def register(action: Action) -> None:
    if action not in _actions:
        _actions.append(action)


def for_alarm(alarm: Alarm, actor: "Account") -> list[Action]:
    """The actions that the actor may take on this alarm."""
    allowed = [
        action
        for action in _actions
        if actor.may(action.permission, region=alarm.region)
        and (action.fits is None or action.fits(alarm))
    ]
    return sorted(allowed, key=lambda action: action.order)
