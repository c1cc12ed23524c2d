"""Read accident files and look-backs. Persons leave here masked; the whole is a service."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.db.models import Case, Count, Model, Q, QuerySet, When
from django.utils.translation import gettext as _

from anlan.base.errors import NotFound
from anlan.people.models import Account, Organisation
from anlan.places.models import PLACE, Region
from anlan.prevent.models import Enterprise
from anlan.work.models import Attachment, Step

from .models import (
    Accident,
    Casualties,
    Finding,
    LookBack,
    PersonMeasure,
    Problem,
    Remedy,
    Report,
    SiteChange,
)

VIEW = "oversee.view"
SHOWN = 20  # in an enterprise's file
GONE = ["CLOSED", "CANCELLED"]
# Where a file is still at work after its report was approved.
STAGES = {
    "remedies": Q(
        pk__in=Remedy.objects.filter(item__isnull=False)
        .exclude(item__state__in=GONE)
        .values("accident")
    ),
    "look_back": Q(
        pk__in=LookBack.objects.filter(item__isnull=False)
        .exclude(item__state__in=GONE)
        .values("accident")
    ),
}
M = TypeVar("M", bound=Model)


def list_accidents(
    *,
    actor: Account,
    region: Region,
    year: int | None = None,
    severity: str = "",
    stage: str = "",
) -> QuerySet[Accident]:
    """Accidents at and below a region, the latest first; or those at a stage (STAGES)."""
    rows = Accident.objects.within(actor.regions_for(VIEW)).filter(
        item__region__path__under=region.path
    )
    if year:
        rows = rows.filter(happened_at__year=year)
    if severity:
        rows = rows.filter(severity=severity)
    if stage in STAGES:
        rows = rows.filter(STAGES[stage])
    return (
        rows.select_related(f"item__region__{PLACE}", "look_back__item")
        .annotate(
            asked=Count("remedies", distinct=True),
            done=Count("remedies", filter=Q(remedies__item__state="CLOSED"), distinct=True),
        )
        .order_by("-happened_at", "-pk")
    )


def accidents_of_enterprise(
    actor: Account, enterprise: Enterprise, at: datetime
) -> dict[str, list[Accident]] | None:
    """What happened at an enterprise, for whoever sees such files in its region."""
    rows = Accident.objects.within(actor.regions_for(VIEW)).filter(site=enterprise.site_id)
    found = list(rows.select_related("item").order_by("-happened_at", "-pk")[:SHOWN])
    return {"rows": found} if found else None


def get_accident(*, actor: Account, accident_id: int) -> Accident:
    rows = Accident.objects.within(actor.regions_for(VIEW)).select_related(
        f"item__region__{PLACE}", "item__doer", "site__enterprise", "opened_by"
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


def site_changes_of(accident: Accident) -> QuerySet[SiteChange]:
    return accident.site_changes.select_related("before", "after", "by").order_by("pk")


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


@dataclass(frozen=True)
class Proof:
    """What was handed in last about a line: its note, by whom and when, its files."""

    note: str
    by: str
    at: datetime
    files: list[Attachment]


def proofs_of(item_ids: Iterable[int]) -> dict[int, Proof]:
    """By work item of a file that the caller was given: the last proof handed in."""
    rows = Step.objects.filter(item__in=list(item_ids), move="submit")
    rows = rows.select_related("by", "submission").prefetch_related("submission__attachments")
    return {
        row.item_id: Proof(
            note=row.note,
            by=row.by.name,
            at=row.at,
            files=list(row.submission.attachments.all()) if row.submission else [],
        )
        for row in rows.order_by("at", "pk")
    }


def get_report(*, accident: Accident, number: int) -> Report:
    """A version of the report of a file that the caller was given."""
    rows = accident.reports.select_related("author", "decided_by")
    return _found(rows.filter(number=number).first())


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
