"""Points or lines as a Mapbox Vector Tile (version 2.1, protocol buffers), fast enough for a board.

Only what we send: one layer of one sort of feature with an id and flat properties. Tests decode it
with the reference library and measure the ratio of the two.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

EXTENT = 4096
_MOVE_TO_ONCE = 9  # command 1 (move to), count 1
_LINE_TO = 2
_POINT = b"\x18\x01"  # field 3 (type), 1 (point)
_LINE = b"\x18\x02"

Value = str | int | float | bool


def encode(
    name: str,
    x: npt.NDArray[np.int64],
    y: npt.NDArray[np.int64],
    ids: npt.NDArray[np.int64],
    properties: Mapping[str, Sequence[Value | None]],
) -> bytes:
    """One layer of points. `x`, `y`: tile units from the upper left corner; None leaves a
    property out."""
    zig_x = ((x << 1) ^ (x >> 63)).tolist()
    zig_y = ((y << 1) ^ (y >> 63)).tolist()
    once = bytes([_MOVE_TO_ONCE])
    places = [once + _varint(dx) + _varint(dy) for dx, dy in zip(zig_x, zig_y, strict=True)]
    return _layer(name, _POINT, places, ids, properties)


def encode_lines(
    name: str,
    lines: Sequence[Sequence[npt.NDArray[np.int64]]],
    ids: npt.NDArray[np.int64],
    properties: Mapping[str, Sequence[Value | None]],
) -> bytes:
    """One layer of lines: each a list of parts, each part (n, 2) tile units, n at least 2."""
    return _layer(name, _LINE, [_line(parts) for parts in lines], ids, properties)


def _line(parts: Sequence[npt.NDArray[np.int64]]) -> bytes:
    out = bytearray()
    at = np.zeros((1, 2), dtype=np.int64)  # every part goes on from where the one before ended
    for part in parts:
        steps = np.diff(np.concatenate([at, part]), axis=0)
        zigzag = ((steps << 1) ^ (steps >> 63)).ravel().tolist()
        out.append(_MOVE_TO_ONCE)
        out += _varint(zigzag[0]) + _varint(zigzag[1])
        out += _varint((len(part) - 1) << 3 | _LINE_TO)
        for number in zigzag[2:]:
            out += _varint(number)
        at = part[-1:]
    return bytes(out)


def _layer(
    name: str,
    sort: bytes,
    places: Sequence[bytes],
    ids: npt.NDArray[np.int64],
    properties: Mapping[str, Sequence[Value | None]],
) -> bytes:
    keys = list(properties)
    index: dict[tuple[type, Value], int] = {}
    tags: list[bytearray] = [bytearray() for _ in places]
    for n, key in enumerate(keys):
        number = _varint(n)
        for row, value in enumerate(properties[key]):
            if value is not None:
                at = index.setdefault((type(value), value), len(index))
                tags[row] += number + _varint(at)
    body = bytearray(b"\x78\x02" + _text(0x0A, name))  # version 2, name
    for row, (identity, place) in enumerate(zip(ids.tolist(), places, strict=True)):
        feature = b"\x08" + _varint(identity) if identity >= 0 else b""
        feature += b"\x12" + _varint(len(tags[row])) + tags[row] + sort
        feature += b"\x22" + _varint(len(place)) + place
        body += b"\x12" + _varint(len(feature)) + feature
    for key in keys:
        body += _text(0x1A, key)
    for _type, value in index:
        packed = _value(value)
        body += b"\x22" + _varint(len(packed)) + packed
    body += b"\x28" + _varint(EXTENT)
    return b"\x1a" + _varint(len(body)) + bytes(body)


_SMALL = [bytes([n]) if n < 128 else bytes([n & 127 | 128, n >> 7]) for n in range(16384)]


def _varint(number: int) -> bytes:
    if number < 16384:
        return _SMALL[number]
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)


def _text(tag: int, text: str) -> bytes:
    raw = text.encode()
    return bytes([tag]) + _varint(len(raw)) + raw


def _value(value: Value) -> bytes:
    if isinstance(value, bool):
        return b"\x38" + (b"\x01" if value else b"\x00")
    if isinstance(value, str):
        return _text(0x0A, value)
    if isinstance(value, int):
        # sint64: zigzag, so that negative numbers stay short.
        return b"\x30" + _varint(value << 1 if value >= 0 else (-value << 1) - 1)
    return b"\x19" + np.float64(value).tobytes()
