import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from urllib.error import HTTPError
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
    assert set(asgi.PREFIXES) == {"/feed/", "/ingest/"}


def test_the_web_process_serves_streams_and_ends_within_seconds(tmp_path, unused_port):
    """A real process: sign-in page, an open feed, SIGTERM."""
    env = {**os.environ, "ANLAN_DATA": str(tmp_path), "DATABASE_URL": ""}
    anlan = [sys.executable, "-m", "anlan"]
    subprocess.run([*anlan, "migrate", "-v0"], env=env, check=True)
    setup = (
        "from anlan.people.models import Account; from anlan.places.models import Region;"
        "from anlan.people.models import Grant; from django.test import Client;"
        "a = Account.objects.create_account('a', 'long-enough-1', name='a');"
        "r = Region.objects.create(code='33', name='x', level=1, path='33/');"
        "Grant.objects.create(account=a, permission='warn.view', region=r);"
        "c = Client(); c.force_login(a); print(c.session.session_key)"
    )
    made = subprocess.run(
        [*anlan, "shell", "-v0", "-c", setup], env=env, check=True, capture_output=True, text=True
    )
    cookie = f"sessionid={made.stdout.split()[-1]}"
    process = subprocess.Popen([*anlan, "web", "--port", str(unused_port)], env=env)
    try:
        stream = open_feed(f"http://127.0.0.1:{unused_port}/feed/", cookie)
        first = [stream.readline() for _ in range(6)]
        assert b"event: hello\n" in first
        process.send_signal(signal.SIGTERM)
        started = time.monotonic()
        assert process.wait(10) in {0, -signal.SIGTERM}  # it says again what ended it
        assert time.monotonic() - started < 5
    finally:
        process.kill()


def open_feed(url, cookie):
    for _attempt in range(100):
        try:
            return urlopen(Request(url, headers={"Cookie": cookie}), timeout=10)
        except HTTPError:
            raise
        except OSError:
            threading.Event().wait(0.1)
    raise AssertionError("the web process did not start")


@pytest.fixture
def unused_port():
    import socket

    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]
