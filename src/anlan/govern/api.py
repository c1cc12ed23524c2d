"""Committees, duties and meetings for programs."""

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any

from django.db.models import QuerySet
from django.utils.timezone import localdate
from ninja import Field, Query, Router, Schema
from ninja.pagination import paginate

from anlan.base import clock
from anlan.base.pages import SignedIn
from anlan.places.queries import region_or_home

from . import queries
from .models import Committee, DutyVersion, Meeting, YearList

router = Router(tags=["govern"])
Code = Annotated[str, Query(max_length=20)]
Year = Annotated[int, Query(ge=2000, le=2100)]


class CommitteeOut(Schema):
    id: int = Field(alias="pk")
    region_code: str = Field(alias="region.code")
    kind: str
    name: str
    founded_on: date
    ended_on: date | None
    chairs_needed: int
    chairs: list[str]
    units: int

    @staticmethod
    def resolve_chairs(found: Any) -> list[str]:
        return [str(chair.post) for chair in found.chairs.all()]


class SeatOut(Schema):
    number: int
    post: str | None
    holders: list[str]


class MemberOut(Schema):
    id: int
    organisation: str
    since: date
    duties: list[int]


class CommitteeDetail(Schema):
    id: int
    region_code: str
    kind: str
    name: str
    founded_on: date
    ended_on: date | None
    seats: list[SeatOut]
    members: list[MemberOut]


class DutyOut(Schema):
    id: int = Field(alias="duty_id")
    committee_id: int = Field(alias="duty.member.committee_id")
    region_code: str = Field(alias="duty.member.committee.region.code")
    organisation: str = Field(alias="duty.member.organisation.name")
    number: int = Field(alias="duty.number")
    version: int = Field(alias="number")
    text: str
    basis: str
    since: date
    post_id: int | None
    post: str | None

    @staticmethod
    def resolve_post(found: Any) -> str | None:
        return str(found.post) if found.post else None


class YearListOut(Schema):
    id: int = Field(alias="pk")
    committee_id: int
    region_code: str = Field(alias="committee.region.code")
    year: int
    state: str
    lines: int
    opened: int
    done: int
    led: int
    led_done: int


class MeetingOut(Schema):
    id: int = Field(alias="pk")
    committee_id: int
    region_code: str = Field(alias="committee.region.code")
    held_on: date
    place: str
    presided_by: str
    presided_as: str
    entry_id: int | None
    units_asked: int = Field(alias="asked")
    units_present: int = Field(alias="came")
    resolutions: int = Field(alias="resolved")


@router.get("/committees", response=list[CommitteeOut])
@paginate
def list_committees(request: SignedIn, region: Code = "") -> QuerySet[Committee]:
    """Committees that stand today at and below a region; the caller's own where none is named."""
    where = region_or_home(code=region, paths=request.auth.regions_for(queries.VIEW))
    return queries.list_committees(actor=request.auth, region=where, on=localdate(clock.now()))


@router.get("/committees/duties", response=list[DutyOut])
@paginate
def list_duties(
    request: SignedIn, region: Code = "", unheld: bool = False
) -> QuerySet[DutyVersion]:
    """Written duties in force; with `unheld` only those that nobody answers for."""
    where = region_or_home(code=region, paths=request.auth.regions_for(queries.VIEW))
    on = localdate(clock.now())
    return queries.list_duties(actor=request.auth, region=where, on=on, unheld=unheld)


@router.get("/committees/lists", response=list[YearListOut])
@paginate
def list_year_lists(
    request: SignedIn, year: Year | None = None, region: Code = ""
) -> QuerySet[YearList]:
    """Year lists with how many lines there are, handed out, done, led by principal leaders."""
    where = region_or_home(code=region, paths=request.auth.regions_for(queries.VIEW))
    asked = year or localdate(clock.now()).year
    return queries.list_lists(actor=request.auth, region=where, year=asked)


@router.get("/committees/meetings", response=list[MeetingOut])
@paginate
def list_meetings(
    request: SignedIn, year: Year | None = None, region: Code = ""
) -> QuerySet[Meeting]:
    """Meetings of a year (this one, where none is named), the newest first; without minutes."""
    where = region_or_home(code=region, paths=request.auth.regions_for(queries.VIEW))
    asked = year or localdate(clock.now()).year
    return queries.list_meetings(actor=request.auth, region=where, year=asked)


@router.get("/committees/{int:committee_id}", response=CommitteeDetail)
def get_committee(request: SignedIn, committee_id: int) -> dict[str, Any]:
    """One committee with its chairs' seats and units; of each unit the numbers of its duties."""
    found = queries.get_committee(actor=request.auth, committee_id=committee_id)
    on = localdate(clock.now())
    duties = queries.duties_of(found, on)
    names = ("kind", "name", "founded_on", "ended_on")
    return {name: getattr(found, name) for name in names} | {
        "id": found.pk,
        "region_code": found.region.code,
        "seats": list(_seats(queries.seats_of(found, on))),
        "members": [
            {
                "id": member.pk,
                "organisation": member.organisation.name,
                "since": member.since,
                "duties": [line.version.duty.number for line in duties.get(member.pk, [])],
            }
            for member in queries.members_of(found, on)
        ],
    }


def _seats(seats: Iterable[queries.Seat]) -> Iterable[dict[str, Any]]:
    for seat in seats:
        post = str(seat.post) if seat.post else None
        yield {"number": seat.number, "post": post, "holders": seat.holders}
