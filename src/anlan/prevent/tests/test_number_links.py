"""Every number on a page of figures that is a link opens a list of exactly so many rows."""

import html
import re
from datetime import date

import pytest
from django.urls import reverse

from anlan.base import clock
from anlan.people.tests.factories import account_in
from anlan.places.tests.factories import RegionFactory
from anlan.prevent.models import Served, Visit
from anlan.prevent.services import contracts, controls, risks
from anlan.prevent.services.campaigns import set_quota
from anlan.prevent.services.visits import finish_visit
from anlan.work.models import WorkItem

from .conftest import NOON, RIGHTS, days, firm_in
from .factories import credit_code
from .test_campaigns import make
from .test_risks import lec

pytestmark = pytest.mark.django_db
NUMBER = re.compile(r'<a[^>]* href="([^"]+)"[^>]*>(\d+)</a>')


@pytest.fixture
def campaign(story, monkeypatch):
    """Firms in two villages, in the town itself and at the stranger's, with all that is counted."""
    monkeypatch.setattr(clock, "now", lambda: days(20))
    keeper = account_in(story.city, *(f"prevent.{right}" for right in (*RIGHTS, "manage")))
    abroad = story.city.children.get(name="东阳市")
    campaign = make(story, region=story.city, by=keeper)
    contract = a_contract(story.city, keeper)
    set_quota(campaign=campaign, region=story.county, visits=9, by=keeper, at=NOON)
    set_quota(campaign=campaign, region=abroad, visits=9, by=keeper, at=NOON)
    second, far = RegionFactory(parent=story.town), RegionFactory(parent=abroad)
    for n, region in enumerate((story.village, second, story.town, far)):
        made = {"size": "S", "industry": "C3311"}
        firm = firm_in(region, f"1{n}", story.version.standard, **made)
        firm_in(region, f"2{n}", story.version.standard, gaps=0, **made)
        visited(story, firm, keeper)
        watched(firm, keeper)
        Served.objects.create(contract=contract, enterprise=firm)
    firm_in(story.village, "99", state="CLOSED", size="S", industry="C3311")
    return campaign


def a_contract(region, keeper):
    return contracts.make_contract(
        number="2026-01", provider="安泰", provider_code=credit_code(2), region=region,
        from_date=date(2026, 1, 1), to_date=date(2026, 12, 31), visits_a_year=4, by=keeper, at=NOON,
    )  # fmt: skip


def visited(story, firm, by):
    """Visits made, begun and as an exercise, with a hazard in each state and grade."""
    for n, state in enumerate(["OPEN", "DOING", "SUBMITTED", "CLOSED", "CANCELLED", "CLOSED"]):
        visit = story.visit(enterprise=firm, by=by, at=days(n))
        grade = "MAJOR" if n % 2 else "GENERAL"
        hazard = story.report(
            f"隐患{n}", site=firm.site, by=by, at=days(n), visit=visit, grade=grade
        )
        due = days(30 if n else 10)
        item = WorkItem.objects.filter(pk=hazard.pk)
        item.update(state=state, due_at=due, exercise=n == 5)
        if n not in {3, 4}:
            finish_visit(visit=visit, by=by, at=days(n))
        Visit.objects.filter(pk=visit.pk).update(exercise=n == 5)


def watched(firm, by):
    """A risk point that nobody has graded, and one with a check that is late."""
    for name in ("配电", "除尘"):
        point = risks.add_point(
            enterprise=firm, area="车间", name=name, sort="FACILITY", danger="粉尘爆炸",
            accident="12", by=by, at=NOON,
        )  # fmt: skip
    risks.grade(point=point, stage="INHERENT", values=lec(6, 6, 7), by=by, at=NOON)
    controls.add_control(
        point=point, sort="ENGINEER", text="除尘联锁", level="DEPT", checker="班长", every_days=7,
        by=by, at=NOON,
    )  # fmt: skip
    risks.grade(point=point, stage="RESIDUAL", values=lec(3, 3, 3), by=by, at=NOON)


def pages(story, campaign):
    yield reverse("prevent:campaign", args=[campaign.pk])
    for name in ("usage", "coverage", "risks"):
        for region in ("", f"?region={story.town.code}"):
            yield reverse(f"prevent:{name}") + region
    rates = f"{reverse('prevent:rates')}?region="
    yield f"{rates}{story.city.code}"
    yield f"{rates}{story.town.code}&campaign={campaign.pk}"
    yield f"{rates}{story.county.code}&since=2026-07-03"


def test_every_number_that_is_a_link_opens_so_many_rows(campaign, story, client):
    walked, told = {}, set()
    readers = [account_in(one, "prevent.view") for one in (story.city, story.town)]
    for reader in (*readers, story.stranger):
        client.force_login(reader)
        for page in pages(story, campaign):
            answer = client.get(page)
            assert answer.status_code in {200, 404}  # 404: not the reader's region
            for address, number in set(NUMBER.findall(answer.content.decode())):
                sheet = client.get(html.unescape(address)).context["sheet"]
                walked[reader.pk, page, address] = (int(number), len(sheet.rows))
                told |= {page.split("/")[2]} if int(number) else set()
    assert {key: pair for key, pair in walked.items() if pair[0] != pair[1]} == {}
    assert told == {"campaigns", "hazards", "usage", "services", "risks"}
