"""Read draws, and who can be drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from anlan.base.errors import NotFound
from anlan.people.models import Account, Grant, Holding
from anlan.places.models import Region
from anlan.places.queries import paths_upwards

from ..lots import frozen_from
from ..models import Campaign, Draw, Enterprise, VisitPlan
from .campaigns import scope

# Who inspects and re-checks: grid workers only look and report.
INSPECTORS = ("prevent.inspect", "prevent.check")


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


def inspectors_for(
    region: Region, at: datetime, permissions: Sequence[str] = INSPECTORS
) -> list[Account]:
    """Who may inspect and re-check in the whole of a region. For machinery: no actor."""
    over = paths_upwards(region.path)
    held = Holding.objects.filter(post__region__path__in=over).on(timezone.localdate(at))
    posts = list(held.values_list("account_id", "post__role__permissions"))
    able: set[int] | None = None
    for permission in permissions:
        granted = Grant.objects.filter(permission=permission, region__path__in=over)
        people = set(granted.values_list("account_id", flat=True))
        people |= {account for account, codes in posts if permission in codes}
        able = people if able is None else able & people
    return list(Account.objects.filter(pk__in=able or (), is_active=True).order_by("pk"))


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
