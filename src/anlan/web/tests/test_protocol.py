"""How requests are read from the line."""

import asyncio

import pytest
from uvicorn import Config
from uvicorn.server import ServerState

from anlan.web.protocol import HEAD_MOST, BoundedProtocol

HEAD = b"POST /ingest/http HTTP/1.1\r\nHost: here\r\n"


class Line(asyncio.Transport):
    def __init__(self):
        super().__init__()
        self.written, self.closed = b"", False

    def write(self, data):
        self.written += data

    def close(self):
        self.closed = True

    def is_closing(self):
        return self.closed

    def pause_reading(self):
        pass

    def resume_reading(self):
        pass


async def echo(scope, receive, send):
    """Answers with the length of the body."""
    size, more = 0, True
    while more:
        message = await receive()
        size += len(message["body"])
        more = message["more_body"]
    body = str(size).encode()
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def talk(*pieces):
    """What is answered to these pieces on one connection."""

    async def go():
        config = Config(echo, log_config=None, lifespan="off")
        config.load()
        line = Line()
        protocol = BoundedProtocol(config, ServerState(), {})
        protocol.connection_made(line)
        for piece in pieces:
            protocol.data_received(piece)
            for _ in range(10):
                await asyncio.sleep(0)
            if line.closed:
                break
        protocol.connection_lost(None)
        return line.written

    return asyncio.run(go())


def test_a_head_that_does_not_end_is_refused():
    endless = [HEAD, *[b"X-More: " + b"x" * 4000 + b"\r\n" for _ in range(HEAD_MOST // 4000 + 1)]]
    assert talk(*endless).startswith(b"HTTP/1.1 400 ")
    # Also where it is one value without an end.
    assert talk(HEAD + b"X: ", *[b"x" * 4000] * (HEAD_MOST // 4000 + 1)).startswith(b"HTTP/1.1 400")


@pytest.mark.parametrize("cut", [0, 10, len(HEAD) + 20, 70_000])
def test_a_large_body_behind_a_small_head_is_read_whole_and_so_is_the_next(cut):
    body = b"x" * 200_000
    request = HEAD + f"Content-Length: {len(body)}\r\n\r\n".encode() + body
    written = talk(request[:cut], request[cut:], request)

    assert written.count(b"HTTP/1.1 200 ") == 2
    assert written.count(b"\r\n\r\n200000") == 2
