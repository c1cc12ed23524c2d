"""The pages, as their users and strangers see them."""

import html
import re
from datetime import date

import pytest

from anlan.people.models import Account, Grant, Holding, Role, Shift
from anlan.people.numbers import number_document
from anlan.people.services import lists
from anlan.people.tests.factories import AccountFactory, account_in, holder_of, post_in
from anlan.people.tests.test_people import NOON, people_list
from anlan.places.tests.factories import RegionFactory

pytestmark = pytest.mark.django_db
ALL = ("people.view", "people.manage", "people.unmask", "people.duty", "work.do", "work.view")


@pytest.fixture
def county():
    return RegionFactory(code="990702", path="99/990702/", name="东湖区")


@pytest.fixture
def village(county):
    return RegionFactory(parent=RegionFactory(parent=county), name="湖滨村")


@pytest.fixture
def chief(county):
    return account_in(county, *ALL)


@pytest.fixture
def officer(village):
    found = holder_of(post_in(village, "village.flood_officer", "work.do"))
    Account.objects.filter(pk=found.pk).update(name="张三", phone="13812341234")
    found.refresh_from_db()
    return found


def test_who_answers_is_one_page_with_its_line_upwards_and_masked_phones(
    client, chief, officer, village
):
    client.force_login(chief)
    page = client.get("/people/", {"region": village.code}).content.decode()
    assert "湖滨村责任人" in page
    assert "张三" in page
    assert "138****1234" in page
    assert "13812341234" not in page
    before = client.get("/people/", {"region": village.code, "on": "2019-01-01"}).content.decode()
    assert "张三" not in before
    assert "空缺" in before
    assert client.get("/people/", {"on": "someday"}).status_code == 422


def test_one_tap_rings_and_the_whole_number_is_shown_to_who_may(client, chief, officer, village):
    client.force_login(chief)
    shown = client.post(f"/people/{officer.pk}/phone/")
    assert "tel:13812341234" in shown.content.decode()
    assert client.post(f"/people/{officer.pk}/call/")["Location"] == "tel:13812341234"
    client.force_login(account_in(village, "people.view"))
    assert client.post(f"/people/{officer.pk}/call/").status_code == 403
    client.force_login(account_in(RegionFactory(), *ALL))
    assert client.post(f"/people/{officer.pk}/phone/").status_code == 404


def test_a_hand_over_on_the_post_s_page_leaves_no_gap(client, chief, officer, village, county):
    client.force_login(chief)
    holding = Holding.objects.get()
    next_one = holder_of(post_in(village, "village.patrol"))
    page = client.get(f"/people/posts/{holding.post_id}/")
    assert next_one.name in page.content.decode()
    done = client.post(
        f"/people/holdings/{holding.pk}/hand-over/",
        {"account": next_one.pk, "on": "2026-01-01"},
    )
    assert done.status_code == 302
    ended, begun = Holding.objects.filter(post=holding.post).order_by("from_date")
    assert ended.to_date == begun.from_date == date(2026, 1, 1)


def test_gaps_page_counts_what_is_vacant_and_unconfirmed(client, chief, officer, village):
    post_in(village, "village.patrol")
    client.force_login(chief)
    page = client.get("/people/gaps/").content.decode()
    assert '空缺岗位 <span class="soft">1</span>' in page
    holding = Holding.objects.get()
    client.post(f"/people/holdings/{holding.pk}/confirm/")
    assert "本年度均已确认" in client.get("/people/gaps/").content.decode()


def test_an_account_is_opened_granted_and_closed_on_its_pages(client, chief, county):
    client.force_login(chief)
    client.post(
        "/people/accounts/organisation/",
        {"code": "b1", "name": "应急局", "region": county.code, "short": "(金) 应急"},
    )
    page = client.get("/people/accounts/").content.decode()
    assert "应急局" in page
    organisation = chief.organisation_id or county.organisations.get().pk
    made = client.post(
        "/people/accounts/new/",
        {"username": "li.si", "name": "李四", "phone": "", "organisation": organisation},
    )
    person = Account.objects.get(username="li.si")
    assert "初始密码" in made.content.decode()
    url = f"/people/accounts/{person.pk}/"
    assert client.get(url).status_code == 200
    granted = client.post(url + "grant/", {"permission": "work.view", "region": county.code})
    assert granted.status_code == 302
    beyond = client.post(url + "grant/", {"permission": "command.lead", "region": county.code})
    assert beyond.status_code == 403
    row = Grant.objects.get(account=person)
    assert "李四" in client.get("/people/grants/").content.decode()
    stranger = account_in(RegionFactory(), *ALL)
    client.force_login(stranger)
    assert client.get(url).status_code == 404
    assert client.post(f"/people/grants/{row.pk}/revoke/").status_code == 404
    client.force_login(chief)
    client.post(f"/people/grants/{row.pk}/revoke/")
    client.post(url + "close/")
    person.refresh_from_db()
    assert not person.is_active


