from datetime import UTC, datetime, timedelta

from anlan.observe.sl651 import (
    Abandoned,
    Assembler,
    Complete,
    Frame,
    Message,
    Missing,
    Repeated,
    ask_again,
    confirm,
    decode,
)
from anlan.observe.sl651.codes import Encoding
from anlan.observe.sl651.encode import Device, link, packets, picture
from anlan.observe.sl651.tests.hand import HEAD, NOON, frame_of, split, text_frame_of

AT = datetime(2026, 7, 3, 4, 0, 12, tzinfo=UTC)
IMAGE = bytes(range(256)) * 10


def first(data: bytes) -> Frame:
    (frame,) = split(data)
    assert isinstance(frame, Frame)
    return frame


def message(data: bytes) -> Message:
    return decode(first(data))


def picture_frames(**device: object) -> list[Frame]:
    sent = picture(
        Device("0012345678", "H", **device),  # type: ignore[arg-type]
        serial=5,
        sent_at=AT,
        at=NOON,
        image=IMAGE,
        packet=500,
    )
    return [first(data) for data in sent]


def test_confirmation_repeats_the_serial_and_carries_the_centres_time() -> None:
    reply = confirm(message(frame_of(HEAD + "2019000040")), at=AT)
    # By hand: 7E7E, station, centre, password, 32, 8 and length 8, STX, serial 0001, time, EOT.
    assert reply is not None
    assert reply[:-2].hex().upper() == "7E7E0012345678011234328008020001260703120012" + "04"
    answer = first(reply)  # its check is right, or it would be no frame
    assert (answer.downward, answer.station, answer.end) == (True, "0012345678", 0x04)


def test_the_published_answer_to_the_test_report() -> None:
    # The standard's test report of station 0012345678 was answered with ESC (public examples).
    body = "0003591011154947F1F1001234567848F0F05910111549" + "2019000005"
    at = datetime(2059, 10, 11, 7, 49, 47, tzinfo=UTC)
    reply = confirm(message(frame_of(body, function="30")), at=at, keep_online=True)
    assert reply is not None
    assert reply.hex().upper() == "7E7E00123456780112343080080200035910111549471B75D4"


def test_more_to_follow_is_acknowledged_and_not_ended() -> None:
    reply = confirm(message(frame_of(HEAD + "2019000040", end="17")), at=AT, keep_online=True)
    assert reply is not None
    assert first(reply).end == 0x06


def test_link_maintenance_is_not_answered() -> None:
    up = message(link(Device("0012345678"), serial=7, sent_at=AT))
    assert (up.serial, up.sent_at) == (7, AT)
    assert confirm(up, at=AT) is None


def test_ascii_is_answered_in_ascii() -> None:
    up = message(text_frame_of("00A1260703120010ST 0012345678 H TT 2607031200 PJ 4.0 "))
    reply = confirm(up, at=AT)
    assert reply is not None
    assert reply[:-4] == b"\x0100123456780112343280" + b"10\x0200A1260703120012\x04"
    assert first(reply).encoding is Encoding.ASCII


def test_hexadecimal_text_is_answered_so() -> None:
    reply = confirm(message(frame_of(HEAD + "2019000040").hex().encode()), at=AT)
    assert reply is not None
    assert reply.startswith(b"7E7E0012345678")


def test_a_picture_is_confirmed_once_with_its_last_number() -> None:
    frames = picture_frames()
    assembler = Assembler()
    outcomes = [assembler.add(frame, 0.0) for frame in frames]
    assert outcomes[:-1] == [None] * (len(frames) - 1)
    complete = outcomes[-1]
    assert isinstance(complete, Complete)
    up = decode(complete.frames)
    assert up.picture == IMAGE
    reply = confirm(up, at=AT)
    assert reply is not None
    answer = first(reply)
    total = len(frames)
    assert (answer.total, answer.sequence, answer.end) == (total, total, 0x04)
    assert answer.body.hex() == "0005260703120012"


def test_packets_in_any_order_and_repeated() -> None:
    frames = picture_frames()
    shuffled = [frames[2], frames[0], frames[0], frames[1], *frames[3:]]
    assembler = Assembler()
    outcome = [assembler.add(frame, 0.0) for frame in shuffled][-1]
    assert isinstance(outcome, Complete)
    assert decode(outcome.frames).picture == IMAGE


