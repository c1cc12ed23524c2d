"""What a forecast costs on the wire, on the server and in the browser.

    python benchmarks/flood_frames.py

The valley city of benchmarks/flood.py (1000 x 1000 cells of 5 m), 60 mm/h for an hour and 5 mm/h
after it, three hours, a picture every ten minutes: computed here by the engine, so wet as a real
storm is. Bytes are those that leave the server; server time is CPU time of making a picture
(reading its depths included); pictures a second are counted in headless Chromium with software
rendering, from one drawn to the next, all nineteen played over and over on the board.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from playwright.sync_api import Page, sync_playwright

import _house

HOURS, EVERY_S = 3, 600
AIM_KB, AIM_MS, AIM_FPS = 200.0, 30.0, 10.0
PLAYED_S = 12
OFFICER = "officer"
# Between the last picture and the first one again the player rests.
REST_MS = 1000
COUNT = """
window.drawnAt = [];
document.addEventListener("waterdrawn", () => window.drawnAt.push(performance.now()));
"""


def run() -> list[dict[str, Any]]:
    with _house.folder() as env:
        _house.anlan(env, "migrate", "-v0")
        made = inside(env)
        (key,) = _house.sessions(env, OFFICER)
        with _house.running(env, worker=False), sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=_house.CHROMIUM, args=_house.CHROMIUM_ARGS
            )
            played = play(browser, key)
            browser.close()
    return figures(made, played)


def figures(made: dict[str, Any], played: dict[str, float]) -> list[dict[str, Any]]:
    large, small, ms = made["l"], made["s"], made["ms"]
    most, middle = max(large), statistics.median(large)
    half = statistics.median(small)
    return [
        {
            "name": "flood.frame_kb",
            "value": round(most, 1),
            "unit": "kB",
            "comparison": f"aim {AIM_KB:g} at most; median {middle:.0f}, small ones {half:.0f}",
            "ratio": round(most / AIM_KB, 2),
        },
        {
            "name": "flood.frame_ms",
            "value": round(statistics.median(ms), 1),
            "unit": "ms (CPU)",
            "comparison": f"aim {AIM_MS:g}; at most {max(ms):.1f}; cut to a county",
            "ratio": round(statistics.median(ms) / AIM_MS, 2),
        },
        {
            "name": "flood.frames_per_s",
            "value": round(played["per_s"], 2),
            "unit": "pictures/s",
            "comparison": f"aim {AIM_FPS:g}; all were there after {played['all_s']:.1f} s",
            "ratio": round(played["per_s"] / AIM_FPS, 2),
        },
        {
            "name": "flood.frame_browser_ms",
            "value": round(played["cpu_ms"], 0),
            "unit": "ms (CPU)",
            "comparison": "100 on one core are ten pictures a second; no graphics card",
            "ratio": round(played["cpu_ms"] / 100, 2),
        },
    ]


def play(browser: Any, key: str) -> dict[str, float]:
    """Median time from one picture drawn to the next, and how soon all of them were there."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.add_cookies([{"name": "sessionid", "value": key, "url": _house.ADDRESS}])
    page: Page = context.new_page()
    page.add_init_script(COUNT)
    arrived: list[float] = []
    page.on(
        "requestfinished", lambda r: arrived.append(time.monotonic()) if ".png" in r.url else None
    )
    page.goto(f"{_house.ADDRESS}/board/")
    page.wait_for_selector('[data-do="water"]', timeout=60_000)
    started = time.monotonic()
    page.click('[data-do="water"]')
    page.wait_for_function("() => window.drawnAt.length > 0")
    page.wait_for_timeout(4000)  # flown there, everything fetched
    all_s = max(arrived) - started
    page.evaluate("window.drawnAt.length = 0")
    spent = cpu_s(os.getpid())
    page.keyboard.press(" ")
    page.wait_for_timeout(PLAYED_S * 1000)
    at = page.evaluate("window.drawnAt")
    spent = cpu_s(os.getpid()) - spent
    steps = [b - a for a, b in pairwise(at) if b - a < REST_MS]
    page.context.close()
    per_s = 1000 * len(steps) / sum(steps)
    return {"per_s": per_s, "all_s": all_s, "cpu_ms": 1000 * spent / len(at)}


