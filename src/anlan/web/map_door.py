"""The map's tiles, past Django's middleware: a pan asks for dozens at once.

The same tiles as `places.map_pages.tile`, for the same readers. Who reads and what is in force is
looked up once for some seconds, so that a tile that was made before costs no query and no thread.
"""

import asyncio
import gzip
import logging
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import parse_qs

from django.db import connection

from anlan.base.storage import DatabaseFault
from anlan.places import layers, tiles

from .bodies import Receive, Scope, Send
from .sessions import account_of, key_of

logger = logging.getLogger(__name__)
T = TypeVar("T")
_PATH = re.compile(r"/places/tiles/([\w-]+)/(\d{1,2})/(\d{1,7})/(\d{1,7})\.mvt")
# How long a right that was taken away, or a point that moved, may still be seen on the map.
READER_S, VERSION_S = 5.0, 1.0
_MOST = 2000
Rights = dict[str, tuple[str, ...]]  # permission → subtrees


class Known(Generic[T]):
    """What was asked a moment ago; whoever asks meanwhile waits for the same answer."""

    def __init__(self, ask: Callable[[str], T], fresh_s: float) -> None:
        self._ask, self._fresh_s = ask, fresh_s
        self._answers: OrderedDict[str, tuple[float, asyncio.Future[T]]] = OrderedDict()

    async def get(self, key: str) -> T:
        at, answer = self._answers.get(key, (float("-inf"), None))
        if answer is None or (answer.done() and time.monotonic() - at > self._fresh_s):
            loop = asyncio.get_running_loop()
            answer = asyncio.ensure_future(loop.run_in_executor(None, self._apart, key))
            self._answers[key] = (time.monotonic(), answer)
            while len(self._answers) > _MOST:
                self._answers.popitem(last=False)
        try:
            return await asyncio.shield(answer)
        except BaseException:
            self._answers.pop(key, None)  # a fault is not remembered
            raise

    def _apart(self, key: str) -> T:
        try:
            return self._ask(key)
        finally:
            connection.close()  # this thread belongs to nobody's request


def _rights_of(session_key: str) -> Rights | None:
    account = account_of(session_key)
    if account is None:
        return None
    codes = {layer.permission for layer in layers.registered()}
    return {code: tuple(account.regions_for(code)) for code in codes}


def _version_of(layer_code: str) -> str:
    layer = layers.get(layer_code)
    return layer.version() if layer else ""


@dataclass
class Memory:
    """Of one event loop: answers belong to the loop that asked."""

    loop: asyncio.AbstractEventLoop
    readers: Known[Rights | None]
    versions: Known[str]


_memory: Memory | None = None


def _remembered() -> Memory:
    global _memory
    loop = asyncio.get_running_loop()
    if _memory is None or _memory.loop is not loop:
        _memory = Memory(loop, Known(_rights_of, READER_S), Known(_version_of, VERSION_S))
    return _memory


def warm() -> None:
    """In a thread of its own at the start of the process; a failure is told at the first tile."""
    try:
        tiles.warm()
    except DatabaseFault:
        logger.warning("map layers could not be read yet", exc_info=True)
    finally:
        connection.close()


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers GET and HEAD of one tile."""
    if scope["method"] not in {"GET", "HEAD"}:
        await _send(send, 405)
        return
    try:
        asked = _asked(scope)
        rights = await _remembered().readers.get(key_of(scope))
        if rights is None:
            await _send(send, 401)
            return
        paths = rights.get(asked.layer.permission, ()) if asked else ()
        if asked is None or not paths:
            await _send(send, 404)
            return
        body, tag = await _tile(asked, paths)
    except DatabaseFault:
        await _send(send, 503, extra=[(b"retry-after", b"5")])
        return
    await _answer(scope, send, body, tag)


def _asked(scope: Scope) -> tiles.Asked | None:
    found = _PATH.fullmatch(scope["path"])
    if found is None:
        return None
    query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
    z, x, y = (int(part) for part in found.groups()[1:])
    return tiles.asked(found[1], query.get("kind", [""])[0], z, x, y)


async def _tile(asked: tiles.Asked, paths: tuple[str, ...]) -> tuple[bytes, str]:
    version = await _remembered().versions.get(asked.layer.code)
    made = tiles.kept(asked, paths=paths, version=version)
    if made:
        return made
    return await asyncio.get_running_loop().run_in_executor(None, _make, asked, paths, version)


def _make(asked: tiles.Asked, paths: tuple[str, ...], version: str) -> tuple[bytes, str]:
    try:
        return tiles.tile(
            asked.layer,
            paths=paths,
            kinds=asked.kinds,
            z=asked.z,
            x=asked.x,
            y=asked.y,
            version=version,
        )
    finally:
        connection.close()


async def _answer(scope: Scope, send: Send, body: bytes, tag: str) -> None:
    headers = dict(scope["headers"])
    kept = [
        (b"etag", tag.encode()),
        (b"cache-control", b"private, no-cache"),
        (b"vary", b"Cookie, Accept-Encoding"),
        (b"x-content-type-options", b"nosniff"),
    ]
    if tag.encode() in headers.get(b"if-none-match", b""):
        await _send(send, 304, extra=kept)
        return
    kept.append((b"content-type", b"application/vnd.mapbox-vector-tile"))
    if b"gzip" in headers.get(b"accept-encoding", b""):
        kept.append((b"content-encoding", b"gzip"))
    else:
        body = gzip.decompress(body)
    await _send(send, 200, b"" if scope["method"] == "HEAD" else body, extra=kept)


async def _send(
    send: Send, status: int, body: bytes = b"", extra: Iterable[tuple[bytes, bytes]] = ()
) -> None:
    headers: list[Any] = [*extra]
    if status != 304:
        headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
