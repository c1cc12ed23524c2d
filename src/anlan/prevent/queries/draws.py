"""Read draws, and who can be drawn."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from anlan.base.errors import NotFound
from anlan.people.models import Account
from anlan.places.models import Region

from .. import lookups
from ..lots import Frozen, frozen_from
from ..models import Campaign, Draw, Enterprise, VisitPlan
from .campaigns import scope
from .inspectors import RECHECKS, fits, who_inspects

MOST = 30  # found at once; more letters find the others


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


@dataclass(frozen=True)
class Exempt:
    """An inspector who does not go to a target, with the names of both."""

    inspector: str
    inspector_code: str
    target: str
    target_code: str
    reason: str


def recused_of(frozen: Frozen) -> list[Exempt]:
    targets = {one.code: one.name for one in frozen.targets}
    people = {one.code: one.name for one in frozen.inspectors}
    return [
        Exempt(people[one.inspector], one.inspector, targets[one.target], one.target, one.reason)
        for one in frozen.recused
    ]


@dataclass(frozen=True)
class Found:
    """A candidate for a draw as its form shows it: "I12" or a credit code, name, office."""

    key: str
    name: str
    office: str = ""


@dataclass(frozen=True)
class Candidates:
    inspectors: list[Found]
    targets: list[Found]
    more: bool  # fit as well and are not shown


def find_candidates(
    *,
    region: Region,
    campaign: Campaign | None,
    at: datetime,
    text: str,
    picked: Collection[str] = (),
) -> Candidates:
    """Whose keys are picked, then who is called so. For a region in which the caller may draw."""
    able = list(who_inspects(region, at, RECHECKS))
    first = [person for person in able if f"I{person.pk}" in picked]
    people = [person for person in able if person not in first and fits(person, text)]
    all_firms = candidates_of(region, campaign).order_by("site__name")
    chosen = list(all_firms.filter(credit_code__in=picked)) if picked else []
    firms: list[Enterprise] = []
    if text:
        has = lookups.fastest(text)
        called = Q(**{f"site__name__{has}": text}) | Q(credit_code=text.upper())
        firms = list(all_firms.filter(called).exclude(credit_code__in=picked)[: MOST + 1])
    return Candidates(
        [_person(person) for person in [*first, *people[:MOST]]],
        [Found(firm.credit_code, firm.site.name) for firm in [*chosen, *firms[:MOST]]],
        len(people) > MOST or len(firms) > MOST,
    )


def names_of(
    *, region: Region, campaign: Campaign | None, at: datetime, keys: Collection[str]
) -> dict[str, str]:
    """Names by "I12" or credit code, of those that are candidates there."""
    firms = candidates_of(region, campaign).filter(credit_code__in=keys)
    people = (_person(person) for person in who_inspects(region, at, RECHECKS))
    names = {one.key: one.name for one in people if one.key in keys}
    return names | dict(firms.values_list("credit_code", "site__name"))


def _person(person: Account) -> Found:
    return Found(f"I{person.pk}", str(person), str(person.organisation or ""))
