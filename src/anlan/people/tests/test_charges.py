"""Who answers for a site or a road."""

from datetime import UTC, date, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction

from anlan.base.errors import BadInput, NotAllowed
from anlan.base.models import Event
from anlan.base.tables import read
from anlan.people.charges import answer_of, charge_of, list_charges, list_uncharged
from anlan.people.models import Account, Charge
from anlan.people.services.charge_lists import COLUMNS, empty_list, error_list, import_charges
from anlan.people.services.charges import end_charge, set_charge
from anlan.people.tests.factories import account_in, holder_of, post_in
from anlan.places.models import Road
from anlan.places.tests.factories import RegionFactory, RoadFactory, SiteFactory

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 7, 1, 4, tzinfo=UTC)
TODAY = date(2026, 7, 1)


@pytest.fixture
def county():
    return RegionFactory(level=3)


@pytest.fixture
def keeper(county):
    """The post that keeps the county's roads up."""
    return post_in(county, "county.road_keeper", "work.do")


@pytest.fixture
def village(county):
    return RegionFactory(parent=RegionFactory(parent=county))


def take(text, by=None):
    return import_charges(content=text.encode(), by=by or Account.objects.system(), at=NOON)


def test_the_post_in_charge_leads_to_whoever_holds_it(county, village, keeper):
    site, clerk = SiteFactory(region=village), account_in(county, "people.manage", "people.view")
    officer = holder_of(keeper)

    charge = set_charge(place=site, post=keeper, owner="市政中心", by=clerk, at=NOON)
    again = set_charge(place=site, post=keeper, owner="市政中心", by=clerk, at=NOON)

    assert again == charge
    assert [h.name for h in answer_of(charge_of(site), on=TODAY).holders] == [officer.name]
    assert list(list_charges(actor=clerk, region=county)) == [charge]
    assert Event.objects.filter(name="people.charge.set").count() == 1
    end_charge(charge=charge, by=clerk, at=NOON)
    assert charge_of(site) is None
    assert list(list_uncharged(actor=clerk, region=county)) == [site]


def test_a_place_has_one_post_and_a_charge_one_place(village, keeper):
    site, road = SiteFactory(region=village), RoadFactory(region=village)
    Charge.objects.create(site=site, post=keeper)
    for wrong in ({"site": site}, {}, {"site": SiteFactory(), "road": road}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Charge.objects.create(post=keeper, **wrong)


def test_a_road_s_own_keeper_is_named_where_the_charge_names_none(village, keeper):
    road = RoadFactory(region=village, owner="公路中心")
    charge = set_charge(place=road, post=keeper, by=Account.objects.system(), at=NOON)
    assert charge.keeper == "公路中心"
    charge.owner = "市政中心"
    assert charge.keeper == "市政中心"


def test_only_posts_that_cover_the_place_and_only_by_whom_manages_people_there(
    county, village, keeper
):
    site = SiteFactory(region=village)
    elsewhere = RegionFactory(level=3)
    stranger = account_in(elsewhere, "people.manage")
    with pytest.raises(NotAllowed):
        set_charge(place=site, post=keeper, by=stranger, at=NOON)
    other = post_in(elsewhere, "county.road_keeper")
    with pytest.raises(BadInput):
        set_charge(place=site, post=other, by=account_in(county, "people.manage"), at=NOON)
    assert not Charge.objects.exists()


def test_a_list_names_many_and_twice_is_once(county, village, keeper):
    site = SiteFactory(region=village, code="U1", kind="underpass")
    road = RoadFactory(region=village, code="R1", owner="")
    text = (
        "类型,编号,养护单位,岗位区划代码,岗位\n"
        f"下穿立交,U1,市政中心,{county.code},{keeper.role.name}\n"
        f"道路,R1,公路中心,{county.code},county.road_keeper\n"
    )
    first, again = take(text), take(text)

    assert (first.new, first.problems, again.new, again.same) == (2, [], 0, 2)
    assert charge_of(site).owner == "市政中心"
    assert charge_of(Road.objects.get()).keeper == "公路中心"
    # A line without a keeper leaves the one that is known.
    silent = text.replace("市政中心", "")
    assert (take(silent).same, charge_of(site).owner) == (2, "市政中心")
    assert charge_of(road).post == keeper


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("神庙,U1,,{code},{role}", "kind"),
        ("下穿立交,U9,,{code},{role}", "code"),
        ("道路,U1,,{code},{role}", "code"),
        ("下穿立交,U1,,nowhere,{role}", "region"),
        ("下穿立交,U1,,{code},皇帝", "role"),
        ("下穿立交,U1,,{other},{role}", "role"),
        ("下穿立交,U1,{long},{code},{role}", "owner"),
    ],
)
def test_a_bad_cell_is_named_and_comes_back_as_a_workbook(county, village, keeper, line, column):
    SiteFactory(region=village, code="U1")
    values = {
        "code": county.code,
        "role": keeper.role.name,
        "other": RegionFactory(level=3).code,
        "long": "长" * 121,
    }
    plan = take("类型,编号,养护单位,岗位区划代码,岗位\n" + line.format(**values) + "\n")
    assert (plan.new, [p.column for p in plan.problems]) == (0, [column])
    assert len(read(error_list(plan), COLUMNS)) == 1
    assert len(read(empty_list(), COLUMNS)) == 1


