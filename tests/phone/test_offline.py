"""The phone's own page with the network cut: it opens, shows what was taken along, and keeps."""

from datetime import timedelta

import pytest
from django.utils import timezone

from anlan.base import clock
from anlan.people.models import Account
from anlan.people.tests.factories import account_in
from anlan.prevent.limits import end_of
from anlan.prevent.models import Edit, Enterprise, Visit
from anlan.prevent.services.visits import plan_visits
from anlan.work.models import Attachment, Submission, WorkItem

from .conftest import BUILD, open_phone, phone_of, session_of, take_along

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not BUILD.exists(), reason="the front end is not built"),
]
# What the service worker keeps, and every text in it.
CACHED = """async () => {
  const found = [];
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys())
      found.push([new URL(request.url).pathname, await (await cache.match(request)).text()]);
  }
  return found;
}"""
HELD = """() => new Promise((done) => {
  const request = indexedDB.open("anlan-work");
  request.onsuccess = () => {
    const db = request.result, counts = {};
    const names = [...db.objectStoreNames];
    const tx = db.transaction(names);
    for (const name of names)
      tx.objectStore(name).count().onsuccess = (e) => { counts[name] = e.target.result; };
    tx.oncomplete = () => { db.close(); done(counts); };
  };
})"""

# Whether the first hazard's photo is in the database of the phone.
KEPT_PHOTO = """() => new Promise((done) => {
  const request = indexedDB.open("anlan-work");
  request.onsuccess = () => {
    const all = request.result.transaction("forms").objectStore("forms").getAll();
    all.onsuccess = () => {
      request.result.close();
      done(all.result.some((form) => form.answers?.hazards[0]?.files.length));
    };
  };
})"""

# The form as a page of before would have kept it: without what came since.
MADE_OLDER = """() => new Promise((done) => {
  const request = indexedDB.open("anlan-work");
  request.onsuccess = () => {
    const forms = request.result.transaction("forms", "readwrite").objectStore("forms");
    forms.getAll().onsuccess = ({ target: { result: [form] } }) => {
      for (const name of ["kind", "led", "came"]) delete form.answers[name];
      for (const one of form.answers.hazards) { delete one.basis; delete one.due_on; }
      delete form.answers.facing.plan;
      forms.put(form).onsuccess = () => { request.result.close(); done(); };
    };
  };
})"""


def test_a_day_without_a_network(chromium, live_server, city, camera):
    item = city.task()
    with phone_of(chromium, live_server.url, session_of(city.worker)) as page:
        open_phone(page, live_server.url)
        take_along(page, "临江村")
        page.context.set_offline(True)

        # The phone was switched off: the page opens without any network.
        page.goto(f"{live_server.url}/phone/")
        page.get_by_role("link", name=item.title).click()
        page.get_by_role("button", name="接收任务").click()
        form = page.locator("form.proof-form")
        form.locator("input[name=photo]").set_input_files(camera())
        form.locator("figure img").wait_for()
        form.locator("textarea").fill("堤防完好")
        page.get_by_text("已定位").wait_for()
        form.get_by_role("button", name="提交核验").click()
        page.get_by_text("已提交（待上传）").wait_for()

        page.get_by_role("link", name="企业").click()
        page.get_by_label("查找企业").fill("兰溪 工业路")
        page.get_by_role("link", name="兰溪湖畔化工厂").click()
        page.get_by_text("91330702MA2EXAMPL1").wait_for()
        page.get_by_role("link", name="待上传").click()
        page.get_by_text("已存在本机，尚未发送").nth(1).wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        assert not Submission.objects.exists()

        page.context.set_offline(False)
        page.get_by_text("服务器已收到").nth(1).wait_for()

        assert page.faults == []
    assert WorkItem.objects.get(pk=item.pk).state == "SUBMITTED"
    assert [s.move for s in item.steps.order_by("pk")] == ["open", "accept", "submit"]
    assert Attachment.objects.count() == 1


def test_a_phone_carries_nothing_of_other_regions_and_forgets_at_sign_out(
    chromium, live_server, city
):
    city.task()
    with phone_of(chromium, live_server.url, session_of(city.worker)) as page:
        open_phone(page, live_server.url)
        page.get_by_role("link", name="本机").click()
        page.get_by_role("button", name="临江村").wait_for()
        assert page.get_by_role("button", name="叶店村").count() == 0
        take_along(page, "临江村")
        shell = page.evaluate(CACHED)
        assert "/phone/" in [path for path, _text in shell]
        said = "".join(text for path, text in shell)
        for private in (city.worker.name, "巡查堤防", "兰溪湖畔", "邻村机械厂"):
            assert private not in said
        assert not [path for path, _ in shell if path.startswith(("/api/", "/work/", "/people/"))]

        page.get_by_role("button", name="退出登录").click()
        page.get_by_text("本机尚未登录。").wait_for()

        held = page.evaluate(HELD)
        assert (held["carried"], held["forms"], held["holder"]) == (0, 0, 0)
        page.goto(f"{live_server.url}/work/")
        assert "/sign-in/" in page.url


