"""Enterprises, visits, hazards and risk points for programs; read only, without personal data."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.db.models import QuerySet
from ninja import Field, Path, Query, Router, Schema
from ninja.pagination import paginate

from anlan.base import clock
from anlan.base.pages import SignedIn
from anlan.base.tables import clean
from anlan.places.forms import region_asked
from anlan.places.models import Region

from .limits import beginning_of
from .models import Enterprise, Hazard, RiskPoint, Visit
from .queries import enterprises as firms
from .queries import hazards, risks, visits

router = Router(tags=["prevent"])
Id = Annotated[int, Path(ge=1, le=2**63 - 1)]
Code = Annotated[str, Query(max_length=20)]
Text = Annotated[str, Query(max_length=40)]
Number = Annotated[int, Query(ge=0, le=2**63 - 1)]
Standing = Literal["", "open", "going", "extended", "overdue", "recheck", "closed", "cancelled"]


class EnterpriseOut(Schema):
    id: int = Field(alias="pk")
    name: str = Field(alias="site.name")
    credit_code: str
    region_code: str = Field(alias="site.region.code")
    address: str
    industry: str
    standard: str | None  # its code
    size: str
    employees: int | None
    state: str
    colour: int
    gaps: int  # of the five haves
    lon: float = Field(alias="site.lon")
    lat: float = Field(alias="site.lat")
    changed_at: datetime

    @staticmethod
    def resolve_standard(row: Enterprise) -> str | None:
        return row.standard.code if row.standard else None


class EnterpriseName(Schema):
    code: str = Field(alias="credit_code")
    name: str = Field(alias="site.name")
    full_name: str

    @staticmethod
    def resolve_full_name(row: Enterprise) -> str:
        return f"{row.site.name}（{row.site.region.place()}）"


class HazardOut(Schema):
    id: int = Field(alias="pk")
    enterprise_id: int = Field(alias="site_id")
    enterprise: str = Field(alias="site.name")
    region_code: str = Field(alias="item.region.code")
    grade: str
    source: str
    what: str
    basis: str
    standing: str
    found_at: datetime
    due_at: datetime | None = Field(alias="item.due_at")
    order_number: str
    visit_id: UUID | None
    again_of_id: int | None
    exercise: bool = Field(alias="item.exercise")


class VisitOut(Schema):
    id: UUID = Field(alias="pk")
    number: str | None
    kind: str
    enterprise_id: int
    enterprise: str = Field(alias="enterprise.site.name")
    region_code: str = Field(alias="region.code")
    campaign_id: int | None
    led_by_principal: bool
    started_at: datetime
    finished_at: datetime | None
    exercise: bool


class RiskPointOut(Schema):
    id: int = Field(alias="pk")
    name: str
    area: str = Field(alias="area.name")
    enterprise_id: int
    enterprise: str = Field(alias="enterprise.site.name")
    region_code: str = Field(alias="enterprise.site.region.code")
    accident: str
    inherent: int | None  # without measures, 1 red to 4 blue
    grade: int | None  # with measures
    regrade_on: date | None


def _region(request: SignedIn, code: str) -> Region | None:
    return region_asked({"region": code}, paths=request.auth.regions_for(firms.VIEW))


@router.get("/enterprise-names", response=list[EnterpriseName], url_name="enterprise_names")
def enterprise_names(
    request: SignedIn, q: Annotated[str, Query(max_length=60)] = ""
) -> list[Enterprise]:
    """A few of the caller's enterprises by words of their names or codes, to choose one from."""
    return firms.suggest_enterprises(actor=request.auth, text=clean(q))


@router.get("/enterprises", response=list[EnterpriseOut])
@paginate
def list_enterprises(
    request: SignedIn,
    region: Code = "",
    q: Text = "",
    state: Literal["", "OPEN", "PAUSED", "CLOSED"] = "OPEN",
    colour: Annotated[int | None, Query(ge=1, le=4)] = None,
    industry: Annotated[str, Query(max_length=5)] = "",
) -> QuerySet[Enterprise]:
    """Enterprises in the caller's regions, the gravest risk first."""
    asked = firms.Asked(
        region=_region(request, region),
        text=clean(q),
        state=state,
        colour=colour,
        industry=clean(industry),
    )
    return firms.list_enterprises(actor=request.auth, asked=asked)


@router.get("/enterprises/{int:enterprise_id}", response=EnterpriseOut)
def get_enterprise(request: SignedIn, enterprise_id: Id) -> Enterprise:
    return firms.get_to_read(actor=request.auth, enterprise_id=enterprise_id)


@router.get("/hazards", response=list[HazardOut])
@paginate
def list_hazards(
    request: SignedIn,
    region: Code = "",
    standing: Standing = "open",
    grade: Literal["", "GENERAL", "MAJOR"] = "",
    enterprise: Number = 0,
    since: date | None = None,
    q: Text = "",
) -> QuerySet[Hazard]:
    """Hazards in the caller's regions, or of the enterprises that they sign in for: what is due
    first comes first; `since`: found on that day or later."""
    wanted = hazards.Wanted(
        standing=standing,
        grade=grade,
        region=_region(request, region),
        enterprise_id=enterprise,
        since=beginning_of(since) if since else None,
        text=clean(q),
    )
    return hazards.list_hazards(actor=request.auth, at=clock.now(), wanted=wanted)


@router.get("/hazards/{int:hazard_id}", response=HazardOut)
def get_hazard(request: SignedIn, hazard_id: Id) -> Hazard:
    return hazards.get_hazard(actor=request.auth, hazard_id=hazard_id, at=clock.now())


@router.get("/visits", response=list[VisitOut])
@paginate
def list_visits(
    request: SignedIn,
    region: Code = "",
    visit_kind: Literal["", "INSPECT", "RECHECK", "SELF", "SERVICE"] = "",
    enterprise: Number = 0,
    q: Text = "",
) -> QuerySet[Visit]:
    """Visits in the caller's regions, or to the enterprises that they sign in for; latest first."""
    wanted = visits.Wanted(
        kind=visit_kind,
        region=_region(request, region),
        enterprise_id=enterprise,
        text=clean(q),
    )
    return visits.list_visits(actor=request.auth, wanted=wanted)


@router.get("/visits/{uuid:visit_id}", response=VisitOut)
def get_visit(request: SignedIn, visit_id: UUID) -> Visit:
    return visits.get_visit(actor=request.auth, visit_id=visit_id)


@router.get("/risk-points", response=list[RiskPointOut])
@paginate
def list_risk_points(
    request: SignedIn,
    region: Code = "",
    colour: Annotated[int, Query(ge=0, le=4)] = 0,
    show: Literal["", "regrade"] = "",
    q: Text = "",
) -> QuerySet[RiskPoint]:
    """Risk points in use in the caller's regions; `show=regrade`: those to be graded anew."""
    wanted = risks.PointFilter(
        region=_region(request, region), grade=colour, show=show, text=clean(q)
    )
    return risks.list_points(actor=request.auth, at=clock.now(), wanted=wanted)


@router.get("/risk-points/{int:point_id}", response=RiskPointOut)
def get_risk_point(request: SignedIn, point_id: Id) -> Any:
    return risks.get_point(actor=request.auth, point_id=point_id)
