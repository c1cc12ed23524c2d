"""What the server refused comes back as a draft; a full phone refuses a photo, never a draft."""

import pytest

from anlan.base import clock
from anlan.people.models import Account, Grant, Role
from anlan.people.tests.factories import account_in
from anlan.prevent.models import Edit, Enterprise, Visit
from anlan.prevent.services.hazards import Finding, report_hazard
from anlan.work.models import Submission

from .conftest import BUILD, SHOTS, open_phone, phone_of, session_of, take_along

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not BUILD.exists(), reason="the front end is not built"),
]


FORM = """const form = await new Promise((done) => {
  const request = indexedDB.open("anlan-work");
  request.onsuccess = () => {
    const all = request.result.transaction("forms").objectStore("forms").getAll();
    all.onsuccess = () => { request.result.close(); done(all.result[0]); };
  };
});"""
# The database holds so many photos, or it was said that there is no room.
KEPT_OR_FULL = f"""async ([wanted, said]) => {{ {FORM}
  return form?.files.length === wanted || document.body.innerText.includes(said); }}"""
KEPT_ANSWERS = f"""async () => {{ {FORM}
  return Object.keys(form.answers.replies).length === 3; }}"""


def begin_visit(page, url):
    page.goto(f"{url}/phone/#/enterprises")
    page.get_by_role("link", name="兰溪湖畔化工厂").click()
    page.get_by_role("button", name="开始检查").click()


def sign(page):
    pad = page.locator("canvas.signature")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    page.mouse.move(box["x"] + 30, box["y"] + 30)
    page.mouse.down()
    page.mouse.move(box["x"] + 150, box["y"] + 70, steps=4)
    page.mouse.up()


def test_a_refused_visit_is_put_right_and_not_written_anew(chromium, live_server, city, camera):
    works = city.works
    hazard = report_hazard(
        site=works.site, finding=Finding("配电箱无门"), by=city.worker, at=clock.now()
    )
    right = Grant.objects.create(
        account=city.worker, permission="prevent.check", region=city.village
    )
    mate, gone = (account_in(city.village, "prevent.inspect") for _n in range(2))
    with phone_of(chromium, live_server.url, session_of(city.worker)) as page:
        open_phone(page, live_server.url)
        take_along(page, "临江村")
        page.context.set_offline(True)
        begin_visit(page, live_server.url)
        line = page.locator(".phone-lines > li").first
        line.get_by_role("button", name="不符合").click()
        line.get_by_label("问题描述").fill("东侧安全出口堆放纸箱")
        line.locator("input[type=file]").set_input_files(camera(1))
        line.locator("figure img").wait_for()
        page.get_by_role("button", name="其余各项均符合").click()
        page.get_by_role("button", name="已整改", exact=True).click()
        for one in (mate, gone):
            page.get_by_label(one.name, exact=True).check()
        sign(page)
        page.get_by_text("已定位").wait_for()
        page.get_by_role("button", name="完成检查").click()
        page.get_by_text("已存在本机，尚未发送").wait_for()
        right.delete()  # meanwhile, in the office
        Account.objects.filter(pk=gone.pk).update(is_active=False)
        page.context.set_offline(False)
        page.get_by_role("button", name="更正后重报").wait_for()
        assert not Visit.objects.exists()

        # Again with no network: put right where it was written, and closed in the middle.
        page.context.set_offline(True)
        page.get_by_role("button", name="更正后重报").click()
        page.locator("[data-bad]").first.wait_for()
        page.reload()
        again = page.locator("li", has_text=f"#{hazard.pk}")
        assert "您不能在临江村进行此操作" in again.locator("[data-bad]").text_content()
        line = page.locator(".phone-lines > li").first
        line.locator("figure img").wait_for()
        assert line.get_by_label("问题描述").input_value() == "东侧安全出口堆放纸箱"
        again.get_by_role("button", name="已整改", exact=True).click()  # taken back
        beside = page.locator(".phone-people > div", has_text=gone.name)
        assert "第 2 名同行检查人不能在临江村实施检查" in beside.text_content()
        beside.get_by_role("checkbox").uncheck()
        assert page.locator("[data-bad]").count() == 0
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        page.get_by_role("button", name="完成检查").click()
        page.get_by_text("已存在本机，尚未发送").wait_for()
        page.context.set_offline(False)
        page.get_by_text("服务器已收到").wait_for()
        assert page.faults == []

    visit = Visit.objects.get()
    assert set(visit.inspectors.all()) == {city.worker, mate}
    assert visit.hazards.get().what == "东侧安全出口堆放纸箱"
    assert sorted(visit.files.values_list("role", flat=True)) == ["PHOTO", "SIGN"]
    refused = Submission.objects.get(state="REFUSED")
    assert Submission.objects.get(state="ACCEPTED").replaces == refused.pk
    assert [row["part"] for row in refused.problems] == ["alongside", "rechecks"]


