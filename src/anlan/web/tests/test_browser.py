"""The board in a real browser: it draws, and what happens stands there without a reload."""

import shutil
from pathlib import Path

import pytest

pytestmark = pytest.mark.browser

SHOTS = Path(__file__).resolve().parents[4] / "build/screenshots"
ARGS = [
    "--headless=new",
    "--no-sandbox",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
RAISE = """
from django.db import transaction
from django.utils import timezone
from anlan.base.events import publish
from anlan.observe.models import Series
from anlan.people.models import Account
from anlan.warn.models import Alarm, Rule, RuleVersion
series = Series.objects.get()
region, by = series.station.region, Account.objects.system()
now = timezone.now()
with transaction.atomic():
    rule = Rule.objects.create(code="deep", name="积水超0.3米", region=region, number=1)
    version = RuleVersion.objects.create(rule=rule, number=1, made_at=now, author=by, severity=1,
        quantity="ponding_depth", threshold=0.3)
    alarm = Alarm.objects.create(rule=rule, version=version, series=series, region=region,
        severity=1, opened_at=now, value=0.42)
    publish("warn.alarm.raised", at=now, by=by, region_path=region.path, alarm_id=alarm.pk)
"""

FORECAST = """
from datetime import timedelta
from django.db import transaction
from django.utils import timezone
from anlan.base.events import publish
from anlan.places.models import Region
from anlan.simulate.models import Hit
from anlan.simulate.tests.ponds import grid_around, pond_area_in, pond_in
region = Region.objects.get(code="330702")
now = timezone.now()
with transaction.atomic():
    run = pond_in(pond_area_in(region, grid_around(119.6, 29.1)), base_at=now)
    Hit.objects.create(run=run, region=region, road_code="G330", road_name="双溪西路", lon=119.6,
        lat=29.1, first_at=now + timedelta(minutes=20), max_at=now, max_depth_m=0.4, duration_s=600)
    publish("simulate.run.done", at=now, by=None, region_path=region.path, run_id=run.pk)
"""

COUNT_DRAWN = """
window.drawn = 0;
document.addEventListener("waterdrawn", () => { window.drawn += 1; });
"""


@pytest.fixture(scope="module")
def browser():
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("no Chromium")
    playwright_api = pytest.importorskip("playwright.sync_api")
    with playwright_api.sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=ARGS)
        yield running
        running.close()


def open_board(browser, house, session, size, faults):
    viewport = dict(zip(("width", "height"), size, strict=True))
    context = browser.new_context(viewport=viewport, locale="en-US")
    context.add_cookies([{"name": "sessionid", "value": session, "url": house.url}])
    page = context.new_page()
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "request", lambda r: r.url.startswith((house.url, "blob:", "data:")) or faults.append(r.url)
    )
    page.goto(f"{house.url}/board/")
    page.wait_for_selector('[data-health="live"]')
    return page


def test_an_alarm_stands_on_the_officers_boards_without_reload_and_not_on_the_strangers(
    house, browser
):
    faults: list[str] = []
    desk = open_board(browser, house, house.officer, (1440, 900), faults)
    phone = open_board(browser, house, house.officer, (360, 740), faults)
    strangers = open_board(browser, house, house.stranger, (1440, 900), faults)
    desk.wait_for_function(
        "() => performance.getEntriesByName('board-useful').length", timeout=60_000
    )

    house.shell(RAISE)

    for name, page in (("desk", desk), ("phone", phone)):
        page.wait_for_selector('[data-alarm]:has-text("解放路下穿")', timeout=10_000)
        SHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SHOTS / f"board-{name}.png")
        # Nothing sticks out sideways.
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    # In Chinese, though the browser says that it would like English: that is chosen in the menu.
    assert "告警：解放路下穿" in desk.inner_text('[data-part="happenings"]')
    assert strangers.locator("[data-alarm]").count() == 0
    assert "解放路" not in strangers.content()

    desk.keyboard.press("t")
    assert "解放路下穿" in desk.inner_text('[data-part="table"]')
    assert faults == []  # no script failed, and nobody but our own server was asked


def test_a_forecast_comes_to_open_boards_and_is_played_by_keys(house, browser):
    faults: list[str] = []
    desk = open_board(browser, house, house.officer, (1440, 900), faults)
    phone = open_board(browser, house, house.officer, (360, 740), faults)
    button, bar = '[data-do="water"]', ".water-bar"
    time = f"{bar} .water-time"
    desk.wait_for_function(
        "() => performance.getEntriesByName('board-useful').length", timeout=60_000
    )
    assert desk.locator(button).is_hidden()  # there has been no forecast

    house.shell(FORECAST)

    for name, page in (("phone", phone), ("desk", desk)):
        page.wait_for_selector(button, timeout=10_000)
        page.wait_for_selector(f'{button}:has-text("1处")')
        page.wait_for_selector('[data-part="hits"] .hit:has-text("双溪西路")')
        page.evaluate(COUNT_DRAWN)
        page.click(button)
        page.wait_for_function("() => window.drawn >= 1")
        SHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SHOTS / f"water-{name}.png")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    phone.close()
    assert "生成地形" in desk.inner_text(bar)

    desk.keyboard.press("ArrowRight")
    desk.wait_for_function(
        f"() => document.querySelector('{time}').textContent.includes('起报后10分钟')"
    )
    desk.keyboard.press("ArrowLeft")
    desk.wait_for_function(
        f"() => document.querySelector('{time}').textContent.includes('起报时刻')"
    )
    desk.keyboard.press(" ")  # plays
    desk.wait_for_function("() => window.drawn >= 5")
    desk.keyboard.press(" ")
    assert desk.get_attribute(f'{bar} [aria-keyshortcuts="Space"]', "aria-label") == "播放"
    desk.locator(f'{bar} input[type="range"]').fill("3")
    desk.wait_for_function(
        f"() => document.querySelector('{time}').textContent.includes('起报后30分钟')"
    )

    assert faults == []
