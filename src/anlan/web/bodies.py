"""Read a request's body before a thread of Django's is taken for it.

Django runs in few threads. A phone that uploads a photo over a bad network for a minute must not
hold one of them: a handful of such phones would stop every page. Here the body waits in a spooled
file, costs no thread, and is handed over whole.
"""

import asyncio
import logging
import tempfile
from collections.abc import Awaitable, Callable, MutableMapping
from typing import IO, Any

from django.conf import settings

logger = logging.getLogger(__name__)
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

IN_MEMORY = 256 * 1024
CHUNK = 64 * 1024
WITHIN_S = 300.0  # 20 MB at half a megabit a second


class TooLarge(Exception):
    """More than may be uploaded."""


class Gone(Exception):
    """The client hung up in the middle."""


def body_first(app: App) -> App:
    """The same application, called when the whole body is here."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as body:
            try:
                await asyncio.wait_for(_spool(scope, receive, body), WITHIN_S)
            except TooLarge:
                await refuse(send, 413, "上传内容过大，请压缩后再传。")
            except TimeoutError:
                await refuse(send, 408, "上传时间过长，请在网络较好时重试。")
            except Gone:
                return
            except OSError:
                # No room for it in the temporary folder.
                logger.exception("a request's body could not be kept")
                await refuse(send, 507, "服务器磁盘空间不足，内容未保存，请稍后重试。")
            else:
                await app(scope, _replay(body, receive), send)

    return wrapped


async def _spool(scope: Scope, receive: Receive, body: "IO[bytes]") -> None:
    most = settings.MAX_UPLOAD_BYTES + 1024 * 1024  # the form around the file
    headers = dict(scope["headers"])
    declared = headers.get(b"content-length", b"0")
    if declared.isdigit() and int(declared) > most:
        raise TooLarge
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > most:
            raise TooLarge
        body.write(chunk)
        more = message.get("more_body", False)
    body.seek(0)


def _replay(body: "IO[bytes]", receive: Receive) -> Receive:
    """What the application receives: the body from the file, then whatever the server says."""
    ended = False

    async def replayed() -> MutableMapping[str, Any]:
        nonlocal ended
        if ended:
            return await receive()
        chunk = body.read(CHUNK)
        ended = len(chunk) < CHUNK
        return {"type": "http.request", "body": chunk, "more_body": not ended}

    return replayed


async def refuse(send: Send, status: int, text: str) -> None:
    """A few words instead of an answer, before Django is reached."""
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text.encode()})
