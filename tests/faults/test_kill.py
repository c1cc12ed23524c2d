"""kill -9 at random moments under load: what was acknowledged is there, once."""

import random
import threading

import pytest

from tests.house import House

from .load import Phone, Sender, keys_of, random_moment, start_all

NAMES = ["web", "web-2", "worker", "ingest", "writer of web", "writer of ingest"]
KILLS = 2  # of each, on each database
pytestmark = pytest.mark.fault


def test_what_was_acknowledged_is_there_once_after_many_kills(tmp_path, database_url):
    house = House(
        tmp_path, inside="tests.faults.inside", DATABASE_URL=database_url, ANLAN_WEB_PROCESSES="2"
    )
    city = house.ask("prepare")
    house.start()
    stop, pause, pick = threading.Event(), threading.Event(), random.Random(20260701)
    senders = start_all(house, city, stop)
    faults = pick.sample(NAMES * KILLS, len(NAMES) * KILLS)
    try:
        # A slow machine has sent less when all were killed: it goes on until it is enough.
        while faults or not _enough(senders):
            pause.wait(random_moment(pick))
            if faults and house.kill(faults[-1]):
                faults.pop()
            house.wait_until_up()
    finally:
        stop.set()
        for sender in senders:
            sender.join(15)
        house.stop()

    found = house.ask("stored")
    readings = [tuple(row) for row in found["readings"]]
    sent = keys_of(senders)
    phone = _phone(senders)
    assert _enough(senders)
    assert sent - set(readings) == set()
    assert len(readings) == len(set(readings))
    acknowledged_ids = {made for made, _item in phone.acknowledged}
    assert acknowledged_ids - set(found["submissions"]) == set()
    items = found["accepted_items"]
    assert {item for _made, item in phone.acknowledged} - set(items) == set()
    assert len(items) == len(set(items)) == found["events"]
    assert found["findings"] == []


def _phone(senders: list[Sender]) -> Phone:
    return next(sender for sender in senders if isinstance(sender, Phone))


def _enough(senders: list[Sender]) -> bool:
    """So much was acknowledged that something would be missing if kills lost anything."""
    return len(keys_of(senders)) > 1000 and len(_phone(senders).acknowledged) > 20