def test_a_refused_change_of_a_file_comes_back_with_its_reason(chromium, live_server, city):
    url, works = live_server.url, city.works
    with phone_of(chromium, url, session_of(city.worker)) as page:
        open_phone(page, url)
        take_along(page, "临江村")
        page.context.set_offline(True)
        page.goto(f"{url}/phone/#/edit/{works.pk}")
        page.get_by_label("从业人数").fill("约百人")
        page.get_by_label("地址").fill("工业路10号")
        page.get_by_role("button", name="提交修改").click()
        page.get_by_text("请填整数").wait_for()
        page.reload()  # closed in the middle: what was typed is there
        assert page.get_by_label("地址").input_value() == "工业路10号"
        page.get_by_label("从业人数").fill("120")
        page.get_by_role("button", name="提交修改").click()
        page.get_by_text("已存在本机，尚未发送").wait_for()
        held = Role.objects.filter(pk=city.post.role_id)  # meanwhile, in the office
        held.update(permissions=["work.view", "prevent.view"])
        Enterprise.objects.filter(pk=works.pk).update(address="工业路18号")
        session = page.context.cookies()
        page.context.clear_cookies()  # meanwhile the sign-in ended too
        page.context.set_offline(False)
        page.locator(".notice", has_text="登录已过期").get_by_role("link", name="登录").wait_for()
        page.context.add_cookies(session)
        page.get_by_role("button", name="立即发送").first.click()
        page.get_by_role("button", name="更正后重报").click()
        returned = page.locator(".notice.bad", has_text="您不能在临江村进行此操作")
        returned.wait_for()
        held.update(permissions=city.post.role.permissions)
        # Again with no network: as it was typed, its reason beside it, also after a dead battery.
        page.context.set_offline(True)
        page.reload()
        returned.wait_for()
        assert page.get_by_label("地址").input_value() == "工业路10号"
        page.get_by_label("法定代表人").fill("钱某")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        page.get_by_role("link", name="待上传").click()
        page.get_by_role("link", name="兰溪湖畔化工厂").click()
        page.get_by_role("button", name="提交修改").click()
        page.get_by_text("已存在本机，尚未发送").wait_for()
        page.context.set_offline(False)
        page.get_by_text("服务器已收到").wait_for()
        assert page.faults == []

    edit = Edit.objects.get()
    # What the phone had seen went along: the office's own change is not written over unseen.
    assert edit.fields["address"] == ["工业路8号", "工业路10号"]
    assert {name: pair[1] for name, pair in edit.fields.items()} == {
        "address": "工业路10号", "employees": 120, "legal_person": "钱某",
    }  # fmt: skip
    assert edit.submission.replaces == Submission.objects.get(state="REFUSED").pk
    assert Enterprise.objects.get(pk=works.pk).address == "工业路18号"


def test_a_phone_without_room_for_the_page_says_that_it_will_not_open(chromium, live_server, city):
    url, said = live_server.url, "本机存储不足，无法保存本页面"
    with phone_of(chromium, url, session_of(city.worker)) as page:
        limit_room(page, url, 120_000)
        page.goto(f"{url}/phone/#/mine")
        page.get_by_text(said).wait_for()
        limit_room(page, url, 100_000_000)  # room was made
        open_phone(page, url)
        assert page.get_by_text(said).count() == 0
        page.context.set_offline(True)
        page.reload()
        page.get_by_role("heading", name="我的任务").wait_for()
        assert page.faults == []


def limit_room(page, url, size):
    """So much the browser stores for us, and really no more."""
    line = page.context.new_cdp_session(page)
    line.send("Storage.overrideQuotaForOrigin", {"origin": url, "quotaSize": size})


