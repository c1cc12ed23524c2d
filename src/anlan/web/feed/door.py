"""GET /feed/: an open stream of server-sent events for a signed-in browser.

Events: `hello` {now, rate, resumed}, `news` (an event of the outbox; may come twice, told apart by
its id), `values` [[station, series, at_ms, value, flag], …], `clock` {now, rate}, `reload` (too
much was missed: ask for the state afresh).
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeVar

from django.db import connection

from anlan.base.storage import DatabaseFault

from ..sessions import key_of
from .audience import Listener, identify
from .hub import Client, Hub, frame, missed
from .reader import clock_now, events_after

logger = logging.getLogger(__name__)

T = TypeVar("T")
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

MOST_MISSED = 500
_hub: Hub | None = None


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """The feed as an ASGI application."""
    if scope["path"] != "/feed/" or scope["method"] != "GET":
        await _refuse(send, 404)
        return
    key = key_of(scope)
    try:
        listener = await in_thread(_identify, key)
    except DatabaseFault:
        await _refuse(send, 503)
        return
    if listener is None:
        await _refuse(send, 401)
        return
    hub = the_hub()
    if not hub.has_room_for(listener.account_id):
        await _refuse(send, 503)
        return
    client = Client(key, listener)
    try:
        await _serve(hub, client, _last_id(scope), receive, send)
    finally:
        hub.leave(client)


async def in_thread(function: Callable[..., T], *arguments: Any) -> T:
    """Not `asyncio.to_thread`: it would lend the thread another context's database connection."""
    return await asyncio.get_running_loop().run_in_executor(None, function, *arguments)


def the_hub() -> Hub:
    """Made inside the running loop, at the first connection."""
    global _hub
    if _hub is None:
        _hub = Hub()
    return _hub


def client_count() -> int:
    """Open feeds of this process, for the metrics."""
    return _hub.count if _hub else 0


async def stop() -> None:
    """At the end of the process; an open feed would keep it waiting."""
    global _hub
    if _hub is not None:
        await _hub.stop()
        _hub = None


async def _serve(hub: Hub, client: Client, last_id: int, receive: Receive, send: Send) -> None:
    try:
        safe_id = await hub.join(client)
        first = await in_thread(_first_messages, client.listener, last_id, safe_id)
    except (DatabaseFault, TimeoutError):
        await _refuse(send, 503)
        return
    await send(
        {
            "type": "http.response.start",
            "status": 200,
            "headers": [
                (b"content-type", b"text/event-stream; charset=utf-8"),
                (b"cache-control", b"no-store"),
                (b"x-accel-buffering", b"no"),  # nginx must pass each event on at once
            ],
        }
    )
    await _write(send, b"retry: 1000\n\n" + b"".join(first))
    tasks = [
        asyncio.create_task(_pump(client, send)),
        asyncio.create_task(_gone(receive)),
        asyncio.create_task(client.dropped.wait()),
    ]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    if client.dropped.is_set():
        await _end(send)


def _first_messages(listener: Listener, last_id: int, safe_id: int) -> list[bytes]:
    try:
        events = events_after(last_id, MOST_MISSED) if last_id else []
        resumed = bool(last_id) and len(events) <= MOST_MISSED
        hello = frame("hello", {**clock_now(), "resumed": resumed}, safe_id)
        if len(events) > MOST_MISSED:
            return [hello, frame("reload", {})]
        return [*missed(events, listener.audience), hello]
    finally:
        connection.close()  # this thread belongs to nobody's request


async def _pump(client: Client, send: Send) -> None:
    while True:
        await _write(send, await client.take())


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _write(send: Send, body: bytes) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": True})


async def _end(send: Send) -> None:
    try:
        await asyncio.wait_for(send({"type": "http.response.body", "body": b""}), 1)
    except (TimeoutError, OSError):
        logger.info("a feed that could not keep up was cut off")


def _identify(key: str) -> Listener | None:
    try:
        return identify(key)
    finally:
        connection.close()


def _last_id(scope: Scope) -> int:
    """Where the browser was when it lost us: its header, or ?after= of a page just loaded."""
    for name, value in scope["headers"]:
        if name == b"last-event-id" and value.isdigit():
            return int(value[:18])
    query = scope.get("query_string", b"")
    if query.startswith(b"after=") and query[6:].isdigit():
        return int(query[6:24])
    return 0


async def _refuse(send: Send, status: int) -> None:
    headers = [(b"content-type", b"text/plain"), (b"content-length", b"0")]
    if status == 503:
        headers.append((b"retry-after", b"10"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
