"""Headless Chromium as the journeys start it."""

import contextlib
import shutil

import pytest

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
