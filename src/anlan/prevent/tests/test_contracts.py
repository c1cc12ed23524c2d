"""Third-party service: who is served, how often, how well; coverage that opens to its rows."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from anlan.base.errors import BadInput, NotAllowed, NotFound, Refusal
from anlan.people.tests.factories import account_in
from anlan.places.tests.factories import RegionFactory
from anlan.prevent.models import Enterprise, Served, Visit
from anlan.prevent.queries import contracts as queries
from anlan.prevent.services import contracts

from .factories import NOON, EnterpriseFactory, credit_code

pytestmark = pytest.mark.django_db
KEEPS = ("prevent.view", "prevent.manage", "prevent.check", "prevent.inspect")
DAY = timedelta(days=1)


class Town:
    """A town with three small manufacturers and a shop, an agency's expert, a stranger."""

    def __init__(self):
        self.county = RegionFactory(level=3)
        self.town = RegionFactory(parent=self.county)
        self.village = RegionFactory(parent=self.town)
        self.keeper, self.judge = (account_in(self.town, *KEEPS) for _ in range(2))
        self.expert = account_in(self.town, *KEEPS)
        self.stranger = account_in(RegionFactory(level=3), *KEEPS)
        self.small = [self.enterprise(size=size) for size in ("S", "XS", "S")]
        self.shop = self.enterprise(size="S", industry="F5211")
        self.large = self.enterprise(size="L")
        self.contract = contracts.make_contract(
            number="2026-01", provider="安泰技术服务公司", provider_code=credit_code(1),
            region=self.town, from_date=date(2026, 1, 1), to_date=date(2026, 12, 31),
            visits_a_year=4, by=self.keeper, at=NOON,
        )  # fmt: skip

    def enterprise(self, **fields):
        given = {"site__region": self.village, "industry": "C3391"} | fields
        return EnterpriseFactory(**given)

    def serve(self, *enterprises, by=None):
        codes = [enterprise.credit_code for enterprise in enterprises]
        return contracts.serve(contract=self.contract, codes=codes, by=by or self.keeper, at=NOON)

    def visit(self, enterprise, at=NOON, kind="SERVICE", finished=True):
        visit = Visit.objects.create(
            kind=kind, enterprise=enterprise, region=self.village, started_at=at,
            finished_at=at if finished else None,
        )  # fmt: skip
        visit.inspectors.add(self.expert)
        return visit

    def judged(self, visit, quality=4, by=None, note=""):
        return contracts.judge_visit(
            contract=self.contract, visit=visit, quality=quality, note=note,
            by=by or self.judge, at=NOON,
        )  # fmt: skip

    def coverage(self, at=NOON, actor=None):
        rows = queries.coverage_by_region(
            actor=actor or self.keeper, at=at, regions=[self.village], parent=self.town
        )
        return [(row.total, row.served, row.percent) for row in rows]


@pytest.fixture
def town():
    return Town()


def test_coverage_counts_small_manufacturers_under_a_running_contract(town):
    assert town.coverage() == [(3, 0, Decimal("0.00"))]
    town.serve(*town.small[:2], town.shop)
    town.serve(town.small[0])  # the same again changes nothing
    assert Served.objects.count() == 3
    assert town.coverage() == [(3, 2, Decimal("66.67"))]
    for served, number in ((None, 3), (True, 2), (False, 1)):
        rows = queries.list_small(actor=town.keeper, at=NOON, region=town.village, served=served)
        assert rows.count() == number
    assert town.coverage(at=NOON + 200 * DAY) == [(3, 0, Decimal("0.00"))]  # run out
    assert town.coverage(actor=town.stranger) == [(0, 0, None)]
    contracts.end_contract(contract=town.contract, why="机构退出", by=town.keeper, at=NOON)
    assert town.coverage() == [(3, 0, Decimal("0.00"))]
    with pytest.raises(Refusal):
        town.serve(town.small[2])


def test_an_enterprise_elsewhere_is_refused_as_if_it_did_not_exist(town):
    elsewhere = EnterpriseFactory(site__region=RegionFactory(level=3))
    nowhere = credit_code(987654)
    told = []
    for code in (elsewhere.credit_code, nowhere):
        with pytest.raises(BadInput) as refused:
            contracts.serve(
                contract=town.contract, codes=[town.small[0].credit_code, code],
                by=town.keeper, at=NOON,
            )  # fmt: skip
        told.append(refused.value.message.replace(code, ""))
    assert told[0] == told[1]
    assert not Served.objects.exists()  # all or none


