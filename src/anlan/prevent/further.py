"""What else can be begun from a hazard or a visit: upper rooms add links, this room shows them.

`further.register(Further(_("Start a case"), "enforce:new", "enforce.handle"))` puts a link on every
hazard's and every finished visit's page to that address with `?hazard=` or `?visit=` and its id.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from anlan.people.models import Account
    from anlan.places.models import Region


@dataclass(frozen=True)
class Further:
    label: "StrOrPromise"
    url_name: str
    permission: str  # in the region of the hazard or visit
    order: int = 0


_known: list[Further] = []


def register(one: Further) -> None:
    if one not in _known:
        _known.append(one)


def for_region(*, actor: "Account", region: "Region") -> list[Further]:
    """What the actor may begin there, in its order."""
    allowed = [one for one in _known if actor.may(one.permission, region=region)]
    return sorted(allowed, key=lambda one: one.order)
