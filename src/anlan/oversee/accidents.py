"""Read accident files and look-backs. Persons leave here masked; the whole is a service."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from django.db.models import Case, Count, Model, Q, QuerySet, When
from django.utils.translation import gettext as _

from anlan.base.errors import NotFound
from anlan.people.models import Account, Organisation
from anlan.places.models import PLACE, Region

from .models import (
    Accident,
    Casualties,
    Finding,
    LookBack,
    PersonMeasure,
    Problem,
    Remedy,
    Report,
)

VIEW = "oversee.view"
M = TypeVar("M", bound=Model)


def list_accidents(
    *, actor: Account, region: Region, year: int | None = None, severity: str = ""
) -> QuerySet[Accident]:
    """Accidents at and below a region, the latest first."""
    rows = Accident.objects.within(actor.regions_for(VIEW)).filter(
        item__region__path__under=region.path
    )
    if year:
        rows = rows.filter(happened_at__year=year)
    if severity:
        rows = rows.filter(severity=severity)
    return (
        rows.select_related(f"item__region__{PLACE}", "look_back__item")
        .annotate(
            asked=Count("remedies", distinct=True),
            done=Count("remedies", filter=Q(remedies__item__state="CLOSED"), distinct=True),
        )
        .order_by("-happened_at", "-pk")
    )


def get_accident(*, actor: Account, accident_id: int) -> Accident:
    rows = Accident.objects.within(actor.regions_for(VIEW)).select_related(
        f"item__region__{PLACE}", "item__doer", "site", "opened_by"
    )
    return _found(rows.filter(pk=accident_id).first())


@dataclass(frozen=True)
class Person:
    """A measure on a person, with name and number masked."""

    measure: PersonMeasure
    name: str
    id_number: str


def mask_name(name: str) -> str:
    """张**: the family name only."""
    return name[:1] + "*" * (len(name) - 1)


def mask_number(number: str) -> str:
    """Enough to tell two apart, not enough to know either."""
    return f"{number[:4]}{'*' * max(len(number) - 6, 4)}{number[-2:]}" if number else ""


def persons_of(accident: Accident) -> list[Person]:
    rows = accident.persons.order_by("from_date", "pk")
    return [Person(row, mask_name(row.name), mask_number(row.id_number)) for row in rows]


def get_measure(*, actor: Account, accident: Accident, measure_id: int) -> PersonMeasure:
    """A measure of a file that the caller was given."""
    rows = PersonMeasure.objects.filter(accident=accident)
    return _found(rows.select_related("accident__item__region").filter(pk=measure_id).first())


def counts_of(accident: Accident) -> QuerySet[Casualties]:
    return accident.counts.select_related("by").order_by("pk")


def findings_of(accident: Accident) -> QuerySet[Finding]:
    return accident.findings.order_by("kind", "pk")


def get_finding(*, accident: Accident, finding_id: int) -> Finding:
    rows = Finding.objects.filter(accident=accident).select_related("accident__item__region")
    return _found(rows.filter(pk=finding_id).first())


def remedies_of(accident: Accident) -> QuerySet[Remedy]:
    """The rectification list with its work and what the look-back said."""
    rows = accident.remedies.select_related(
        "organisation", "post__role", "post__region", "item", "verdict"
    )
    return rows.order_by("due_on", "pk")


def get_remedy(*, accident: Accident, remedy_id: int) -> Remedy:
    rows = Remedy.objects.filter(accident=accident).select_related("accident__item__region")
    return _found(rows.filter(pk=remedy_id).first())


def reports_of(accident: Accident) -> QuerySet[Report]:
    return accident.reports.select_related("author", "decided_by").order_by("-number")


def waiting_report(accident: Accident) -> Report | None:
    """The version that somebody must decide on."""
    rows = accident.reports.filter(state=Report.State.SUBMITTED)
    return rows.select_related("accident__item__region", "author").first()


def get_waiting_report(*, accident: Accident) -> Report:
    return _found(waiting_report(accident))


def look_back_of(accident: Accident) -> LookBack | None:
    rows = LookBack.objects.filter(accident=accident)
    return rows.select_related("item", "accident__item__region").first()


def get_look_back(*, accident: Accident) -> LookBack:
    return _found(look_back_of(accident))


def problems_of(look_back: LookBack) -> QuerySet[Problem]:
    rows = look_back.problems.select_related("item", "organisation", "remedy")
    return rows.order_by("pk")


def accident_of_item(*, actor: Account, item_id: int) -> int:
    """The file behind a work item of this room."""
    behind = (
        Q(pk=item_id)
        | Q(remedies__item=item_id)
        | Q(look_back__item=item_id)
        | Q(look_back__problems__item=item_id)
    )
    rows = Accident.objects.within(actor.regions_for(VIEW)).filter(behind)
    found: int | None = rows.values_list("pk", flat=True).first()
    if found is None:
        raise NotFound("oversee.none", _("There is no such thing in your regions."))
    return found


def organisations_for(accident: Accident) -> QuerySet[Organisation]:
    """Offices of the accident's region, of those above it and directly below."""
    region = accident.item.region
    codes = region.path.rstrip("/").split("/")
    above = ["/".join(codes[: n + 1]) + "/" for n in range(len(codes))]
    near = Q(region__path__in=above) | Q(region__parent=region)
    own = Case(When(region=region, then=0), When(region__parent=region, then=2), default=1)
    return Organisation.objects.filter(near).order_by(own, "-region__level", "name")


def _found(row: M | None) -> M:
    if row is None:
        raise NotFound("oversee.none", _("There is no such thing in your regions."))
    return row