def test_visits_due_by_a_day_follow_the_agreed_number(town):
    for day, due in (
        (date(2025, 12, 1), 0),
        (date(2026, 3, 31), 0),  # 90 days of 365: not yet a whole visit
        (date(2026, 4, 2), 1),
        (date(2026, 12, 31), 4),
        (date(2027, 6, 1), 4),
    ):
        assert queries.due_by(town.contract, day) == due, day
    town.serve(*town.small)
    town.visit(town.small[0])
    town.visit(town.small[0], at=NOON - DAY)
    town.visit(town.small[1], kind="INSPECT")
    town.visit(town.small[1], at=NOON - 400 * DAY)
    town.visit(town.small[1], finished=False)
    rows = queries.served_by(contract=town.contract, at=NOON)
    made = {row.enterprise: (row.made, row.due, row.behind) for row in rows}
    assert made[town.small[0]] == (2, 1, False)
    assert made[town.small[1]] == (0, 1, True)
    assert [row.behind for row in rows] == [True, True, False]


def test_a_visit_is_judged_once_and_not_by_who_made_it(town):
    town.serve(town.small[0])
    visit = town.visit(town.small[0])
    with pytest.raises(NotAllowed):
        town.judged(visit, by=town.expert)
    with pytest.raises(NotAllowed):
        town.judged(visit, by=town.stranger)
    with pytest.raises(BadInput):  # bad marks need a reason
        town.judged(visit, quality=1)
    with pytest.raises(BadInput):
        town.judged(visit, quality=6)
    town.judged(visit, quality=2, note="未查配电箱")
    with pytest.raises(Refusal):
        town.judged(visit)
    for other in (
        town.visit(town.small[1]),  # not under the contract
        town.visit(town.small[0], kind="INSPECT"),
        town.visit(town.small[0], at=NOON - 300 * DAY),
    ):
        with pytest.raises(BadInput):
            town.judged(other)
    with pytest.raises(Refusal):
        town.judged(town.visit(town.small[0], finished=False))
    listed = queries.list_contracts(actor=town.keeper, at=NOON).get()
    assert (listed.enterprises, listed.quality) == (1, 2.0)


def test_wrong_contracts_and_strangers_are_refused(town):
    good = {
        "number": "2026-02", "provider": "公司", "provider_code": credit_code(2),
        "region": town.town, "from_date": date(2026, 1, 1), "to_date": date(2026, 2, 1),
        "visits_a_year": 4, "by": town.keeper, "at": NOON,
    }  # fmt: skip
    for wrong in (
        {"number": " "}, {"to_date": date(2025, 1, 1)}, {"visits_a_year": 0},
        {"provider_code": "91330702"},
    ):  # fmt: skip
        with pytest.raises(BadInput):
            contracts.make_contract(**good | wrong)
    with pytest.raises(Refusal):
        contracts.make_contract(**good | {"number": "2026-01"})
    with pytest.raises(NotAllowed):
        contracts.make_contract(**good | {"by": town.stranger})
    with pytest.raises(NotAllowed):
        town.serve(town.small[0], by=town.stranger)
    with pytest.raises(NotFound):
        queries.get_contract(actor=town.stranger, contract_id=town.contract.pk)


def test_pages_from_the_contract_to_the_judgement(client, town):
    client.force_login(town.keeper)
    sent = {
        "number": "甲-7", "provider": "安泰", "provider_code": credit_code(3),
        "region": town.town.code, "from_date": "2026-01-01", "to_date": "2099-12-31",
        "visits_a_year": 2,
    }  # fmt: skip
    page = client.post("/prevent/contracts/", sent)["Location"]
    assert client.post("/prevent/contracts/", sent).status_code == 422
    codes = "\r\n".join(one.credit_code for one in town.small[:2])
    assert client.post(f"{page}serve/", {"codes": codes}).status_code == 302
    assert client.post(f"{page}serve/", {"codes": "x"}).status_code == 422
    visit = town.visit(town.small[0])
    client.force_login(town.judge)
    judge = f"{page}judge/{visit.pk}/"
    assert client.post(judge, {"quality": 9}).status_code == 422
    assert client.post(judge, {"quality": 5}).status_code == 302
    assert client.get(page).status_code == 200
    assert client.post(f"{page}drop/{town.small[1].pk}/").status_code == 302
    for url in (
        "/prevent/services/", "/prevent/services/small/?served=no", "/prevent/contracts/",
        "/prevent/contracts/?over",
    ):  # fmt: skip
        assert client.get(url).status_code == 200
    assert client.post(f"{page}end/", {"why": "到期"}).status_code == 302
    assert Enterprise.objects.filter(served__isnull=False).count() == 1
    client.force_login(town.stranger)
    assert client.get(page).status_code == 404
    assert client.post(judge, {"quality": 1}).status_code == 404
