"""What a new case takes over from the visit or hazard that it starts from."""

from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from anlan.base.numbers import whole
from anlan.people.models import Account
from anlan.prevent.models import Enterprise, Hazard, Visit

from . import queries
from .models import Case
from .services.cases import party_of


@dataclass(frozen=True)
class Start:
    """First values of the form, and the rows that the case will point to."""

    initial: dict[str, Any] = field(default_factory=dict)
    enterprise: Enterprise | None = None
    visit: Visit | None = None
    hazard: Hazard | None = None


def from_visit(*, actor: Account, visit_id: str) -> Start:
    """The enterprise that was visited, the day, and what was found."""
    try:
        visit = queries.get_visit(actor=actor, visit_id=visit_id)
    except (ValidationError, ValueError):
        visit = queries.get_visit(actor=actor, visit_id="00000000-0000-0000-0000-000000000000")
    found = "；".join(Hazard.objects.filter(visit=visit).values_list("what", flat=True))
    initial = _party(visit.enterprise) | {
        "region": visit.region,
        "source": Case.Source.VISIT,
        "summary": found,
        "facts": found,
        "offended_on": timezone.localdate(visit.started_at),
    }
    return Start(initial, visit.enterprise, visit=visit)


def from_hazard(*, actor: Account, hazard_id: str) -> Start:
    """The enterprise at the hazard's site, and the hazard's words. None named: an empty form."""
    if not hazard_id:
        return Start()
    hazard = queries.get_hazard(actor=actor, hazard_id=whole(hazard_id) or 0)
    enterprise = Enterprise.objects.filter(site=hazard.site).select_related("site").first()
    initial = (_party(enterprise) if enterprise else {}) | {
        "region": hazard.item.region,
        "source": Case.Source.HAZARD,
        "summary": hazard.what,
        "facts": hazard.what,
        "violated": hazard.basis,
        "offended_on": timezone.localdate(hazard.found_at),
    }
    return Start(initial, enterprise, visit=hazard.visit, hazard=hazard)


def _party(enterprise: Enterprise) -> dict[str, Any]:
    party = vars(party_of(enterprise)).copy()
    party.pop("enterprise")
    return {name: value for name, value in party.items() if value}
