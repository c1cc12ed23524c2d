"""`python -m anlan.observe.sl651 <hex|file>`: shows frames as a table, for use in the field.

A file may hold one frame a line in hexadecimal (lines with # are comments) or raw bytes.
"""

import re
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from anlan.observe.sl651.bcd import BEIJING
from anlan.observe.sl651.codes import FUNCTIONS, STATION_CLASSES
from anlan.observe.sl651.decode import decode
from anlan.observe.sl651.elements import ELEMENTS, STATUS_BITS
from anlan.observe.sl651.messages import BadFrame, Message, station_code
from anlan.observe.sl651.packets import Assembler, Complete
from anlan.observe.sl651.splitter import Splitter

_STATUS_NAMES = dict(STATUS_BITS)


def main(arguments: list[str]) -> int:
    if not arguments:
        sys.stderr.write((__doc__ or "") + "\n")
        return 2
    wrong = 0
    try:
        for line in _lines("".join(arguments)):
            sys.stdout.write(line + "\n")
            wrong += line.startswith("!")
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 1 if wrong else 0


def _bytes(argument: str) -> bytes:
    looks_hex = re.fullmatch(r"[0-9A-Fa-f\s]+", argument)
    if not looks_hex:
        raw = Path(argument).read_bytes()
        text = "".join(
            line for line in raw.decode("utf-8", "replace").splitlines() if line[:1] != "#"
        )
        if not re.fullmatch(r"[0-9A-Fa-f\s]+", text):
            return raw
        argument = text
    return bytes.fromhex("".join(argument.split()))


def _lines(argument: str) -> Iterator[str]:
    splitter, assembler = Splitter(limit=65536), Assembler()
    found = splitter.feed(_bytes(argument)) + splitter.flush()
    for item in found:
        if isinstance(item, BadFrame):
            yield f"! wrong {item.reason}, {len(item.raw)} bytes: {item.raw.hex().upper()[:60]}…"
            continue
        if not item.total:
            yield from _table(decode(item))
            continue
        yield f"  packet {item.sequence}/{item.total} of {item.station}, {len(item.body)} bytes"
        outcome = assembler.add(item, 0.0)
        if isinstance(outcome, Complete):
            yield from _table(decode(outcome.frames))
    if not found:
        yield "! no frame"


def _table(message: Message) -> Iterator[str]:
    head = message.frames[0]
    name = FUNCTIONS.get(message.function, "?")
    kind = STATION_CLASSES.get(message.station_class, message.station_class)
    yield (
        f"{message.station} ({station_code(message.station)} {kind}) {message.function:02X}H {name}"
        f"  centre {head.center}  serial {message.serial}  sent {_time(message.sent_at)}"
        f"  {head.encoding}"
    )
    for reading in message.readings:
        element = ELEMENTS.get(reading.code)
        label = _STATUS_NAMES.get(reading.quantity) or (element.name if element else "")
        value = "-" if reading.value is None else str(reading.value)
        yield (
            f"  {reading.code:<5}{_time(reading.at):<18}{value:>12} {reading.unit:<6}"
            f" {reading.quantity:<26}{label}"
        )
    for unknown in message.unknown:
        hint = "" if unknown.value is None else f" = {unknown.value}?"
        kept = f"{unknown.reason}: {unknown.raw.hex().upper()}{hint}"
        yield f"  {unknown.code:<5}{_time(unknown.at):<18}{kept}"
    if message.manual_text:
        yield f"  manual: {message.manual_text}"
    if message.picture is not None:
        yield f"  picture: {len(message.picture)} bytes"
    answer = message.answer
    for setting in answer.settings:
        # 03 is the station's password.
        shown = "****" if setting.code == "03" else setting.raw.hex().upper()
        yield f"  setting {setting.code}: {shown}"
    if answer.software:
        yield f"  software: {answer.software}"
    if answer.events:
        yield f"  events: {answer.events}"
    if answer.switches:
        yield f"  switches: {answer.switches} openings: {answer.openings}"
    if message.deviations:
        yield f"  deviations: {', '.join(message.deviations)}"


def _time(at: datetime | None) -> str:
    return "-" if at is None else at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
