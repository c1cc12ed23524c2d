"""Does what follows make sense? For where makers depart from the standard."""

from typing import Final

from anlan.observe.sl651.elements import ELEMENTS, Element, Kind

TIME: Final = 0xF0
STATION: Final = 0xF1
TEXT: Final = 0xF2
IMAGE: Final = 0xF3
BATCH: Final = 0xFD
STEP: Final = 0x04
EXTENDED: Final = 0xFF


def array_length(element: Element, stated: int, rest: bytes) -> int:
    """Arrays have twelve places; several makers write another length in the identifier.

    (Seen: F5 5C, F5 F5.) The stated length is taken only when what follows twelve places makes no
    sense and what follows the stated length does.
    """
    usual = element.digits // 2
    if stated in (0, usual) or _makes_sense(rest[usual:], len(rest) - usual):
        return usual
    return stated if _makes_sense(rest[stated:], len(rest) - stated) else usual


def _makes_sense(rest: bytes, size: int) -> bool:
    """The body ends here, or an identifier of the standard with room for its data follows."""
    if size <= 0:
        return size == 0
    if rest[0] in (TIME, STATION):
        return rest[1:2] == rest[:1]
    if rest[0] == EXTENDED:
        return size > 3 and 0 < rest[2] >> 3 <= size - 3
    if f"{rest[0]:02X}" not in ELEMENTS or size < 2:
        return False
    is_array = rest[0] > TIME
    return is_array or 0 < rest[1] >> 3 <= size - 2


def walks(rest: bytes, *, known: bool) -> bool:
    """Identifier by identifier, the data ends exactly where the body does."""
    pos = 0
    while pos < len(rest):
        code, extended = rest[pos], rest[pos] == EXTENDED
        if code in (TEXT, IMAGE, BATCH, STATION, STEP):
            return True
        if code == TIME:
            pos += 7
            continue
        if pos + 2 + extended > len(rest) or (known and not _is_known(rest, pos)):
            return False
        element = ELEMENTS.get(f"{code:02X}")
        length = rest[pos + 1 + extended] >> 3
        if element and element.kind in (Kind.RAIN_ARRAY, Kind.LEVEL_ARRAY):
            length = array_length(element, length, rest[pos + 2 :])
        pos += 2 + extended + length
    return pos == len(rest)


def _is_known(rest: bytes, pos: int) -> bool:
    return rest[pos] == EXTENDED or f"{rest[pos]:02X}" in ELEMENTS
