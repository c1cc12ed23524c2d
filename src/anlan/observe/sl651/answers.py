"""Answers to commands: settings, version, events, switches (6.6.4.14 to 6.6.4.31)."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from anlan.observe.sl651.bcd import decode_number
from anlan.observe.sl651.collect import Collector
from anlan.observe.sl651.messages import Answer, Setting

_RELAY_ADDRESSES: Final = 0x0E


def parse_answer(rest: bytes, found: Collector) -> bool:
    """Fills `found.answer`; False if the rest consists of elements (the status word)."""
    parser = _PARSERS.get(found.function)
    if parser is None:
        return False
    found.answer = parser(rest, found)
    return True


def _settings(rest: bytes, found: Collector) -> Answer:
    settings: list[Setting] = []
    pos = 0
    while len(rest) - pos >= 2:
        extended = rest[pos] == 0xFF
        start = pos + 2 + extended
        if start > len(rest):
            break
        code = rest[pos : start - 1].hex().upper()
        definition = rest[start - 1]
        # Table D.1: here all eight bits are the length.
        length = definition if rest[pos] == _RELAY_ADDRESSES else definition >> 3
        if start + length > len(rest):
            found.add_unknown(code, rest[start:], "truncated")
            return Answer(settings=tuple(settings))
        settings.append(Setting(code, rest[start : start + length]))
        pos = start + length
    if pos < len(rest):
        found.add_unknown(rest[pos:].hex().upper(), b"", "leftover")
    return Answer(settings=tuple(settings))


def _software(rest: bytes, found: Collector) -> Answer:
    length = rest[0] if rest else 0
    text = rest[1 : 1 + length] if length <= len(rest) - 1 else rest
    return Answer(software=text.decode("gb18030", "replace").strip(" \0"))


def _events(rest: bytes, found: Collector) -> Answer:
    pairs = range(0, len(rest) - len(rest) % 2, 2)
    return Answer(events=tuple(int.from_bytes(rest[i : i + 2], "big") for i in pairs))


def _bits(data: bytes) -> tuple[bool, ...]:
    return tuple(bool(byte >> bit & 1) for byte in data for bit in range(8))


def _switches(rest: bytes, found: Collector) -> Answer:
    count = rest[0] if rest else 0
    return Answer(switches=_bits(rest[1 : 1 + count]))


def _gates(rest: bytes, found: Collector) -> Answer:
    count = rest[0] if rest else 0
    size = (count + 7) // 8
    openings = rest[1 + size :]
    return replace(
        Answer(switches=_bits(rest[1 : 1 + size])[:count]),
        openings=tuple(
            decode_number(openings[i : i + 2], 2)
            for i in range(0, min(2 * count, len(openings) - 1), 2)
        ),
    )


def _quota(rest: bytes, found: Collector) -> Answer:
    return Answer(quota_control=rest[0] == 0xFF if rest else None)


def _nothing(rest: bytes, found: Collector) -> Answer:
    if rest:
        found.add_unknown(rest.hex().upper()[:4], rest, "leftover")
    return Answer()


_PARSERS: Final[dict[int, Callable[[bytes, Collector], Answer]]] = {
    0x40: _settings,
    0x41: _settings,
    0x42: _settings,
    0x43: _settings,
    0x45: _software,
    0x47: _nothing,
    0x48: _nothing,
    0x49: _settings,
    0x4A: _nothing,
    0x4C: _switches,
    0x4D: _switches,
    0x4E: _gates,
    0x4F: _quota,
    0x50: _events,
    0x51: _nothing,
}
