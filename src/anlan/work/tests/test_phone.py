"""A task on a phone, in headless Chromium: the network goes away at the worst moments."""

import io
from pathlib import Path

import pytest
from PIL import Image

from anlan.base import clock
from anlan.work.models import Attachment, Submission, WorkItem
from anlan.work.services import advance

from .conftest import NOON

BUILD = Path(__file__).resolve().parents[2] / "web/static/web/build/manifest.json"
pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not BUILD.exists(), reason="the front end is not built"),
]


@pytest.fixture
def phone(chromium, live_server, client, story, monkeypatch):
    """The village officer's phone, signed in, where the task is."""
    monkeypatch.setattr(clock, "now", lambda: NOON)
    client.force_login(story.worker)
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value}
    context = chromium.new_context(
        viewport={"width": 360, "height": 740},
        locale="zh-CN",
        is_mobile=True,
        has_touch=True,
        geolocation={"longitude": 119.5003, "latitude": 29.2, "accuracy": 12},
        permissions=["geolocation"],
    )
    context.add_cookies([cookie | {"url": live_server.url}])
    context.set_default_timeout(20_000)
    yield context.new_page()
    context.close()


@pytest.fixture
def camera(tmp_path) -> str:
    path = tmp_path / "photo.jpg"
    data = io.BytesIO()
    Image.effect_noise((3000, 2000), 60).convert("RGB").save(data, "JPEG")
    path.write_bytes(data.getvalue())
    return str(path)


def test_nothing_is_lost_when_the_network_goes_away(phone, live_server, story, camera):
    item = story.open(kind="test.photo")
    network = phone.context
    phone.goto(f"{live_server.url}/work/{item.pk}/")

    network.set_offline(True)
    phone.get_by_role("button", name="接收任务").click()
    phone.get_by_text("已存在本机，尚未发送").wait_for()
    network.set_offline(False)
    form = phone.locator("form.proof-form")
    form.wait_for()  # sent by itself, and the page follows

    form.locator("input[name=photo]").set_input_files(camera)
    form.locator("figure img").wait_for()
    form.locator("textarea").fill("已转移3户7人")
    phone.wait_for_timeout(300)
    phone.reload()  # the battery dies with the form half filled in
    form.locator("figure img").wait_for()
    assert form.locator("textarea").input_value() == "已转移3户7人"
    phone.get_by_text("已定位").wait_for()

    network.set_offline(True)
    form.get_by_role("button", name="提交核验").click()
    phone.get_by_text("已存在本机，尚未发送").wait_for()
    assert not Attachment.objects.exists()
    network.set_offline(False)
    phone.locator("section.proof").wait_for()

    assert WorkItem.objects.get(pk=item.pk).state == "SUBMITTED"
    assert list(item.steps.order_by("pk").values_list("move", flat=True)) == [
        "open",
        "accept",
        "submit",
    ]
    sent = Submission.objects.get(move="submit")
    assert (sent.note, round(sent.lon, 4), sent.accuracy_m) == ("已转移3户7人", 119.5003, 12)
    assert Attachment.objects.get().size < 1_500_000  # made small on the phone
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_refusal_is_told_and_what_was_written_stays(phone, live_server, story):
    item = story.open()
    story.send(item, "accept")
    phone.goto(f"{live_server.url}/work/{item.pk}/")
    form = phone.locator("form.proof-form")
    form.locator("textarea").fill("已巡查")
    phone.wait_for_timeout(300)
    # Meanwhile the town calls it off.
    item.refresh_from_db()
    advance(item=item, move="cancel", by=story.officer, at=NOON, note="误发")

    form.get_by_role("button", name="提交核验").click()

    phone.get_by_text("未被受理").wait_for()
    assert "已撤销" in (form.locator("[data-part=error]").text_content() or "")
    assert form.locator("textarea").input_value() == "已巡查"


def test_the_inbox_fits_a_small_phone(phone, live_server, story):
    story.open(title="巡查堤防和小流域山塘、发现险情立即上报并组织危险区域人员转移")
    phone.goto(f"{live_server.url}/work/?box=accept")

    assert phone.evaluate("document.documentElement.scrollWidth") <= 360
    row = phone.locator(".work-row").bounding_box()
    assert row is not None
    assert row["height"] >= 44
