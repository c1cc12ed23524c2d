"""What the centre sends back (6.3.1.2, tables 19, 23 and 29 to 41).

| what arrived | what goes back |
|---|---|
| link maintenance 2F | nothing (6.6.4.2) |
| any other message in one frame, ETX | STX … EOT, or ESC to keep the station on the line |
| the same with ETB: more follows | STX … ACK |
| all packets of a message | once: SYN, total and last number, … EOT or ESC |
| packets missing | SYN, total and the missing number, … NAK, one at a time |
| wrong check | nothing: the station sends again (at most twice) |
"""

from datetime import datetime

from anlan.observe.sl651.bcd import encode_time
from anlan.observe.sl651.build import build_frame
from anlan.observe.sl651.codes import ACK, EOT, ESC, ETB, LINK, NAK, Encoding
from anlan.observe.sl651.messages import Frame, Message


def confirm(message: Message, *, at: datetime, keep_online: bool = False) -> bytes | None:
    """The confirmation, or None where the standard has none. `at` is the centre's time: some
    stations set their clock by it."""
    last = message.frames[-1]
    if message.function == LINK or last.downward:
        return None
    finished = ESC if keep_online else EOT
    if last.total:
        return _reply(last, message.serial, at, finished, (last.total, last.total))
    return _reply(last, message.serial, at, ACK if last.end == ETB else finished, None)


def ask_again(frame: Frame, sequence: int, *, serial: int | None, at: datetime) -> bytes:
    """Asks for one missing packet of the message that `frame` belongs to (6.3.1.2 c)."""
    return _reply(frame, serial, at, NAK, (frame.total, sequence))


def _reply(
    frame: Frame, serial: int | None, at: datetime, end: int, numbers: tuple[int, int] | None
) -> bytes:
    body = ((serial or 0) & 0xFFFF).to_bytes(2, "big") + encode_time(at, seconds=True)
    if frame.encoding is Encoding.ASCII:
        body = body.hex().upper().encode()
    return build_frame(
        frame.encoding,
        center=frame.center,
        station=frame.station,
        password=frame.password,
        function=frame.function,
        body=body,
        end=end,
        numbers=numbers,
        downward=True,
    )
