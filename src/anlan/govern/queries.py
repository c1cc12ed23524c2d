"""Read committees, lists, meetings and refreshes. Every function takes the reader."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar, cast

from django.db.models import Count, Exists, Model, OuterRef, Prefetch, Q, QuerySet
from django.utils.translation import gettext as _

from anlan.base.errors import NotFound
from anlan.people.models import Account, Holding, Organisation, Post
from anlan.places.models import PLACE, Region
from anlan.places.queries import became

from . import officers
from .models import (
    Attendance,
    Chair,
    Committee,
    Duty,
    DutyVersion,
    Entry,
    Meeting,
    Member,
    Refresh,
    RefreshTask,
    Resolution,
    YearList,
)

VIEW = "govern.view"
LATELY = timedelta(days=366)  # minutes are recorded so late at most with everybody who came
M = TypeVar("M", bound=Model)


def list_committees(*, actor: Account, region: Region, on: date) -> QuerySet[Committee]:
    """Committees standing at and below a region, the region's own first."""
    sitting = Q(members__until=None) | Q(members__until__gt=on)
    return (
        Committee.objects.within(actor.regions_for(VIEW))
        .filter(region__path__under=region.path)
        .standing(on)
        .select_related(f"region__{PLACE}")
        .prefetch_related(_chairs())
        .annotate(units=Count("members", filter=sitting))
        .order_by("region__level", "region__path", "kind", "name")
    )


def _chairs() -> Prefetch[str]:
    rows = Chair.objects.select_related("post__role", "post__region").order_by("number")
    return cast("Prefetch[str]", Prefetch("chairs", rows))


def get_committee(*, actor: Account, committee_id: int) -> Committee:
    rows = Committee.objects.within(actor.regions_for(VIEW)).prefetch_related(_chairs())
    return _found(rows.select_related(f"region__{PLACE}").filter(pk=committee_id).first())


@dataclass(frozen=True)
class Seat:
    """A chair's seat as a page shows it."""

    number: int
    post: Post | None
    holders: list[str]


def with_seats(committees: Iterable[Committee], on: date) -> list[tuple[Committee, list[Seat]]]:
    """Each with every seat that it needs, and who holds its post that day."""
    committees = list(committees)
    posts = {
        (committee.pk, chair.number): chair.post
        for committee in committees
        for chair in committee.chairs.all()
    }
    names = holders_of({post.pk for post in posts.values()}, on)
    return [
        (
            committee,
            [
                Seat(n, post, names.get(post.pk, []) if post else [])
                for n in range(1, committee.chairs_needed + 1)
                for post in [posts.get((committee.pk, n))]
            ],
        )
        for committee in committees
    ]


def seats_of(committee: Committee, on: date) -> list[Seat]:
    return with_seats([committee], on)[0][1]


def holders_of(post_ids: Iterable[int], on: date) -> dict[int, list[str]]:
    """Names by post, of whoever holds it on a day."""
    found: dict[int, list[str]] = {}
    held = Holding.objects.on(on).filter(post__in=list(post_ids)).order_by("from_date", "pk")
    for post_id, name in held.values_list("post_id", "account__name"):
        found.setdefault(post_id, []).append(name)
    return found


@dataclass(frozen=True)
class DutyLine:
    """A duty in force as a page shows it."""

    version: DutyVersion
    holders: list[str]


def duties_of(committee: Committee, on: date) -> dict[int, list[DutyLine]]:
    """By member: what it owes on a day, and who answers."""
    rows = (
        DutyVersion.objects.in_force(on)
        .filter(duty__member__committee=committee)
        .filter(Q(duty__ended_on=None) | Q(duty__ended_on__gt=on))
        .select_related("duty", "post__role", "post__region")
        .order_by("duty__number")
    )
    names = holders_of([row.post_id for row in rows if row.post_id], on)
    found: dict[int, list[DutyLine]] = {}
    for row in rows:
        line = DutyLine(row, names.get(row.post_id or 0, []))
        found.setdefault(row.duty.member_id, []).append(line)
    return found


def list_duties(
    *, actor: Account, region: Region, on: date, unheld: bool = False
) -> QuerySet[DutyVersion]:
    """Duties in force at and below a region; or of these those that nobody answers for."""
    member, committee = "duty__member", "duty__member__committee"
    rows = (
        DutyVersion.objects.within(actor.regions_for(VIEW))
        .in_force(on)
        .filter(**{f"{committee}__region__path__under": region.path})
        .filter(duty__in=Duty.objects.owed(on))
    )
    if unheld:
        rows = rows.filter(~Exists(Holding.objects.on(on).filter(post=OuterRef("post"))))
    rows = rows.select_related(
        f"{committee}__region__{PLACE}", f"{member}__organisation", "post__role", "post__region"
    )
    return rows.order_by(
        f"{committee}__region__path", committee, f"{member}__organisation__name", "duty__number"
    )