def test_what_one_person_left_unsent_is_neither_shown_nor_sent_by_the_next(
    chromium, live_server, city
):
    item = city.task()
    with phone_of(chromium, live_server.url, session_of(city.worker)) as page:
        open_phone(page, live_server.url)
        page.context.set_offline(True)
        page.get_by_role("link", name=item.title).click()
        page.get_by_role("button", name="接收任务").click()
        page.locator("form.proof-form").wait_for()
        page.get_by_role("link", name="本机").click()
        page.get_by_role("button", name="退出登录").click()
        page.get_by_role("button", name="仍要退出").click()
        page.get_by_text("本机尚未登录。").wait_for()

        page.context.set_offline(False)
        cookie = {"name": "sessionid", "url": live_server.url}
        page.context.add_cookies([cookie | {"value": session_of(city.stranger)}])
        open_phone(page, live_server.url)
        page.get_by_role("link", name="待上传").click()
        page.get_by_text("本机没有待上传的内容。").wait_for()
        assert not Submission.objects.exists()

        page.context.add_cookies([cookie | {"value": session_of(city.worker)}])
        open_phone(page, live_server.url)
        page.get_by_role("link", name="待上传").click()
        page.get_by_text("服务器已收到").wait_for()
    assert Submission.objects.get().by == city.worker


def test_little_room_is_said_before_the_phone_is_full(chromium, live_server, city):
    with phone_of(chromium, live_server.url, session_of(city.worker)) as page:
        page.add_init_script(
            "navigator.storage.estimate = async () => ({ quota: 9e7, usage: 5e7 });"
        )
        open_phone(page, live_server.url)
        page.get_by_role("link", name="待上传").click()
        page.get_by_text("手机存储空间不足：剩余 38 MB").wait_for()


def test_a_visit_made_with_no_network_arrives_whole(chromium, live_server, city, camera):
    others = [account_in(city.village, "prevent.inspect") for _n in range(8)]
    Account.objects.filter(pk=others[7].pk).update(name="章最后")
    with phone_of(chromium, live_server.url, session_of(city.worker)) as page:
        open_phone(page, live_server.url)
        take_along(page, "临江村")
        page.context.set_offline(True)
        page.goto(f"{live_server.url}/phone/#/enterprises")
        page.get_by_role("link", name="兰溪湖畔化工厂").click()
        page.get_by_label("检查类型").select_option("复查")
        other = page.context.new_page()
        other.goto(page.url)
        other.get_by_role("button", name="开始检查").wait_for()
        page.get_by_role("button", name="开始检查").click()
        along = page.locator("section.card", has_text="同行检查人")
        along.get_by_text("执法检查不得少于两人").wait_for()
        other.get_by_role("button", name="开始检查").click()  # another tab, on an older view
        other.get_by_text("本机另一个页面正在填写这一项").wait_for()
        assert other.url == page.url
        other.close()
        along.get_by_text("另有 2 人").wait_for()
        assert not set(along.locator("label").all_text_contents()) & {
            city.worker.name, city.stranger.name, "章最后",
        }  # fmt: skip
        along.get_by_placeholder("姓名或单位").fill("章最")
        along.get_by_label("章最后").check()
        assert along.locator("label").first.bounding_box()["height"] >= 44
        line = page.locator(".phone-lines > li").first
        line.get_by_role("button", name="不符合").click()
        line.get_by_label("问题描述").fill("东侧安全出口堆放纸箱")
        line.get_by_text("违反的条款、整改期限（选填）").click()
        line.get_by_label("违反的条款").fill("消防法第二十八条")
        line.get_by_label("整改期限").fill("2020-01-01")
        page.get_by_label("主要领导带队").check()
        line.locator("input[type=file]").set_input_files(camera(1))
        line.locator("figure img").wait_for()
        page.wait_for_function(KEPT_PHOTO)
        page.reload()  # the battery died in the middle

        line = page.locator(".phone-lines > li").first
        line.locator("figure img").wait_for()
        assert line.get_by_label("问题描述").input_value() == "东侧安全出口堆放纸箱"
        assert line.get_by_label("违反的条款").input_value() == "消防法第二十八条"
        assert page.get_by_label("主要领导带队").is_checked()
        assert along.locator("input:checked").count() == 1
        assert along.get_by_label("章最后").is_checked()
        page.get_by_role("button", name="其余各项均符合").click()
        page.get_by_text("已作答 3 / 3 条").wait_for()
        page.get_by_role("button", name="添加隐患").click()
        page.get_by_role("heading", name="隐患 1").wait_for()
        page.get_by_label("问题描述").last.fill("叉车无证驾驶")
        pad = page.locator("canvas.signature")
        pad.scroll_into_view_if_needed()
        box = pad.bounding_box()
        page.mouse.move(box["x"] + 30, box["y"] + 30)
        page.mouse.down()
        page.mouse.move(box["x"] + 150, box["y"] + 70, steps=4)
        page.mouse.up()
        page.get_by_role("button", name="录音").click()
        page.get_by_role("button", name="停止录音").click()
        page.locator("audio").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        page.get_by_text("已定位").wait_for()
        page.get_by_role("button", name="完成检查").click()
        page.get_by_text("隐患整改期限应在检查当日起一年以内。").wait_for()
        due = timezone.localdate() + timedelta(days=9)
        line.get_by_label("整改期限").fill(due.isoformat())
        page.get_by_role("button", name="完成检查").click()
        page.get_by_text("已存在本机，尚未发送").wait_for()
        assert not Submission.objects.exists()

        page.context.set_offline(False)
        page.get_by_text("服务器已收到").wait_for()

        assert page.faults == []
    visit = Visit.objects.get()
    assert (visit.enterprise, visit.kind) == (city.works, "RECHECK")
    assert visit.led_by_principal
    assert set(visit.inspectors.all()) == {city.worker, others[7]}
    assert (round(visit.lon, 4), visit.answers.count()) == (119.5003, 3)
    hazards = visit.hazards.order_by("pk")
    assert [(h.what, h.grade) for h in hazards] == [
        ("东侧安全出口堆放纸箱", "MAJOR"),
        ("叉车无证驾驶", "GENERAL"),
    ]
    assert (hazards[0].basis, hazards[0].item.due_at) == ("消防法第二十八条", end_of(due))
    kept = visit.files.order_by("role")
    assert [(f.role, f.attachment.mime) for f in kept] == [
        ("PHOTO", "image/jpeg"),
        ("SIGN", "image/png"),
        ("VOICE", "audio/webm"),
    ]