def test_a_full_phone_says_so_and_refuses_a_photo_but_loses_nothing(
    chromium, live_server, city, camera
):
    url, said = live_server.url, "手机存储已满，这一项未保存。"
    with phone_of(chromium, url, session_of(city.worker)) as page:
        limit_room(page, url, 3_500_000)
        open_phone(page, url)
        take_along(page, "临江村")
        page.context.set_offline(True)
        begin_visit(page, url)
        page.get_by_text("手机存储即将用完").wait_for()  # before it is full
        photos = page.locator(".card", has_text="现场照片")
        shown = photos.locator("figure img")
        for number in range(1, 6):
            before = shown.count()
            photos.locator("input[type=file]").set_input_files(camera(number, (2400, 1800)))
            page.wait_for_function(KEPT_OR_FULL, arg=[before + 1, said])
            if page.get_by_text(said).count():
                break
        kept = shown.count()
        assert 0 < kept < 5
        page.get_by_role("button", name="其余各项均符合").click()
        page.wait_for_function(KEPT_ANSWERS)
        page.reload()

        page.get_by_text("已作答 3 / 3 条").wait_for()
        shown.nth(kept - 1).wait_for()
        assert shown.count() == kept
        page.get_by_role("button", name="完成检查").click()
        kept_here = page.get_by_text("已存在本机，尚未发送")
        no_room = page.get_by_text("未能发送，本机也无法保存。")
        kept_here.or_(no_room).wait_for()
        full = no_room.count() > 0
        page.context.set_offline(False)
        if full:  # not a byte is left: it stays where it was written, until the network is back
            page.reload()
            shown.nth(kept - 1).wait_for()
            page.get_by_role("button", name="完成检查").click()
        page.get_by_text("服务器已收到").wait_for()
        assert page.faults == []
    assert Visit.objects.get().files.count() == kept


def test_two_regions_at_once_and_one_that_may_not_be_seen_any_more(chromium, live_server, city):
    more = Grant.objects.create(account=city.worker, permission="prevent.view", region=city.other)
    with phone_of(chromium, live_server.url, session_of(city.worker)) as page:
        open_phone(page, live_server.url)
        for name in ("临江村", "叶店村"):
            take_along(page, name)
        page.locator(".card", has_text="叶店村").get_by_text("更新于").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        page.get_by_role("link", name="企业").click()
        for name in ("兰溪湖畔化工厂", "邻村机械厂"):
            page.get_by_role("link", name=name).wait_for()

        more.delete()
        page.get_by_role("link", name="本机").click()
        page.get_by_role("button", name="立即更新").click()

        page.get_by_text("您已无权查看叶店村").wait_for()
        page.get_by_role("link", name="企业").click()
        page.get_by_role("link", name="兰溪湖畔化工厂").wait_for()
        assert page.get_by_role("link", name="邻村机械厂").count() == 0
        assert page.faults == []


def test_a_newer_page_is_told_beside_an_open_draft_and_loses_nothing_of_it(
    chromium, live_server, city
):
    url, works = live_server.url, city.works
    with phone_of(chromium, url, session_of(city.worker)) as page:
        open_phone(page, url)
        take_along(page, "临江村")
        page.goto(f"{url}/phone/#/edit/{works.pk}")
        page.get_by_label("地址").fill("工业路10号")
        newer = page.locator(".phone-newer")
        assert not newer.is_visible()
        # The same form on a second page would write over the first.
        second = page.context.new_page()
        second.goto(f"{url}/phone/#/edit/{works.pk}")
        second.get_by_text("本机另一个页面正在填写这一项").wait_for()
        page.goto(f"{url}/phone/#/enterprises")  # left there, it goes on here
        second.get_by_label("地址").wait_for()
        assert second.get_by_label("地址").input_value() == "工业路10号"
        second.close()
        page.goto(f"{url}/phone/#/edit/{works.pk}")
        page.get_by_label("地址").wait_for()
        # Another build is another list of files; so is another language.
        page.context.add_cookies([{"name": "django_language", "value": "en", "url": url}])
        page.evaluate("navigator.serviceWorker.getRegistration().then((found) => found.update())")
        newer.get_by_text("已填写的内容保存在本机").wait_for()
        page.get_by_label("法定代表人").fill("钱某")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        page.screenshot(path=SHOTS / "phone-newer.png")
        newer.get_by_role("button").click()
        page.get_by_label("Address").wait_for()
        kept = [page.get_by_label(name).input_value() for name in ("Address", "Legal person")]
        # Office ends the sign-in: whatever is asked for next says so at once.
        page.context.clear_cookies()
        page.get_by_role("link", name="This phone").click()
        page.locator(".phone-status[data-contact=out]").wait_for()

    assert kept == ["工业路10号", "钱某"]
