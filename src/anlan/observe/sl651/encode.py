"""The station's side: frames as a telemetry station sends them, for simulators and tests."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from anlan.observe.sl651.bcd import encode_number, encode_time
from anlan.observe.sl651.build import build_frame
from anlan.observe.sl651.codes import ETB, ETX, LINK, MANUAL, PICTURE, UNIFORM, Encoding
from anlan.observe.sl651.elements import ELEMENTS, Kind


@dataclass(frozen=True, slots=True)
class Device:
    station: str
    """Ten hexadecimal digits."""
    station_class: str = "P"
    center: int = 1
    password: str = "0000"  # noqa: S105 (the factory setting, not a secret)
    encoding: Encoding = Encoding.BINARY


@dataclass(frozen=True, slots=True)
class Value:
    """One element in the unit and meaning of the standard; None is filled with FF (ASCII: M)."""

    code: str
    value: Decimal | None
    length: int | None = None
    decimals: int | None = None


@dataclass(frozen=True, slots=True)
class Array:
    """Twelve values, F4 in mm, F5 to FC in m."""

    code: str
    values: Sequence[Decimal | None]


@dataclass(frozen=True, slots=True)
class Status:
    """The station's status word (table 58)."""

    word: int


@dataclass(frozen=True, slots=True)
class Group:
    """Elements of one observation time."""

    at: datetime
    elements: Sequence[Value | Array | Status]


def report(
    device: Device, function: int, *, serial: int, sent_at: datetime, groups: Sequence[Group]
) -> bytes:
    """Test, timed, extra and hourly reports, and answers to queries of readings."""
    write = _Writer(device, serial, sent_at)
    write.station()
    for group in groups:
        write.time(group.at)
        for element in group.elements:
            write.element(element)
    return _single(device, function, write.body)


def uniform(
    device: Device,
    *,
    serial: int,
    sent_at: datetime,
    first_at: datetime,
    step: timedelta,
    code: str,
    values: Sequence[Decimal | None],
) -> bytes:
    """The report of values at equal steps (31H)."""
    write = _Writer(device, serial, sent_at)
    write.station()
    write.time(first_at)
    write.series(step, code, values)
    return _single(device, UNIFORM, write.body)


def manual(device: Device, *, serial: int, sent_at: datetime, text: str) -> bytes:
    write = _Writer(device, serial, sent_at)
    write.body += (b"RGZS " if write.text else b"\xf2\xf2") + text.encode("gb18030")
    return _single(device, MANUAL, write.body)


def link(device: Device, *, serial: int, sent_at: datetime) -> bytes:
    return _single(device, LINK, _Writer(device, serial, sent_at).body)


def picture(
    device: Device,
    *,
    serial: int,
    sent_at: datetime,
    at: datetime,
    image: bytes,
    packet: int = 1000,
) -> list[bytes]:
    """A picture in as many packets as it needs, each with at most `packet` bytes of the body."""
    write = _Writer(device, serial, sent_at)
    write.station()
    write.time(at)
    body = write.body + (b"PIC " if write.text else b"\xf3\xf3") + image
    return packets(device, PICTURE, body, packet)


def packets(device: Device, function: int, body: bytes, size: int) -> list[bytes]:
    parts = [body[i : i + size] for i in range(0, len(body), size)]
    total = len(parts)
    return [
        build_frame(
            device.encoding,
            center=device.center,
            station=device.station,
            password=device.password,
            function=function,
            body=part,
            end=ETX if number == total else ETB,
            numbers=(total, number),
        )
        for number, part in enumerate(parts, 1)
    ]


def _single(device: Device, function: int, body: bytes, end: int = ETX) -> bytes:
    return build_frame(
        device.encoding,
        center=device.center,
        station=device.station,
        password=device.password,
        function=function,
        body=body,
        end=end,
    )