def test_a_planned_visit_is_made_as_planned_also_by_a_form_of_an_older_page(
    chromium, live_server, city
):
    url, at = live_server.url, clock.now()
    mate, absent = (account_in(city.village, "prevent.inspect") for _n in range(2))
    plan_visits(
        enterprises=[city.works], due_on=(at + timedelta(days=3)).date(), kind="SERVICE",
        inspectors=[[city.worker, mate, absent]], by=city.worker, at=at,
    )  # fmt: skip
    with phone_of(chromium, url, session_of(city.worker)) as page:
        open_phone(page, url)
        take_along(page, "临江村")
        page.context.set_offline(True)
        page.goto(f"{url}/phone/#/enterprise/{city.works.pk}")
        assert page.get_by_label("检查类型").count() == 0
        page.get_by_role("button", name="开始检查（计划：社会化服务）").click()
        along = page.locator("section.card", has_text="同行检查人")
        assert along.get_by_label(mate.name, exact=True).is_checked()
        page.get_by_role("button", name="其余各项均符合").click()
        page.get_by_text("已作答 3 / 3 条").wait_for()
        page.get_by_role("link", name="待上传").click()
        page.get_by_role("link", name="兰溪湖畔化工厂").wait_for()
        page.evaluate(MADE_OLDER)
        page.get_by_role("link", name="兰溪湖畔化工厂").click()
        page.locator("dl.facts", has_text="社会化服务").wait_for()
        page.get_by_label(absent.name, exact=True).uncheck()
        page.get_by_role("button", name="完成检查").click()
        page.get_by_text("已存在本机，尚未发送").wait_for()
        # It is not offered a second time while it waits.
        page.goto(f"{url}/phone/#/enterprise/{city.works.pk}")
        page.get_by_text("该计划检查已在本机完成").wait_for()
        assert page.get_by_role("button", name="开始检查（计划").count() == 0
        page.get_by_role("link", name="待上传").click()
        page.context.set_offline(False)
        page.get_by_text("服务器已收到").wait_for()
        assert page.faults == []
    visit = Visit.objects.get()
    assert (visit.kind, visit.item.state) == ("SERVICE", "CLOSED")
    assert set(visit.inspectors.all()) == {city.worker, mate}


def test_a_file_changed_with_no_network_while_the_office_changes_it(chromium, live_server, city):
    with phone_of(chromium, live_server.url, session_of(city.worker)) as page:
        open_phone(page, live_server.url)
        take_along(page, "临江村")
        page.context.set_offline(True)
        page.goto(f"{live_server.url}/phone/#/enterprise/{city.works.pk}")
        page.get_by_role("link", name="补正信息").click()
        page.get_by_label("地址").fill("工业路10号")
        page.get_by_role("button", name="提交修改").click()
        page.get_by_text("已存在本机，尚未发送").wait_for()
        Enterprise.objects.filter(pk=city.works.pk).update(address="工业路18号")
        page.context.set_offline(False)
        page.get_by_text("服务器已收到").wait_for()
        assert page.faults == []
    edit = Edit.objects.get()
    assert (edit.state, edit.fields) == ("OPEN", {"address": ["工业路8号", "工业路10号"]})
    city.works.refresh_from_db()
    assert city.works.address == "工业路18号"
