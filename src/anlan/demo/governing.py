"""Committees of the city and its counties, their units and duties, the year's lists and meetings.

Everything goes through the services that a bureau uses; offices and names are made up. Some of it
is missing on purpose: a chair, a few holders, a meeting, a list, villages not yet confirmed.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from anlan.base import tables
from anlan.govern.models import Committee, RefreshTask, YearList
from anlan.govern.services import lists, meetings, opening, refresh, year_lists
from anlan.govern.services.meetings import Held
from anlan.govern.services.year_lists import EntryText
from anlan.people.models import Account, Holding, Organisation, Post
from anlan.people.roles import SPECIAL_COMMITTEES
from anlan.people.services.posts import end_holding
from anlan.places.models import Region
from anlan.work.models import WorkItem
from anlan.work.services import advance

from . import city, people, times

FOUNDED = datetime(2025, 12, 20, 10, tzinfo=times.LOCAL)
ISSUED = datetime(2026, 1, 15, 10, tzinfo=times.LOCAL)
QUARTERS = (date(2026, 3, 26), date(2026, 6, 25))
WORDS = {Region.Level.CITY: "市", Region.Level.COUNTY: "县"}
WITHOUT_LIST, WITHOUT_SECOND_MEETING, WITHOUT_CHAIR = "330727", "330726", "330723"
REFRESHED = "330703"  # not where the storm stands deepest
CONFIRMED_VILLAGES = 25

# Unit, what it answers for, and the special committee that it leads.
UNITS = (
    ("应急管理局", "承担安委会办公室日常工作，指导协调、监督检查各部门安全生产工作", "chemicals"),
    ("公安局", "负责道路交通安全管理，依法查处交通违法行为", "traffic"),
    ("消防救援局", "负责消防监督检查，指导单位落实消防安全责任制", "fire"),
    ("住房和城乡建设局", "负责建筑施工、城镇燃气和城市下穿通道的安全监督管理", "construction"),
    ("自然资源和规划局", "负责矿产资源开采秩序和地质灾害防治的监督管理", "mines"),
    ("市场监督管理局", "负责特种设备安全监察和工业产品质量监督", "equipment"),
    ("交通运输局", "负责道路运输、水路运输和公路养护的安全监督管理", ""),
    ("水利局", "负责水利工程和山塘水库安全度汛的监督管理", ""),
    ("教育局", "负责学校安全教育和校舍、校车安全管理", ""),
    ("文化广电旅游局", "负责旅游景区和文化娱乐场所的安全监督管理", ""),
)
BEFORE_SEASON = "汛前安全检查"
BASIS = "安全生产法（2021）第十条"


def make(regions: dict[str, Region], admin: Account, at: datetime) -> None:
    """The committees as they stand when the demo opens."""
    places = [r for r in regions.values() if r.level in WORDS]
    _make_units(places)
    content = tables.workbook(lists.COLUMNS, _lines(places))
    lists.import_duties(content=content, by=Account.objects.system(), at=FOUNDED)
    _appoint(places)
    _leave_a_chair(regions[WITHOUT_CHAIR], admin, at)
    for committee in Committee.objects.filter(kind=Committee.Kind.SAFETY).select_related("region"):
        _year(committee, admin)
    opening.open_due(at)
    for committee in Committee.objects.select_related("region"):
        _meet(committee, admin, at)
    _inspect_before_the_season(admin, at)
    _refresh(regions[REFRESHED], at)


def _make_units(places: list[Region]) -> None:
    """The bureau is there already; the other offices beside it."""
    Organisation.objects.bulk_create(
        Organisation(code=f"DEMO-{place.code}-{n}", name=place.name + unit, region=place)
        for place in places
        for n, (unit, _duty, _leads) in enumerate(UNITS)
        if n > 0
    )


def _lines(places: list[Region]) -> Iterator[dict[str, str]]:
    for place in places:
        word = WORDS[Region.Level(place.level)]
        common = {"region": place.code, "basis": BASIS}
        for unit, duty, leads in UNITS:
            line = common | {"unit": place.name + unit, "number": "1", "duty": duty}
            line["role"] = f"{word}{unit}安全职责岗"
            yield line | {
                "committee": f"{place.name}安全生产委员会",
                "kind": "安委会",
                "chairs": f"{word}党委主要负责人、{word}政府主要负责人",
            }
            name = dict(SPECIAL_COMMITTEES).get(leads)
            if name and place.level == Region.Level.CITY:
                yield line | {
                    "committee": f"{place.name}{name}专业委员会",
                    "kind": "专委会",
                    "chairs": f"{word}{name}专委会主任",
                    "duty": f"承担{name}专委会办公室工作，牵头本领域风险隐患排查整治",
                }


def _appoint(places: list[Region]) -> None:
    """Somebody for every new post but a few. Only who is on the list of accounts can sign in."""
    held = Holding.objects.values("post")
    posts = list(
        Post.objects.filter(region__in=places).exclude(pk__in=held).select_related("role", "region")
    )
    accounts = Account.objects.bulk_create(
        Account(
            username=f"{post.role.code}-{post.region.code}"[:60],
            name=city.person_name(7000 + n),
            phone=city.phone(70_000 + n),
            password=people.NO_SIGN_IN,
        )
        for n, post in enumerate(posts)
    )
    Holding.objects.bulk_create(
        Holding(post=post, account=account, from_date=people.HELD_SINCE, confirmed_at=ISSUED)
        for n, (post, account) in enumerate(zip(posts, accounts, strict=True))
        if n % 17 != 3
    )


def _leave_a_chair(region: Region, admin: Account, at: datetime) -> None:
    """A county's leader has gone to another office; the next one is not there yet."""
    holding = Holding.objects.select_related("post__region").get(
        post__region=region, post__role__code="county.government_leader", to_date=None
    )
    end_holding(holding=holding, on=date(2026, 6, 15), by=admin, at=at)


