"""What may be read at an enterprise's gate, by the public and by who is signed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from anlan.base.errors import NotFound, Refusal
from anlan.people.models import Account

from ..models import Enterprise, Hazard
from . import hazards
from .enterprises import Asked, list_enterprises

MOST_CODES = 600


@dataclass(frozen=True)
class Gate:
    """What everybody may know who stands before it. No person, no number."""

    name: str
    standard: str
    notice: str
    colour: int
    colour_name: str
    closed: bool


def enterprise_at(*, token: UUID) -> Enterprise:
    """For the public's door, which has no actor: the code itself is the right to look."""
    rows = Enterprise.objects.select_related("standard", "site__region")
    found = rows.filter(token=token).first()
    if found is None:
        raise NotFound(
            "prevent.no_gate",
            _("This code is no longer valid."),
            hint=_("Ask the enterprise for its new one."),
        )
    return found


def gate_of(enterprise: Enterprise) -> Gate:
    standard = enterprise.standard
    return Gate(
        name=enterprise.site.name,
        standard=standard.name if standard else "",
        notice=standard.notice if standard else "",
        colour=enterprise.colour,
        colour_name=str(enterprise.get_colour_display()),
        closed=enterprise.state == Enterprise.State.CLOSED,
    )


def open_hazards(
    *, actor: Account, enterprise: Enterprise, at: datetime
) -> QuerySet[Hazard] | None:
    """For who may see the file; None for everybody else."""
    if not actor.is_authenticated or not actor.may("prevent.view", region=enterprise.site.region):
        return None
    wanted = hazards.Wanted(enterprise_id=enterprise.pk)
    return hazards.list_hazards(actor=actor, at=at, wanted=wanted)[:20]


def may_inspect(*, actor: Account, enterprise: Enterprise) -> bool:
    return actor.is_authenticated and actor.may("prevent.inspect", region=enterprise.site.region)


def enterprises_to_print(*, actor: Account, asked: Asked) -> list[Enterprise]:
    """Those of a narrowed list, as many as a sheet may have."""
    rows = list(list_enterprises(actor=actor, asked=asked)[: MOST_CODES + 1])
    if len(rows) > MOST_CODES:
        raise Refusal(
            "prevent.too_many_codes",
            _("More than %(most)d codes would be printed at once.") % {"most": MOST_CODES},
            hint=_("Choose a town or a village first."),
        )
    return sorted(rows, key=lambda row: (row.site.region.path, row.site.name))
