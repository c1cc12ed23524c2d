"""The README's pictures: the demo city in its storm, with people at work.

Kept in build/screenshots at every run; `make pictures` also puts them into docs/images.
"""

import os
import shutil

import pytest

from anlan.demo.people import PASSWORD
from tests.house import ROOT, House
from tests.journeys.browsing import DESK, PHONE, SHOTS, Person, photo, running_chromium

pytestmark = [pytest.mark.browser, pytest.mark.demo]
# Half past six in the evening, when the bands have crossed half of the city.
IN_FULL_RAIN = """() => document.querySelectorAll('[data-alarm]').length >= 25
  && /7月3日 (18:[3-5]|19:)/.test(document.querySelector('.head .clock time').textContent)"""


class DemoHouse(House):
    """`anlan demo`: loads the reference city first."""

    verb, up_within_s, furnished = "demo", 300.0, False


@pytest.fixture
def house(tmp_path):
    house = DemoHouse(tmp_path, inside="tests.journeys.inside")
    house.start()
    yield house
    house.stop()


def keep(name):
    """Into the docs where `make pictures` asks for it."""
    if os.environ.get("ANLAN_PICTURES"):
        shutil.copy(SHOTS / f"{name}.png", ROOT / "docs/images" / f"{name}.png")


def move_clock(page, button):
    page.locator(".clock-controls summary").click()
    page.get_by_role("button", name=button).click()
    page.wait_for_load_state()


def until_it_pours(chief):
    board = chief.open("/board/")
    move_clock(board, "跳到雨势最强时")
    board.wait_for_function(IN_FULL_RAIN, timeout=300_000)
    move_clock(board, "1×")
    board.wait_for_selector('[data-health="live"]')
    return board


def answer_the_gravest(board):
    """Two acknowledged, one of them with an incident of its own."""
    for _ in range(2):
        waiting = board.locator("[data-alarm]:not(.acknowledged)").first
        number = waiting.get_attribute("data-alarm")
        waiting.get_by_role("button", name="确认").click()
        board.locator(f"[data-alarm='{number}'].acknowledged").wait_for()
    board.locator("[data-alarm]").first.get_by_role("button", name="启动处置").click()
    board.wait_for_url("**/incidents/*/")


def declare(chief):
    """The city's response in two counties."""
    page = chief.open("/incidents/open/")
    page.fill("[name=title]", "7·3暴雨洪涝")
    page.fill("#id_region", "金华市")
    page.locator("[role=option]").first.click()
    page.get_by_role("button", name="启动处置").click()
    page.wait_for_url("**/incidents/*/")
    page.check("input[name=level][value='4']")
    for county in ("婺城区", "义乌市"):
        page.locator("fieldset.areas summary", has_text=county).locator("input").check()
    page.get_by_text("将下达").wait_for()
    page.get_by_role("button", name="启动响应并下达任务").click()
    page.locator("table tbody tr").first.wait_for()


def prove(officer, tmp_path, *, name=""):
    """Accept the first task and fill in its proof; a picture of it where a name is given."""
    page = officer.page
    page.locator("a.work-row").first.click()
    page.get_by_role("button", name="接收任务").click()
    form = page.locator("form.proof-form")
    form.locator("input[name=photo]").set_input_files(photo(tmp_path))
    form.locator("figure img").wait_for()
    form.locator("textarea").fill("积水约30厘米，已封闭入口，两侧设岗劝返")
    page.get_by_text("已定位").wait_for()
    if name:
        page.evaluate("document.activeElement.blur()")
        form.evaluate("form => form.closest('section').scrollIntoView()")
        officer.shoot(name)
    form.get_by_role("button", name="提交核验").click()
    page.locator("section.proof").wait_for()
    return page.url.removeprefix(officer.house.url)


def test_the_pictures_show_the_demo_at_work(house, tmp_path):
    with running_chromium() as browser:
        chief = Person(browser, house, DESK)
        chief.sign_in("shi-zhihui", PASSWORD)
        answer_the_gravest(until_it_pours(chief))
        declare(chief)
        officer = Person(browser, house, PHONE, where=(119.6, 29.08))
        officer.sign_in("wucheng-cun1", PASSWORD)
        item = prove(officer, tmp_path, name="phone")
        town = Person(browser, house, DESK)
        town.sign_in("wucheng-zhen", PASSWORD)
        town.open(item).get_by_role("button", name="核验通过").click()
        town.page.get_by_text("已办结").first.wait_for()

        board = chief.open("/board/")
        board.wait_for_selector('[data-health="live"]')
        board.wait_for_function("() => performance.getEntriesByName('board-useful').length")
        board.locator("[data-part=counts] tr").first.wait_for()
        chief.shoot("board")

    for name in ("board", "phone"):
        assert (SHOTS / f"{name}.png").stat().st_size > 20_000
        keep(name)
