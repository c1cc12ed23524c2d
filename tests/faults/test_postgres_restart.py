"""PostgreSQL itself crashes under load and comes back: what was acknowledged is there, once."""

import random
import shutil
import subprocess
import threading
from urllib.parse import urlsplit

import httpx
import pytest

from tests.house import House, wait_until

from .load import keys_of, random_moment, start_all

RESTARTS = 3
pytestmark = pytest.mark.fault


def cluster_at(port: int) -> list[str]:
    """Version and name of the cluster that listens there, as Debian's tools know it."""
    if shutil.which("pg_lsclusters") is None:
        pytest.skip("the server is not one of Debian's clusters, which this test could restart")
    listed = subprocess.run(["pg_lsclusters", "-h"], capture_output=True, text=True, check=True)
    for line in listed.stdout.splitlines():
        version, name, at, *_rest = line.split()
        if int(at) == port:
            return [version, name]
    return pytest.skip(f"no cluster of this machine listens on port {port}")


def test_what_was_acknowledged_is_there_once_after_the_database_crashed(tmp_path, postgres):
    cluster = cluster_at(urlsplit(postgres).port or 5432)
    house = House(tmp_path, inside="tests.faults.inside", DATABASE_URL=postgres)
    city = house.ask("prepare")
    house.start()
    before = house.children()
    stop, pause, pick = threading.Event(), threading.Event(), random.Random(20260702)
    senders = start_all(house, city, stop)
    try:
        for _crash in range(RESTARTS):
            pause.wait(random_moment(pick))
            # Immediate: without a checkpoint, as after a power cut.
            crash = ["pg_ctlcluster", *cluster, "restart", "-m", "immediate"]
            subprocess.run(crash, check=True)
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