class _Writer:
    def __init__(self, device: Device, serial: int, sent_at: datetime) -> None:
        self.device = device
        self.text = device.encoding is Encoding.ASCII
        head = serial.to_bytes(2, "big") + encode_time(sent_at, seconds=True)
        self.body = head.hex().upper().encode() if self.text else head

    def station(self) -> None:
        device = self.device
        if self.text:
            self._words("ST", device.station, device.station_class)
        else:
            self.body += b"\xf1\xf1" + bytes.fromhex(device.station)
            self.body += device.station_class.encode()

    def time(self, at: datetime) -> None:
        packed = encode_time(at, seconds=False)
        if self.text:
            self._words("TT", packed.hex())
        else:
            self.body += b"\xf0\xf0" + packed

    def element(self, element: Value | Array | Status) -> None:
        if isinstance(element, Value):
            self._value(element)
        elif isinstance(element, Array):
            self._packed(element.code, _array(element))
        else:
            self._packed("45", element.word.to_bytes(4, "big"))

    def series(self, step: timedelta, code: str, values: Sequence[Decimal | None]) -> None:
        unit, count = _step(step)
        if self.text:
            word = ELEMENTS[code].text_code
            plain = ("M" if value is None else str(value) for value in values)
            self._words(f"DR{'DHN'[unit]}{count:02d}", word, *plain)
            return
        packed = ["00", "00", "00"]
        packed[unit] = f"{count:02d}"
        length, decimals = _size(Value(code, None))
        # All values of a series have one length, so one below zero makes all of them longer.
        length += any(value is not None and value < 0 for value in values)
        self.body += b"\x04\x18" + bytes.fromhex("".join(packed))
        self.body += bytes.fromhex(code) + bytes([length << 3 | decimals])
        for value in values:
            self.body += _number(value, length, decimals)

    def _words(self, *words: str) -> None:
        self.body += "".join(f"{word} " for word in words).encode()

    def _value(self, item: Value) -> None:
        if self.text:
            element = ELEMENTS.get(item.code)
            word = element.text_code if element else item.code
            self._words(word, "M" if item.value is None else str(item.value))
            return
        length, decimals = _size(item)
        self.body += bytes.fromhex(item.code) + bytes([length << 3 | decimals])
        self.body += _number(item.value, length, decimals)

    def _packed(self, code: str, data: bytes) -> None:
        if self.text:
            self._words(ELEMENTS[code].text_code, data.hex().upper())
        else:
            self.body += bytes.fromhex(code) + bytes([len(data) << 3 & 0xFF]) + data


def _size(item: Value) -> tuple[int, int]:
    """Bytes and decimals: as asked, else as table C.1 has them."""
    element = ELEMENTS.get(item.code)
    digits = element.digits if element else 8
    decimals = item.decimals
    if decimals is None:
        decimals = element.decimals if element else 3
    length = item.length
    if length is None:
        length = (digits + 1) // 2 + (item.value is not None and item.value < 0)
    return length, decimals


def _number(value: Decimal | None, length: int, decimals: int) -> bytes:
    return b"\xff" * length if value is None else encode_number(value, length, decimals)


def _array(item: Array) -> bytes:
    element = ELEMENTS[item.code]
    width = 1 if element.kind is Kind.RAIN_ARRAY else 2
    most = 256**width - 2

    def cell(value: Decimal | None) -> bytes:
        if value is None:
            return b"\xff" * width
        number = int(value.scaleb(element.decimals))
        if not 0 <= number <= most:
            raise ValueError(f"{value} does not fit in a place of {item.code}")
        return number.to_bytes(width, "big")

    return b"".join(cell(value) for value in item.values)


def _step(step: timedelta) -> tuple[int, int]:
    minutes = int(step.total_seconds()) // 60
    if minutes % 1440 == 0:
        return 0, minutes // 1440
    if minutes % 60 == 0:
        return 1, minutes // 60
    if minutes > 59:
        raise ValueError(f"a step of {minutes} minutes cannot be written")
    return 2, minutes
