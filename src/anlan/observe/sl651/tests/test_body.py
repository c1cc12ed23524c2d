from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from anlan.observe.sl651 import PONDING, decode
from anlan.observe.sl651.messages import station_code
from anlan.observe.sl651.tests.hand import HEAD, NOON, frame_of, message_of, shown, split

MINUTE = timedelta(minutes=1)


def test_length_and_decimals_come_from_the_second_byte_of_the_identifier() -> None:
    # 39 23: 0x23 = 00100 011, four bytes and three decimals.
    message = message_of(HEAD + "392300010490" + "38121099" + "2019000040")
    assert shown(message) == [
        ("water_level", "10.490"),
        ("battery_voltage", "10.99"),
        ("rain_today", "4.0"),
    ]
    assert {r.at for r in message.readings} == {NOON}
    assert message.sent_at == datetime(2026, 7, 3, 4, 0, 10, tzinfo=UTC)
    assert (message.station, message.station_class, message.serial) == ("0012345678", "H", 1)


@pytest.mark.parametrize(
    ("data", "value"),
    [
        ("392BFF00001234", "-1.234"),  # five bytes, the first is the minus
        ("3923FF001234", "-1.234"),  # the minus within the four bytes
        ("0219FF0053", "-5.3"),  # three digits: FF0 in front
        ("0212F053", "-0.53"),  # a maker's lone F
        ("3912A123", "1.23"),  # padded with A
        ("391A002738", "27.38"),  # other length and decimals than the standard's
        ("3923FFFFFFFF", "None"),
        ("3923AAAAAAAA", "None"),
        ("3923FF000000", "0.000"),
    ],
)
def test_signs_fillers_and_odd_lengths(data: str, value: str) -> None:
    ((_, found),) = shown(message_of(HEAD + data))
    assert found == value


def test_unknown_codes_are_kept_and_what_follows_is_read() -> None:
    message = message_of(HEAD + "FF331102057A08013812121099"[:-2] + "")
    assert [(u.code, u.raw.hex(), u.reason, u.value) for u in message.unknown] == [
        ("FF33", "0205", "unknown_code", Decimal("20.5")),
        ("7A", "01", "unknown_code", Decimal(1)),
    ]
    assert shown(message) == [("battery_voltage", "12.10")]


def test_a_citys_own_code_is_configuration() -> None:
    (frame,) = split(frame_of(HEAD + "FF0B1B000352"))
    message = decode(frame, extensions={"FF0B": PONDING})  # type: ignore[arg-type]
    assert shown(message) == [("ponding_depth", "0.352")]
    assert not message.unknown


def test_a_cut_element_loses_nothing_before_it() -> None:
    message = message_of(HEAD + "38121210" + "39230001")
    assert shown(message) == [("battery_voltage", "12.10")]
    assert [(u.code, u.reason) for u in message.unknown] == [("39", "truncated")]


def test_digits_that_are_none_are_shown_and_not_believed() -> None:
    message = message_of(HEAD + "381204B0" + "2019000040")
    assert shown(message) == [("rain_today", "4.0")]
    assert [(u.code, u.reason, u.value) for u in message.unknown] == [
        ("38", "not_bcd", Decimal("12.00"))
    ]


def test_elements_belong_to_the_latest_observation_time() -> None:
    message = message_of(HEAD + "2019000040" + "F0F02607031130" + "392300010490")
    assert [r.at for r in message.readings] == [NOON, NOON - 30 * MINUTE]


def test_a_body_may_speak_for_two_stations() -> None:
    second = "F1F1001234999950" + "F0F02607031200"
    message = message_of(HEAD + "2019000040" + second + "2019000055")
    assert [r.station for r in message.readings] == ["0012345678", "0012349999"]
    assert message.station == "0012345678"


def test_station_group_class_and_time_may_be_missing() -> None:
    message = message_of("0001260703120010" + "2019000040")
    assert (message.station, message.station_class) == ("0012345678", "")
    assert [r.at for r in message.readings] == [message.sent_at]
    assert message.deviations == ("no_observation_time",)
    without_class = message_of("0001260703120010F1F10012345678F0F02607031200" + "2019000040")
    assert without_class.station_class == ""
    assert shown(without_class) == [("rain_today", "4.0")]


def test_a_broken_clock_leaves_no_time_and_no_crash() -> None:
    message = message_of("0001FFFFFFFFFFFF" + "F1F1001234567848F0F0FFFFFFFFFF" + "2019000040")
    assert message.sent_at is None
    assert [r.at for r in message.readings] == [None]
    assert set(message.deviations) == {"bad_sending_time", "bad_observation_time"}


def test_hour_24_is_the_next_midnight() -> None:
    message = message_of("0001260703120010F1F1001234567848F0F02607032400" + "2019000040")
    assert message.readings[0].at == datetime(2026, 7, 3, 16, 0, tzinfo=UTC)


def test_head_without_serial_and_tail_with_time() -> None:
    message = message_of("260703120010" + HEAD[16:] + "2019000040")
    assert message.serial is None
    assert shown(message) == [("rain_today", "4.0")]
    message = message_of(HEAD + "2019000040" + HEAD[:16])
    assert shown(message) == [("rain_today", "4.0")]
    assert not message.unknown
    assert message.deviations == ("trailing_time",)