def test_an_offices_prefix_is_entered_and_its_next_numbers_begin_with_it(client, chief, county):
    """Entered when the office is made, and changed on its page; its papers bear it from then on."""
    client.force_login(chief)
    new = {"code": "b1", "name": "应急局", "region": county.code}
    refused = client.post("/people/accounts/organisation/", new | {"short": "应急〔2026〕"})
    assert refused.status_code == 422
    client.post("/people/accounts/organisation/", new)
    office = county.organisations.get()
    assert office.short == ""
    chief.organisation = office

    def number():
        return number_document(word="责改", by=chief, region=county, at=NOON)

    assert number() == "应急局责改〔2026〕1号"
    page = f"/people/organisations/{office.pk}/"
    assert page in client.get("/people/organisations/?q=应急").content.decode()
    # Spaces and half-width brackets, as a keyboard makes them.
    assert client.post(page, {"name": "应急局", "short": "(金) 应急"}).status_code == 302
    office.refresh_from_db()
    chief.organisation = office
    assert number() == "（金）应急责改〔2026〕1号"
    assert "（金）应急" in client.get("/people/organisations/").content.decode()
    wrong = client.post(page, {"name": "应急局", "short": "（金）应急责改2026"})
    assert wrong.status_code == 422
    assert "机关代字" in wrong.content.decode()
    client.force_login(account_in(RegionFactory(), *ALL))
    assert client.get(page).status_code == 404
    assert client.post(page, {"name": "别的", "short": ""}).status_code == 404
    assert "应急局" not in client.get("/people/organisations/").content.decode()
    office.refresh_from_db()
    assert (office.name, office.short) == ("应急局", "（金）应急")


def test_a_list_is_previewed_then_taken_and_the_upload_is_one_s_own(client, chief, village):
    from django.core.files.uploadedfile import SimpleUploadedFile

    Role.objects.create(code="v.f", name="村防汛责任人", level=5)
    content = people_list(
        ("王五", "13800001111", village.code, "村防汛责任人"), ("", "1", "2", "3")
    )
    client.force_login(chief)
    page = client.post("/people/import/", {"file": SimpleUploadedFile("a.xlsx", content)})
    upload = page.context["upload"]
    assert not Holding.objects.exists()
    errors = client.get(f"/people/import/{upload.pk}/errors.xlsx")
    assert errors.content[:2] == b"PK"
    client.force_login(account_in(village, *ALL))
    assert client.post(f"/people/import/{upload.pk}/").status_code == 404
    client.force_login(chief)
    done = client.post(f"/people/import/{upload.pk}/")
    assert "新增任职1项" in done.content.decode()
    assert client.post(f"/people/import/{upload.pk}/").status_code == 404
    assert lists.empty_list() != b""
    assert client.get("/people/import/template.xlsx").content[:2] == b"PK"


def test_a_rota_is_planned_shown_and_handed_over(client, chief, county):
    one, two = account_in(county, "people.view"), account_in(county, "people.view")
    desk = post_in(county, "county.duty_officer")
    for account in (one, two):
        Holding.objects.create(post=desk, account=account, from_date=date(2020, 1, 1))
    client.force_login(chief)
    form = {
        "region": county.code,
        "accounts": [one.pk, two.pk],
        "days": 3,
        "hours": 12,
        "changes_at": "00:00",
    }
    assert client.post("/people/duty/rotate/", form).status_code == 302
    assert Shift.objects.count() == 6
    page = client.get("/people/duty/", {"region": county.code}).content.decode()
    assert one.name in page
    shift = Shift.objects.order_by("starts_at").first()
    client.force_login(shift.account)
    given = {"account": two.pk, "note": "城西下穿积水待退"}
    client.post(f"/people/duty/{shift.pk}/hand-over/", given)
    client.force_login(two)
    assert (
        "城西下穿积水待退" in client.get("/people/duty/", {"region": county.code}).content.decode()
    )
    assert client.post(f"/people/duty/{shift.pk}/take-over/").status_code == 302
    client.force_login(account_in(RegionFactory(), *ALL))
    assert client.post(f"/people/duty/{shift.pk}/drop/").status_code == 404
    assert client.get("/people/duty/", {"region": county.code}).status_code == 404
    assert client.get("/people/duty/", {"span": "month"}).status_code == 200


def test_without_the_permission_no_page_opens(client, county):
    client.force_login(AccountFactory())
    for url in ("", "gaps/", "accounts/", "grants/", "import/", "duty/"):
        assert client.get(f"/people/{url}").status_code == 403


def test_the_tabs_are_those_that_the_reader_may_open(client, county, village):
    for permissions, number in (
        (["people.view"], 5), (["people.manage"], 4), (["people.view", "people.manage"], 9),
    ):  # fmt: skip
        client.force_login(account_in(county, *permissions))
        start = "/people/" if "people.view" in permissions else "/people/accounts/"
        page = client.get(start, {"region": village.code}).content.decode()
        nav = page.split('<nav class="tabs')[1].split("</nav>")[0]
        offered = [html.unescape(address) for address in re.findall(r'href="([^"]+)"', nav)]
        assert len(offered) == number
        assert {client.get(address).status_code for address in offered} == {200}
