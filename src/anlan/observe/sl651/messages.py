"""What a caller gets: a stable set of plain values."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from anlan.observe.sl651.codes import Encoding


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame as it stood on the wire. `raw` is what was received, byte for byte."""

    encoding: Encoding
    center: int
    station: str
    password: str = field(repr=False)
    function: int
    downward: bool
    total: int
    """Packets of the message; 0 for a frame that stands alone (STX)."""
    sequence: int
    body: bytes = field(repr=False)
    end: int
    raw: bytes = field(repr=False)
    deviations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BadFrame:
    """Bytes that look like a frame but whose check does not agree. Never confirmed."""

    reason: str
    raw: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ElementReading:
    quantity: str
    """Our code of the quantity, e.g. `water_level` (see `elements`)."""
    code: str
    """The standard's identifier: "39" (the ASCII form "Z" is given as "39" too)."""
    at: datetime | None
    """UTC. The end of the period for rain of a period. None if the station gave no usable time."""
    value: Decimal | None
    """None when the station says that it has no value (FF, AA, M)."""
    unit: str
    raw: bytes
    station: str


@dataclass(frozen=True, slots=True)
class UnknownElement:
    """Kept as it came, to be shown and mapped later."""

    code: str
    raw: bytes
    at: datetime | None
    reason: str
    """`unknown_code`, `not_bcd`, `truncated`, `leftover` or `batch`."""
    value: Decimal | None
    """What the length and decimals byte would make of it, as a hint."""
    station: str


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting of the station in an answer (appendix D)."""

    code: str
    raw: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a station answers to a command beyond readings (functions 40 to 51)."""

    settings: tuple[Setting, ...] = ()
    software: str = ""
    events: tuple[int, ...] = ()
    """Counts ERC1 to ERC32 (table 82)."""
    switches: tuple[bool, ...] = ()
    """Pumps, valves or gates 1, 2, …: open or running."""
    openings: tuple[Decimal | None, ...] = ()
    """Gate openings in metres."""
    quota_control: bool | None = None


@dataclass(frozen=True, slots=True)
class Message:
    station: str
    """Ten hexadecimal digits, as sent: the first station of the body, else that of the header."""
    function: int
    sent_at: datetime | None
    serial: int | None
    station_class: str
    """One letter (appendix A) or ""."""
    readings: list[ElementReading]
    unknown: list[UnknownElement]
    manual_text: str
    picture: bytes | None
    frames: list[Frame]
    answer: Answer = field(default_factory=Answer)
    deviations: tuple[str, ...] = ()
    """How this message departs from the standard, by name (docs/rules/sl651.md)."""

    @property
    def is_test(self) -> bool:
        """A test report is checked and not to be mixed with real data (6.6.4.3, H.4.8)."""
        return self.function == 0x30


def station_code(address: str) -> str:
    """The address as people write it (6.2.3.2).

    00 and eight digits: the hydrological station code. Otherwise six digits of the county and a
    number that travels as two bytes HEX and is written with six digits.
    """
    if address.startswith("00"):
        return address[2:]
    if len(address) != 10:
        return address
    return f"{address[:6]}{int(address[6:], 16):06d}"
