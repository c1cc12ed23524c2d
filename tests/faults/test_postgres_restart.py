"""PostgreSQL itself crashes under load and comes back: what was acknowledged is there, once."""

import random
import threading

import httpx
import pytest

from tests.house import House, wait_until

from .load import keys_of, random_moment, start_all

RESTARTS = 3
pytestmark = pytest.mark.fault


def test_what_was_acknowledged_is_there_once_after_the_database_crashed(
    tmp_path, cluster, postgres
):
    house = House(tmp_path, inside="tests.faults.inside", DATABASE_URL=postgres)
    city = house.ask("prepare")
    house.start()
    before = house.children()
    stop, pause, pick = threading.Event(), threading.Event(), random.Random(20260702)
    senders = start_all(house, city, stop)
    try:
        for _crash in range(RESTARTS):
            pause.wait(random_moment(pick))
            cluster.crash()
            acknowledged = [len(sender.acknowledged) for sender in senders[:5]]
            wait_until(
                lambda seen=acknowledged: all(
                    len(sender.acknowledged) > count
                    for sender, count in zip(senders, seen, strict=False)
                ),
                "every door stores again",
            )
        wait_until(lambda: httpx.get(f"{house.url}/health/").status_code == 200, "healthy again")
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
    assert found["findings"] == []
    # Everybody waited for the database; nobody ended over it.
    assert after == before
