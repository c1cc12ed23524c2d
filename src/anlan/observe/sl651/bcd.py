"""Numbers and times on the wire: BCD with FF for minus, Beijing time (6.6.2.5, 6.6.3.3)."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Final

BEIJING: Final = timezone(timedelta(hours=8))
_FILLERS: Final = (0xFF, 0xAA)


def is_filler(data: bytes) -> bool:
    """A value that could not be measured is filled with FF (6.6.4.4 d), by some makers with AA."""
    return bool(data) and data[0] in _FILLERS and data.count(data[0]) == len(data)


def decode_number(data: bytes, decimals: int) -> Decimal | None:
    """None for a filled value or one that is not BCD.

    A first byte FF is a minus (6.6.3.3 a); tolerated: a first digit F alone as the minus, and
    digits padded in front with A (as 6.6.3.3 b pads addresses).
    """
    if not data or is_filler(data):
        return None
    digits = data.hex()
    negative = digits[0] == "f"
    if negative:
        digits = digits[2:] if digits[1] == "f" else digits[1:]
    digits = digits.lstrip("a")
    if not digits.isdecimal():
        return None
    number = Decimal(int(digits)).scaleb(-decimals)
    # Minus nothing is nothing: some stations send FF 00 00 for a level at its datum.
    return -number if negative and number else number


def encode_number(value: Decimal, length: int, decimals: int) -> bytes:
    """Raises ValueError when the value does not fit: a station must not send cut digits."""
    scaled = value.scaleb(decimals)
    if scaled != scaled.to_integral_value():
        raise ValueError(f"{value} has more than {decimals} decimals")
    digits = str(abs(int(scaled)))
    room = length - 1 if scaled < 0 else length
    if len(digits) > 2 * room:
        raise ValueError(f"{value} does not fit in {length} bytes")
    packed = bytes.fromhex(digits.zfill(2 * room))
    return b"\xff" + packed if scaled < 0 else packed


def decode_time(data: bytes | str) -> datetime | None:
    """YYMMDDHHmm or YYMMDDHHmmSS in Beijing time, as an aware UTC instant; None when it is none.

    Hour 24 with zero minutes is read as midnight of the next day.
    """
    digits = data if isinstance(data, str) else data.hex()
    if len(digits) not in (10, 12) or not (digits.isascii() and digits.isdecimal()):
        return None
    year, month, day, hour, minute, *rest = (
        int(digits[i : i + 2]) for i in range(0, len(digits), 2)
    )
    second = rest[0] if rest else 0
    next_day = hour == 24 and minute == 0 and second == 0
    try:
        local = datetime(
            2000 + year, month, day, 0 if next_day else hour, minute, second, tzinfo=BEIJING
        )
        return (local + timedelta(days=int(next_day))).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def encode_time(at: datetime, *, seconds: bool) -> bytes:
    local = at.astimezone(BEIJING)
    return bytes.fromhex(local.strftime("%y%m%d%H%M%S" if seconds else "%y%m%d%H%M"))
