import asyncio
import os
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from anlan.observe.sl651 import Frame, Limits, Message, Sl651Server, Splitter, serve
from anlan.observe.sl651.encode import Device, picture
from anlan.observe.sl651.tests.hand import HEAD, NOON, frame_of

AT = datetime(2026, 7, 3, 4, 0, 12, tzinfo=UTC)
GOOD = frame_of(HEAD + "2019000040")
BROKEN = GOOD[:30] + bytes([GOOD[30] ^ 1]) + GOOD[31:]
FAST = Limits(settle_s=0.02, ask_after_s=0.01, idle_s=5.0)


class Station:
    """The other end of the line."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.splitter = Splitter()
        self.found: list[Frame] = []

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    async def answer(self) -> Frame:
        async with asyncio.timeout(5):
            while not self.found:
                data = await self.reader.read(4096)
                assert data, "the centre hung up"
                found = self.splitter.feed(data) + self.splitter.flush()
                self.found += [f for f in found if isinstance(f, Frame)]
        return self.found.pop(0)

    async def hung_up(self) -> bool:
        async with asyncio.timeout(5):
            return await self.reader.read(4096) == b""


class Store:
    def __init__(self, *answers: bool | Exception) -> None:
        self.messages: list[Message] = []
        self.answers = list(answers)

    async def __call__(self, message: Message) -> bool:
        self.messages.append(message)
        answer = self.answers.pop(0) if self.answers else True
        if isinstance(answer, Exception):
            raise answer
        return answer


Play = Callable[[Sl651Server, Callable[[], Awaitable[Station]]], Awaitable[None]]


def listening(store: Store, play: Play, limits: Limits = FAST) -> Sl651Server:
    async def run() -> Sl651Server:
        stations: list[Station] = []
        async with await serve("127.0.0.1", 0, store, now=lambda: AT, limits=limits) as server:

            async def call() -> Station:
                stations.append(Station(*await asyncio.open_connection("127.0.0.1", server.port)))
                return stations[-1]

            await play(server, call)
        for station in stations:
            station.writer.close()
        return server

    return asyncio.run(run())


def test_a_stored_message_is_confirmed_and_counted() -> None:
    store = Store()

    async def play(server: Sl651Server, call: Callable[[], Awaitable[Station]]) -> None:
        station = await call()
        station.send(GOOD[:17])
        station.send(GOOD[17:] + GOOD)
        for _ in range(2):
            answer = await station.answer()
            assert (answer.end, answer.body.hex()) == (0x04, "0001260703120012")

    server = listening(store, play)
    assert len(store.messages) == 2
    assert (server.total.frames, server.total.confirmed) == (2, 2)
    assert server.by_address["127.0.0.1"] == server.total
    assert server.connections == 0


def test_nothing_is_confirmed_before_it_is_stored() -> None:
    gate = asyncio.Event()
    told: list[str] = []

    class Slow(Store):
        async def __call__(self, message: Message) -> bool:
            told.append("stored first")
            await gate.wait()
            return await super().__call__(message)

    async def play(server: Sl651Server, call: Callable[[], Awaitable[Station]]) -> None:
        station = await call()
        station.send(GOOD)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await station.reader.read(1)
        assert server.total.confirmed == 0
        gate.set()
        await station.answer()

    listening(Slow(), play)
    assert told


def test_a_failed_store_and_a_wrong_check_get_no_answer() -> None:
    store = Store(False, RuntimeError("database is locked"))

    async def play(server: Sl651Server, call: Callable[[], Awaitable[Station]]) -> None:
        station = await call()
        station.send(GOOD + GOOD + BROKEN + GOOD)
        await station.answer()
        assert not station.found

    server = listening(store, play)
    assert (server.total.not_stored, server.total.bad_frames, server.total.confirmed) == (2, 1, 1)


def test_a_lost_packet_is_asked_for_over_the_line() -> None:
    store = Store()
    image = bytes(range(256)) * 8
    sent = picture(
        Device("0012345678", "H"), serial=5, sent_at=AT, at=NOON, image=image, packet=500
    )

    async def play(server: Sl651Server, call: Callable[[], Awaitable[Station]]) -> None:
        station = await call()
        for index, data in enumerate(sent):
            if index != 1:
                station.send(data)
        nak = await station.answer()
        assert (nak.end, nak.sequence, nak.body[:2].hex()) == (0x15, 2, "0005")
        station.send(sent[1])
        while (answer := await station.answer()).end == 0x15:
            pass
        assert (answer.end, answer.sequence) == (0x04, len(sent))
        for data in sent:  # the confirmation was lost on its way
            station.send(data)
        answer = await station.answer()
        assert (answer.end, answer.sequence) == (0x04, len(sent))

    server = listening(store, play, Limits(settle_s=0.2, ask_after_s=5.0))
    assert [m.picture for m in store.messages] == [image]
    assert server.total.packets_asked >= 1


def test_a_frame_that_announces_too_much_is_told_when_the_line_is_quiet() -> None:
    from anlan.observe.sl651.crc import crc16

    raw = bytearray(GOOD[:-2])
    raw[12] += 60
    odd = bytes(raw) + crc16(raw).to_bytes(2, "big")
    store = Store()

    async def play(server: Sl651Server, call: Callable[[], Awaitable[Station]]) -> None:
        station = await call()
        station.send(odd)
        await station.answer()

    listening(store, play)
    assert store.messages[0].deviations == ("length",)


def test_too_many_connections_are_turned_away_and_silent_ones_hung_up() -> None:
    async def play(server: Sl651Server, call: Callable[[], Awaitable[Station]]) -> None:
        first = await call()
        first.send(GOOD)
        await first.answer()
        second = await call()
        assert await second.hung_up()
        assert await first.hung_up()

    server = listening(Store(), play, Limits(connections=1, idle_s=0.2))
    assert (server.total.refused, server.total.connections) == (1, 1)


def test_a_line_that_brings_nothing_but_broken_frames_is_closed() -> None:
    async def play(server: Sl651Server, call: Callable[[], Awaitable[Station]]) -> None:
        station = await call()
        station.send(BROKEN * 21)
        assert await station.hung_up()

    server = listening(Store(), play)
    assert server.total.bad_frames >= 20


def test_closing_lets_a_message_be_stored_and_confirmed() -> None:
    started = asyncio.Event()
    gate = asyncio.Event()

    class Slow(Store):
        async def __call__(self, message: Message) -> bool:
            started.set()
            await gate.wait()
            return await super().__call__(message)

    store = Slow()

    async def play(server: Sl651Server, call: Callable[[], Awaitable[Station]]) -> None:
        busy, idle = await call(), await call()
        busy.send(GOOD)
        await started.wait()
        closing = asyncio.create_task(server.close())
        assert await idle.hung_up()
        gate.set()
        await busy.answer()
        await closing

    listening(store, play)
    assert len(store.messages) == 1


@pytest.mark.skipif("ANLAN_GOLDEN" not in os.environ, reason="needs the published frames")
def test_all_published_frames_over_one_line() -> None:
    folder = Path(os.environ["ANLAN_GOLDEN"]) / "sl651"
    lines = [
        line
        for name in ("beijing_frames.txt", "spec_examples_all_functions.txt")
        for line in (folder / name).read_text("utf-8").splitlines()
        if line and line[0] != "#"
    ]
    store = Store()

    async def play(server: Sl651Server, call: Callable[[], Awaitable[Station]]) -> None:
        station = await call()
        station.send(b"".join(bytes.fromhex(line) for line in lines))
        for _ in range(25 + 36 - 1 - 12 - 1):  # one misprint, 13 packets are one, no 2F
            await station.answer()

    server = listening(store, play, Limits(settle_s=0.1))
    assert len(store.messages) == 25 + 36 - 1 - 12
    assert server.total.bad_frames == 1
