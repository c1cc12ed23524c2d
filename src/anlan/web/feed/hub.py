"""Carry the news to the open connections: read once, written once for each audience.

One poller a process, in a thread of its own; it runs only while somebody listens. A connection
that cannot keep up is closed, not buffered for: the browser comes back and resumes.
"""

import asyncio
import contextlib
import logging
import math
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import msgspec
from django.db import connection

from anlan.base.storage import DatabaseFault

from .audience import VALUES, Audience, Listener, identify
from .reader import Batch, News, Reader, clock_now

logger = logging.getLogger(__name__)
T = TypeVar("T")

POLL_S = 0.2
VALUES_EVERY = 2  # polls: values go out less often than events
RECHECK_S = 30.0  # a revoked session or grant ends the feed within this
HEARTBEAT_S = 10.0
AGAIN_S = 1.0  # after a look that the database did not answer
MOST_WAITING = 150  # polls (half a minute) that one connection may fall behind …
MOST_BYTES = 4_000_000  # … and bytes
MOST_CLIENTS = 1000
MOST_OF_ONE = 20  # connections of one account

_encode = msgspec.json.Encoder().encode


def frame(event: str, body: Any, event_id: int | None = None) -> bytes:
    """One server-sent event."""
    head = f"id: {event_id}\n" if event_id is not None else ""
    return f"{head}event: {event}\ndata: ".encode() + _encode(body) + b"\n\n"


def close_connection() -> None:
    """The calling thread's own; `connection.close` as a value would be the giver's."""
    connection.close()


class Client:
    """One open connection: a bounded queue between the hub and the socket."""

    def __init__(self, session_key: str, listener: Listener) -> None:
        self.session_key = session_key
        self.listener = listener
        self.queue: asyncio.Queue[bytes] = asyncio.Queue(MOST_WAITING)
        self.waiting_bytes = 0
        self.dropped = asyncio.Event()

    def push(self, message: bytes) -> None:
        # One message alone may be as large as it is: a burst is not the reader's fault.
        if self.queue.full() or (self.waiting_bytes > MOST_BYTES):
            self.dropped.set()
            return
        self.waiting_bytes += len(message)
        self.queue.put_nowait(message)

    async def take(self) -> bytes:
        """What waits, at least one message."""
        parts = [await self.queue.get()]
        while not self.queue.empty():
            parts.append(self.queue.get_nowait())
        self.waiting_bytes = 0
        return b"".join(parts)

    def end(self) -> None:
        self.dropped.set()


