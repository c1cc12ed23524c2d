"""Kinds of work: what differs between a hazard, a patrol and a plan's task is data, not code."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.db.models import Prefetch, Q
    from django_stubs_ext import StrOrPromise

    from anlan.people.models import Account

    from .models import WorkItem


CONCLUDE = "conclude"


@dataclass(frozen=True)
class Escalation:
    """So long after the due time (negative: before it) who is told. Each once an item."""

    after: timedelta
    tell: str  # "doer", "post", "checkers" or a role's code: its holders here or next above


@dataclass(frozen=True)
class Proof:
    """What a submission must carry before the loop can go on."""

    photos: int = 0
    position: bool = False
    note: bool = False


@dataclass(frozen=True)
class Kind:
    code: str  # "command.task"
    label: "StrOrPromise"
    page: str  # URL name of the page that shows the room's own row, taking the item's id
    may_do: str
    may_check: str
    proof: Proof = field(default_factory=Proof)
    escalations: tuple[Escalation, ...] = ()
    # Moves that this kind knows; none given: all of the loop.
    moves: frozenset[str] = frozenset()
    # What the phone shows above the form: one or more lines about the room's own row.
    describe: "Callable[[WorkItem], list[str]] | None" = None
    # The room's own row as `describe` reads it, to fetch it for many items at once.
    own_row: "Callable[[], Prefetch[str]] | None" = None
    # Where the work is (longitude, latitude), to measure a photo's distance from; else its region.
    place: "Callable[[WorkItem], tuple[float, float] | None] | None" = None
    # Work that is somebody's own though they hold no right in its region (an enterprise's hazards):
    # which items, or None where there are none. They see them, accept them and hand in proof.
    own: "Callable[[Account], Q | None] | None" = None

    # How it ends is decided on the room's own page: nobody verifies it or calls it off on its task.
    concludes: bool = False

    def allows(self, move: str) -> bool:
        if self.concludes and move in {"verify", "cancel"}:
            return False
        if move == CONCLUDE:
            return self.concludes
        return not self.moves or move in self.moves


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    _kinds[kind.code] = kind


def get(code: str) -> Kind:
    return _kinds[code]


def registered() -> list[Kind]:
    return list(_kinds.values())


def own_items(kind: Kind, account: "Account") -> "Q | None":
    """The items of this kind that are the account's own; looked up once for an instance of it."""
    if kind.own is None:
        return None
    known: dict[str, Q | None] = account.__dict__.setdefault("_own_items", {})
    if kind.code not in known:
        known[kind.code] = kind.own(account)
    return known[kind.code]
