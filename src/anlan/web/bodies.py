"""Read a request's body before a thread of Django's is taken for it.

Django runs in few threads. A phone that uploads a photo over a bad network for a minute must not
hold one of them: a handful of such phones would stop every page. Here the body waits in a spooled
file, costs no thread, and is handed over whole.
"""

import asyncio
import json
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
# How long the rest of what is refused is read and thrown away: a browser that is still sending when
# the connection is closed never shows the answer.
DRAIN_WITHIN_S = 60.0


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
                most = settings.MAX_UPLOAD_BYTES // (1024 * 1024)
                await _refuse_upload(scope, receive, send, most)
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


async def _refuse_upload(scope: Scope, receive: Receive, send: Send, most_mb: int) -> None:
    """Answer at once, then let the client finish: it may read only when it has sent all."""
    message = f"上传内容超过 {most_mb} MB，未保存。"
    hint = "请压缩或拆分后再传。"
    kind, text = "text/plain", f"{message}{hint}按浏览器的“返回”键回到原页面。"
    if scope["path"].startswith("/api/"):
        kind = "application/json"
        text = json.dumps({"code": "web.too_large", "message": message, "hint": hint})
    await _begin(send, 413, kind, text)
    await send({"type": "http.response.body", "body": text.encode(), "more_body": True})
    try:
        async with asyncio.timeout(DRAIN_WITHIN_S):
            while (await receive()).get("more_body"):
                pass
    except TimeoutError:
        pass  # it has had its answer
    await send({"type": "http.response.body", "body": b""})


async def refuse(send: Send, status: int, text: str) -> None:
    """A few words instead of an answer, before Django is reached."""
    await _begin(send, status, "text/plain", text)
    await send({"type": "http.response.body", "body": text.encode()})


async def _begin(send: Send, status: int, kind: str, text: str) -> None:
    headers = [
        (b"content-type", f"{kind}; charset=utf-8".encode()),
        (b"content-length", str(len(text.encode())).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