class Hub:
    def __init__(self) -> None:
        self._clients: dict[Audience, set[Client]] = {}
        self._count = 0
        self._by_account: dict[int, int] = {}
        self._poller: asyncio.Task[None] | None = None
        # The reader's thread keeps its own database connection.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="feed")
        self._reader: Reader | None = None
        self._ready = asyncio.Event()
        self._batch = Batch()
        self._unspread: list[News] = []
        self._last_clock: dict[str, Any] = {}
        self._to_check: deque[Client] = deque()

    # --- connections ---

    def has_room_for(self, account_id: int) -> bool:
        mine = self._by_account.get(account_id, 0)
        return self._count < MOST_CLIENTS and mine < MOST_OF_ONE

    @property
    def count(self) -> int:
        return self._count

    async def join(self, client: Client) -> int:
        """Start listening; returns the id from which a later resume loses nothing."""
        self._clients.setdefault(client.listener.audience, set()).add(client)
        self._count += 1
        account = client.listener.account_id
        self._by_account[account] = self._by_account.get(account, 0) + 1
        self._to_check.append(client)
        if self._poller is None:
            self._ready.clear()
            self._poller = asyncio.create_task(self._run())
        await asyncio.wait_for(self._ready.wait(), 10)
        return self._batch.safe_id

    def leave(self, client: Client) -> None:
        group = self._clients.get(client.listener.audience)
        if group is None or client not in group:
            return
        group.discard(client)
        if not group:
            del self._clients[client.listener.audience]
        self._count -= 1
        account = client.listener.account_id
        self._by_account[account] -= 1
        if not self._by_account[account]:
            del self._by_account[account]

    async def in_thread(self, function: Callable[..., T], *arguments: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, function, *arguments)

    async def stop(self) -> None:
        """End every connection, so that the process can."""
        self._end_all()
        if (poller := self._poller) is not None:
            poller.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await poller
        await self.in_thread(close_connection)
        self._thread.shutdown(wait=False)

    def _end_all(self) -> None:
        for group in self._clients.values():
            for client in group:
                client.end()

    # --- the poller ---

    async def _run(self) -> None:
        try:
            await self._poll()
        except Exception:
            # A fault of ours. A board that hears nothing must not look alive: all feeds end, the
            # browsers come back, resume after what they last heard, and a new poller is started.
            logger.exception("the feed's poller failed")
        finally:
            # Before the next await: who joins from here on starts a poller of their own.
            self._poller = self._reader = None
            self._end_all()
            await self.in_thread(close_connection)

    async def _poll(self) -> None:
        polls, beat_at = 0, 0.0
        while self._count:
            started = time.monotonic()
            try:
                await self.in_thread(self._look, polls % VALUES_EVERY == 0)
                self._ready.set()
                self.spread(self._batch)
                if started - beat_at > HEARTBEAT_S or self._clock_moved():
                    beat_at = started
                    self._beat()
                await self._recheck()
            except DatabaseFault as error:
                # Locked or restarted: the boards wait, the next look catches up.
                logger.warning("the feed could not look for news: %s", error)
                await self.in_thread(close_connection)
                await asyncio.sleep(AGAIN_S)
            polls += 1
            await asyncio.sleep(max(0.02, POLL_S - (time.monotonic() - started)))

    def _look(self, with_values: bool) -> None:
        if self._reader is None:
            reader = Reader()
            reader.start()
            self._reader = reader
        now = clock_now()
        # Kept until the values are read as well: the database may fail in between.
        self._unspread += self._reader.read_events()
        values = self._reader.read_values() if with_values else []
        self._last_clock = self._batch.clock
        self._batch = Batch(self._unspread, values, self._reader.safe_id, now)
        self._unspread = []

    def _clock_moved(self) -> bool:
        """The operator changed the scenario's speed, or moved it."""
        before, now = self._last_clock, self._batch.clock
        return bool(before) and before["rate"] != now["rate"]

    def spread(self, batch: Batch) -> None:
        """Each audience's share of a batch, encoded once and queued for each of its clients."""
        if not (batch.events or batch.values):
            return
        for audience, group in list(self._clients.items()):
            message = b"".join(messages(batch, audience))
            if message:
                for client in group:
                    client.push(message)

    def _beat(self) -> None:
        message = frame("clock", self._batch.clock)
        for group in self._clients.values():
            for client in group:
                client.push(message)

    async def _recheck(self) -> None:
        """End the feeds whose session or grants are not what they were: a few at each look."""
        for _turn in range(math.ceil(self._count * POLL_S / RECHECK_S)):
            if not self._to_check:
                return
            client = self._to_check.popleft()
            if client not in self._clients.get(client.listener.audience, ()):
                continue
            try:
                now = await self.in_thread(identify, client.session_key)
            except DatabaseFault:
                self._to_check.append(client)
                raise
            if now == client.listener:
                self._to_check.append(client)
            else:
                client.end()


def messages(batch: Batch, audience: Audience) -> list[bytes]:
    found = [
        frame("news", event.body, batch.safe_id)
        for event in batch.events
        if audience.hears_event(event.name, event.path)
    ]
    values = [value.row for value in batch.values if audience.hears(VALUES, value.path)]
    if values:
        found.append(frame("values", values))
    return found


def missed(events: list[News], audience: Audience) -> list[bytes]:
    """The same for a board that was away."""
    return [
        frame("news", event.body, event.id)
        for event in events
        if audience.hears_event(event.name, event.path)
    ]
