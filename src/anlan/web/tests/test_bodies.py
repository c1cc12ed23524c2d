import asyncio
import errno

import pytest

from anlan.web import bodies


def call(messages, settings, headers=(), limit=1000):
    """What the wrapped application received, and what was answered."""
    settings.MAX_UPLOAD_BYTES = limit - 1024 * 1024
    received, sent, waiting = [], [], list(messages)

    async def app(scope, receive, send):
        more = True
        while more:
            message = await receive()
            received.append(message["body"])
            more = message["more_body"]
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def receive():
        if not waiting:
            await asyncio.Event().wait()  # a client that sends nothing more
        return waiting.pop(0)

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "path": "/prevent/", "headers": list(headers)}
    asyncio.run(bodies.body_first(app)(scope, receive, send))
    return b"".join(received), sent[0]["status"] if sent else None


def part(body, more=False):
    return {"type": "http.request", "body": body, "more_body": more}


@pytest.mark.parametrize("size", [0, 1, bodies.CHUNK, bodies.CHUNK * 2 + 7, bodies.IN_MEMORY + 1])
def test_a_body_in_parts_arrives_whole(settings, size):
    data = bytes(range(256)) * (size // 256 + 1)
    data = data[:size]
    parts = [part(data[:100], True), part(data[100:])]

    assert call(parts, settings, limit=10**7) == (data, 200)


def test_a_body_that_is_too_large_is_refused_before_a_thread_is_taken(settings, monkeypatch):
    monkeypatch.setattr(bodies, "DRAIN_WITHIN_S", 0.01)  # the first sends nothing after its answer
    assert call([part(b"x" * 600, True), part(b"x" * 600)], settings) == (b"", 413)
    declared = [(b"content-length", b"1001")]
    assert call([part(b"")], settings, headers=declared) == (b"", 413)


def test_a_body_that_never_ends_costs_no_thread_and_is_given_up(settings, monkeypatch):
    monkeypatch.setattr(bodies, "WITHIN_S", 0.01)
    assert call([part(b"x", True)], settings) == (b"", 408)


def test_a_client_that_hangs_up_reaches_no_page(settings):
    assert call([part(b"x", True), {"type": "http.disconnect"}], settings) == (b"", None)


def test_a_body_that_finds_no_room_is_refused(settings, monkeypatch):
    def full(*_how, **_more):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(bodies.tempfile, "TemporaryFile", full)  # where the body is rolled over to
    large = part(b"x" * (bodies.IN_MEMORY + 1))
    assert call([large], settings, limit=10**7) == (b"", 507)
