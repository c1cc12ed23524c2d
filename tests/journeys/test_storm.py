"""The main job as its users see it, in headless Chromium: from the gauge to the closed task.

Screenshots are kept in build/screenshots.
"""

import time
from datetime import UTC, datetime
from decimal import Decimal

import httpx
import pytest

from anlan.observe.sl651 import encode
from tests.faults.load import send_frame
from tests.house import House
from tests.journeys.browsing import DESK, PHONE, Person, photo, running_chromium

pytestmark = pytest.mark.browser


@pytest.fixture
def house(tmp_path):
    house = House(tmp_path, inside="tests.journeys.inside")
    house.city = house.ask("prepare")
    house.start()
    yield house
    house.stop()


@pytest.fixture
def browser():
    with running_chromium() as running:
        yield running


def report_by_http(house, depth):
    row = {
        "station": "0012345678",
        "quantity": "ponding_depth",
        "at": round(time.time() * 1000),
        "value": depth,
    }
    answer = httpx.post(
        f"{house.url}/ingest/http",
        json={"readings": [row]},
        headers={"Authorization": f"Bearer {house.city['token']}"},
        timeout=10,
    )
    assert answer.json()["stored"] == 1


def report_by_sl651(house):
    at = datetime.now(UTC).replace(second=0, microsecond=0)
    value = encode.Value("38", Decimal("12.10"))
    frame = encode.report(
        encode.Device("0012345678"),
        0x32,
        serial=1,
        sent_at=at,
        groups=[encode.Group(at, [value])],
    )
    assert send_frame(house, frame)


def test_a_storm_from_the_gauge_to_the_closed_task(house, browser, tmp_path):
    chief = Person(browser, house, DESK, session=house.city["chief"])
    board = chief.open("/board/")
    board.wait_for_selector('[data-health="live"]')

    # 1 and 2: the gauge reports through the real doors; the open board shows it by itself.
    report_by_sl651(house)
    report_by_http(house, 0.35)
    alarm = board.locator("[data-alarm]")
    alarm.wait_for(timeout=5_000)
    assert "解放路下穿积水站" in alarm.inner_text()
    chief.shoot("1-board-desk")

    # 3: acknowledged, an incident opened with one action, a level declared.
    alarm.get_by_role("button", name="确认").click()
    board.get_by_text("陈指挥").first.wait_for()
    alarm.get_by_role("button", name="启动处置").click()
    board.wait_for_url("**/incidents/*/")
    incident = board.url.removeprefix(house.url)
    board.check("input[name=level][value='4']")
    board.locator("input[name=areas]").first.check()
    board.get_by_text("下达1项任务").wait_for()
    chief.shoot("2-declare-desk")
    board.get_by_role("button", name="启动响应并下达任务").click()
    board.get_by_text("查看下穿立交（解放路下穿）").first.wait_for()

    # 4: the village officer accepts and proves on a phone, the town verifies.
    officer = Person(browser, house, PHONE, session=house.city["village"])
    phone = officer.open("/")
    officer.shoot("3-inbox-phone")
    phone.get_by_text("查看下穿立交（解放路下穿）").first.click()
    phone.get_by_role("button", name="接收任务").click()
    form = phone.locator("form.proof-form")
    form.locator("input[name=photo]").set_input_files(photo(tmp_path))
    form.locator("figure img").wait_for()
    form.locator("textarea").fill("积水35厘米，已封闭并设岗")
    phone.get_by_text("已定位").wait_for()
    officer.shoot("4-proof-phone")
    form.get_by_role("button", name="提交核验").click()
    phone.locator("section.proof").wait_for()
    item = phone.url.removeprefix(house.url)

    town = Person(browser, house, DESK, session=house.city["town"])
    page = town.open(item)
    page.locator("section.proof img").first.wait_for()
    town.shoot("5-verify-desk")
    page.get_by_role("button", name="核验通过").click()
    page.get_by_text("已办结").first.wait_for()

    # The county sees its counts move, on a phone too.
    county = Person(browser, house, PHONE, session=house.city["county"])
    county.open(incident).locator("tbody >> text=河口镇").first.wait_for()
    county.shoot("6-counts-phone")

    # 5: the timeline tells everything and can be printed; the journal proves it.
    record = chief.open(incident + "print/")
    told = record.inner_text("body")
    for line in ("启动处置", "启动响应", "接收任务", "提交核验", "核验通过", "积水35厘米"):
        assert line in told
    chief.shoot("7-record-desk")
    assert house.ask("verify")["findings"] == []
    assert house.ask("alter")["rows"] == 1
    assert house.ask("verify")["findings"] == ["content"]