def test_missing_packets_are_asked_for_one_by_one() -> None:
    frames = picture_frames()
    assembler = Assembler()
    outcomes = [assembler.add(f, 0.0) for f in (frames[0], *frames[3:])]
    lost = outcomes[-1]
    assert isinstance(lost, Missing)
    assert (lost.sequence, lost.first) == (2, frames[0])
    nak = first(ask_again(lost.frame, lost.sequence, serial=5, at=AT))
    assert (nak.total, nak.sequence, nak.end, nak.downward) == (len(frames), 2, 0x15, True)
    lost = assembler.add(frames[1], 1.0)
    assert isinstance(lost, Missing)
    assert lost.sequence == 3
    assert isinstance(assembler.add(frames[2], 2.0), Complete)


def test_a_packet_is_asked_for_twice_and_then_given_up() -> None:
    frames = picture_frames()
    assembler = Assembler(ask_after=10.0)
    for frame in frames[1:-1]:
        assert assembler.add(frame, 0.0) is None
    assert assembler.due(9.9) == []
    asked = [assembler.due(at) for at in (10.0, 20.0, 30.0, 40.0)]
    assert [type(o).__name__ for outcomes in asked for o in outcomes] == [
        "Missing",
        "Missing",
        "Abandoned",
    ]
    (gone,) = asked[2]
    assert isinstance(gone, Abandoned)
    assert gone.missing == [1, len(frames)]
    assert assembler.waiting == 0


def test_a_lost_confirmation_is_sent_again_without_storing_again() -> None:
    frames = picture_frames()
    assembler = Assembler()
    for frame in frames:
        outcome = assembler.add(frame, 0.0)
    assert isinstance(outcome, Complete)
    assembler.remember(outcome.frames)
    again = [assembler.add(frame, 60.0) for frame in frames]
    assert again[:-1] == [None] * (len(frames) - 1)
    assert isinstance(again[-1], Repeated)


def test_not_stored_means_taken_again() -> None:
    frames = picture_frames()
    assembler = Assembler()
    assert isinstance([assembler.add(f, 0.0) for f in frames][-1], Complete)
    assert isinstance([assembler.add(f, 60.0) for f in frames][-1], Complete)


def test_a_new_picture_replaces_an_unfinished_one() -> None:
    device = Device("0012345678", "H")
    old, new = (
        [first(d) for d in packets(device, 0x36, bytes.fromhex(HEAD) + b"\xf3\xf3" + fill, 400)]
        for fill in (b"a" * 1500, b"b" * 1500)
    )
    assembler = Assembler()
    for frame in old[:3]:
        assembler.add(frame, 0.0)
    outcome = [assembler.add(frame, 90.0) for frame in new][-1]
    assert isinstance(outcome, Complete)
    assert decode(outcome.frames).picture == b"b" * 1500


def test_impossible_numbers_and_floods_are_bounded() -> None:
    frames = picture_frames()
    assembler = Assembler(most_bytes=900, most_transfers=2)
    assert assembler.add(frames[0], 0.0) is None
    assert isinstance(assembler.add(frames[1], 0.0), Abandoned)
    assert assembler.waiting == 0
    for station in ("0000000001", "0000000002", "0000000003"):
        sent = picture(
            Device(station), serial=1, sent_at=AT, at=NOON - timedelta(hours=1), image=IMAGE
        )
        assembler.add(first(sent[0]), 0.0)
    assert assembler.waiting <= 2


def test_a_picture_in_ascii_packets() -> None:
    frames = picture_frames(encoding=Encoding.ASCII)
    assembler = Assembler()
    outcome = [assembler.add(frame, 0.0) for frame in frames][-1]
    assert isinstance(outcome, Complete)
    up = decode(outcome.frames)
    assert (up.picture, up.station_class) == (IMAGE, "H")


def test_packets_that_arrive_backwards_are_not_given_up() -> None:
    frames = picture_frames()
    assert len(frames) > 4
    assembler = Assembler()
    outcomes = [assembler.add(frame, 0.0) for frame in reversed(frames)]
    assert isinstance(outcomes[0], Missing)
    assert outcomes[1:-1] == [None] * (len(frames) - 2)
    assert isinstance(outcomes[-1], Complete)


def test_stations_that_repeat_the_head_in_every_packet() -> None:
    start = HEAD + "F3F3"
    parts = [IMAGE[i : i + 500].hex() for i in range(0, len(IMAGE), 500)]
    for repeated in (HEAD[:16], start):
        frames = [
            first(
                frame_of(f"{len(parts):03X}{n:03X}" + (start if n == 1 else repeated) + part,
                         function="36", start="16")
            )
            for n, part in enumerate(parts, 1)
        ]  # fmt: skip
        up = decode(frames)
        assert up.picture == IMAGE
        assert up.deviations == ("packet_heads",)


def test_packet_numbers_of_two_bytes_each() -> None:
    frame = first(frame_of("000D0002" + "AABBCC", function="36", start="16"))
    assert (frame.total, frame.sequence, frame.body) == (13, 2, b"\xaa\xbb\xcc")