def _year(committee: Committee, admin: Account) -> None:
    region = committee.region
    drafted = year_lists.draft_list(committee=committee, year=2026, by=admin, at=ISSUED)
    post = Post.objects.filter(region=region, role__code__endswith=".safety_office").first()
    year_lists.add_quarterly(year_list=drafted, post=post, by=admin, at=ISSUED)
    for entry in _entries(post):
        year_lists.add_entry(year_list=drafted, entry=entry, by=admin, at=ISSUED)
    if region.code != WITHOUT_LIST:
        leader = leader_of(region)
        year_lists.issue_list(year_list=drafted, by=leader, at=ISSUED)


def leader_of(region: Region) -> Account:
    role = f"{'city' if region.level == Region.Level.CITY else 'county'}.party_leader"
    return Account.objects.get(holdings__post__region=region, holdings__post__role__code=role)


def _entries(post: Post | None) -> Iterator[EntryText]:
    """Flood season, summer heat, the national day, and the year's appraisal."""
    for title, opens_on, due_on, led in (
        (BEFORE_SEASON, date(2026, 4, 1), date(2026, 4, 20), True),
        ("汛期下穿通道和地下空间专项检查", date(2026, 6, 20), date(2026, 7, 15), False),
        ("国庆节前安全检查", date(2026, 9, 15), date(2026, 9, 30), True),
    ):
        yield EntryText(
            kind="INSPECT", title=title, opens_on=opens_on, due_on=due_on, post=post,
            led_by_principal=led,
        )  # fmt: skip
    yield EntryText(
        kind="TASK", title="年度安全生产责任制考核", opens_on=date(2026, 11, 15),
        due_on=date(2026, 12, 20), post=post,
    )  # fmt: skip


def _meet(committee: Committee, admin: Account, at: datetime) -> None:
    leader = leader_of(committee.region)
    chair = committee.chairs.filter(post__holdings__account=leader).first()
    members = list(committee.members.all())
    issued = YearList.objects.filter(committee=committee, state=YearList.State.ISSUED).first()
    for quarter, day in enumerate(QUARTERS, start=1):
        # A county and one special committee have not met in spring.
        late = committee.region.code == WITHOUT_SECOND_MEETING or "矿山" in committee.name
        if quarter == 2 and late:
            continue
        entry = issued.entries.get(kind="MEETING", number=quarter) if issued else None
        held = Held(
            held_on=day,
            place="行政中心第一会议室",
            chair=chair,
            presided_by=leader.name,
            minutes=f"听取第{quarter}季度安全生产工作情况汇报，分析风险形势，部署下一阶段重点工作。",
        )
        meeting = meetings.record_meeting(
            committee=committee, held=held, present=members[:-1], entry=entry, by=admin, at=at
        )
        if entry is not None:
            item = WorkItem.objects.select_related("region").get(year_entry=entry)
            if item.state == WorkItem.State.SUBMITTED:
                advance(item=item, move="verify", by=leader, at=at)
    if committee.region.level == Region.Level.CITY and issued:
        post = Post.objects.get(region=committee.region, role__name="市住房和城乡建设局安全职责岗")
        meetings.add_resolution(
            meeting=meeting, text="7月10日前完成全市下穿通道排水设施排查", due_on=date(2026, 7, 10),
            post=post, by=admin, at=at,
        )  # fmt: skip


def _inspect_before_the_season(admin: Account, at: datetime) -> None:
    """Done and verified everywhere but in one county."""
    items = WorkItem.objects.filter(year_entry__title=BEFORE_SEASON).select_related("region")
    for item in items.exclude(region__code=WITHOUT_SECOND_MEETING):
        advance(item=item, move="accept", by=admin, at=at)
        advance(item=item, move="submit", note="检查12处重点部位，隐患已交办。", by=admin, at=at)
        advance(item=item, move="verify", by=leader_of(item.region), at=at)


def _refresh(county: Region, at: datetime) -> None:
    """A county in the middle of it: some villages have confirmed their officers."""
    planned = refresh.plan_refresh(
        region=county, year=2026, opens_on=date(2026, 6, 22), due_on=date(2026, 7, 31),
        by=leader_of(county), at=FOUNDED.replace(year=2026, month=6),
    )  # fmt: skip
    opened = datetime(2026, 6, 22, 8, tzinfo=times.LOCAL)
    refresh.open_refresh(refresh=planned, by=Account.objects.system(), at=opened)
    tasks = RefreshTask.objects.filter(refresh=planned).select_related(
        "refresh", "item__region", "item__post"
    )
    for task in tasks.order_by("pk")[:CONFIRMED_VILLAGES]:
        held = list(
            Holding.objects.filter(
                post__region__path__under=task.item.region.path, to_date=None
            ).select_related("account", "post__region")
        )
        officer = next((h.account for h in held if h.post_id == task.item.post_id), None)
        if officer is not None:
            refresh.confirm_officers(task=task, holdings=held, by=officer, at=at)
