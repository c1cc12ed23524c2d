import asyncio
import signal
import threading
from urllib.request import Request, urlopen

import pytest

from anlan.web import asgi


def ask(path, method="GET"):
    """The status that the application answers with."""
    sent = []

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": method, "path": path, "headers": [], "query_string": b""}
    asyncio.run(asgi.application(scope, receive, send))
    return sent[0]["status"]


@pytest.mark.django_db
def test_the_feed_and_the_door_for_readings_do_not_pass_through_django():
    assert ask("/feed/") == 401
    assert ask("/feed/other/") == 404
    assert ask("/ingest/http") == 405
    assert set(asgi.PREFIXES) == {"/feed/", "/ingest/", "/places/tiles/"}


def test_the_end_of_the_process_does_not_wait_for_the_map(monkeypatch):
    ready, read_on, read = threading.Event(), threading.Event(), []

    def warm():
        ready.set()
        read.append(read_on.wait(20))  # a city whose layers take long

    monkeypatch.setattr(asgi.map_door, "warm", warm)
    said = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]

    async def receive():
        return said.pop(0)

    async def send(message):
        if message["type"] == "lifespan.shutdown.complete":
            assert ready.wait(20)

    asyncio.run(asgi.application({"type": "lifespan"}, receive, send))
    assert read == []
    read_on.set()


def test_the_web_process_serves_streams_and_ends_when_asked(house):
    """A real process: an open feed, then SIGTERM."""
    request = Request(f"{house.url}/feed/", headers={"Cookie": f"sessionid={house.officer}"})
    with urlopen(request, timeout=10) as stream:
        first = [stream.readline() for _ in range(6)]
        assert b"event: hello\n" in first
        house.process.send_signal(signal.SIGTERM)
        # It says again what ended it. On a busy machine its writer may be starting still.
        assert house.process.wait(30) in {0, -signal.SIGTERM}
