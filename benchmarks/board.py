"""How soon the board shows something, and how it stands panning and zooming, on a full city.

The reference city with 60,000 sites, 6,000 grids and 1,000 stations. First useful paint: county
outlines drawn, every station on the map, open alarms listed; from the start of navigation, in
headless Chromium with software rendering, nothing cached by the browser, the server warm.
"""

import sys
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parent))
import _house

SITES = 60_000
OFFICER = "shi-zhiban"
AIM_S, AIM_REQUEST_S = 2.0, 0.1
ROUNDS = 5
# Every kind at once: the heaviest that a reader can ask for.
KINDS = [
    "underpass",
    "flood_point",
    "landslide",
    "reservoir",
    "river_section",
    "shelter",
    "store",
    "fire_station",
    "hospital",
    "helipad",
    "school",
    "enterprise",
    "village_office",
    "station",
]


def run() -> list[dict[str, Any]]:
    with _house.folder(ANLAN_DEMO="1") as env:
        _house.anlan(env, "demo", "--load-only", "--sites", str(SITES))
        (key,) = _house.sessions(env, OFFICER)
        with _house.running(env, worker=False), sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=_house.CHROMIUM, args=_house.CHROMIUM_ARGS
            )
            first_paint(browser, key)  # the server's first answers are not measured
            paints = [first_paint(browser, key) for _ in range(ROUNDS)]
            requests = pan_and_zoom(browser, key)
            browser.close()
    return [
        figure("board.first_paint_s", sorted(paints)[ROUNDS // 2], AIM_S, f"median of {ROUNDS}"),
        figure(
            "board.pan_zoom_request_p95_s",
            _house.percentile(requests, 0.95),
            AIM_REQUEST_S,
            f"{len(requests)} tile requests with every kind of {SITES:,} sites on",
        ),
    ]


def figure(name: str, value: float, aim: float, how: str) -> dict[str, Any]:
    return {
        "name": name,
        "value": round(value, 3),
        "unit": "s",
        "comparison": f"aim under {aim:g} s; {how}",
        "ratio": round(value / aim, 3),
    }


def new_page(browser: Any, key: str) -> Page:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.add_cookies([{"name": "sessionid", "value": key, "url": _house.ADDRESS}])
    page: Page = context.new_page()
    return page


def first_paint(browser: Any, key: str) -> float:
    page = new_page(browser, key)
    page.goto(f"{_house.ADDRESS}/board/", wait_until="commit")
    # The board sets this mark after a frame in which outlines and stations were drawn.
    page.wait_for_function(
        "() => performance.getEntriesByName('board-useful').length", timeout=60_000
    )
    ms = page.evaluate("performance.getEntriesByName('board-useful')[0].startTime")
    page.context.close()
    return float(ms) / 1000


def pan_and_zoom(browser: Any, key: str) -> list[float]:
    page = new_page(browser, key)
    kept = "[" + ",".join(f'"{kind}"' for kind in KINDS) + "]"
    page.add_init_script(f"localStorage.setItem('anlan.board-layers', '{kept}')")
    page.goto(f"{_house.ADDRESS}/board/")
    page.wait_for_function(
        "() => performance.getEntriesByName('board-useful').length", timeout=60_000
    )
    # Tiles are asked for by the map's worker, which the page's own timings do not show.
    spent: list[float] = []
    page.on("requestfinished", lambda request: note(request, spent))
    box = page.locator(".board-canvas canvas").bounding_box()
    assert box is not None
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.move(*middle)
    for turn in range(24):
        if turn % 3 == 0:
            page.mouse.wheel(0, -300 if turn < 15 else 400)
        else:
            page.mouse.down()
            page.mouse.move(middle[0] - 260, middle[1] - 120 * (-1) ** turn, steps=6)
            page.mouse.up()
            page.mouse.move(*middle)
        time.sleep(1)
    page.context.close()
    return spent


def note(request: Any, spent: list[float]) -> None:
    """From the request's start to its last byte, as the browser saw it."""
    if "/tiles/" in request.url:
        timing = request.timing
        spent.append((timing["responseEnd"] - timing["requestStart"]) / 1000)


if __name__ == "__main__":
    print(run())