def test_a_post_of_another_county_is_refused_in_a_list_too(village, keeper):
    SiteFactory(region=village, code="U1")
    other = post_in(RegionFactory(level=3), "county.road_keeper")
    text = f"类型,编号,岗位区划代码,岗位\n下穿立交,U1,{other.region.code},county.road_keeper\n"
    assert [p.column for p in take(text).problems] == ["region"]
    stranger = account_in(other.region, "people.manage")
    assert {p.column for p in take(text, by=stranger).problems} == {"code", "region"}


def test_the_site_s_page_names_the_post_and_a_manager_changes_it(client, county, village, keeper):
    site = SiteFactory(region=village, name="人民路下穿")
    client.force_login(account_in(county, "places.view", "people.view", "people.manage"))
    page = client.get(f"/places/sites/{site.pk}/").content.decode()
    assert f"/people/charges/site/{site.pk}/" in page
    panel = client.get(f"/people/charges/site/{site.pk}/").content.decode()
    assert "尚未指定责任岗位" in panel
    client.post(f"/people/charges/site/{site.pk}/set/", {"post": keeper.pk, "owner": "市政中心"})
    panel = client.get(f"/people/charges/site/{site.pk}/").content.decode()
    assert "市政中心" in panel
    assert "市政中心" in client.get("/people/charges/").content.decode()
    stranger = account_in(RegionFactory(level=3), "places.view", "people.view", "people.manage")
    client.force_login(stranger)
    assert client.get(f"/people/charges/site/{site.pk}/").status_code == 404
    assert client.post(f"/people/charges/site/{site.pk}/set/", {"post": ""}).status_code == 404
    assert "市政中心" not in client.get("/people/charges/").content.decode()
    assert charge_of(site) is not None


def test_the_list_is_previewed_then_taken(client, county, village, keeper):
    SiteFactory(region=village, code="U1")
    client.force_login(account_in(county, "people.view", "people.manage"))
    text = (
        "类型,编号,岗位区划代码,岗位\n"
        f"下穿立交,U1,{county.code},county.road_keeper\n下穿立交,U2,{county.code},x\n"
    )
    page = client.post(
        "/people/charges/import/", {"file": SimpleUploadedFile("c.csv", text.encode())}
    )
    kept = page.context["upload"]
    assert not Charge.objects.exists()
    assert client.get(f"/people/charges/{kept.pk}/errors.xlsx").status_code == 200
    client.post(f"/people/charges/{kept.pk}/")
    assert Charge.objects.count() == 1
