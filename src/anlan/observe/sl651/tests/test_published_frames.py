"""Frames from real stations and the standard's examples. Not in the repository: ANLAN_GOLDEN."""

import os
import re
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from anlan.observe.sl651 import (
    Assembler,
    BadFrame,
    Complete,
    Frame,
    Message,
    Splitter,
    decode,
)
from anlan.observe.sl651.bcd import BEIJING

FOLDER = Path(os.environ.get("ANLAN_GOLDEN", "/nowhere")) / "sl651"
pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="ANLAN_GOLDEN has no sl651: published frames are not ours to ship"
)


def split(hexadecimal: str) -> list[Frame | BadFrame]:
    splitter = Splitter()
    return splitter.feed(bytes.fromhex(hexadecimal)) + splitter.flush()


def real() -> list[tuple[str, Message]]:
    lines = (FOLDER / "beijing_frames.txt").read_text("utf-8").splitlines()
    pairs = []
    for comment, line in pairwise(lines):
        if comment.startswith("# 站="):
            (frame,) = split(line)
            assert isinstance(frame, Frame)
            pairs.append((comment, decode(frame)))
    return pairs


def examples() -> list[Frame | BadFrame]:
    text = (FOLDER / "spec_examples_all_functions.txt").read_text("utf-8")
    return [found for line in text.split() for found in split(line)]


def example(function: int) -> Message:
    return next(decode(f) for f in examples() if isinstance(f, Frame) and f.function == function)


def values(message: Message, quantity: str) -> list[Decimal | None]:
    return [r.value for r in message.readings if r.quantity == quantity]


def test_25_real_frames_say_what_their_comments_say() -> None:
    assert len(real()) == 25
    for comment, message in real():
        said = re.search(r"站=(\w+) 类型=(\S+) 功能=0x(\w\w).* obs=(\S+ \S+) elems=(\d+)", comment)
        assert said is not None
        assert message.station == said[1]
        assert message.station_class == {"河道": "H", "降水": "P"}[said[2]]
        assert message.function == int(said[3], 16)
        observed = datetime.fromisoformat(said[4]).replace(tzinfo=BEIJING).astimezone(UTC)
        assert observed in {r.at for r in message.readings}
        elements = len(message.readings) + len(message.unknown)
        if message.station == "0030301490" and message.function == 0x34:
            # Its comment counts only the twelve of the first time group; two more follow.
            assert (int(said[5]), elements) == (12, 14)
        elif message.deviations == ("array_of_the_hour",):
            # Sent at half past: the comment counts the five places that were yet to come.
            assert (int(said[5]), elements) == (14, 9)
        else:
            assert elements == int(said[5])


def test_real_values_are_believable() -> None:
    for _, message in real():
        for reading in message.readings:
            if reading.quantity == "battery_voltage":
                assert reading.value is not None
                assert Decimal(11) < reading.value < Decimal(15)
            if reading.quantity in ("water_level", "water_level_relative_1") and reading.value:
                assert Decimal(0) < reading.value < Decimal(50)
            if reading.quantity.startswith("rain") and reading.value is not None:
                assert Decimal(0) <= reading.value < Decimal(2000)
            assert reading.at is not None
            assert reading.at.year == 2026


def test_real_river_station_to_the_digit() -> None:
    message = next(m for c, m in real() if "站=0030503768" in c and "06:00" in c)
    assert [(r.quantity, r.value) for r in message.readings] == [
        ("water_level", Decimal("33.660")),
        ("velocity_mean", Decimal("0.110")),
        ("flow", Decimal("4.320")),
        ("battery_voltage", Decimal("12.30")),
    ]
    assert [(u.code, u.raw.hex(), u.value) for u in message.unknown] == [
        ("FF22", "000110", Decimal("0.110"))
    ]


def test_arrays_never_lie_ahead_of_their_report() -> None:
    for _, message in real():
        assert message.sent_at is not None
        for reading in message.readings:
            if reading.value is not None and reading.at is not None:
                assert reading.at <= message.sent_at


def test_all_examples_of_the_standard_but_the_misprinted_one_pass_the_check() -> None:
    found = examples()
    assert len(found) == 36
    assert [f.reason for f in found if isinstance(f, BadFrame)] == ["crc"]
    assert not [f for f in found if isinstance(f, Frame) and f.deviations]


def test_the_hourly_example_has_its_times_and_gaps() -> None:
    message = example(0x34)
    rain = [r for r in message.readings if r.code == "F4"]
    assert [r.value for r in rain[:6]] == [
        Decimal("0.5"), 0, 0, 0, Decimal("2.0"), None,
    ]  # fmt: skip
    assert rain[0].at == datetime(2017, 7, 18, 2, 5, tzinfo=UTC)
    assert rain[11].at == datetime(2017, 7, 18, 3, 0, tzinfo=UTC)
    levels = values(message, "water_level_relative_1")
    assert (levels[0], levels[11], levels.count(None)) == (Decimal("0.12"), Decimal("0.49"), 5)
    assert values(message, "water_level") == [Decimal("10.490")]
    assert not message.deviations


@pytest.mark.parametrize("function", [0x30, 0x32, 0x33, 0x37])
def test_reports_of_readings_are_read_whole(function: int) -> None:
    message = example(function)
    assert [r.quantity for r in message.readings] == [
        "rain_today", "rain_total", "water_level", "battery_voltage",
    ]  # fmt: skip
    assert not message.unknown


def test_answers_are_read_whole() -> None:
    assert example(0x39).manual_text == "Q 1.234"
    assert example(0x45).answer.software == "DATA86-SW-V1.2(H)"
    assert len(example(0x50).answer.events) == 32
    assert example(0x50).answer.events[0] == 0x1111
    assert [s.code for s in example(0x43).answer.settings][:3] == ["20", "21", "22"]
    assert values(example(0x44), "ac_voltage_a") == [Decimal("2200.3")]
    for function in (0x40, 0x41, 0x42, 0x43, 0x46, 0x47, 0x48, 0x49, 0x4A, 0x51):
        assert not example(function).unknown


def test_the_picture_in_13_packets_is_one_jpeg() -> None:
    assembler = Assembler()
    packets = [f for f in examples() if isinstance(f, Frame) and f.total]
    assert len(packets) == 13
    *first, last = packets
    assert [assembler.add(p, 0.0) for p in first] == [None] * 12
    outcome = assembler.add(last, 0.0)
    assert isinstance(outcome, Complete)
    message = decode(outcome.frames)
    assert message.picture is not None
    assert message.picture.startswith(b"\xff\xd8\xff")
    assert b"\xff\xd9" in message.picture[-4:]  # the example has two bytes after the end
    assert (message.serial, message.station) == (5, "0012345678")
