"""The layout of one frame (tables 16 to 23): recognising it, checking it, taking it apart."""

import re
from dataclasses import dataclass
from typing import Final, Literal

from anlan.observe.sl651.codes import ENDS, ETB, ETX, STARTS, SYN, Encoding
from anlan.observe.sl651.crc import START, TABLE, crc16, swapped
from anlan.observe.sl651.messages import BadFrame, Frame

SLACK: Final = 16
"""A frame may be this much longer than it says (some makers do not count the packet numbers)."""

WAIT: Final = "wait"
Wait = Literal["wait"]

_TEXT_HEAD: Final = re.compile(rb"\x01[0-9A-Fa-f]{18}[08][0-9A-Fa-f]{3}[\x02\x16]")
_TEXT_START: Final = 23
_DOWN: Final = 0x8000


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where things are; `start` is the place of STX or SYN, `size` the whole by its length."""

    width: int
    start: int
    length: int
    downward: bool
    size: int


def _layout(data: bytes | memoryview, width: int, limit: int) -> _Layout | None:
    start = width + 8
    field = data[start - 2] << 8 | data[start - 1]
    multi = data[start] == SYN
    if data[start] not in STARTS:
        return None
    downward = field & 0xF000 == _DOWN
    if field >> 12 in (0, 8):
        length = field & 0x0FFF
    elif multi:  # table 22 allows lengths to FFFF in packets
        length = field
    else:
        return None
    if length < (3 if multi else 1) or length > limit:
        return None
    return _Layout(width, start, length, downward, start + 1 + length + 3)


def announced(data: bytes | memoryview, limit: int) -> int | None:
    """The size that a binary head announces; None if it is no head (or not whole yet)."""
    layout = _layout(data, 5, limit) if len(data) > 13 else None
    return None if layout is None else layout.size


def read_binary(
    data: bytes | memoryview,
    *,
    final: bool,
    limit: int,
    encoding: Encoding = Encoding.BINARY,
    strict: bool = False,
) -> Frame | BadFrame | Wait | None:
    """The frame at the start of `data`.

    WAIT: more bytes are needed to tell. None: no frame starts here. With `final`, nothing more
    comes for now: a frame that says it is longer than it is can be told by its check. `strict`
    believes the length only, which is cheap.
    """
    if len(data) < 14:
        return WAIT
    layout = _layout(data, 5, limit)
    if layout is None:
        return _other_width(data, limit, encoding)
    outcome = _by_length(data, layout, encoding)
    if isinstance(outcome, Frame):
        return outcome
    if not final and len(data) < layout.size + SLACK:
        return WAIT
    if not strict and (found := _by_check(data, layout, encoding)):
        return found
    if outcome == WAIT:
        return WAIT
    ended = data[layout.size - 3] in ENDS
    return BadFrame("crc" if ended else "length", bytes(data[: layout.size]))


def _other_width(data: bytes | memoryview, limit: int, encoding: Encoding) -> Frame | Wait | None:
    """Stations with addresses of four or six bytes, believed only when all else agrees."""
    waiting: Wait | None = None
    for width in (6, 4):
        layout = _layout(data, width, limit) if len(data) > width + 8 else None
        outcome = _by_length(data, layout, encoding)
        if isinstance(outcome, Frame):
            return outcome
        waiting = waiting or outcome
    return waiting


def _by_length(
    data: bytes | memoryview, layout: _Layout | None, encoding: Encoding
) -> Frame | Wait | None:
    if layout is None:
        return None
    size = layout.size
    if len(data) < size:
        return WAIT
    if data[size - 3] not in ENDS:
        return None
    sent = data[size - 2] << 8 | data[size - 1]
    check = crc16(data[: size - 2])
    if sent == check:
        return _frame(data, layout, size, encoding, ())
    if sent == swapped(check):
        return _frame(data, layout, size, encoding, ("crc_order",))
    return None


def _by_check(data: bytes | memoryview, layout: _Layout, encoding: Encoding) -> Frame | None:
    """A frame whose length is wrong, found by an end whose check agrees."""
    stop = min(len(data) - 2, layout.size + SLACK - 2)
    shortest = layout.start + (4 if data[layout.start] == SYN else 9)
    value = START
    for place in range(stop):
        byte = data[place]
        value = (value >> 8) ^ TABLE[(value ^ byte) & 0xFF]
        ends = place >= shortest and byte in (ETX, ETB)
        if ends and value == data[place + 1] << 8 | data[place + 2]:
            return _frame(data, layout, place + 3, encoding, ("length",))
    return None


def _frame(
    data: bytes | memoryview,
    layout: _Layout,
    size: int,
    encoding: Encoding,
    deviations: tuple[str, ...],
) -> Frame:
    raw = bytes(data[:size])
    start, width = layout.start, layout.width
    total = sequence = 0
    body = raw[start + 1 : size - 3]
    if raw[start] == SYN:
        numbers = int.from_bytes(body[:3], "big")
        total, sequence, packet = numbers >> 12, numbers & 0xFFF, body[3:]
        of, place = int.from_bytes(body[:2], "big"), int.from_bytes(body[2:4], "big")
        if total == 0 and 1 <= place <= of:  # two bytes each instead of twelve bits
            total, sequence, packet = of, place, body[4:]
            deviations = (*deviations, "packet_numbers")
        body = packet
    downward = layout.downward
    if downward and body[8:10] == b"\xf1\xf1" and body[10 : 10 + width] == raw[3 : 3 + width]:
        # Marked as coming from a centre, but it speaks as the station of its head does.
        downward, deviations = False, (*deviations, "direction")
    station = raw[2 : 2 + width] if downward else raw[3 : 3 + width]
    if width != 5:
        deviations = (*deviations, "address_width")
    return Frame(
        encoding=encoding,
        center=raw[2 + width] if downward else raw[2],
        station=station.hex().upper(),
        password=raw[start - 5 : start - 3].hex().upper(),
        function=raw[start - 3],
        downward=downward,
        total=total,
        sequence=sequence,
        body=body,
        end=raw[size - 3],
        raw=raw,
        deviations=deviations,
    )


def read_text(
    data: bytes | memoryview, *, final: bool, limit: int
) -> Frame | BadFrame | Wait | None:
    """The ASCII frame at the start of `data`; answers as `read_binary`."""
    head = bytes(data[: _TEXT_START + 1])
    if len(head) <= _TEXT_START:
        return WAIT if re.fullmatch(rb"\x01[0-9A-Fa-f]{0,22}", head) else None
    if not _TEXT_HEAD.match(head):
        return None
    length = int(head[20:23], 16)
    if not 0 < length <= limit:
        return None
    size = _TEXT_START + 1 + length + 5
    if len(data) < size and not final:
        return WAIT
    if found := _text_frame(data, size - 5, ()):
        return found
    if len(data) < size + SLACK and not final:
        return WAIT
    for end in range(_TEXT_START + 1, min(len(data) - 2, size + SLACK)):
        if data[end] in (ETX, ETB) and (found := _text_frame(data, end, ("length",))):
            return found
    if len(data) < size:
        return WAIT
    return BadFrame("crc" if data[size - 5] in ENDS else "length", bytes(data[:size]))


def _text_frame(data: bytes | memoryview, end: int, deviations: tuple[str, ...]) -> Frame | None:
    """The frame whose end stands at `end`, when its check agrees."""
    if len(data) < end + 3 or data[end] not in ENDS:
        return None
    check = crc16(data[: end + 1])
    sent = bytes(data[end + 1 : end + 5])
    if re.fullmatch(rb"[0-9A-Fa-f]{4}", sent):
        value, size = int(sent, 16), end + 5
        names = {check: (), swapped(check): ("crc_order",)}
    else:  # not in the standard: the check as two bytes behind text
        value, size = int.from_bytes(sent[:2], "big"), end + 3
        names = {check: ("crc_binary",)}
    if value not in names:
        return None
    return _read_text_fields(bytes(data[:size]), end, (*deviations, *names[value]))


def _read_text_fields(raw: bytes, end: int, deviations: tuple[str, ...]) -> Frame | None:
    head = raw[:_TEXT_START].decode("ascii")
    downward = head[19] == "8"
    body = raw[_TEXT_START + 1 : end]
    total = sequence = 0
    if raw[_TEXT_START] == SYN:
        if not re.match(rb"[0-9A-Fa-f]{6}", body):
            return None
        total, sequence, body = int(body[:3], 16), int(body[3:6], 16), body[6:]
    return Frame(
        encoding=Encoding.ASCII,
        center=int(head[11:13] if downward else head[1:3], 16),
        station=(head[1:11] if downward else head[3:13]).upper(),
        password=head[13:17].upper(),
        function=int(head[17:19], 16),
        downward=downward,
        total=total,
        sequence=sequence,
        body=body,
        end=raw[end],
        raw=raw,
        deviations=deviations,
    )
