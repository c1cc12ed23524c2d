"""Headless Chromium as the journeys start it."""

import contextlib
import shutil
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFilter

from tests.house import ROOT

SHOTS = ROOT / "build/screenshots"
DESK, PHONE = (1440, 900), (360, 780)
ARGS = [
    "--headless=new",
    "--no-sandbox",
    "--lang=zh-CN",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextlib.contextmanager
def running_chromium():
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("no Chromium on this machine")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=ARGS)
        yield running
        running.close()


class Person:
    """Somebody at a desk or with a phone, signed in by a session or by the door."""

    def __init__(self, browser, house, size, *, session="", where=(119.6501, 29.1001)):
        self.house = house
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            locale="zh-CN",
            is_mobile=size == PHONE,
            has_touch=size == PHONE,
            geolocation={"longitude": where[0], "latitude": where[1], "accuracy": 8},
            permissions=["geolocation"],
        )
        if session:
            context.add_cookies([{"name": "sessionid", "value": session, "url": house.url}])
        context.set_default_timeout(20_000)
        self.page = context.new_page()

    def sign_in(self, username, password):
        self.open("/sign-in/")
        self.page.fill("#username", username)
        self.page.fill("#password", password)
        self.page.get_by_role("button", name="登录").click()
        self.page.wait_for_url(lambda url: "/sign-in/" not in url)
        return self.page

    def open(self, path):
        self.page.goto(self.house.url + path)
        return self.page

    def shoot(self, name):
        SHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SHOTS / f"{name}.png")
        wide = self.page.evaluate("document.documentElement.scrollWidth > innerWidth")
        assert not wide, f"{name} sticks out sideways"


def photo(folder: Path) -> str:
    """A drawing of a flooded underpass: nobody's place, and plainly no photograph."""
    picture = Image.new("RGB", (1200, 900), "#9fb2c0")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 240, 1200, 900), fill="#6d7277")
    draw.polygon([(180, 240), (1020, 240), (1200, 620), (0, 620)], fill="#4b4f54")
    draw.rectangle((240, 120, 960, 250), fill="#83888c")
    draw.rectangle((300, 250, 900, 520), fill="#23272b")
    for y in range(520, 900, 6):
        shade = ("#5d6f6b", "#71827c", "#667873")[y // 6 % 3]
        draw.line((0, y, 1200, y + (y % 18) - 9), fill=shade, width=7)
    for x in range(140, 1060, 160):
        draw.rectangle((x, 560, x + 110, 600), fill="#d9412b" if x % 320 else "#f4f1ea")
        draw.rectangle((x + 48, 600, x + 60, 680), fill="#c9c4b8")
    path = folder / "现场.jpg"
    picture.filter(ImageFilter.GaussianBlur(2)).save(path, "JPEG", quality=85)
    return str(path)
