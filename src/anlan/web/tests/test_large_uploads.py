"""A 200 MB upload through the real server: answered, not reset, and not kept in memory."""

import asyncio
import http.client
import os
import socket
import threading
from pathlib import Path

import pytest
import uvicorn

from anlan.web import bodies
from anlan.web.protocol import BoundedProtocol

SIZE = 200 * 1024 * 1024
PIECE = b"x" * 1024 * 1024


@pytest.fixture(scope="module")
def port():
    """The pages' door alone, as `anlan web` serves it; Django behind it would never be asked."""

    async def never(_scope, _receive, _send):
        raise AssertionError("a page was asked")

    async def app(scope, receive, send):
        assert scope["type"] == "http"
        await bodies.body_first(never)(scope, receive, send)

    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        config = uvicorn.Config(app, http=BoundedProtocol, lifespan="off", log_config=None)
        server = uvicorn.Server(config)
        thread = threading.Thread(
            target=lambda: asyncio.run(server.serve(sockets=[listening])), daemon=True
        )
        thread.start()
        yield listening.getsockname()[1]
        server.should_exit = True
        thread.join(10)


def memory_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


@pytest.mark.parametrize(
    ("path", "declared"),
    [("/prevent/enterprises/import/", True), ("/api/submissions/1/attachments/2", False)],
    ids=["a page's form, its length declared", "a phone's file, in chunks"],
)
def test_an_upload_that_is_far_too_large_is_answered(port, path, declared):
    before = memory_mb()
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    pieces = (PIECE for _ in range(SIZE // len(PIECE)))
    headers = {"Content-Length": str(SIZE)} if declared else {}
    # Everything is sent before anything is read, as a browser's form does.
    line.request("POST", path, pieces, headers, encode_chunked=not declared)
    answer = line.getresponse()

    assert answer.status == 413
    assert "上传内容超过 20 MB，未保存。" in (
        answer.read().decode("unicode_escape" if path.startswith("/api/") else "utf-8")
    )
    assert memory_mb() - before < 60
