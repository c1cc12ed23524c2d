import pytest

from anlan.observe.sl651 import BadFrame, Frame, Splitter, decode
from anlan.observe.sl651.codes import Encoding
from anlan.observe.sl651.crc import crc16, swapped
from anlan.observe.sl651.tests.hand import HEAD, frame_of, shown, split, text_frame_of

GOOD = frame_of(HEAD + "2019000040")


def only(data: bytes) -> Frame:
    (found,) = split(data)
    assert isinstance(found, Frame)
    return found


def test_check_is_the_one_everybody_knows_as_modbus() -> None:
    assert crc16(b"123456789") == 0x4B37


def test_head_is_taken_apart() -> None:
    frame = only(GOOD)
    assert (frame.center, frame.station, frame.password) == (1, "0012345678", "1234")
    assert (frame.function, frame.downward, frame.total, frame.end) == (0x32, False, 0, 3)
    assert frame.raw == GOOD
    assert "1234'" not in repr(frame)  # the password stays out of logs


def test_stuck_and_split_frames_with_noise_between() -> None:
    stream = b"\x00\x01noise7E" + GOOD + b"\x7e" + GOOD + GOOD + b"\r\n" + GOOD[:20]
    whole = split(stream)
    assert [f.raw for f in whole] == [GOOD] * 3
    splitter = Splitter()
    by_byte = [f for byte in stream for f in splitter.feed(bytes([byte]))]
    assert [f.raw for f in by_byte] == [GOOD] * 3
    assert splitter.feed(GOOD[20:])[0].raw == GOOD


def test_wrong_check_is_told_and_hides_no_frame_behind_it() -> None:
    broken = GOOD[:30] + bytes([GOOD[30] ^ 1]) + GOOD[31:]
    found = split(broken + GOOD)
    assert [type(f) for f in found] == [BadFrame, Frame]
    assert found[0].raw == broken


def test_check_with_its_low_byte_first() -> None:
    value = int.from_bytes(GOOD[-2:], "big")
    frame = only(GOOD[:-2] + swapped(value).to_bytes(2, "big"))
    assert frame.deviations == ("crc_order",)


@pytest.mark.parametrize("off", [-3, 2, 40])
def test_a_wrong_length_is_told_by_the_check(off: int) -> None:
    raw = bytearray(GOOD[:-2])
    raw[12] += off
    odd = bytes(raw) + crc16(raw).to_bytes(2, "big")
    frame = only(odd)
    assert (frame.raw, frame.deviations) == (odd, ("length",))
    assert shown(decode(frame)) == [("rain_today", "4.0")]


@pytest.mark.parametrize(("station", "width"), [("001234567890", 6), ("12345678", 4)])
def test_addresses_of_other_widths(station: str, width: int) -> None:
    body = bytes.fromhex(f"0001260703120010F1F1{station}48F0F02607031200" + "2019000040")
    raw = bytes.fromhex(f"7E7E01{station}123432{len(body):04X}02") + body + b"\x03"
    frame = only(raw + crc16(raw).to_bytes(2, "big"))
    message = decode(frame)
    assert (message.station, len(frame.station)) == (station, 2 * width)
    assert shown(message) == [("rain_today", "4.0")]


def test_a_frame_written_as_hexadecimal_text() -> None:
    frame = only(b"+IPD:" + GOOD.hex().encode() + b"\r\n")
    assert frame.encoding is Encoding.HEX_TEXT
    assert shown(decode(frame)) == [("rain_today", "4.0")]


def test_a_downward_frame_has_its_addresses_the_other_way_round() -> None:
    body = bytes.fromhex("0001260703120010")
    raw = bytes.fromhex("7E7E0012345678 01 1234 32 8008 02") + body + b"\x04"
    frame = only(raw + crc16(raw).to_bytes(2, "big"))
    assert (frame.downward, frame.center, frame.station) == (True, 1, "0012345678")


def test_a_report_marked_downward_by_mistake_is_still_a_report() -> None:
    raw = bytearray(GOOD[:-2])
    raw[11] |= 0x80
    frame = only(bytes(raw) + crc16(raw).to_bytes(2, "big"))
    assert (frame.downward, frame.station, frame.deviations) == (
        False,
        "0012345678",
        ("direction",),
    )


def test_a_buffer_never_grows_beyond_its_limit() -> None:
    splitter = Splitter(limit=4096)
    head = bytes.fromhex("7E7E010012345678123432 0FFF 02")
    for _ in range(50):
        splitter.feed(head + b"\x00" * 1000)
        assert len(splitter._buffer) <= 4096 + 2048
    assert splitter.noise > 0


ASCII_BODY = "0001260703120010ST 0012345678 H TT 2607031200 PJ 4.0 Z -1.234 VT M XX 7 "


def test_ascii_frame_with_words_and_blanks() -> None:
    frame = only(text_frame_of(ASCII_BODY))
    assert (frame.encoding, frame.center, frame.station) == (Encoding.ASCII, 1, "0012345678")
    message = decode(frame)
    assert shown(message) == [
        ("rain_today", "4.0"),
        ("water_level", "-1.234"),
        ("battery_voltage", "None"),
    ]
    assert [(u.code, u.raw) for u in message.unknown] == [("XX", b"7")]
    assert (message.serial, message.station_class) == (1, "H")
    assert [r.code for r in message.readings] == ["20", "39", "38"]


def test_ascii_arrays_status_and_uniform_rounds() -> None:
    body = (
        "0001260703120010ST 0012345678 H TT 2607031105 "
        f"DRP {'05' * 11}FF DRZ1 {'006B' * 12} ZT 00000002 "
    )
    message = decode(only(text_frame_of(body, function="34")))
    found = shown(message)
    assert (found[0], found[11], found[12]) == (
        ("rain_5min", "0.5"),
        ("rain_5min", "None"),
        ("water_level_relative_1", "1.07"),
    )
    assert ("status_battery_low", "1") in found
    body = "0001260703120010ST 0012345678 H TT 2607031105 DRN05 PN05 Z 0.5 1.20 M 1.21 "
    message = decode(only(text_frame_of(body, function="31")))
    assert shown(message) == [
        ("rain_5min", "0.5"),
        ("water_level", "1.20"),
        ("rain_5min", "None"),
        ("water_level", "1.21"),
    ]
    times = [r.at for r in message.readings]
    assert times[0] == times[1]
    assert times[2] is not None
    assert times[0] is not None
    assert (times[2] - times[0]).total_seconds() == 300


def test_ascii_frame_around_a_hexadecimal_body() -> None:
    message = decode(only(text_frame_of(HEAD + "2019000040")))
    assert shown(message) == [("rain_today", "4.0")]
    assert message.deviations == ("hex_body_in_ascii_frame",)


def test_ascii_manual_text() -> None:
    message = decode(only(text_frame_of("0001260703120010RGZS Z 12.34", function="35")))
    assert message.manual_text == "Z 12.34"
