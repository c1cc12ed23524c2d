"""Frames put together by hand for the tests."""

from datetime import UTC, datetime

from anlan.observe.sl651 import BadFrame, Frame, Message, Splitter, decode
from anlan.observe.sl651.codes import Encoding
from anlan.observe.sl651.crc import crc16

NOON = datetime(2026, 7, 3, 4, 0, tzinfo=UTC)  # 12:00 in Beijing
# Serial 1, sent 2026-07-03 12:00:10; station 0012345678, a river station (48); observed 12:00.
HEAD = "0001260703120010" + "F1F1001234567848" + "F0F02607031200"


def frame_of(body: str, *, function: str = "32", end: str = "03", start: str = "02") -> bytes:
    """Centre 01, station 0012345678, password 1234."""
    data = bytes.fromhex(body)
    raw = bytes.fromhex(f"7E7E010012345678 1234{function}{len(data):04X}{start}") + data
    raw += bytes.fromhex(end)
    return raw + crc16(raw).to_bytes(2, "big")


def text_frame_of(body: str, *, function: str = "32", end: bytes = b"\x03") -> bytes:
    raw = f"\x010100123456781234{function}{len(body):04X}\x02{body}".encode()
    raw += end
    return raw + f"{crc16(raw):04X}".encode()


def split(data: bytes) -> list[Frame | BadFrame]:
    splitter = Splitter()
    return splitter.feed(data) + splitter.flush()


def message_of(body: str, *, function: str = "32") -> Message:
    (frame,) = split(frame_of(body, function=function))
    assert isinstance(frame, Frame)
    assert frame.encoding is Encoding.BINARY
    return decode(frame)


def shown(message: Message) -> list[tuple[str, str]]:
    return [(r.quantity, str(r.value)) for r in message.readings]
