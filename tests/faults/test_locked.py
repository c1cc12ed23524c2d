"""The database locked by another program for longer than a write waits, in a running house."""

import subprocess
import sys
import threading

import httpx
import pytest

from tests.house import House, wait_until

from .load import CSRF, Gateway, Phone, keys_of, start_all

pytestmark = pytest.mark.fault
HOLD = """
import sqlite3, sys
line = sqlite3.connect(sys.argv[1], isolation_level=None)
line.execute("BEGIN EXCLUSIVE")
print("held", flush=True)
sys.stdin.readline()
line.execute("ROLLBACK")
"""


class Lock:
    """Another program that has the file for itself: a backup by hand, a forgotten shell."""

    def __init__(self, house: House) -> None:
        file = str(house.folder / "anlan.sqlite3")
        self._process = subprocess.Popen(
            [sys.executable, "-c", HOLD, file],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout.readline() == "held\n"

    def release(self) -> None:
        self._process.communicate("\n", timeout=10)


def _pages_say_so(house: House, city: dict) -> None:
    """What only reads is served; what would write says that it could not, and what to do."""
    cookies = {"sessionid": city["session"], "csrftoken": CSRF}
    with httpx.Client(base_url=house.url, cookies=cookies, timeout=20) as browser:
        assert browser.get("/work/").status_code == 200
        form = {"username": "officer", "password": "wrong", "csrfmiddlewaretoken": CSRF}
        answer = browser.post("/sign-in/", data=form)
    assert answer.status_code == 503
    assert "服务器繁忙，本次操作未生效。" in answer.text
    assert answer.headers["Retry-After"]


def test_a_locked_database_is_told_and_nothing_is_acknowledged_that_is_not_stored(tmp_path):
    house = House(tmp_path, inside="tests.faults.inside", ANLAN_DATABASE_WAIT_S="1")
    city = house.ask("prepare")
    house.start()
    before = house.children()
    stop = threading.Event()
    senders = start_all(house, city, stop)
    try:
        wait_until(lambda: all(sender.acknowledged for sender in senders), "all doors in use")
        lock = Lock(house)
        failures = [sender.failures for sender in senders]
        _pages_say_so(house, city)
        wait_until(
            lambda: all(s.failures > seen for s, seen in zip(senders, failures, strict=True)),
            "everybody was refused",
        )
        lock.release()
        seen = [len(sender.acknowledged) for sender in senders]
        wait_until(
            lambda: all(len(s.acknowledged) > n for s, n in zip(senders, seen, strict=True)),
            "everything goes through again",
        )
        after = house.children()
    finally:
        stop.set()
        for sender in senders:
            sender.join(15)
        house.stop()

    found = house.ask("stored")
    readings = [tuple(row) for row in found["readings"]]
    assert keys_of(senders) - set(readings) == set()
    assert len(readings) == len(set(readings))
    phone = next(sender for sender in senders if isinstance(sender, Phone))
    assert {made for made, _item in phone.acknowledged} - set(found["submissions"]) == set()
    assert len(found["accepted_items"]) == len(set(found["accepted_items"])) == found["events"]
    assert found["findings"] == []
    assert after == before  # nobody ended over it
    gateways = [sender for sender in senders if isinstance(sender, Gateway)]
    assert set(gateways[0].refused | gateways[1].refused) == {(503, "observe.busy")}
    assert set(phone.refused) == {(503, "server.busy")}
