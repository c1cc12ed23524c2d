"""How the loop's moves read on a screen and in a timeline."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

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
}


def label(move: str) -> str:
    return str(LABELS.get(move, move))
