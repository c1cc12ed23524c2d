"""What else can be begun from a page: upper rooms add links, the page's own room shows them.

`further.register(Further(_("Start a case"), "enforce:new", "enforce.handle", ("hazard", "visit")))`
puts a link on every hazard's page to that address with `?hazard=` and its id, and on every finished
visit's with `?visit=`. `about` is a duty that is open: on its task's page and on its own one.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.http import urlencode

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from anlan.people.models import Account
    from anlan.places.models import Region


@dataclass(frozen=True)
class Further:
    label: "StrOrPromise"
    url_name: str
    permission: str  # in the region of what the page is about
    takes: tuple[str, ...]  # what it can be begun from: the first of them that a page names


_known: list[Further] = []


def register(one: Further) -> None:
    if one not in _known:
        _known.append(one)


def links(
    *, actor: "Account", region: "Region", **named: object
) -> "list[tuple[StrOrPromise, str]]":
    """What the actor may begin from what the page names: words and addresses."""
    found = []
    for one in _known:
        name = next((name for name in one.takes if named.get(name)), None)
        if name and actor.may(one.permission, region=region):
            query = urlencode({name: str(named[name])})
            found.append((one.label, f"{reverse(one.url_name)}?{query}"))
    return found
