"""A page asks the database as often for many rows as for few, and not oftener than it used to.

Every address of the rooms that a reader can open is asked for, so a new page is counted too.
"""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from anlan.enforce.models import Certificate
from anlan.enforce.services import cases, evidence
from anlan.govern.models import Committee, Meeting, Member, YearList
from anlan.govern.services import committees, meetings, opening, year_lists
from anlan.oversee.models import Accident, Ladder
from anlan.oversee.services import accidents, ladders, letters
from anlan.people import permissions
from anlan.people.models import Organisation
from anlan.people.tests.factories import account_in
from anlan.places.models import PLACE
from anlan.places.tests.factories import RegionFactory
from anlan.prevent.models import Enterprise
from anlan.work.carry import fetch_own_rows
from anlan.work.models import WorkItem
from anlan.work.services import open_item

from .test_access import address, files, routes  # noqa: F401 — a fixture among them
from .world import NOON, World
from .world_prevent import hazards_and_visits, prevention

pytestmark = pytest.mark.django_db
# How often each page asks at most; those not named here, OTHER_PAGES times. The session and the
# reader's own rights are four of them.
ROOMS = {"prevent", "cases", "govern", "oversee"}
OTHER_PAGES = 10
MOST = {
    "/api/phone/carry": 31,
    "/api/phone/size": 17,
    "/cases/<int:case_id>/": 31,
    "/cases/<int:case_id>/file/": 15,  # with the list of what was served, made off the record
    "/cases/printed/hazards/<int:ordered_id>/order/<slug:printed_as>/": 11,
    "/cases/printed/hazards/<int:ordered_id>/recheck/<slug:printed_as>/": 14,
    "/cases/printed/visits/<uuid:finished_visit_id>/orders/<int:ordered_id>/<slug:printed_as>/": 12,
    "/cases/printed/visits/<uuid:finished_visit_id>/record/<slug:printed_as>/": 13,
    "/cases/printed/visits/<uuid:recheck_visit_id>/recheck/<slug:printed_as>/": 12,
    "/govern/": 19,
    "/govern/committees/<int:committee_id>/": 19,
    "/govern/gaps/": 16,
    "/govern/lists/<int:list_id>/": 13,
    "/oversee/accidents/<int:accident_id>/": 17,
    "/oversee/figures/": 29,
    "/oversee/figures/figures.xlsx": 28,
    "/oversee/proposals/": 12,
    "/oversee/proposals/<int:proposal_id>/": 12,
    "/prevent/campaigns/<int:campaign_id>/": 16,
    "/prevent/enterprises/<int:enterprise_id>/": 25,
    "/prevent/enterprises/<int:enterprise_id>/plan/": 11,
    "/prevent/enterprises/<int:enterprise_id>/risks/": 14,
    "/prevent/fishbones/<int:fishbone_version_id>/": 13,
    "/prevent/fishbones/bones/<int:bone_id>/": 14,
    "/prevent/hazards/<int:hazard_id>/": 22,
    "/prevent/reports/<int:public_report_id>/": 16,
    "/prevent/risks/points/<int:point_id>/": 12,
    "/prevent/towns/<int:town_standard_id>/": 12,
    "/prevent/usage/enterprises/": 12,
    "/prevent/visits/planned/<int:plan_id>/": 12,
    "/prevent/visits/<uuid:visit_id>/": 15,
    "/prevent/visits/<uuid:visit_id>/people/": 13,
}
PHONE = ("/api/phone/me", "/api/phone/regions?q=", "/api/phone/size?region={code}",
         "/api/phone/carry?region={code}")  # fmt: skip


def grow(world: World) -> None:
    """Three more of what the world has one of, in its region and in the same files."""
    firm = Enterprise.objects.select_related("site__region__parent").get(
        pk=world.ids["enterprise_id"]
    )
    by, colleague = world.insider, account_in(world.county, *permissions.registered())
    for n in range(3):
        hazards_and_visits(f"添{n}", firm, by, colleague, NOON)
        village = RegionFactory(parent=RegionFactory(parent=world.county))
        prevention(
            mark=f"新{n}", number=50 + n, village=village, by=by, colleague=colleague, at=NOON
        )
        grow_cases(world, n)
        grow_committees(world, n)
        grow_accidents(world, n)


def grow_cases(world: World, n: int) -> None:
    held = list(Certificate.objects.filter(organ=world.ids["organ_id"]).select_related("organ"))
    case = cases.propose_case(
        organ=held[0].organ, region=world.village, party=cases.PartyText("ORG", f"新厂{n}"),
        cause="未培训", source="VISIT", summary="检查", certificates=held, by=world.insider,
        at=NOON,
    )  # fmt: skip
    first = type(case).objects.get(pk=world.ids["case_id"])
    thing = evidence.Thing("THING", f"台账{n}", "未培训")
    evidence.add_evidence(case=first, thing=thing, by=world.insider, at=NOON)


