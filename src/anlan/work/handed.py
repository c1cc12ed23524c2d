"""Submissions that are not a step of a task: a whole visit, a change of a file.

A room registers what can be handed in, as it registers its kinds of work. Ids, bytes, files and
waiting are the same for all (`submissions`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from anlan.base.errors import BadInput

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from anlan.people.models import Account
    from anlan.places.models import Region

    from .models import Submission


@dataclass(frozen=True)
class HandedIn:
    code: str  # "prevent.visit"
    label: "StrOrPromise"
    may_see: str  # who may see it and its files, in its region
    # Where it belongs, from what was sent. Raises what the sender is told; nothing is kept then.
    locate: "Callable[[Account, dict[str, Any]], Region]"
    # Its rows, in one transaction, once all of its files are there. A Refusal refuses it.
    take: "Callable[[Submission, datetime], None]"


_known: dict[str, HandedIn] = {}


def register(kind: HandedIn) -> None:
    _known[kind.code] = kind


def get(code: str) -> HandedIn:
    if code not in _known:
        text = _("Nothing of the kind “%(kind)s” is taken.") % {"kind": code}
        raise BadInput("work.no_such_kind", text)
    return _known[code]


def registered() -> list[HandedIn]:
    return list(_known.values())
