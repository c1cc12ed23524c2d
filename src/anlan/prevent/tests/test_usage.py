"""The application index: each indicator met or not, counted from the rows it opens to."""

from datetime import timedelta
from decimal import Decimal

import pytest

from anlan.base.events import publish
from anlan.people.tests.factories import account_in
from anlan.places.tests.factories import RegionFactory
from anlan.prevent.models import Contact, Visit
from anlan.prevent.queries import usage
from anlan.prevent.services import controls, risks
from anlan.prevent.services.hazards import Finding, report_hazard
from anlan.work.services import advance
from anlan.work.tests.factories import proof_of

from .factories import NOON, EnterpriseFactory
from .test_risks import lec

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
RIGHTS = ("prevent.view", "prevent.manage", "prevent.inspect", "prevent.check", "prevent.rectify")


class Town:
    def __init__(self):
        self.county = RegionFactory(level=3)
        self.town, self.other = (RegionFactory(parent=self.county) for _ in range(2))
        self.keeper, self.checker = (account_in(self.county, *RIGHTS) for _ in range(2))
        self.stranger = account_in(RegionFactory(level=3), *RIGHTS)
        self.good, self.idle = (
            EnterpriseFactory(site__region=RegionFactory(parent=self.town)) for _ in range(2)
        )

    def met(self, enterprise, at=NOON):
        row = usage.usage_of(enterprises=[enterprise], at=at)[0]
        return {one.code for one, met in row.cells if met}, row.index

    def hazard(self, enterprise, at=NOON):
        return report_hazard(
            site=enterprise.site, finding=Finding("配电箱无盖"), by=self.keeper, at=at
        )

    def hand_in(self, hazard, at):
        advance(item=hazard.item, move="accept", by=self.keeper, at=at)
        proof = proof_of(hazard.item, self.keeper, at)
        advance(
            item=hazard.item, move="submit", by=self.keeper, at=at, note="已加盖", submission=proof
        )


@pytest.fixture
def town():
    return Town()


def test_who_does_nothing_meets_only_what_nothing_offends(town):
    assert town.met(town.idle) == ({"hazards"}, 25)


def test_an_enterprise_that_uses_it_all_has_a_hundred(town):
    here = town.good
    Visit.objects.create(
        kind="SELF", enterprise=here, region=here.site.region, started_at=NOON, finished_at=NOON
    )
    here.gaps = 0
    here.save()
    point = risks.add_point(
        enterprise=here, area="车间", name="冲床", sort="FACILITY", danger="挤压", accident="03",
        by=town.keeper, at=NOON,
    )  # fmt: skip
    risks.grade(point=point, stage="INHERENT", values=lec(3, 3, 3), by=town.keeper, at=NOON)
    controls.add_control(
        point=point, sort="MANAGE", text="点检", level="TEAM", checker="班长", every_days=7,
        by=town.keeper, at=NOON,
    )  # fmt: skip
    officer = account_in(RegionFactory(level=3))
    Contact.objects.create(enterprise=here, role="SAFETY", name="王安", account=officer)
    publish("people.signed_in", at=NOON - 30 * DAY, by=officer, way="password")
    assert town.met(here) == ({"self", "hazards", "haves", "risks", "sign_in"}, 100)
    later = NOON + 10 * DAY  # a check was missed, and nobody signed in for 40 days
    assert town.met(here, at=later) == ({"self", "hazards", "haves"}, 70)
    assert town.met(here, at=NOON + 32 * DAY) == ({"hazards", "haves"}, 45)


def test_a_hazard_is_in_time_until_its_day_and_when_it_was_handed_in_by_then(town):
    hazard = town.hazard(town.good)
    due = hazard.item.due_at
    assert "hazards" in town.met(town.good, at=due)[0]
    assert "hazards" not in town.met(town.good, at=due + DAY)[0]
    town.hand_in(hazard, due + 2 * DAY)
    assert "hazards" not in town.met(town.good, at=due + 3 * DAY)[0]  # too late
    assert "hazards" in town.met(town.good, at=due + 95 * DAY)[0]  # and forgotten
    in_time = town.hazard(town.idle)
    town.hand_in(in_time, in_time.item.due_at - DAY)
    assert "hazards" in town.met(town.idle, at=due + 30 * DAY)[0]  # waits for the re-check


def test_every_figure_of_a_region_opens_to_its_enterprises(town):
    town.good.gaps = 0
    town.good.save()
    town.hazard(town.idle, at=NOON - 40 * DAY)
    EnterpriseFactory(site__region=town.town, state="PAUSED", gaps=0)  # rests: not counted
    rows = usage.usage_by_region(
        actor=town.keeper, at=NOON, regions=[town.town, town.other], parent=town.county
    )
    assert [(row.total, row.index) for row in rows] == [(2, Decimal("22.5")), (0, None)]
    for one, number in rows[0].cells:
        for met, wanted in ((True, number), (False, 2 - number)):
            found = usage.list_usage(
                actor=town.keeper, at=NOON, region=town.town, indicator=one.code, met=met
            )
            assert found.count() == wanted, one.code
    assert sum(one.weight for one in usage.INDICATORS) == 100
    stranger = usage.usage_by_region(actor=town.stranger, at=NOON, regions=[town.town])
    assert [row.total for row in stranger] == [0]


def test_the_regions_table_is_one_question(town, django_assert_max_num_queries):
    town.keeper.regions_for("prevent.view")
    with django_assert_max_num_queries(1):
        usage.usage_by_region(actor=town.keeper, at=NOON, regions=[town.town], parent=town.county)


def test_pages_show_figures_and_rows(client, town, django_assert_max_num_queries):
    client.force_login(town.keeper)
    page = client.get("/prevent/usage/", {"region": town.county.code}).content.decode()
    assert f"region={town.town.code}&amp;indicator=haves&amp;met=yes" in page
    url = "/prevent/usage/enterprises/"
    with django_assert_max_num_queries(16):
        shown = client.get(url, {"indicator": "haves", "met": "no", "region": town.town.code})
    assert town.good.site.name in shown.content.decode()
    assert client.get(url, {"indicator": "; drop", "met": "no"}).status_code == 200
    client.force_login(town.stranger)
    assert town.good.site.name not in client.get(url).content.decode()
    assert client.get("/prevent/usage/", {"region": town.county.code}).status_code == 404
