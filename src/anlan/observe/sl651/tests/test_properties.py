"""For any values, cuts and noise."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.observe.sl651 import Assembler, BadFrame, Complete, Frame, Splitter, decode
from anlan.observe.sl651.codes import Encoding
from anlan.observe.sl651.elements import ELEMENTS, Kind
from anlan.observe.sl651.encode import (
    Array,
    Device,
    Group,
    Status,
    Value,
    manual,
    picture,
    report,
    uniform,
)
from anlan.observe.sl651.tests.hand import HEAD, frame_of, split

# Values that travel as they are; 05, 09, 0E and 33 are converted to our units.
PLAIN = sorted(
    code
    for code, element in ELEMENTS.items()
    if element.kind is Kind.NUMBER and code not in ("05", "09", "0E", "33")
)
GOOD = frame_of(HEAD + "2019000040")

encodings = st.sampled_from(list(Encoding))
minutes = st.datetimes(datetime(2000, 1, 2), datetime(2099, 12, 30)).map(
    lambda at: at.replace(second=0, microsecond=0, tzinfo=UTC)
)
seconds = minutes.map(lambda at: at + timedelta(seconds=37))


@st.composite
def values(draw: st.DrawFn) -> Value:
    code = draw(st.sampled_from(PLAIN))
    element = ELEMENTS[code]
    most = 10**element.digits - 1
    number = draw(st.none() | st.integers(-most, most))
    return Value(code, None if number is None else Decimal(number).scaleb(-element.decimals))


@st.composite
def devices(draw: st.DrawFn) -> Device:
    return Device(
        station=draw(st.binary(min_size=5, max_size=5)).hex().upper(),
        station_class=draw(st.sampled_from("PHKZDTMGQIO")),
        center=draw(st.integers(1, 0x7D)),
        password=draw(st.binary(min_size=2, max_size=2)).hex().upper(),
        encoding=draw(encodings),
    )


groups = st.lists(
    st.builds(Group, at=minutes, elements=st.lists(values(), min_size=1, max_size=6)),
    min_size=1,
    max_size=3,
)


@given(devices(), st.sampled_from([0x30, 0x32, 0x33, 0x37]), st.integers(0, 65535), seconds, groups)
@settings(max_examples=150, deadline=None)
def test_what_a_station_writes_is_what_we_read(
    device: Device, function: int, serial: int, sent_at: datetime, sent: Sequence[Group]
) -> None:
    (frame,) = split(report(device, function, serial=serial, sent_at=sent_at, groups=sent))
    assert isinstance(frame, Frame)
    message = decode(frame)
    assert (frame.center, frame.password) == (device.center, device.password)
    assert (message.station, message.station_class) == (device.station, device.station_class)
    assert (message.function, message.serial, message.sent_at) == (function, serial, sent_at)
    expected = [
        (item.code, group.at, item.value)
        for group in sent
        for item in group.elements
        if isinstance(item, Value)
    ]
    assert [(r.code, r.at, r.value) for r in message.readings] == expected
    assert not message.unknown


@given(
    devices(),
    seconds,
    st.lists(
        st.none() | st.integers(0, 254).map(lambda n: Decimal(n) / 10), min_size=12, max_size=12
    ),
    st.lists(
        st.none() | st.integers(0, 43000).map(lambda n: Decimal(n) / 100), min_size=12, max_size=12
    ),
    st.integers(0, 0xFFF),
)
@settings(max_examples=80, deadline=None)
def test_hourly_arrays_and_status_come_back(
    device: Device,
    sent_at: datetime,
    rain: list[Decimal | None],
    level: list[Decimal | None],
    word: int,
) -> None:
    first = sent_at.replace(second=0) - timedelta(minutes=55)
    group = Group(first, [Array("F4", rain), Array("F5", level), Status(word)])
    (frame,) = split(report(device, 0x34, serial=1, sent_at=sent_at, groups=[group]))
    assert isinstance(frame, Frame)
    message = decode(frame)
    read = [r.value for r in message.readings]
    # An array all of AA is a filler, and never rain of 17.0 mm twelve times over.
    assert read[:12] == (rain if rain != [Decimal("17.0")] * 12 else [None] * 12)
    assert read[12:24] == level
    assert [r.at for r in message.readings[:12]] == [
        first + i * timedelta(minutes=5) for i in range(12)
    ]
    assert sum(int(r.value or 0) << bit for bit, r in enumerate(message.readings[24:])) == word


@given(
    devices(),
    seconds,
    minutes,
    st.sampled_from([timedelta(minutes=5), timedelta(hours=1), timedelta(days=1)]),
    st.lists(
        st.none() | st.integers(-99999, 99999).map(lambda n: Decimal(n).scaleb(-3)),
        min_size=1,
        max_size=24,
    ),
)
@settings(max_examples=60, deadline=None)
def test_uniform_reports_come_back(
    device: Device,
    sent_at: datetime,
    first_at: datetime,
    step: timedelta,
    sent: list[Decimal | None],
) -> None:
    data = uniform(
        device, serial=1, sent_at=sent_at, first_at=first_at, step=step, code="39", values=sent
    )
    (frame,) = split(data)
    assert isinstance(frame, Frame)
    assert [(r.at, r.value) for r in decode(frame).readings] == [
        (first_at + i * step, value) for i, value in enumerate(sent)
    ]


@given(devices(), seconds, minutes, st.binary(min_size=1, max_size=4000), st.integers(60, 1200))
@settings(max_examples=60, deadline=None)
def test_pictures_come_back_in_any_order(
    device: Device, sent_at: datetime, at: datetime, image: bytes, size: int
) -> None:
    sent = picture(device, serial=9, sent_at=sent_at, at=at, image=image, packet=size)
    frames = [frame for data in sent for frame in split(data)]
    assembler = Assembler(ask_after=1e9)
    outcomes = [assembler.add(f, 0.0) for f in reversed(frames) if isinstance(f, Frame)]
    complete = outcomes[-1]
    assert isinstance(complete, Complete)
    assert decode(complete.frames).picture == image


@given(devices(), seconds, st.text("水位雨量ABC0123. ", min_size=1, max_size=60))
@settings(max_examples=60, deadline=None)
def test_manual_text_comes_back(device: Device, sent_at: datetime, text: str) -> None:
    (frame,) = split(manual(device, serial=1, sent_at=sent_at, text=text))
    assert isinstance(frame, Frame)
    assert decode(frame).manual_text == text.strip(" ")


pieces = st.lists(
    st.sampled_from([GOOD, GOOD.hex().encode(), b"\x7e", b"\x01", b"7E7E", GOOD[:25]])
    | st.binary(max_size=40),
    max_size=8,
).map(b"".join)


@given(pieces, st.data())
@settings(max_examples=200, deadline=None)
def test_how_the_stream_is_cut_changes_nothing(stream: bytes, data: st.DataObject) -> None:
    whole = Splitter()
    expected = whole.feed(stream)
    cut = Splitter()
    found: list[Frame | BadFrame] = []
    pos = 0
    while pos < len(stream):
        step = data.draw(st.integers(1, 60))
        found += cut.feed(stream[pos : pos + step])
        pos += step
    assert found == expected
    assert found + cut.flush() == expected + whole.flush()


@given(st.binary(max_size=300), st.integers(0, 255), st.sampled_from([b"\x02", b"\x16"]))
@settings(max_examples=300, deadline=None)
def test_no_body_raises(body: bytes, function: int, start: bytes) -> None:
    for data in (body, bytes.fromhex(HEAD) + body, body.hex().encode()):
        if not data or len(data) < 3:
            continue
        raw = frame_of(data.hex(), function=f"{function:02X}", start=start.hex())
        for found in split(raw) + split(raw.hex().encode()):
            if isinstance(found, Frame):
                decode(found)


@given(st.binary(max_size=200), st.integers(0, 255))
@settings(max_examples=200, deadline=None)
def test_no_ascii_body_raises(body: bytes, function: int) -> None:
    for data in (body, b"0001260703120010" + body, b"0001260703120010ST 0012345678 H " + body):
        if data:
            frame = Frame(
                Encoding.ASCII, 1, "0012345678", "0000", function, False, 0, 0, data, 3, data
            )
            decode(frame)


@given(st.binary(max_size=2000))
@settings(max_examples=200, deadline=None)
def test_noise_neither_raises_nor_stays(noise: bytes) -> None:
    splitter = Splitter()
    splitter.feed(noise)
    splitter.flush()
    splitter.feed(b"\x00" * 20000)
    (found,) = [f for f in splitter.feed(GOOD) + splitter.flush() if isinstance(f, Frame)]
    assert found.raw == GOOD
