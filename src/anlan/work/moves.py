"""The loop: which moves there are from where, who may make them, and how they read."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from . import kinds
from .kinds import Kind
from .models import WorkItem

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from anlan.people.models import Account

S = WorkItem.State
MOVES: dict[tuple[str, str], str] = {
    (S.OPEN, "accept"): S.DOING,
    (S.DOING, "submit"): S.SUBMITTED,
    (S.SUBMITTED, "return"): S.DOING,
    (S.SUBMITTED, "verify"): S.CLOSED,
    (S.OPEN, "assign"): S.OPEN,
    (S.DOING, "assign"): S.OPEN,
    (S.OPEN, "escalate"): S.OPEN,
    (S.DOING, "escalate"): S.DOING,
    (S.SUBMITTED, "escalate"): S.SUBMITTED,
    (S.DOING, "pause"): S.PAUSED,
    (S.OPEN, "pause"): S.PAUSED,
    (S.PAUSED, "resume"): S.DOING,
    (S.OPEN, "cancel"): S.CANCELLED,
    (S.DOING, "cancel"): S.CANCELLED,
    (S.PAUSED, "cancel"): S.CANCELLED,
    # By the room's own decision only (`services.conclude`).
    (S.OPEN, kinds.CONCLUDE): S.CLOSED,
    (S.DOING, kinds.CONCLUDE): S.CLOSED,
    (S.PAUSED, kinds.CONCLUDE): S.CLOSED,
    (S.SUBMITTED, kinds.CONCLUDE): S.CLOSED,
}
DOES = frozenset({"accept", "submit"})
NEEDS_REASON = frozenset({"return", "pause", "cancel", "escalate"})
# Steps that a phone may send before the one that makes them possible has arrived.
COMES_BEFORE = frozenset({(S.OPEN, "submit"), (S.PAUSED, "submit")})

LABELS: "dict[str, StrOrPromise]" = {
    "open": _("handed out"),
    "accept": _("accepted the task"),
    "submit": _("submitted proof"),
    "return": _("sent back"),
    "verify": _("verified"),
    "assign": _("assigned again"),
    "escalate": _("escalated"),
    "pause": _("paused the clock"),
    "resume": _("resumed"),
    "cancel": _("called off"),
    "transfer": _("given to another region"),
    "takeover": _("done in place of who had accepted it"),
    "conclude": _("decided on its page"),
}


def label(move: str) -> str:
    return str(LABELS.get(move, move))


# On a button: what the reader would do, not what was done.
ACTIONS: "dict[str, StrOrPromise]" = {
    "accept": _("Accept"),
    "submit": _("Submit proof"),
    "return": _("Send back"),
    "verify": _("Verified, close"),
    "assign": _("Assign"),
    "escalate": _("Escalate"),
    "pause": _("Pause the clock"),
    "resume": _("Resume"),
    "cancel": _("Call off"),
}

# What a reader most likely wants comes first.
ORDER = ["accept", "submit", "verify", "return", "resume", "assign", "escalate", "pause", "cancel"]


def permissions_for(kind: Kind, move: str) -> tuple[str, ...]:
    """Any of these lets an account make the move."""
    if move in DOES:
        return (kind.may_do,)
    if move in {"escalate", kinds.CONCLUDE}:
        return (kind.may_do, kind.may_check)
    if move == "assign":
        return ("work.assign", kind.may_check)
    return (kind.may_check,)


def is_own(item: WorkItem, account: "Account") -> bool:
    """Whether the item is this account's own to do, whatever regions they answer for."""
    own = kinds.own_items(item.kind_of, account)
    return own is not None and WorkItem.objects.filter(own, pk=item.pk).exists()