def own_duties(*, actor: Account, on: date) -> list[DutyVersion]:
    """What the reader's own posts answer for on a day, wherever the committee sits."""
    held = Holding.objects.on(on).filter(account=actor).values("post")
    rows = DutyVersion.objects.in_force(on).filter(post__in=held)
    rows = rows.filter(duty__in=Duty.objects.owed(on))
    return list(
        rows.select_related(
            "duty__member__committee", "duty__member__organisation", "post__role", "post__region"
        ).order_by("duty__member__committee", "duty__number")
    )


def members_of(committee: Committee, on: date) -> list[Member]:
    rows = committee.members.sitting(on).select_related("organisation")
    return list(rows.order_by("organisation__name"))


def members_lately(committee: Committee, on: date) -> list[Member]:
    """Who sat in it at some time of the year before a day: who may have come to a meeting then."""
    rows = committee.members.filter(Q(until=None) | Q(until__gt=on - LATELY), since__lte=on)
    return list(rows.select_related("organisation").order_by("organisation__name", "since"))


def get_member(*, actor: Account, member_id: int) -> Member:
    rows = Member.objects.within(actor.regions_for(VIEW))
    rows = rows.select_related("committee__region", "organisation")
    return _found(rows.filter(pk=member_id).first())


def get_duty(*, actor: Account, duty_id: int) -> Duty:
    rows = Duty.objects.within(actor.regions_for(VIEW))
    rows = rows.select_related("member__committee__region", "member__organisation")
    return _found(rows.filter(pk=duty_id).first())


def versions_of(duty: Duty) -> QuerySet[DutyVersion]:
    """Every text that a duty has had, newest first."""
    rows = duty.versions.select_related("author", "post__role", "post__region")
    return rows.order_by("-number")


def posts_for(committee: Committee) -> QuerySet[Post]:
    """Posts of the committee's own region, to choose from."""
    # By path: after the region was renamed, posts hang on its earlier row or on the new one.
    rows = Post.objects.filter(region__path=committee.region.path)
    return rows.select_related("role", "region").order_by("role__name")


def organisations_for(committee: Committee) -> QuerySet[Organisation]:
    """Offices of the committee's region and of those directly below, to choose from."""
    path = committee.region.path
    near = Q(region__path=path) | Q(region__parent__path=path)
    return Organisation.objects.filter(near).order_by("region__level", "name")


def list_lists(*, actor: Account, region: Region, year: int) -> QuerySet[YearList]:
    """Year lists at and below a region, with how many lines there are and how many are done."""
    done = Q(entries__item__state="CLOSED")
    return (
        YearList.objects.within(actor.regions_for(VIEW))
        .filter(committee__region__path__under=region.path, year=year)
        .select_related(f"committee__region__{PLACE}", "issued_by")
        .annotate(
            lines=Count("entries"),
            opened=Count("entries", filter=Q(entries__item__isnull=False)),
            done=Count("entries", filter=done),
            led=Count("entries", filter=Q(entries__led_by_principal=True)),
            led_done=Count("entries", filter=Q(entries__led_by_principal=True) & done),
        )
        .order_by("committee__region__level", "committee__region__path", "committee__kind")
    )


def get_list(*, actor: Account, list_id: int) -> YearList:
    rows = YearList.objects.within(actor.regions_for(VIEW))
    rows = rows.select_related(f"committee__region__{PLACE}", "author", "issued_by")
    return _found(rows.filter(pk=list_id).first())


def entries_of(year_list: YearList) -> QuerySet[Entry]:
    """The list's lines by their day."""
    rows = year_list.entries.select_related(
        "organisation", "post__role", "post__region", "item", "meeting"
    )
    return rows.order_by("due_on", "number")


def get_entry(*, actor: Account, entry_id: int) -> Entry:
    rows = Entry.objects.within(actor.regions_for(VIEW))
    return _found(rows.select_related("list__committee__region").filter(pk=entry_id).first())


def list_meetings(*, actor: Account, region: Region, year: int) -> QuerySet[Meeting]:
    """Meetings at and below a region in a year, newest first."""
    return (
        Meeting.objects.within(actor.regions_for(VIEW))
        .filter(committee__region__path__under=region.path, held_on__year=year)
        .select_related(f"committee__region__{PLACE}", "entry")
        .annotate(
            came=Count("attendances", filter=Q(attendances__present=True), distinct=True),
            asked=Count("attendances", distinct=True),
            resolved=Count("resolutions", distinct=True),
        )
        .order_by("-held_on", "-pk")
    )


def get_meeting(*, actor: Account, meeting_id: int) -> Meeting:
    rows = Meeting.objects.within(actor.regions_for(VIEW))
    rows = rows.select_related(
        f"committee__region__{PLACE}", "entry__item", "chair__post", "recorded_by"
    )
    return _found(rows.filter(pk=meeting_id).first())


def lists_of(committee: Committee) -> QuerySet[YearList]:
    return committee.lists.order_by("-year")


def attendances_of(meeting: Meeting) -> QuerySet[Attendance]:
    """Who came and who did not, of the units that sat in the committee that day."""
    rows = meeting.attendances.select_related("member__organisation")
    return rows.order_by("-present", "member__organisation__name")


def meetings_of(committee: Committee) -> QuerySet[Meeting]:
    return committee.meetings.order_by("-held_on", "-pk")


