"""Every page of the URL map in a browser: no script fails, nothing breaks policy or frame."""

import pytest

from tests.house import House
from tests.journeys.browsing import DESK, PHONE, running_chromium
from tests.test_access import ROUTES, address

pytestmark = pytest.mark.browser

# Fields, buttons and links that a person sees and a screen reader could not name.
NAMELESS = """() => [...document.querySelectorAll("input, select, textarea, button, a[href]")]
  .filter((one) => one.type !== "hidden" && one.checkVisibility())
  .filter((one) => ![one.ariaLabel, one.title, one.textContent.trim(),
    one.placeholder, one.labels?.length, one.querySelector("img[alt]")].some(Boolean))
  .map((one) => one.outerHTML.slice(0, 120))"""
STICKS_OUT = "document.documentElement.scrollWidth > innerWidth"


@pytest.fixture
def house(tmp_path):
    house = House(tmp_path, inside="tests.journeys.inside")
    house.world = house.ask("one_of_everything")
    house.start()
    yield house
    house.stop()


def faults_of(page, size):
    page.set_viewport_size(dict(zip(("width", "height"), size, strict=True)))
    wide = [f"sticks out sideways at {size[0]} px"] if page.evaluate(STICKS_OUT) else []
    return wide + [f"without a name: {one}" for one in page.evaluate(NAMELESS)]


def choose_by_keyboard(page, house):
    """The reader's county in the form of a new incident, without a mouse."""
    page.goto(f"{house.url}/incidents/open/")
    page.focus("#id_region")
    page.keyboard.press("ArrowDown")
    page.wait_for_selector('[role="option"]')
    page.keyboard.press("ArrowDown")
    chosen = page.get_attribute("#id_region", "aria-activedescendant")
    offered = page.inner_text(f"#{chosen}")
    page.keyboard.press("Enter")
    return offered.split()[-1], page.input_value("input[name=region]")


def press_and_wait(page, house):
    """A button with a value of its own, and the states of its form's while it is on its way."""
    page.goto(f"{house.url}/incidents/open/")
    sent = []
    page.route("**/language/**", lambda route: sent.append(route.request.post_data))
    page.click("details.menu summary")
    button = page.locator('button[name="language"]')
    states = [button.is_disabled()]
    with page.expect_request("**/language/**"):
        button.click(no_wait_after=True)
    page.wait_for_selector('button[name="language"][aria-busy="true"]:disabled')
    states.append(button.is_disabled())
    page.evaluate('dispatchEvent(new PageTransitionEvent("pageshow", {persisted: true}))')
    states.append(button.is_disabled())
    return sent, states


def test_every_page_keeps_to_the_policy_and_the_frame(house):
    found: dict[str, list[str]] = {}
    said: list[str] = []
    with running_chromium() as browser:
        context = browser.new_context(locale="zh-CN")
        cookie = {"name": "sessionid", "value": house.world["session"], "url": house.url}
        context.add_cookies([cookie])
        page = context.new_page()
        page.on("console", lambda told: told.type == "error" and said.append(told.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        visited = 0
        for path in (*(address(route, house.world["ids"]) for route in ROUTES), "/api/docs"):
            answer = context.request.get(house.url + path, max_redirects=0)
            if answer.status != 200 or "<html" not in answer.text()[:300]:
                continue
            said.clear()
            page.goto(house.url + path, wait_until="load")
            visited += 1
            faults = faults_of(page, DESK) + faults_of(page, PHONE) if "/api/" not in path else []
            if said or faults:
                found[path] = [*said, *faults]
        offered, taken = choose_by_keyboard(page, house)
        sent, states = press_and_wait(page, house)

    assert found == {}
    assert offered == taken != ""
    assert [("language=en" in body) for body in sent] == [True]
    assert states == [False, True, False]  # waits while it is on its way, not when shown again
    assert visited > 40