def grow_committees(world: World, n: int) -> None:
    by, day = world.insider, NOON.date()
    committees.found_committee(
        kind="SPECIAL", name=f"专委会{n}", region=world.county, founded_on=day, by=by, at=NOON
    )
    committee = Committee.objects.get(pk=world.ids["committee_id"])
    office = Organisation.objects.create(code=f"o{n}", name=f"单位{n}", region=world.county)
    member = committees.add_member(
        committee=committee, organisation=office, since=day, by=by, at=NOON
    )
    duty = committees.DutyText(text=f"职责{n}", since=day)
    committees.write_duty(member=member, duty=duty, by=by, at=NOON)
    line = year_lists.EntryText(kind="TASK", title=f"排查{n}", opens_on=day, due_on=day)
    year_list = YearList.objects.get(pk=world.ids["list_id"])
    year_lists.add_entry(year_list=year_list, entry=line, by=by, at=NOON)
    held = meetings.Held(held_on=day, presided_by="县长", minutes=f"纪要{n}")
    present = list(Member.objects.filter(committee=committee))
    meetings.record_meeting(committee=committee, held=held, present=present, by=by, at=NOON)
    resolve(world, f"议定{n}")
    opening.open_due(NOON)


def resolve(world: World, text: str) -> None:
    meeting = Meeting.objects.get(pk=world.ids["meeting_id"])
    meetings.add_resolution(
        meeting=meeting, text=text, due_on=NOON.date(), by=world.insider, at=NOON
    )


def grow_accidents(world: World, n: int) -> None:
    by, day = world.insider, NOON.date()
    office = Organisation.objects.get(pk=world.ids["organisation_id"])
    text = letters.LetterText(
        kind="INTERVIEW", to=office, title=f"约谈{n}", text="请到场", reply_by=day
    )
    letters.issue_letter(letter=text, by=by, at=NOON)
    late = open_item(
        kind="govern.task", title=f"逾期{n}", region=world.county, due_at=NOON, by=by, at=NOON
    )
    ladders.propose(item=late, ladder=Ladder.objects.latest("pk"), at=NOON + timedelta(hours=1))
    what = accidents.Happening(title=f"事故{n}", kind="FIRE", happened_at=NOON, place="厂")
    accidents.open_accident(
        region=world.county, what=what, count=accidents.Count(1, 0, Decimal(0)), by=by, at=NOON
    )
    first = Accident.objects.get(pk=world.ids["accident_id"])
    person = accidents.PersonText(f"丙{n}", "DETAINED", "公安局", day)
    accidents.add_person(accident=first, person=person, by=by, at=NOON)
    accidents.add_finding(accident=first, kind="DIRECT", text=f"原因{n}", by=by, at=NOON)
    accidents.add_remedy(
        accident=first, text=f"整改{n}", organisation=office, due_on=day + timedelta(days=30),
        by=by, at=NOON,
    )  # fmt: skip


def counts(client, addresses: list[str]) -> dict[str, int]:
    """Queries of every address that a reader can open; the second time, with modules read."""
    found = {}
    for where in addresses:
        with CaptureQueriesContext(connection) as asked:
            answer = client.get(where)
            if answer.streaming:
                answer.getvalue()
        if answer.status_code == 200:
            # The clock is read anew after a second, however many rows there are.
            found[where] = sum("base_scenarioclock" not in each["sql"] for each in asked)
    return found


def assert_described_in_bulk() -> None:
    """What each kind says of its tasks is fetched for all of them, whoever may carry them."""
    items = list(WorkItem.objects.select_related(f"region__{PLACE}"))
    fetch_own_rows(items)
    with CaptureQueriesContext(connection) as asked:
        said = {item.kind: bool(item.kind_of.describe(item)) for item in items}
    assert not [each["sql"] for each in asked]
    assert said.keys() >= {
        "command.task", "enforce.approval", "enforce.duty", "govern.refresh", "govern.resolution",
        "govern.task", "oversee.investigation", "oversee.letter", "prevent.rectify",
    }  # fmt: skip


def test_no_page_asks_oftener_where_there_are_more_rows(files, client, subtests):  # noqa: F811
    world = World()
    known = sorted(route for route in routes() if route.split("/")[1] in ROOMS)
    pages = [address(route, world.ids) for route in known]
    phone = [where.format(code=world.county.code) for where in PHONE]

    def ask():
        client.force_login(world.insider)
        return counts(client, [*pages, *phone])

    resolve(world, "先议定的")
    few = ask()
    grow(world)
    many = ask()
    with subtests.test(page="what tasks are about, in the phone's package"):
        assert_described_in_bulk()
    named = dict(zip(pages, known, strict=True))
    assert len(few) > 90
    for where, number in few.items():
        route = named.get(where, where.partition("?")[0])
        with subtests.test(page=route):
            assert many[where] <= number, "more rows, more questions"
            assert number <= MOST.get(route, OTHER_PAGES), (
                "it asks the database oftener than it did"
            )
