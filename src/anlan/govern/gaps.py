"""What is missing: committees, chairs, duties and who holds them, year lists, meetings.

Derived, stored nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Q

from anlan.people.models import Account, Holding, Post
from anlan.places.models import PLACE, Region

from .models import Chair, Committee, Duty, DutyVersion, Meeting, Member, YearList
from .quarters import first_day, last_day, last_over, quarter_of
from .queries import list_duties

VIEW = "govern.view"
SEATS = (Region.Level.CITY, Region.Level.COUNTY, Region.Level.TOWN)  # each has one committee


@dataclass(frozen=True)
class VacantChair:
    """A seat without a post, or whose post nobody holds."""

    committee: Committee
    number: int
    post: Post | None


@dataclass(frozen=True)
class Missed:
    """A quarter that ended without a meeting."""

    committee: Committee
    year: int
    quarter: int


@dataclass(frozen=True)
class Gaps:
    """Everything that is missing at and below a region on a day."""

    regions: list[Region]  # city, county or town without a work-safety committee
    chairs: list[VacantChair]
    members: list[Member]  # to whom no duty has been written
    duties: list[DutyVersion]
    meetings: list[Missed]
    lists: list[Committee]  # without a list issued for the year
    committees: int  # that stand: where there is none, nothing is in order either

    @property
    def total(self) -> int:
        return sum(
            len(rows)
            for rows in (
                self.regions, self.chairs, self.members, self.duties, self.meetings, self.lists,
            )
        )  # fmt: skip


@dataclass
class GapCount:
    """How much is missing in one region and below it."""

    region: Region
    regions: int = 0
    chairs: int = 0
    members: int = 0
    duties: int = 0
    meetings: int = 0
    lists: int = 0

    @property
    def total(self) -> int:
        return self.regions + self.chairs + self.members + self.duties + self.meetings + self.lists


def find_gaps(*, actor: Account, region: Region, on: date) -> Gaps:
    committees = list(
        Committee.objects.within(actor.regions_for(VIEW))
        .filter(region__path__under=region.path)
        .standing(on)
        .select_related(f"region__{PLACE}")
        .order_by("region__path", "kind", "name")
    )
    return Gaps(
        without_committee(actor, region, on, committees),
        vacant_chairs(committees, on),
        without_duty(committees, on),
        list(list_duties(actor=actor, region=region, on=on, unheld=True)),
        missed_meetings(committees, on),
        without_list(committees, on),
        len(committees),
    )


def without_committee(
    actor: Account, region: Region, on: date, committees: Iterable[Committee]
) -> list[Region]:
    """Every city, county and town has a work-safety committee; these have none that stands."""
    have = {one.region.path for one in committees if one.kind == Committee.Kind.SAFETY}
    rows = Region.objects.within(actor.regions_for(VIEW)).valid_on(on)
    rows = rows.filter(path__under=region.path, level__in=SEATS).select_related(PLACE)
    return [row for row in rows.order_by("path") if row.path not in have]


def without_duty(committees: Iterable[Committee], on: date) -> list[Member]:
    """Units that sit in a committee and of which nothing is written that they answer for."""
    begun = Q(versions__since__lte=on)
    owed = Duty.objects.filter(begun, Q(ended_on=None) | Q(ended_on__gt=on), member=OuterRef("pk"))
    rows = Member.objects.sitting(on).filter(~Exists(owed), committee__in=list(committees))
    rows = rows.select_related(f"committee__region__{PLACE}", "organisation")
    return list(rows.order_by("committee__region__path", "committee", "organisation__name"))


def vacant_chairs(committees: Iterable[Committee], on: date) -> list[VacantChair]:
    committees = list(committees)
    rows = Chair.objects.filter(committee__in=committees).select_related(
        "post__role", "post__region"
    )
    chairs = {(chair.committee_id, chair.number): chair.post for chair in rows}
    held = set(
        Holding.objects.on(on)
        .filter(post__in=[post.pk for post in chairs.values()])
        .values_list("post_id", flat=True)
    )
    found = []
    for committee in committees:
        for number in range(1, committee.chairs_needed + 1):
            post = chairs.get((committee.pk, number))
            if post is None or post.pk not in held:
                found.append(VacantChair(committee, number, post))
    return found


def missed_meetings(committees: Iterable[Committee], on: date) -> list[Missed]:
    """Of the last four quarters that are over, those in which a committee that stood did not meet.

    Across the year's end: a missed fourth quarter is over only when the next year has begun.
    """
    committees, over = list(committees), last_over(on)
    held = {
        (committee_id, day.year, quarter_of(day))
        for committee_id, day in Meeting.objects.filter(
            committee__in=committees,
            held_on__gte=first_day(*over[0]),
            held_on__lte=last_day(*over[-1]),
        ).values_list("committee_id", "held_on")
    }
    return [
        Missed(committee, year, quarter)
        for committee in committees
        for year, quarter in over
        # A committee founded within a quarter has until the next one.
        if committee.founded_on < first_day(year, quarter)
        and (committee.pk, year, quarter) not in held
    ]


def without_list(committees: Iterable[Committee], on: date) -> list[Committee]:
    committees = list(committees)
    issued = YearList.objects.filter(
        committee__in=committees, year=on.year, state=YearList.State.ISSUED
    )
    have = set(issued.values_list("committee_id", flat=True))
    return [committee for committee in committees if committee.pk not in have]


def count_below(*, gaps: Gaps, region: Region, children: Iterable[Region]) -> list[GapCount]:
    """The region's own gaps, then those of each region directly below with all that it holds."""
    rows = [GapCount(region), *(GapCount(child) for child in children)]

    def add(where: Region, column: str) -> None:
        inner = [row for row in rows[1:] if where.path.startswith(row.region.path)]
        row = inner[0] if inner else rows[0]
        setattr(row, column, getattr(row, column) + 1)

    for bare in gaps.regions:
        add(bare, "regions")
    for chair in gaps.chairs:
        add(chair.committee.region, "chairs")
    for member in gaps.members:
        add(member.committee.region, "members")
    for duty in gaps.duties:
        add(duty.duty.member.committee.region, "duties")
    for missed in gaps.meetings:
        add(missed.committee.region, "meetings")
    for committee in gaps.lists:
        add(committee.region, "lists")
    return rows
