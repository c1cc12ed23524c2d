import json
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from anlan.base.tables import workbook
from anlan.people.tests.factories import account_in
from anlan.places import services
from anlan.places.models import Region, Site, Upload
from anlan.places.services.sites import COLUMNS
from anlan.places.tests.factories import RegionFactory, SiteFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def county():
    return RegionFactory(code="990702", path="99/990702/", name="东湖区")


@pytest.fixture
def keeper(county):
    return account_in(county, "places.view", "places.manage", "people.view")


def upload(text, name="a.csv"):
    return SimpleUploadedFile(name, text.encode() if isinstance(text, str) else text)


def test_a_region_s_page_shows_what_lies_and_stands_in_it(client, county, keeper):
    town = RegionFactory(parent=county, name="兰溪镇")
    SiteFactory(region=town, kind="school")
    client.force_login(keeper)
    page = client.get("/places/").content.decode()
    assert "兰溪镇" in page
    assert "学校" in page
    assert "点位" in client.get("/places/sites/", {"kind": "school"}).content.decode()
    client.force_login(account_in(RegionFactory(), "places.view"))
    assert client.get("/places/", {"region": town.code}).status_code == 404
    client.force_login(account_in(county))
    assert client.get("/places/").status_code == 403


def test_the_way_up_is_a_link_only_as_far_as_the_reader_may_go(client):
    city = RegionFactory(level=2)
    county = RegionFactory(parent=city, level=3)
    town = RegionFactory(parent=county)
    client.force_login(account_in(county, "places.view"))

    page = client.get("/places/", {"region": town.code}).content.decode()

    assert city.name in page
    assert f"?region={city.code}" not in page
    assert f"?region={county.code}" in page
    assert client.get("/places/", {"region": city.code}).status_code == 404


def test_divisions_are_previewed_then_carried_out(client, county, keeper):
    client.force_login(keeper)
    text = "代码,名称,级别,上级代码\n990702001,城关镇,镇,990702\n"
    page = client.post("/places/import/divisions/", {"file": upload(text)})
    plan, kept = page.context["plan"], page.context["upload"]
    assert Region.objects.count() == 1
    client.force_login(account_in(county, "places.manage"))
    assert client.post(f"/places/import/divisions/{kept.pk}/").status_code == 404
    client.force_login(keeper)
    stale = client.post(f"/places/import/divisions/{kept.pk}/", {"digest": "other"})
    assert stale.status_code == 409
    done = client.post(
        f"/places/import/divisions/{kept.pk}/",
        {"digest": plan.digest, "valid_from": "2026-01-01"},
    )
    assert "已完成" in done.content.decode()
    assert Region.objects.get(code="990702001").path == "99/990702/990702001/"
    bad = client.post("/places/import/divisions/", {"file": upload(text.replace(",镇,", ",?,"))})
    assert "未知级别" in bad.content.decode()


def test_sites_are_previewed_and_bad_cells_come_back_as_a_workbook(client, county, keeper):
    keys = [column.name for column in COLUMNS]
    rows = [
        ("U1", "下穿立交", "城西下穿", "119.65", "29.1", "990702"),
        ("U2", "没有的", "", "200", "x", "990702"),
        ("U3", "学校", "邻县小学", "119.65", "29.1", RegionFactory().code),
    ]
    book = workbook(COLUMNS, [dict(zip(keys, row, strict=True)) for row in rows])
    client.force_login(keeper)
    page = client.post("/places/import/sites/", {"file": upload(book, "a.xlsx")})
    plan, kept = page.context["plan"], page.context["upload"]
    assert [(p.row, p.column) for p in plan.problems] == [
        (3, "kind"),
        (3, "name"),
        (3, "lon"),
        (3, "lat"),
        (4, "region"),
    ]
    assert client.get(f"/places/import/sites/{kept.pk}/errors.xlsx").content[:2] == b"PK"
    client.post(f"/places/import/sites/{kept.pk}/", {"crs": "wgs84"})
    assert list(Site.objects.values_list("code", flat=True)) == ["U1"]
    again = client.post("/places/import/sites/", {"file": upload(book, "a.xlsx")})
    assert (again.context["plan"].new, again.context["plan"].same) == (0, 1)


def test_outlines_are_set_from_a_page(client, county, keeper):
    square = [[119, 29], [120, 29], [120, 30], [119, 29]]
    feature = {
        "type": "Feature",
        "properties": {"code": "990702"},
        "geometry": {"type": "Polygon", "coordinates": [square]},
    }
    client.force_login(keeper)
    page = client.post(
        "/places/import/outlines/", {"file": upload(json.dumps(feature)), "crs": "wgs84"}
    )
    assert "已设置边界1个" in page.content.decode()
    nothing = client.post("/places/import/outlines/", {"crs": "wgs84"})
    assert nothing.status_code == 422


def test_a_file_that_nobody_confirmed_is_gone_after_a_day(county, keeper):
    noon = datetime(2026, 7, 1, 4, tzinfo=UTC)
    for hours in (0, 2):
        at = noon + timedelta(hours=hours)
        services.keep_upload(purpose="sites", name="a.csv", content=b"x", by=keeper, at=at)

    assert services.discard_old_uploads(at=noon + timedelta(hours=24)) == 0
    assert services.discard_old_uploads(at=noon + timedelta(hours=25)) == 1
    assert Upload.objects.get().made_at == noon + timedelta(hours=2)


def test_a_bad_cell_is_named_as_people_call_its_column(client):
    client.force_login(account_in(RegionFactory(), "places.view", "places.manage"))
    listed = upload("编号,类型,名称,经度,纬度\n1,无此类,甲,119,29\n")
    page = client.post("/places/import/sites/", {"file": listed, "crs": "wgs84"})

    assert "<td>类型</td>" in page.content.decode()
