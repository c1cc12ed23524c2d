"""The listener: stations connect by TCP, send, and are confirmed once their message is stored."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Final, Self

from anlan.observe.sl651.bcd import decode_time
from anlan.observe.sl651.codes import Encoding
from anlan.observe.sl651.decode import decode
from anlan.observe.sl651.elements import Extensions
from anlan.observe.sl651.messages import BadFrame, Frame, Message
from anlan.observe.sl651.packets import Abandoned, Assembler, Complete, Missing, Repeated
from anlan.observe.sl651.replies import ask_again, confirm
from anlan.observe.sl651.splitter import Splitter

OnMessage = Callable[[Message], Awaitable[bool]]
Now = Callable[[], datetime]

_log = logging.getLogger(__name__)
_CHUNK: Final = 4096
_MOST_ADDRESSES: Final = 10_000


@dataclass(slots=True)
class Counters:
    """Since the start, of one address or of all."""

    connections: int = 0
    refused: int = 0
    """Connections turned away because there were too many."""
    frames: int = 0
    bad_frames: int = 0
    """Wrong check or length: never confirmed."""
    noise_bytes: int = 0
    messages: int = 0
    confirmed: int = 0
    not_stored: int = 0
    """Messages that were not confirmed because storing them failed."""
    unknown_elements: int = 0
    deviations: int = 0
    packets_asked: int = 0
    transfers_abandoned: int = 0


@dataclass(frozen=True, slots=True)
class Limits:
    connections: int = 2000
    idle_s: float = 900.0
    """A connection without a byte for so long is closed; stations keep alive every 40 s (2FH)."""
    settle_s: float = 2.0
    """Silence after which an unfinished frame is looked at again."""
    ask_after_s: float = 10.0
    """Silence after which a missing packet is asked for."""
    write_s: float = 30.0
    """A station that does not take its confirmation for so long is cut off."""
    bad_frames: int = 20
    """So many bad frames in a row and the connection is closed: it is no station, or the line is
    hopeless."""
    frame_bytes: int = 8192
    picture_bytes: int = 4 * 1024 * 1024


class Sl651Server:
    """Made by `serve`; close it with `close()` or use it as an async context."""

    def __init__(
        self,
        on_message: OnMessage,
        *,
        now: Now,
        limits: Limits,
        keep_online: bool,
        extensions: Extensions | None,
    ) -> None:
        self.on_message = on_message
        self.now = now
        self.limits = limits
        self.keep_online = keep_online
        self.extensions = extensions
        self.total = Counters()
        self.by_address: OrderedDict[str, Counters] = OrderedDict()
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.storing: set[asyncio.Task[None]] = set()
        self._closing = False

    @property
    def port(self) -> int:
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    @property
    def connections(self) -> int:
        return len(self._tasks)

    @property
    def closing(self) -> bool:
        return self._closing

    async def start(self, host: str, port: int) -> None:
        self._server = await asyncio.start_server(self._accept, host, port, limit=_CHUNK * 4)

    async def close(self, *, grace_s: float = 10.0) -> None:
        """Stops listening, lets what is being stored finish and be confirmed, hangs up."""
        self._closing = True
        if self._server is not None:
            self._server.close()
        # A task that waits for bytes ends at once; one that stores gets its time.
        for task in list(self._tasks):
            if task not in self.storing:
                task.cancel()
        if self._tasks:
            _, late = await asyncio.wait(set(self._tasks), timeout=grace_s)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        if self._server is not None:
            await self._server.wait_closed()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    def count(self, address: str, name: str, by: int = 1) -> None:
        for counters in (self.total, self._counters(address)):
            setattr(counters, name, getattr(counters, name) + by)

    def _counters(self, address: str) -> Counters:
        counters = self.by_address.get(address)
        if counters is None:
            counters = self.by_address[address] = Counters()
            while len(self.by_address) > _MOST_ADDRESSES:
                self.by_address.popitem(last=False)
        else:
            self.by_address.move_to_end(address)
        return counters

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = writer.get_extra_info("peername")
        address = str(peer[0]) if peer else "?"
        task = asyncio.current_task()
        assert task is not None
        if self._closing or len(self._tasks) >= self.limits.connections:
            self.count(address, "refused")
            writer.close()
            return
        self.count(address, "connections")
        self._tasks.add(task)
        try:
            await _Connection(self, reader, writer, address).run()
        except (OSError, TimeoutError, asyncio.CancelledError):
            pass  # the station hung up, was silent, or we are closing: it will call again
        except Exception:
            # A fault of ours in one connection: the others go on, and the station calls again.
            _log.exception("sl651 connection failed", extra={"address": address})
        finally:
            self._tasks.discard(task)
            writer.close()


class _Connection:
    def __init__(
        self,
        server: Sl651Server,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        address: str,
    ) -> None:
        self.server = server
        self.reader = reader
        self.writer = writer
        self.address = address
        limits = server.limits
        self.splitter = Splitter(limit=limits.frame_bytes)
        self.assembler = Assembler(ask_after=limits.ask_after_s, most_bytes=limits.picture_bytes)
        self._noise = 0
        self._bad_in_a_row = 0

    async def run(self) -> None:
        clock = asyncio.get_running_loop().time
        heard_at = clock()
        while not self.server.closing and self._bad_in_a_row < self.server.limits.bad_frames:
            try:
                async with asyncio.timeout(self._patience(heard_at)):
                    data = await self.reader.read(_CHUNK)
            except TimeoutError:
                if clock() - heard_at >= self.server.limits.idle_s:
                    return
                await self._take(self.splitter.flush(), clock())
                for outcome in self.assembler.due(clock()):
                    await self._settle(outcome)
                continue
            if not data:
                await self._take(self.splitter.flush(), clock())
                return
            heard_at = clock()
            await self._take(self.splitter.feed(data), heard_at)

    def _patience(self, heard_at: float) -> float:
        limits = self.server.limits
        if self.splitter.waiting or self.assembler.waiting:
            return limits.settle_s
        silent = asyncio.get_running_loop().time() - heard_at
        return max(0.01, limits.idle_s - silent)

    async def _take(self, found: list[Frame | BadFrame], at: float) -> None:
        self.server.count(self.address, "noise_bytes", self.splitter.noise - self._noise)
        self._noise = self.splitter.noise
        for item in found:
            if isinstance(item, BadFrame):
                self.server.count(self.address, "bad_frames")
                self._bad_in_a_row += 1
                _log.warning(
                    "sl651 frame refused: wrong %s, %d bytes",
                    item.reason,
                    len(item.raw),
                    extra={"address": self.address},
                )
                continue
            self.server.count(self.address, "frames")
            self._bad_in_a_row = 0
            if item.downward:  # an echo of what a centre sent
                continue
            if item.total:
                await self._settle(self.assembler.add(item, at))
            else:
                await self._deliver([item])

    async def _settle(self, outcome: Complete | Missing | Repeated | Abandoned | None) -> None:
        if isinstance(outcome, Complete):
            await self._deliver(outcome.frames)
        elif isinstance(outcome, Repeated):
            await self._confirm(decode(outcome.frames))
        elif isinstance(outcome, Missing):
            self.server.count(self.address, "packets_asked")
            serial = _serial(outcome.first)
            await self._send(
                ask_again(outcome.frame, outcome.sequence, serial=serial, at=self.server.now())
            )
        elif isinstance(outcome, Abandoned):
            self.server.count(self.address, "transfers_abandoned")
            _log.warning(
                "sl651 message given up: %d packets missing",
                len(outcome.missing),
                extra={"address": self.address},
            )

    async def _deliver(self, frames: list[Frame]) -> None:
        server = self.server
        message = decode(frames, extensions=server.extensions)
        server.count(self.address, "messages")
        server.count(self.address, "unknown_elements", len(message.unknown))
        server.count(self.address, "deviations", len(message.deviations))
        task = asyncio.current_task()
        assert task is not None
        server.storing.add(task)
        try:
            if not await self._store(message):
                server.count(self.address, "not_stored")
                return
            self.assembler.remember(frames)
            await self._confirm(message)
        finally:
            server.storing.discard(task)

    async def _store(self, message: Message) -> bool:
        try:
            return await self.server.on_message(message)
        except Exception:
            # Not confirmed, so the station sends it again; the connection stays.
            _log.exception("sl651 message not stored", extra={"address": self.address})
            return False

    async def _confirm(self, message: Message) -> None:
        reply = confirm(message, at=self.server.now(), keep_online=self.server.keep_online)
        if reply is not None:
            await self._send(reply)
            self.server.count(self.address, "confirmed")

    async def _send(self, data: bytes) -> None:
        self.writer.write(data)
        async with asyncio.timeout(self.server.limits.write_s):
            await self.writer.drain()


def _serial(first: Frame | None) -> int | None:
    if first is None:
        return None
    if first.encoding is Encoding.ASCII:
        return decode(first).serial
    head = first.body[:8]
    return int.from_bytes(head[:2], "big") if decode_time(head[2:]) else None


async def serve(
    host: str,
    port: int,
    on_message: OnMessage,
    *,
    now: Now,
    limits: Limits | None = None,
    keep_online: bool = False,
    extensions: Extensions | None = None,
) -> Sl651Server:
    """Listens. `on_message` gets every whole message, one after another per connection; only when
    it has returned True is the station told that its message arrived. It may see a message twice
    (a lost confirmation), so storing must be idempotent.

    `now` is the centre's clock, which confirmations carry. `keep_online` ends confirmations with
    ESC: the station stays on the line and sends link maintenance.
    """
    server = Sl651Server(
        on_message,
        now=now,
        limits=limits or Limits(),
        keep_online=keep_online,
        extensions=extensions,
    )
    await server.start(host, port)
    return server
