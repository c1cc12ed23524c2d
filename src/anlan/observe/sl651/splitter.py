"""Finds the frames in a stream of bytes: split, stuck together, with noise between."""

import re
from typing import Final

from anlan.observe.sl651.codes import Encoding
from anlan.observe.sl651.frames import (
    SLACK,
    WAIT,
    Wait,
    announced,
    read_binary,
    read_text,
)
from anlan.observe.sl651.messages import BadFrame, Frame

# 7E7E, SOH, or 7E7E written as text by a modem.
_START: Final = re.compile(rb"~~|\x01|7[Ee]7[Ee]")
_HEX: Final = re.compile(rb"[0-9A-Fa-f]*")
_HEAD: Final = 14
_LONGEST_START: Final = 4
Found = Frame | BadFrame


class Splitter:
    """Feed it what arrives; it returns whole frames in their order.

    How the bytes are cut does not change what comes out. It waits for what a frame's head
    announces, so call `flush` when the line has been quiet for a while: a frame that announces
    more than it has is then told by its check. It never holds more than `limit` and one chunk.
    """

    def __init__(self, *, limit: int = 8192) -> None:
        self._limit = limit
        self._buffer = bytearray()
        self._offset = 0
        self._bad_until = 0
        self.noise = 0
        """Bytes that belonged to no frame."""

    @property
    def waiting(self) -> bool:
        """A frame has begun and is not whole."""
        return len(self._buffer) >= _LONGEST_START

    def feed(self, data: bytes) -> list[Found]:
        self._buffer += data
        return self._drain(final=False)

    def flush(self) -> list[Found]:
        """Tells what it can without waiting; an unfinished frame is kept."""
        return self._drain(final=True)

    def _drain(self, *, final: bool) -> list[Found]:
        found: list[Found] = []
        data = bytes(self._buffer)
        pos = used = 0
        held: int | None = None
        while (start := _START.search(data, pos)) is not None:
            here = start.start()
            outcome, size = self._read(data, here, final=final)
            if outcome == WAIT:
                held = here if held is None else held
                if not final:
                    break
                pos = here + 1
                continue
            if isinstance(outcome, Frame):
                found.append(outcome)
                self.noise += here - used
                pos = used = here + size
                held = None
                continue
            if isinstance(outcome, BadFrame) and self._offset + here >= self._bad_until:
                self._bad_until = self._offset + here + size
                found.append(outcome)
            pos = here + 1
        keep = held if held is not None else max(used, len(data) - _LONGEST_START + 1)
        self._keep(max(keep, used), used)
        return found

    def _keep(self, keep: int, used: int) -> None:
        self.noise += keep - used
        self._offset += keep
        del self._buffer[:keep]

    def _read(self, data: bytes, here: int, *, final: bool) -> tuple[Found | Wait | None, int]:
        first = data[here]
        inside = self._offset + here < self._bad_until
        rest = memoryview(data)[here : here + self._limit * 2]
        outcome: Found | Wait | None
        if first == 0x01:
            outcome = read_text(rest, final=final, limit=self._limit)
            return outcome, _size(outcome)
        if first == 0x7E:
            if self._one_too_many(rest):
                return None, 0
            if len(rest) < 15 and not final:
                return WAIT, 0
            outcome = read_binary(rest, final=final, limit=self._limit, strict=inside)
            return outcome, _size(outcome)
        return self._read_hex_text(rest, final=final, strict=inside)

    def _one_too_many(self, rest: memoryview) -> bool:
        """A stray 7E (some makers end their frames with one) before the real start."""
        return bytes(rest[2:3]) == b"~" and announced(rest[1:], self._limit) is not None

    def _read_hex_text(
        self, rest: memoryview, *, final: bool, strict: bool
    ) -> tuple[Found | Wait | None, int]:
        head = bytes(rest[: 2 * _HEAD])
        if not _HEX.fullmatch(head):
            return None, 0
        if len(head) < 2 * _HEAD:
            return WAIT, 0
        size = announced(bytes.fromhex(head.decode("ascii")), self._limit)
        if size is None:
            return None, 0
        run = _HEX.match(bytes(rest[: 2 * (size + SLACK)]))
        text = run[0][: len(run[0]) // 2 * 2] if run else b""
        # Something else than a digit ended the run: waiting for more digits is of no use.
        ended = len(text) < 2 * (size + SLACK) and len(rest) - len(text) > 1
        outcome = read_binary(
            bytes.fromhex(text.decode("ascii")),
            final=final or ended,
            limit=self._limit,
            encoding=Encoding.HEX_TEXT,
            strict=strict,
        )
        if outcome == WAIT and ended:
            return None, 0
        return outcome, 2 * _size(outcome)


def _size(outcome: Found | Wait | None) -> int:
    return len(outcome.raw) if isinstance(outcome, (Frame, BadFrame)) else 0
