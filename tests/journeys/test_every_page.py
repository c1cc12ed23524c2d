"""Every page of the URL map in a browser: no script fails, nothing breaks policy or frame."""

from contextlib import contextmanager

import pytest

from tests.house import WebHouse
from tests.journeys.browsing import DESK, PHONE, running_chromium
from tests.test_access import ROUTES, address

pytestmark = pytest.mark.browser

# Fields, buttons and links that a person sees and a screen reader could not name.
NAMELESS = """() => [...document.querySelectorAll("input, select, textarea, button, a[href]")]
  .filter((one) => one.type !== "hidden" && one.checkVisibility())
  .filter((one) => ![one.ariaLabel, one.title, one.textContent.trim(),
    one.placeholder, one.labels?.length, one.querySelector("img[alt]")].some(Boolean))
  .map((one) => one.outerHTML.slice(0, 120))"""
# A map follows the window a few frames later; what sticks out goes on sticking out.
STICKS_OUT = """async () => {
  const wide = () => document.documentElement.scrollWidth > innerWidth;
  for (let n = 0; wide() && n < 100; n++) await new Promise((next) => setTimeout(next, 50));
  return wide();
}"""


@pytest.fixture
def house(tmp_path):
    house = WebHouse(tmp_path, inside="tests.journeys.inside")
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


@contextmanager
def as_answered(page, url, answer):
    """The browser is given this answer, headers and all: the house need not make it twice."""
    page.route(url, lambda route: route.fulfill(response=answer))
    yield
    page.unroute(url)


# Of a button with a value of its own: before, while its form is on its way, shown again.
PRESSED = """() => new Promise((told) => {
  const button = document.querySelector('button[name="language"]');
  const states = [button.disabled];
  document.addEventListener("submit", () => setTimeout(() => {
    states.push(button.disabled && button.ariaBusy === "true");
    dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
    told([...states, button.disabled]);
  }, 50));
  button.click();
})"""


def press_and_wait(page, house):
    """What is sent by a button that waits meanwhile, and its states; nobody answers."""
    page.goto(f"{house.url}/incidents/open/")
    page.route("**/language/**", lambda route: None)
    with page.expect_request("**/language/**") as sent:
        states = page.evaluate(PRESSED)
    return sent.value.post_data, states


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
            with as_answered(page, house.url + path, answer):
                page.goto(house.url + path, wait_until="load")
            visited += 1
            faults = faults_of(page, DESK) + faults_of(page, PHONE) if "/api/" not in path else []
            if said or faults:
                found[path] = [*said, *faults]
        offered, taken = choose_by_keyboard(page, house)
        sent, states = press_and_wait(page, house)

    assert found == {}
    assert offered == taken != ""
    assert "language=en" in sent
    assert states == [False, True, False]
    assert visited > 40
