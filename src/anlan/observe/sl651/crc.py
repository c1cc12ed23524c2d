"""CRC-16, polynomial x16+x15+x2+1, start FFFF, reflected (SL 651-2014 tables 11 and 16, H.3.2).

The standard sends the high byte first; some makers send the low byte first, as Modbus does.
"""

from collections.abc import Iterable
from typing import Final

START: Final = 0xFFFF


def _table() -> tuple[int, ...]:
    entries = []
    for byte in range(256):
        value = byte
        for _ in range(8):
            value = (value >> 1) ^ 0xA001 if value & 1 else value >> 1
        entries.append(value)
    return tuple(entries)


TABLE: Final = _table()


def crc16(data: Iterable[int], value: int = START) -> int:
    table = TABLE
    for byte in data:
        value = (value >> 8) ^ table[(value ^ byte) & 0xFF]
    return value


def swapped(value: int) -> int:
    return ((value & 0xFF) << 8) | (value >> 8)