def test_an_hour_of_rain_starts_at_its_observation_time() -> None:
    # F0 is 11:05: twelve periods end at 11:05 … 12:00 (0.5, 0, …, 17.0, none).
    head = HEAD[:-14] + "F0F02607031105"
    message = message_of(head + "F460" + "05" + "00" * 9 + "AA" + "FF", function="34")
    assert [r.at for r in message.readings] == [
        NOON - 55 * MINUTE + i * 5 * MINUTE for i in range(12)
    ]
    assert [str(r.value) for r in message.readings][0:2] == ["0.5", "0.0"]
    assert [str(r.value) for r in message.readings][10:] == ["17.0", "None"]
    assert not message.deviations


def test_an_array_that_would_lie_in_the_future_ends_at_its_time() -> None:
    message = message_of(HEAD + "F5C0" + "006B" * 12, function="34")
    assert [message.readings[0].at, message.readings[11].at] == [NOON - 55 * MINUTE, NOON]
    assert message.deviations == ("array_ends_at_f0",)


def test_the_places_of_an_hour_that_are_yet_to_come_are_no_readings() -> None:
    body = "0001260703121504F1F1001234567848F0F02607031215" + "F5C0" + "006B" * 4 + "0000" * 8
    message = message_of(body, function="34")
    assert [r.at for r in message.readings][:4] == [NOON + i * 5 * MINUTE for i in range(4)]
    assert [str(r.value) for r in message.readings] == ["1.07"] * 4
    assert message.deviations == ("array_of_the_hour",)


@pytest.mark.parametrize("definition", ["C0", "5C", "F5", "00"])
def test_arrays_have_twelve_places_whatever_their_identifier_says(definition: str) -> None:
    body = HEAD[:-14] + "F0F02607031105F5" + definition + "0A2D" * 12 + "38121210"
    message = message_of(body, function="34")
    assert shown(message) == [("water_level_relative_1", "26.05")] * 12 + [
        ("battery_voltage", "12.10")
    ]


def test_a_short_array_is_taken_when_only_that_makes_sense() -> None:
    message = message_of(HEAD + "F430" + "05" * 6 + "38121210", function="34")
    assert shown(message) == [("rain_5min", "0.5")] * 6 + [("battery_voltage", "12.10")]


def test_uniform_report_counts_from_its_first_time() -> None:
    body = HEAD + "0418000005" + "2219" + "000005" + "FFFFFF" + "000010" + "38121210"
    message = message_of(body, function="31")
    assert shown(message) == [
        ("rain_5min", "0.5"),
        ("rain_5min", "None"),
        ("rain_5min", "1.0"),
        ("battery_voltage", "12.10"),
    ]
    assert [r.at for r in message.readings][:3] == [NOON, NOON + 5 * MINUTE, NOON + 10 * MINUTE]


def test_status_word_becomes_alarms() -> None:
    message = message_of(HEAD + "452000000006")
    found = dict(shown(message))
    assert len(found) == 12
    assert (found["status_battery_low"], found["status_level_alarm"]) == ("1", "1")
    assert found["status_mains_lost"] == "0"


@pytest.mark.parametrize(
    ("data", "value"),
    [
        ("05120130", "90"),  # 1 h 30 min
        ("330803", "45.0"),  # north-east
        ("091A044400", "0"),  # shut
        ("091A099900", "None"),  # fully open is no height
        ("0E1A044400", "None"),  # a dry well
    ],
)
def test_values_are_converted_to_our_units(data: str, value: str) -> None:
    ((_, found),) = shown(message_of(HEAD + data))
    assert Decimal(found) == Decimal(value) if value != "None" else found == "None"


def test_manual_text_and_picture_keep_their_bytes() -> None:
    for coding in ("gb18030", "utf-8"):
        data = "水位12.3".encode(coding).hex()
        assert message_of("0001260703120010F2F2" + data, function="35").manual_text == "水位12.3"
    picture = message_of(HEAD + "F3F3FFD8FF00FFD9", function="36")
    assert picture.picture == bytes.fromhex("FFD8FF00FFD9")


def test_padding_after_the_elements_is_no_element() -> None:
    message = message_of(HEAD + "2019000040" + "0000000000")
    assert not message.unknown
    assert message.deviations == ("padding",)


def test_answers_about_gates_and_quota() -> None:
    gates = message_of(
        "0001260703120010F1F10012345678" + "03" + "05" + "012304560000", function="4E"
    )
    assert gates.answer.switches == (True, False, True)
    assert gates.answer.openings == (Decimal("1.23"), Decimal("4.56"), Decimal("0.00"))
    quota = message_of("0001260703120010F1F10012345678FF", function="4F")
    assert quota.answer.quota_control is True


def test_addresses_in_both_forms() -> None:
    assert station_code("0012345678") == "12345678"
    assert station_code("330702EA60") == "330702060000"


def test_text_and_pictures_without_their_identifier() -> None:
    manual = message_of("0001260703120010" + b"Z 12.3 ".hex(), function="35")
    assert (manual.manual_text, manual.deviations) == ("Z 12.3", ("no_identifier",))
    picture = message_of(HEAD + "FFD8FF00FFD9", function="36")
    assert picture.picture == bytes.fromhex("FFD8FF00FFD9")
    assert not picture.unknown


def test_an_observation_time_with_seconds() -> None:
    message = message_of(HEAD + "30" + "392300010490" + "38121210")
    assert shown(message) == [("water_level", "10.490"), ("battery_voltage", "12.10")]
    assert message.deviations == ("observation_seconds",)
