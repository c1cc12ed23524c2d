"""Letters and accident files for programs. Persons and what was told of them stay inside."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from django.db.models import QuerySet
from ninja import Field, Query, Router, Schema
from ninja.pagination import paginate

from anlan.base import clock
from anlan.base.pages import SignedIn
from anlan.places.queries import region_or_home

from . import accidents, queries
from .models import Accident, Letter

router = Router(tags=["oversee"])
Code = Annotated[str, Query(max_length=20)]
Word = Annotated[str, Query(max_length=9)]


class LetterOut(Schema):
    id: int = Field(alias="pk")
    number: str
    kind: str
    region_code: str = Field(alias="item.region.code")
    organ: str
    to: str = Field(alias="to.name")
    title: str
    about_id: int | None
    measure: str
    issued_at: datetime
    reply_by: date
    state: str = Field(alias="item.state")


class LetterDetail(LetterOut):
    text: str
    basis: str


class AccidentOut(Schema):
    id: int = Field(alias="pk")
    region_code: str = Field(alias="item.region.code")
    title: str
    kind: str
    severity: str
    happened_at: datetime
    place: str
    state: str = Field(alias="item.state")
    report_due_on: date | None
    remedies: int = Field(alias="asked")
    remedies_done: int = Field(alias="done")


class RemedyOut(Schema):
    id: int
    text: str
    organisation: str
    due_on: date
    item_id: int | None
    state: str | None
    verdict: str | None


class AccidentDetail(Schema):
    id: int
    region_code: str
    title: str
    kind: str
    severity: str
    happened_at: datetime
    place: str
    site_id: int | None
    site: str
    state: str
    report_due_on: date | None
    deaths: int
    injured: int
    loss: Decimal
    persons: int
    causes: list[str]
    remedies: list[RemedyOut]
    report_state: str | None
    look_back_due_on: date | None
    problems: int


@router.get("/letters", response=list[LetterOut])
@paginate
def list_letters(
    request: SignedIn, region: Code = "", kind: Word = "", state: Word = ""
) -> QuerySet[Letter]:
    """Letters to offices at and below a region, the newest first; `state` may be `overdue`."""
    where = region_or_home(code=region, paths=request.auth.regions_for(queries.VIEW))
    wanted = queries.LetterFilter(kind=kind, state=state)
    return queries.list_letters(actor=request.auth, region=where, wanted=wanted, at=clock.now())


@router.get("/letters/{int:letter_id}", response=LetterDetail)
def get_letter(request: SignedIn, letter_id: int) -> Letter:
    return queries.get_letter(actor=request.auth, letter_id=letter_id)


@router.get("/accidents", response=list[AccidentOut])
@paginate
def list_accidents(
    request: SignedIn,
    region: Code = "",
    year: Annotated[int | None, Query(ge=2000, le=2100)] = None,
    severity: Word = "",
) -> QuerySet[Accident]:
    """Accident files at and below a region, the latest first; without persons."""
    where = region_or_home(code=region, paths=request.auth.regions_for(queries.VIEW))
    return accidents.list_accidents(actor=request.auth, region=where, year=year, severity=severity)


@router.get("/accidents/{int:accident_id}", response=AccidentDetail)
def get_accident(request: SignedIn, accident_id: int) -> dict[str, Any]:
    """One file: its last count, causes and rectification list. Of persons only how many."""
    found = accidents.get_accident(actor=request.auth, accident_id=accident_id)
    last = accidents.counts_of(found).last()
    report = accidents.reports_of(found).first()
    look_back = accidents.look_back_of(found)
    names = (
        "title", "kind", "severity", "happened_at", "place", "site_id", "report_due_on"
    )  # fmt: skip
    counts = ("deaths", "injured", "loss")
    return {
        **{name: getattr(found, name) for name in names},
        **{name: getattr(last, name, 0) for name in counts},
        "id": found.pk,
        "region_code": found.item.region.code,
        "site": found.site.name if found.site else "",
        "state": found.item.state,
        "persons": len(accidents.persons_of(found)),
        "causes": [finding.text for finding in accidents.findings_of(found)],
        "remedies": [_remedy(row) for row in accidents.remedies_of(found)],
        "report_state": report.state if report else None,
        "look_back_due_on": look_back.due_on if look_back else None,
        "problems": look_back.problems.count() if look_back else 0,
    }


def _remedy(row: Any) -> dict[str, Any]:
    verdict = getattr(row, "verdict", None)
    return {
        "id": row.pk,
        "text": row.text,
        "organisation": row.organisation.name,
        "due_on": row.due_on,
        "item_id": row.item_id,
        "state": row.item.state if row.item else None,
        "verdict": verdict.result if verdict else None,
    }
