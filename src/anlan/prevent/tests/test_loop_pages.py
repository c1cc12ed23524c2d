"""The pages of hazards, visits, campaigns and draws, as their readers use them."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from anlan.base import clock
from anlan.people.models import Account
from anlan.people.tests.factories import account_in
from anlan.prevent.models import Campaign, Draw, Extension, Hazard, Listing, Visit
from anlan.prevent.services.visits import plan_visits
from anlan.prevent.services.wordings import keep_wording
from anlan.work.services import advance
from anlan.work.tests.conftest import photo

from .conftest import NOON, days

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _noon(monkeypatch, story):
    monkeypatch.setattr(clock, "now", lambda: days(1))
    keep_wording(story.firm)


def get(client, name, *args, **query):
    response = client.get(reverse(f"prevent:{name}", args=args), query)
    assert response.status_code == 200
    return response.content.decode()


def post(client, name, *args, **data):
    return client.post(reverse(f"prevent:{name}", args=args), data)


def test_who_goes_along_is_named_on_the_visits_page_and_writes_in_it(story, client):
    Account.objects.filter(pk=story.colleague.pk).update(name="赵同事")
    Account.objects.filter(pk=story.stranger.pk).update(name="赵外人")
    visit = story.visit()
    address = reverse("prevent:visit_people", args=[visit.pk])
    for other, status in ((story.stranger, 404), (story.colleague, 409)):
        client.force_login(other)
        assert client.get(address).status_code == status
        assert client.post(address, {"inspectors": [other.pk]}).status_code == status
    client.force_login(story.inspector)
    assert address in get(client, "visit", visit.pk)
    found = client.post(address, {"find": "1", "who": "赵"}).content.decode()
    assert "赵同事" in found
    assert "赵外人" not in found
    post(client, "visit_people", visit.pk, inspectors=[story.colleague.pk, story.stranger.pk])
    assert set(visit.inspectors.all()) == {story.inspector, story.colleague}

    client.force_login(story.colleague)
    post(client, "visit_hazard", visit.pk, what="私拉电线", grade="GENERAL")
    assert visit.hazards.get().found_by == story.colleague
    post(client, "visit_people", visit.pk)  # nobody is ticked: the other did not come
    assert list(visit.inspectors.all()) == [story.colleague]
    post(client, "finish_visit", visit.pk)
    assert client.get(address).status_code == 409


def test_whose_right_has_ended_stays_on_the_visit_until_somebody_takes_them_off(story, client):
    visit = story.visit(inspectors=[story.colleague])
    story.colleague.grants.all().delete()
    client.force_login(story.inspector)
    page = get(client, "visit_people", visit.pk)
    assert f'value="{story.colleague.pk}" checked' in page
    post(client, "visit_people", visit.pk, inspectors=[story.colleague.pk])
    assert visit.inspectors.count() == 2
    post(client, "visit_people", visit.pk)
    assert list(visit.inspectors.all()) == [story.inspector]


def test_who_accepted_the_plan_is_not_taken_off_its_visit(story, client):
    (plan,) = plan_visits(
        enterprises=[story.firm], due_on=days(20).date(),
        inspectors=[[story.inspector, story.colleague]], by=story.inspector, at=NOON,
    )  # fmt: skip
    advance(item=plan.item, move="accept", by=story.inspector, at=NOON)
    visit = story.visit(plan=plan)
    client.force_login(story.colleague)
    assert post(client, "visit_people", visit.pk).status_code == 409
    assert visit.inspectors.count() == 2
    own = story.visit(kind="SELF", by=story.boss)
    client.force_login(story.boss)  # an enterprise names no inspectors
    assert post(client, "visit_people", own.pk).status_code == 403


def test_a_visit_at_a_desk_from_the_enterprises_file_to_the_order(story, client):
    client.force_login(story.inspector)
    assert "开始检查" in get(client, "enterprise", story.firm.pk)
    post(client, "start_visit", story.firm.pk, visit_kind="INSPECT", led="on")
    visit = Visit.objects.get()
    assert "检查表" in get(client, "visit", visit.pk)
    first, second, _third = story.entries
    answers = {f"result-{first.pk}": "WRONG", f"note-{first.pk}": "2具过期"}
    answers[f"result-{second.pk}"] = "FINE"
    post(client, "answer_visit", visit.pk, **answers)
    post(client, "visit_hazard", visit.pk, what="私拉电线", grade="GENERAL")
    wires = Hazard.objects.get()
    picture = SimpleUploadedFile("现场.jpg", photo())
    post(client, "visit_upload", visit.pk, file=picture, role="PHOTO", hazard=wires.pk)
    kept = wires.files.get()
    served = client.get(reverse("prevent:visit_file", args=[kept.pk]))
    assert served["Content-Type"] == "image/jpeg"
    assert b"".join(served).startswith(b"\xff\xd8\xff")
    bad = SimpleUploadedFile("现场.jpg", b"<script>alert(1)</script>")
    assert post(client, "visit_upload", visit.pk, file=bad, role="PHOTO").status_code == 422
    post(client, "finish_visit", visit.pk, note="已告知")
    record = get(client, "visit", visit.pk)
    assert "（婺）应急检记〔2026〕1号" in record
    assert "2具过期" in record
    assert "主要领导带队" in record
    post(client, "order_from_visit", visit.pk, due_on="2026-07-20")
    assert set(Hazard.objects.values_list("order_number", flat=True)) == {
        "（婺）应急责改〔2026〕1号"
    }
    assert post(client, "order_from_visit", visit.pk).status_code == 409
    assert post(client, "finish_visit", visit.pk).status_code == 409


def test_a_hazards_page_and_all_that_is_decided_there(story, client):
    client.force_login(story.inspector)
    post(client, "report_hazard", story.firm.pk, what="除尘停用", grade="MAJOR", found_how="VISIT")
    hazard = Hazard.objects.get()
    empty = post(client, "report_hazard", story.firm.pk, what="", grade="MAJOR", found_how="VISIT")
    assert empty.status_code == 422
    post(client, "order_hazard", hazard.pk, due_on="2026-07-20")
    assert "申请延期" in get(client, "hazard", hazard.pk)
    post(client, "ask_extension", hazard.pk, until="2026-08-20", reason="等配件")
    assert "申请延期" not in get(client, "hazard", hazard.pk)  # one waits for its decision
    for wrong in ("", "昨天", "2026-13-45"):
        assert post(client, "ask_extension", hazard.pk, until=wrong).status_code == 422
    own = Extension.objects.get()
    assert post(client, "decide_extension", own.pk, granted="yes").status_code == 403
    city = account_in(story.city, "prevent.view", "prevent.campaign")
    client.force_login(story.colleague)
    assert "同意" in get(client, "hazard", hazard.pk)
    post(client, "decide_extension", own.pk, granted="yes")
    client.force_login(city)
    post(
        client, "list_hazard", hazard.pk, region=story.city.code, until="2026-09-01", reason="久拖"
    )
    text = get(client, "hazard", hazard.pk)
    for shown in ("除尘停用", "重大隐患", "责改〔2026〕1号", "2026年8月20日", "金华市", "挂牌督办"):
        assert shown in text
    listing = Listing.objects.get()
    assert post(client, "lift_listing", listing.pk, note="好").status_code == 409
    client.force_login(story.colleague)
    post(client, "regrade_hazard", hazard.pk, grade="GENERAL", reason="已停用")
    assert Hazard.objects.get().grade == "MAJOR"  # not while it is listed
    client.force_login(story.stranger)
    assert client.get(reverse("prevent:hazard", args=[hazard.pk])).status_code == 404


def test_a_hazard_seen_by_a_camera_has_its_photos_or_is_not_written_down(story, client):
    client.force_login(story.inspector)
    data = {"what": "堵塞消防通道", "grade": "GENERAL", "found_how": "VIDEO"}
    two = [
        SimpleUploadedFile("一.jpg", photo()),
        SimpleUploadedFile("二.jpg", photo(size=(30, 40))),
    ]
    script = SimpleUploadedFile("三.jpg", b"<script>alert(1)</script>")
    paper = SimpleUploadedFile("四.jpg", b"%PDF-1.4\n%%EOF")
    for bad in (script, paper):
        told = post(client, "report_hazard", story.firm.pk, photos=[two[0], bad], **data)
        assert told.status_code == 422
        assert f"“{bad.name}”不是照片。" in told.content.decode()
        assert not Hazard.objects.exists()
        two[0].seek(0)
    for _twice in range(2):
        post(client, "report_hazard", story.firm.pk, photos=two, **data)
        for file in two:
            file.seek(0)
    hazard = Hazard.objects.get()
    kept = list(hazard.files.order_by("pk"))
    assert [file.attachment.name for file in kept] == ["一.jpg", "二.jpg"]
    served = reverse("prevent:visit_file", args=[kept[0].pk])
    assert served in get(client, "hazard", hazard.pk)
    assert b"".join(client.get(served)).startswith(b"\xff\xd8\xff")
    assert "data-lat" not in get(client, "hazard", hazard.pk)
    Hazard.objects.update(lon=119.64712, lat=29.07891)
    assert "119.64712, 29.07891" in get(client, "hazard", hazard.pk)
    client.force_login(story.stranger)
    assert client.get(served).status_code == 404


def test_the_firm_sees_and_does_its_own_and_nothing_else(story, client):
    hazard = story.report()
    other = story.report(site=story.another_firm("2").site, what="别家的")
    client.force_login(story.boss)
    assert "灭火器过期" in get(client, "hazard", hazard.pk)
    assert "去办理" in get(client, "hazard", hazard.pk)
    assert client.get(reverse("work:item", args=[hazard.pk])).status_code == 200
    assert client.get(reverse("work:item", args=[other.pk])).status_code == 404
    assert client.get(reverse("prevent:hazard", args=[other.pk])).status_code == 404
    client.post(reverse("work:move", args=[hazard.pk, "accept"]))
    hazard.item.refresh_from_db()
    assert hazard.item.doer == story.boss
    assert "我的企业" in get(client, "own")
    post(client, "start_visit", story.firm.pk, visit_kind="SELF")
    assert Visit.objects.get().kind == "SELF"
    assert post(client, "start_visit", other.site_id, visit_kind="SELF").status_code == 404
    assert post(client, "start_visit", story.firm.pk, visit_kind="INSPECT").status_code == 404


def test_what_no_database_keeps_is_left_out_or_refused(story, client):
    """Bytes that PostgreSQL refuses, days beyond the calendar, numbers beyond any key."""
    client.force_login(story.inspector)
    hazard = story.report()
    post(client, "ask_extension", hazard.pk, until="2026-08-20", reason="等\x00配件")
    assert Extension.objects.get().reason == "等配件"
    assert "没有符合条件" in get(client, "hazards", q="\x00无此隐患", enterprise="", since="")
    visit = story.visit()
    post(client, "visit_hazard", visit.pk, what="甲" * 9000, grade="GENERAL", basis="乙" * 9000)
    assert len(Hazard.objects.get(visit=visit).what) == 500
    far = {"due_on": "9999-12-31"}
    assert post(client, "order_hazard", hazard.pk, **far).status_code == 422
    draw = {"title": "抽", "region": story.county.code, "wanted": 1, "each": 1, "left_out": "",
            "recusals": ""}  # fmt: skip
    assert post(client, "make_draw", **draw, **far).status_code == 422
    check = post(client, "visit_check", visit.pk, hazard="9" * 30, passed="yes")
    assert check.status_code == 422
    assert client.get(reverse("prevent:hazards"), {"campaign": "9" * 30}).status_code == 200
    assert client.get(reverse("prevent:hazards"), {"campaign": "999999"}).status_code == 404


def test_who_signs_in_for_a_firm_is_set_in_its_file(story, client):
    manager = account_in(story.county, "prevent.view", "prevent.manage", "people.view")
    contact = story.firm.contacts.get()
    newcomer = account_in(story.county)
    client.force_login(manager)

    def give(name):
        return post(client, "contact_sign_in", contact.pk, username=name).status_code

    assert give("nobody-of-this-name") == 422
    assert give(story.inspector.username) == 409  # who inspects is not the inspected
    assert give(newcomer.username) == 302
    contact.refresh_from_db()
    assert contact.account == newcomer
    assert "可登录" in get(client, "enterprise", story.firm.pk)
    client.force_login(story.boss)
    assert "企业1" not in get(client, "own")
    client.force_login(newcomer)
    assert "企业1" in get(client, "own")
    assert client.get("/").url == reverse("prevent:own")
    client.force_login(manager)
    assert give("") == 302
    contact.refresh_from_db()
    assert contact.account is None


def test_lists_are_filtered_and_ask_the_database_a_fixed_number_of_times(
    story, client, django_assert_max_num_queries
):
    for n in range(12):
        story.report(f"隐患{n}", grade="MAJOR" if n % 2 else "GENERAL")
        plan_visits(enterprises=[story.firm], due_on=days(20).date(), by=story.inspector, at=NOON)
        story.visit()
    client.force_login(story.inspector)
    with django_assert_max_num_queries(16):
        text = get(client, "hazards", grade="MAJOR")
    assert text.count("重大隐患</span>") == 6
    assert "隐患11" in get(client, "hazards", q="隐患11")
    assert "没有符合条件" in get(client, "hazards", listed="on")
    assert "没有符合条件" in get(client, "hazards", standing="overdue")
    with django_assert_max_num_queries(16):
        assert "未完成" in get(client, "visits")
    with django_assert_max_num_queries(16):
        get(client, "visits", planned="1", mine="1")
    with django_assert_max_num_queries(18):
        rates = get(client, "rates", region=story.county.code)
    assert "0 / 12 = 0.00 %" in rates
    client.force_login(story.stranger)
    for name in ("hazards", "visits", "moved_away"):
        assert "企业1" not in get(client, name)
    asked = client.get(reverse("prevent:rates"), {"region": story.county.code})
    assert asked.status_code == 404


def test_a_campaign_and_a_draw_from_their_forms_to_the_published_file(story, client):
    client.force_login(story.inspector)
    made = post(
        client, "make_campaign", title="粉尘整治", region=story.county.code, starts_on="2026-07-01",
        ends_on="2026-09-30", industries="c33，C24", colours=[1, 2], remark="",
    )  # fmt: skip
    campaign = Campaign.objects.get()
    assert made.status_code == 302
    assert (campaign.industries, campaign.colours) == (["C24", "C33"], [1, 2])
    post(client, "set_quota", campaign.pk, region=story.town.code, visits="5")
    assert "0.00 %" in get(client, "campaign", campaign.pk)
    get(client, "campaigns")
    post(client, "close_campaign", campaign.pk)
    assert "粉尘整治" in get(client, "campaigns", over="1")

    for n in range(2, 8):
        story.another_firm(str(n))
    fields = {
        "title": "七月抽查", "region": story.county.code, "wanted": 1, "each": 2,
        "due_on": "2026-07-31", "left_out": f"{story.firm.credit_code} 本年 已查", "recusals": "",
    }  # fmt: skip
    assert post(client, "make_draw", **fields | {"left_out": "只有一个词"}).status_code == 422
    assert post(client, "make_draw", **fields).status_code == 302
    draw = Draw.objects.get()
    assert "本年 已查" in get(client, "draw", draw.pk)
    clock_later(client, draw)
    text = get(client, "draw", draw.pk)
    assert draw.plans.get().enterprise.site.name in text
    file = client.get(reverse("prevent:draw_file", args=[draw.pk])).content
    get(client, "draws")

    client.logout()  # anybody
    right = post(client, "verify_draw", file=SimpleUploadedFile("draw.json", file))
    assert "复核一致" in right.content.decode()
    published = json.loads(file)
    rest = [row["code"] for row in published["frozen"]["targets"]]
    rest.remove(published["drawn"][0]["target"])
    wrong = published | {"drawn": [published["drawn"][0] | {"target": rest[0]}]}
    again = SimpleUploadedFile("draw.json", json.dumps(wrong).encode())
    assert "复核一致" not in post(client, "verify_draw", file=again).content.decode()
    huge = json.loads(file)
    huge["frozen"]["inspectors"] = [{"code": str(n), "name": "员"} for n in range(400_000)]
    for rubbish in (b"{", json.dumps(huge).encode()):
        sent = SimpleUploadedFile("draw.json", rubbish)
        assert post(client, "verify_draw", file=sent).status_code == 422


def clock_later(client, draw):
    """The seed comes after the list: the page's clock stands still here, the list's goes back."""
    Draw.objects.filter(pk=draw.pk).update(frozen_at=NOON)
    response = post(
        client, "draw_lots", draw.pk, seed="03 08 14 21 27 33+09", seed_source="福彩2026075期"
    )
    assert response.status_code == 302