def resolutions_of(meeting: Meeting) -> QuerySet[Resolution]:
    rows = meeting.resolutions.select_related(
        "item__post__role", "item__post__region", "item__doer", "organisation"
    )
    return rows.order_by("pk")


def meeting_entries_of(committee: Committee) -> QuerySet[Entry]:
    """Lines of issued lists that still wait for a meeting."""
    rows = Entry.objects.filter(
        list__committee=committee,
        list__state=YearList.State.ISSUED,
        kind=Entry.Kind.MEETING,
        meeting=None,
    )
    return rows.order_by("due_on")


def own_row(*, actor: Account, item_id: int) -> Entry | Resolution:
    """The list's line or the resolution behind a work item."""
    paths = actor.regions_for(VIEW)
    entry = Entry.objects.within(paths).filter(item=item_id).select_related("list").first()
    if entry is not None:
        return entry
    rows = Resolution.objects.within(paths).select_related("meeting")
    return _found(rows.filter(pk=item_id).first())


def list_refreshes(*, actor: Account, region: Region) -> QuerySet[Refresh]:
    """Refreshes of regions at, below and above one, newest first."""
    paths = actor.regions_for(VIEW)
    codes = region.path.rstrip("/").split("/")
    above = ["/".join(codes[: n + 1]) + "/" for n in range(len(codes) - 1)]
    near = Q(region__path__under=region.path) | Q(region__path__in=above)
    concerned = Q(pk__in=RefreshTask.objects.within(paths).values("refresh"))
    own = Q(pk__in=Refresh.objects.within(paths).values("pk"))
    rows = Refresh.objects.filter(near, own | concerned).select_related("region", "planned_by")
    return rows.order_by("-year", "region__path")


def get_refresh(*, actor: Account, refresh_id: int) -> Refresh:
    paths = actor.regions_for(VIEW)
    concerned = Q(pk__in=RefreshTask.objects.within(paths).values("refresh"))
    own = Q(pk__in=Refresh.objects.within(paths).values("pk"))
    rows = Refresh.objects.filter(own | concerned).select_related("region", "planned_by")
    return _found(rows.filter(pk=refresh_id).first())


@dataclass
class TownProgress:
    """How far a town's villages are."""

    town: Region
    villages: int = 0
    handed_in: int = 0
    verified: int = 0
    officers: int = 0
    confirmed: int = 0

    @property
    def stale(self) -> int:
        return self.officers - self.confirmed


def progress_of(*, actor: Account, refresh: Refresh, on: date) -> list[TownProgress]:
    """By town: villages handed in and verified, officers confirmed since the refresh began."""
    found: dict[int, TownProgress] = {}
    town_of: dict[int, TownProgress] = {}
    now = became()
    tasks = RefreshTask.objects.within(actor.regions_for(VIEW)).filter(refresh=refresh)
    for task in tasks.select_related("item__region__parent__parent").order_by("item__region__path"):
        village = task.item.region
        town = village.parent or village
        row = found.setdefault(town.pk, TownProgress(town))
        town_of[now.get(village.pk, village.pk)] = row
        row.villages += 1
        row.handed_in += task.item.state in {"SUBMITTED", "CLOSED"}
        row.verified += task.item.state == "CLOSED"
    earlier = [old for old, new in now.items() if new in town_of]
    keys = [*town_of, *earlier]
    rows = Holding.objects.on(on).filter(
        Q(post__region__in=keys) | Q(post__region__parent__in=keys)
    )
    if not earlier:  # else some of them hang on a path of before
        rows = rows.filter(post__region__path__under=refresh.region.path)
    seen = rows.values_list("post__region_id", "post__region__parent_id", "confirmed_at")
    for region_id, parent_id, confirmed_at in seen:
        above = parent_id or region_id
        row = town_of.get(now.get(region_id, region_id)) or town_of[now.get(above, above)]
        row.officers += 1
        since = refresh.opened_at
        row.confirmed += bool(confirmed_at and since and confirmed_at >= since)
    return list(found.values())


def tasks_of(*, actor: Account, refresh: Refresh, town: Region) -> QuerySet[RefreshTask]:
    """The villages of a town with their tasks."""
    rows = RefreshTask.objects.within(actor.regions_for(VIEW)).filter(refresh=refresh)
    rows = rows.filter(item__region__path__under=town.path)
    return rows.select_related("item__region", "item__post__role", "item__post__region").order_by(
        "item__region__path"
    )


def get_refresh_task(*, actor: Account, item_id: int) -> RefreshTask:
    """One village's part, for whoever sees committees there or has the task to do."""
    paths = {*actor.regions_for(VIEW), *actor.regions_for("work.do")}
    rows = RefreshTask.objects.within(paths).select_related("refresh", "item__region", "item__doer")
    return _found(rows.filter(pk=item_id).first())


def officers_of(*, task: RefreshTask, on: date) -> list[Holding]:
    """The village's officers, of a task that the caller was given."""
    return list(officers.holdings_of(task.item.region, on))


def _found(row: M | None) -> M:
    if row is None:
        raise NotFound("govern.none", _("There is no such thing in your regions."))
    return row
