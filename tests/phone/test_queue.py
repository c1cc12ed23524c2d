"""Two phones, a network that goes away in the middle of an upload, a server killed under them.

Nothing is lost and nothing is there twice: once with ten submissions, once (`fault`) with 200.
"""

import os
import random
import signal
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing

import pytest
from django.db import connection

from tests.house import WebHouse, wait_until

from . import inside
from .conftest import BUILD, phone_of
from .drafts import accept, draft, prove, put, states, visit, why

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not BUILD.exists(), reason="the front end is not built"),
]
UPLOAD_BYTES_S = 60_000
ON_BOTH = 0.2  # of the submissions, the share that lies on both phones


class PhonesHouse(WebHouse):
    """Who killed it starts it again."""

    def restart(self) -> None:
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait(30)
        self.start()

    def move_in(self, tasks: int) -> dict:
        """The town that stands in the tests' own database, in this house's."""
        city = inside.prepare(tasks)
        with closing(sqlite3.connect(self.folder / "anlan.sqlite3")) as own:
            connection.connection.backup(own)
        self.start()
        return city


@pytest.fixture
def house(tmp_path, transactional_db, settings) -> Iterator[PhonesHouse]:
    # Sessions are signed: the same key there as here.
    key = settings.SECRET_KEY
    house = PhonesHouse(tmp_path, inside="tests.phone.inside", ANLAN_SECRET_KEY=key)
    yield house
    house.stop()


def made_for(city, tasks: int, visits: int) -> list[dict]:
    """Each task accepted, then proven with a photo; visits with a photo each."""
    account, made = city["account"], []
    for n, item in enumerate(city["items"][:tasks]):
        made.append(draft(account, 2 * n + 1, accept(item), with_photo=False))
        made.append(draft(account, 2 * n + 2, prove(item)))
    first = len(made) + 1
    made += [draft(account, first + n, visit(city["enterprise"])) for n in range(visits)]
    return made


def open_at(page, house) -> None:
    page.goto(f"{house.url}/phone/")
    page.locator('.phone-status[data-contact="here"]').wait_for()


def slow_down(page) -> None:
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")
    bad = {"offline": False, "latency": 10, "downloadThroughput": 1e6}
    line.send("Network.emulateNetworkConditions", bad | {"uploadThroughput": UPLOAD_BYTES_S})


def send(page) -> None:
    """As when the phone finds a network again, or somebody presses the button."""
    page.evaluate("() => { window.dispatchEvent(new Event('online')); }")


def play(house, chromium, city, made, *, cuts: int, kills: int, within_s: float) -> None:
    """Both phones send; each is cut off and the server killed at moments that a seed picks."""
    pick, pause = random.Random(20260701), threading.Event()
    shared = int(len(made) * ON_BOTH)
    half = len(made) // 2
    parts = (made[: half + shared], made[half:])
    with (
        phone_of(chromium, house.url, city["sessions"][0]) as one,
        phone_of(chromium, house.url, city["sessions"][1]) as other,
    ):
        phones = (one, other)
        for page, part in zip(phones, parts, strict=True):
            open_at(page, house)
            page.context.set_offline(True)
            put(page, part)
            slow_down(page)
        faults = pick.sample(["cut"] * cuts + ["kill"] * kills, cuts + kills)
        for fault in faults:
            done = [states(page)["settled"] for page in phones]
            for page in phones:
                page.context.set_offline(False)
                send(page)
            # Some have gone out and the next is on its way: now.
            wait_until(
                lambda before=done: [states(p)["settled"] for p in phones] > before, "some went out"
            )
            pause.wait(pick.uniform(0.05, 0.4))
            if fault == "kill":
                house.restart()
            else:
                pick.choice(phones).context.set_offline(True)
        for page, part in zip(phones, parts, strict=True):
            page.context.set_offline(False)
            finish(page, len(part), within_s)
            assert states(page) == {
                "waiting": 0,
                "received": len(part),
                "refused": 0,
                "settled": len(part),
            }
            assert page.faults == []


def finish(page, wanted: int, within_s: float) -> None:
    def is_done() -> bool:
        send(page)
        return states(page)["settled"] == wanted

    try:
        wait_until(is_done, f"{wanted} are received", within_s)
    except AssertionError as error:
        raise AssertionError(f"not all received: {why(page)}") from error


def check(house, city, made, tasks: int, visits: int) -> None:
    found = house.ask("stored")
    assert found["others"] == []
    assert found["accepted"] == sorted(one["id"] for one in made)
    assert found["visits"] == sorted(one["id"] for one in made if one["move"] == "visit")
    assert found["hazards"] == visits
    assert found["incomplete"] == found["no_file"] == found["findings"] == []
    assert found["conflicts"] == 0
    steps = [[item, move] for item in city["items"][:tasks] for move in ("accept", "submit")]
    assert sorted(found["steps"]) == sorted(steps)


def test_ten_submissions(house, chromium):
    city = house.move_in(tasks=2)
    made = made_for(city, tasks=2, visits=6)

    play(house, chromium, city, made, cuts=1, kills=1, within_s=60)

    check(house, city, made, tasks=2, visits=6)


@pytest.mark.fault
def test_two_hundred_submissions(house, chromium):
    city = house.move_in(tasks=50)
    made = made_for(city, tasks=50, visits=100)

    play(house, chromium, city, made, cuts=8, kills=6, within_s=240)

    check(house, city, made, tasks=50, visits=100)
