"""Committees of the towns: two chairs, three offices with written duties, a list, meetings.

Through the services that a town's office uses; offices and names are made up. A few towns lack
something on purpose, so that what is missing tells where to look.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from anlan.base import tables
from anlan.govern.models import Committee, Entry, YearList
from anlan.govern.quarters import last_day
from anlan.govern.services import committees, lists, meetings, opening, year_lists
from anlan.govern.services.meetings import Held
from anlan.govern.services.year_lists import EntryText
from anlan.people.models import Account, Holding, Organisation, Post
from anlan.places.models import Region
from anlan.work.models import WorkItem
from anlan.work.services import advance

from . import city, people, times

# Founded within the first quarter, so the first meeting that is owed is the second quarter's.
FOUNDED = datetime(2026, 1, 8, 10, tzinfo=times.LOCAL)
ISSUED = datetime(2026, 1, 20, 10, tzinfo=times.LOCAL)
OPENED = datetime(2026, 6, 1, 8, tzinfo=times.LOCAL)
MET = datetime(2026, 6, 23, 17, tzinfo=times.LOCAL)
QUARTERS = (2, 3, 4)
STATION = "应急消防管理站"
OFFICE, PARTY, GOVERNMENT = "乡镇安委办主任", "乡镇党委主要负责人", "乡镇政府主要负责人"
# Unit, what it answers for, and whose duty it is.
UNITS = (
    (STATION, "承担安委会办公室日常工作，组织网格隐患排查和“九小场所”消防巡查", OFFICE),
    ("派出所", "负责辖区农村道路交通安全劝导和民用爆炸物品、烟花爆竹查处", "乡镇派出所安全职责岗"),
    (
        "村镇建设办公室",
        "负责农村自建房、小型工程和厂房改造的安全巡查",
        "乡镇村镇建设安全职责岗",
    ),
)
BASIS = "安全生产法（2021）第九条"

# What is missing, by the code of the town.
WITHOUT_COMMITTEE = ("330727211", "330784107")
WITHOUT_HEAD = ("330702204", "330781203")  # the government's leader has left
WITHOUT_DUTY = ("330783116",)  # an office has joined, nothing is written yet
WITHOUT_HOLDER = {
    "330702206": "乡镇派出所安全职责岗",
    "330726204": "乡镇村镇建设安全职责岗",
    "330782102": "乡镇派出所安全职责岗",
}
WITHOUT_LIST = ("330723205", "330782106")
WITHOUT_MEETING = ("330702105", "330727105", "330782101", "330784112")


def make(regions: dict[str, Region]) -> None:
    """The towns' committees as they stand when the demo opens."""
    towns = [r for r in regions.values() if r.level == Region.Level.TOWN]
    towns = [town for town in towns if town.code not in WITHOUT_COMMITTEE]
    Organisation.objects.bulk_create(
        Organisation(code=f"DEMO-{town.code}-{n}", name=town.name + unit, region=town)
        for town in towns
        for n, (unit, _duty, _role) in enumerate(UNITS, start=1)
    )
    content = tables.workbook(lists.COLUMNS, _lines(towns))
    lists.import_duties(content=content, by=Account.objects.system(), at=FOUNDED)
    _appoint(towns)
    _join_without_duty([regions[code] for code in WITHOUT_DUTY])
    kept = Committee.objects.filter(region__in=towns).select_related("region")
    for committee in kept.order_by("region__code"):
        _year(committee)
    opening.open_due(OPENED)


def _lines(towns: list[Region]) -> Iterator[dict[str, str]]:
    for town in towns:
        for n, (unit, duty, role) in enumerate(UNITS):
            yield {
                "region": town.code,
                "committee": f"{town.name}安全生产委员会",
                "kind": "安委会",
                "chairs": f"{PARTY}、{GOVERNMENT}" if n == 0 else "",
                "unit": town.name + unit,
                "number": "1",
                "duty": duty,
                "basis": BASIS,
                "role": role,
            }


def _appoint(towns: list[Region]) -> None:
    """Somebody for every new post but a few; none of them can sign in."""
    held = Holding.objects.values("post")
    posts = [
        post
        for post in Post.objects.filter(region__in=towns)
        .exclude(pk__in=held)
        .select_related("role", "region")
        .order_by("region__code", "role__code")
        if not _is_vacant(post)
    ]
    accounts = Account.objects.bulk_create(
        Account(
            username=f"{post.role.code}-{post.region.code}"[:60],
            name=city.person_name(8000 + n),
            phone=city.phone(80_000 + n),
            password=people.NO_SIGN_IN,
        )
        for n, post in enumerate(posts)
    )
    Holding.objects.bulk_create(
        Holding(post=post, account=account, from_date=people.HELD_SINCE, confirmed_at=ISSUED)
        for post, account in zip(posts, accounts, strict=True)
    )


def _is_vacant(post: Post) -> bool:
    code, role = post.region.code, post.role.name
    return WITHOUT_HOLDER.get(code) == role or (role == GOVERNMENT and code in WITHOUT_HEAD)


def _join_without_duty(towns: list[Region]) -> None:
    for town in towns:
        unit = Organisation.objects.create(
            code=f"DEMO-{town.code}-9", name=f"{town.name}综合行政执法队", region=town
        )
        committees.add_member(
            committee=Committee.objects.get(region=town),
            organisation=unit,
            since=date(2026, 6, 15),
            by=Account.objects.system(),
            at=datetime(2026, 6, 15, 10, tzinfo=times.LOCAL),
        )


def _year(committee: Committee) -> None:
    """The office drafts the list and writes the minutes, the Party's leader issues and checks."""
    office, leader = _holder(committee, OFFICE), _holder(committee, PARTY)
    post = Post.objects.get(region=committee.region, role__name=OFFICE)
    drafted = year_lists.draft_list(committee=committee, year=2026, by=office, at=ISSUED)
    first, *_later = [
        year_lists.add_entry(year_list=drafted, entry=entry, by=office, at=ISSUED)
        for entry in _entries(post)
    ]
    if committee.region.code not in WITHOUT_LIST:
        year_lists.issue_list(year_list=drafted, by=leader, at=ISSUED)
    if committee.region.code not in WITHOUT_MEETING:
        _meet(committee, first, office, leader)


def _entries(post: Post) -> Iterator[EntryText]:
    for quarter in QUARTERS:
        due_on = last_day(2026, quarter)
        yield EntryText(
            kind="MEETING",
            title=f"第{quarter}季度例会",
            opens_on=due_on - year_lists.MEETING_NOTICE,
            due_on=due_on,
            post=post,
        )


def _holder(committee: Committee, role: str) -> Account:
    return Account.objects.get(
        holdings__post__region=committee.region, holdings__post__role__name=role
    )


def _meet(committee: Committee, entry: Entry, office: Account, leader: Account) -> None:
    """A meeting that an issued list foresaw is the line's work, checked the same evening."""
    foreseen = entry if entry.list.state == YearList.State.ISSUED else None
    chairs = committee.chairs.select_related("post__role", "post__region")
    held = Held(
        held_on=MET.date(),
        place="三楼会议室",
        chair=chairs.get(number=1),
        presided_by=leader.name,
        minutes="听取上半年网格排查和隐患整改情况，部署汛期“九小场所”和农村道路巡查。",
    )
    meetings.record_meeting(
        committee=committee, held=held, present=committee.members.all(), entry=foreseen,
        by=office, at=MET,
    )  # fmt: skip
    if foreseen is not None:
        item = WorkItem.objects.select_related("region").get(year_entry=entry)
        advance(item=item, move="verify", by=leader, at=MET)
