"""Read draws, and who can be drawn."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from anlan.base.errors import NotFound
from anlan.people.models import Account
from anlan.places.models import Region

from ..lots import frozen_from
from ..models import Campaign, Draw, Enterprise, VisitPlan
from .campaigns import scope


def list_draws(*, actor: Account) -> QuerySet[Draw]:
    """Draws in the reader's regions, the latest first."""
    rows = Draw.objects.within(actor.regions_for("prevent.view"))
    return rows.defer("frozen", "drawn").select_related("region", "campaign").order_by("-pk")


def get_draw(*, actor: Account, draw_id: int) -> Draw:
    rows = Draw.objects.within(actor.regions_for("prevent.view"))
    found = rows.select_related("region", "campaign", "frozen_by", "drawn_by").filter(pk=draw_id)
    made = found.first()
    if made is None:
        raise NotFound("prevent.no_draw", _("There is no such draw in your regions."))
    return made


def candidates_of(region: Region, campaign: Campaign | None) -> QuerySet[Enterprise]:
    """Enterprises in business that a draw in this region is about. For machinery: no actor."""
    rows = Enterprise.objects.in_business() if campaign is None else scope(campaign)
    return rows.filter(site__region__path__under=region.path).select_related("site")


@dataclass(frozen=True)
class Drawn:
    """A drawn target with its name, who goes there, and the visit that came of it."""

    code: str
    name: str
    inspectors: list[str]
    plan: VisitPlan | None


def pairs_of(made: Draw) -> list[Drawn]:
    """The result of a draw that the reader was given, in the order of the lots."""
    frozen = frozen_from(made.frozen)
    names = {one.code: one.name for one in frozen.targets}
    people = {one.code: one.name for one in frozen.inspectors}
    plans = made.plans.select_related("enterprise", "item")
    by_code = {plan.enterprise.credit_code: plan for plan in plans}
    return [
        Drawn(
            row["target"],
            names[row["target"]],
            [people[code] for code in row["inspectors"]],
            by_code.get(row["target"]),
        )
        for row in made.drawn
    ]