def cpu_s(pid: int) -> float:
    """CPU time of Chromium's processes below this one."""
    try:
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        browser = b"--type=" in Path(f"/proc/{pid}/cmdline").read_bytes()
        below = [
            int(child)
            for task in Path(f"/proc/{pid}/task").iterdir()
            for child in (task / "children").read_text().split()
        ]
    except OSError:  # it has just ended
        return 0.0
    own = (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK") if browser else 0.0
    return own + sum(cpu_s(child) for child in below)


def inside(env: dict[str, str]) -> dict[str, Any]:
    """Compute and draw in a process of the house's own settings."""
    command = [sys.executable, __file__, "--inside"]
    done = subprocess.run(command, env=env, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def make() -> dict[str, Any]:
    """A finished forecast of a city of two counties, an officer of the city; all pictures drawn."""
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "anlan.web.settings"
    django.setup()
    from django.utils import timezone

    from anlan.people.models import Account, Grant
    from anlan.simulate.results import frames
    from anlan.simulate.results.files import open_run
    from anlan.simulate.results.reach import WHOLE, reach
    from anlan.simulate.tests import ponds

    city, west, _east = ponds.city_of_two()
    city.lon, city.lat = ponds.LON, ponds.LAT
    city.save()
    account = Account.objects.create_account(OFFICER, None, name=OFFICER)
    for code in ("simulate.view", "warn.view", "observe.view", "command.view", "places.view"):
        Grant.objects.create(account=account, permission=code, region=city)
    grid = ponds.grid_around(rows=1000, cols=1000, cell_m=5.0)
    area = ponds.pond_area_in(city, grid, frame_s=EVERY_S, horizon_s=HOURS * 3600)
    base_at = timezone.now().replace(second=0, microsecond=0)
    run = ponds.pond_in(area, base_at=base_at, frames=HOURS * 3600 // EVERY_S + 1)
    write_storm(run)
    result = open_run(run)
    county = reach(area=area, grid=grid, paths=[west.path])
    found: dict[str, Any] = {"l": [], "s": [], "ms": []}
    for number in range(len(result.times_s)):
        for size in ("l", "s"):
            picture = frames.Picture(number, size)
            body = frames.draw(result=result, reach=WHOLE, picture=picture)
            found[size].append(len(body) / 1000)
        picture = frames.Picture(number)
        frames.draw(result=result, reach=county, picture=picture)
        started = time.process_time()
        frames.draw(result=result, reach=county, picture=picture)
        found["ms"].append(1000 * (time.process_time() - started))
    return found


def write_storm(run: Any) -> None:
    """The engine's depths in place of the pond."""
    import flood as flood_bench
    from anlan.engines import flood
    from anlan.engines.flood import FloodCase, Rain
    from anlan.simulate.results.files import run_folder, writing

    rain = Rain([0.0, 3600.0, HOURS * 3600.0], [60.0, 5.0])
    case = FloodCase(flood_bench.city(), 5.0, manning=flood_bench.MANNING, rain=rain)
    times = [float(EVERY_S * n) for n in range(run.frames)]
    folder = run_folder(run)
    state = result = None
    with writing(folder, grid=run.area.grid, base_at=run.base_at, made_up=True) as files:
        files.frames(times)
        for number, until_s in enumerate(times):
            if until_s:
                result = flood.run(case, until_s, state=state)
                state = result.state
            files.frame(number, result.depth_m if result else 0.0 * case.bed_m)
        assert result is not None
        files.field("max_depth", result.max_depth_m)


if __name__ == "__main__":
    if "--inside" in sys.argv:
        print(json.dumps(make()))
    else:
        print(json.dumps(run(), ensure_ascii=False, indent=1))
