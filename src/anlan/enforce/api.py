"""Cases for programs."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from ninja import Field, Router, Schema
from ninja.pagination import paginate

from anlan.base import clock
from anlan.base.pages import SignedIn

from . import queries
from .models import Case, Publication

router = Router(tags=["enforce"])


class CaseOut(Schema):
    id: int = Field(alias="pk")
    number: str | None
    name: str
    region_code: str = Field(alias="region.code")
    procedure: str
    stage: str
    outcome: str
    opened_at: datetime
    filed_at: datetime | None
    decided_at: datetime | None
    closed_at: datetime | None
    fine: Decimal | None
    confiscated: Decimal | None
    exercise: bool


class PublicationOut(Schema):
    case_id: int = Field(alias="pk")
    published_at: datetime
    withdrawn_at: datetime | None
    content: dict[str, Any]


@router.get("/cases", response=list[CaseOut])
@paginate
def list_cases(request: SignedIn, stage: str = "open", overdue: bool = False) -> QuerySet[Case]:
    """Cases in the caller's regions, the newest first; without personal data."""
    wanted = queries.Filter(stage=stage, overdue=overdue)
    return queries.list_cases(actor=request.auth, at=clock.now(), wanted=wanted)


@router.get("/cases/publicity", response=list[PublicationOut])
@paginate
def list_publications(request: SignedIn, withdrawn: bool = False) -> QuerySet[Publication]:
    """Penalties on the publicity list, or those taken off it."""
    return queries.list_publications(actor=request.auth, at=clock.now(), withdrawn=withdrawn)


@router.get("/cases/{case_id}", response=CaseOut)
def get_case(request: SignedIn, case_id: int) -> Case:
    return queries.get_case(actor=request.auth, case_id=case_id)
