"""Bodies of binary frames (6.6.3): identifier, length and decimals, data."""

from datetime import timedelta
from decimal import Decimal
from typing import Final

from anlan.observe.sl651.answers import parse_answer
from anlan.observe.sl651.bcd import decode_number, decode_time, is_filler
from anlan.observe.sl651.codes import (
    MANUAL,
    MANUAL_QUERY,
    PERIOD,
    PICTURE,
    STATION_CLASSES,
    UNIFORM,
    WITH_READINGS,
)
from anlan.observe.sl651.collect import Collector
from anlan.observe.sl651.elements import Element, Kind
from anlan.observe.sl651.lookahead import (
    BATCH,
    EXTENDED,
    IMAGE,
    STATION,
    STEP,
    TEXT,
    TIME,
    array_length,
    walks,
)

_HEAD: Final = 8
_VOLTAGE: Final = b"\x38\x12"
_JPEG: Final = b"\xff\xd8\xff"
_ANNOUNCED: Final = (b"", b"\xf0", b"\xf1", b"\xf2")
_SERIES: Final = frozenset({UNIFORM, PERIOD})


def parse_body(body: bytes, found: Collector) -> None:
    _Body(body, found).parse()


def decode_manual(data: bytes) -> str:
    """Manual entries travel in their own coding: ASCII by SL 330, Chinese notes in GBK or UTF-8.

    Short GBK words are often valid UTF-8 for letters nobody writes, so UTF-8 must give Chinese.
    """
    try:
        text = data.decode("utf-8")
        if all(letter.isascii() or letter >= "\u2e80" for letter in text):
            return text.strip(" \0")
    except UnicodeDecodeError:
        pass
    return data.decode("gb18030", "replace").strip(" \0")


class _Body:
    def __init__(self, body: bytes, found: Collector) -> None:
        self.body = body
        self.found = found
        self.pos = 0
        self.width = len(found.station) // 2

    def parse(self) -> None:
        self._head()
        if self._is_bare():
            return
        if self.found.function in WITH_READINGS or self.found.function not in range(0x40, 0x52):
            self._groups()
            return
        if self.body[self.pos : self.pos + 1] == b"\xf1":
            self._station(has_class=False)
        rest = self.body[self.pos :]
        if not parse_answer(rest, self.found):
            self._groups()

    def _head(self) -> None:
        """Serial number and sending time; then the end is freed of what does not belong there."""
        body, found = self.body, self.found
        head = _HEAD
        station = body.find(b"\xf1\xf1", 0, 16)
        if station >= 6 and body[_HEAD : _HEAD + 2] != b"\xf1\xf1":
            head = station
            found.deviate("head_width")
        if len(body) < head:
            found.deviate("short_body")
            head = min(head, len(body))
        time = body[max(0, head - 6) : head]
        serial = body[: max(0, head - 6)]
        found.serial = int.from_bytes(serial, "big") if serial else None
        found.sent_at = decode_time(time)
        if found.sent_at is None:
            found.deviate("bad_sending_time")
        self.pos = head
        if found.function not in (MANUAL, PICTURE, MANUAL_QUERY):
            self._drop_tail(serial + time, time)

    def _drop_tail(self, head: bytes, time: bytes) -> None:
        for tail in (head, time):
            if len(tail) >= 6 and len(self.body) > 2 * _HEAD and self.body.endswith(tail):
                self.body = self.body[: -len(tail)]
                self.found.deviate("trailing_time")
                return

    def _is_bare(self) -> bool:
        """Text or a picture without the identifier that should announce it."""
        rest = self.body[self.pos :]
        if self.found.function in (MANUAL, MANUAL_QUERY) and rest[:1] not in _ANNOUNCED:
            self.found.manual_text = decode_manual(rest)
        elif self.found.function == PICTURE and rest.startswith(_JPEG):
            self.found.picture = rest
        else:
            return False
        self.found.deviate("no_identifier")
        return True

    def _groups(self) -> None:
        body = self.body
        while self.pos < len(body):
            if self._is_padding():
                return
            if len(body) - self.pos < 2:
                self.found.add_unknown(body[self.pos :].hex().upper(), b"", "leftover")
                return
            self._group(body[self.pos])

    def _is_padding(self) -> bool:
        rest = self.body[self.pos :]
        if len(rest) < 2 or rest[0] not in (0x00, 0xFF) or rest.count(rest[0]) != len(rest):
            return False
        self.found.deviate("padding")
        return True

    def _group(self, code: int) -> None:
        body = self.body
        if code == TIME and len(body) - self.pos >= 7:
            self._time()
        elif code == STATION and len(body) - self.pos >= 2 + self.width:
            self._station(has_class=True)
        elif code in (TEXT, IMAGE, BATCH):
            self._whole_rest(code)
        elif code == STEP and body[self.pos + 1] == 0x18 and len(body) - self.pos >= 5:
            self._time_step()
        else:
            self._element(code)

    def _time(self) -> None:
        self.found.observe_at(decode_time(self.body[self.pos + 2 : self.pos + 7]))
        self.found.step = None
        self.pos += 7
        rest = self.body[self.pos :]
        if self.found.function == PICTURE and rest.startswith(_JPEG):
            self._is_bare()
            self.pos = len(self.body)
        elif not walks(rest, known=False) and walks(rest[1:], known=True):
            self.found.deviate("observation_seconds")
            self.pos += 1

    def _station(self, *, has_class: bool) -> None:
        body, start = self.body, self.pos + 2
        if self.width > 5 and body[start + 6 : start + 8] == b"\xf0\xf0":
            self.width = 5  # only the head's address is wider
        self.found.at_station(body[start : start + self.width].hex().upper())
        self.pos = start + self.width
        if has_class and self._class_follows():
            letter = chr(body[self.pos])
            known = letter in STATION_CLASSES or (letter.isascii() and letter.isalnum())
            self.found.station_class = letter if known else f"{body[self.pos]:02X}"
            self.pos += 1

    def _class_follows(self) -> bool:
        """Address and class belong together (6.6.2.6), but some stations leave the class out."""
        here = self.body[self.pos : self.pos + 3]
        if not here or here[0] == TIME:
            return False
        return here[1:3] == b"\xf0\xf0" or chr(here[0]) in STATION_CLASSES

    def _whole_rest(self, code: int) -> None:
        rest = self.body[self.pos + 2 :]
        if code == TEXT:
            self.found.manual_text = decode_manual(rest)
        elif code == IMAGE:
            self.found.picture = rest
        else:
            self.found.add_unknown("FD", rest, "batch")
        self.pos = len(self.body)

    def _time_step(self) -> None:
        days, hours, minutes = (
            decode_number(bytes([b]), 0) for b in self.body[self.pos + 2 : self.pos + 5]
        )
        self.pos += 5
        if days is None or hours is None or minutes is None:
            self.found.deviate("bad_time_step")
            return
        step = timedelta(days=int(days), hours=int(hours), minutes=int(minutes))
        # All zero announces the arrays F4 to FC, which have their own five minutes (table C.3).
        self.found.step = step or None

    def _element(self, code: int) -> None:
        body = self.body
        name = f"{code:02X}"
        start = self.pos + 2
        if code == EXTENDED:
            if len(body) - self.pos < 3:
                self._give_up(name)
                return
            name += f"{body[self.pos + 1]:02X}"
            start += 1
        definition = body[start - 1]
        element = self.found.element(name)
        length = definition >> 3
        if element and element.kind in (Kind.RAIN_ARRAY, Kind.LEVEL_ARRAY):
            length = array_length(element, length, body[start:])
        if len(body) - start < length:
            self._give_up(name, start)
            return
        if self.found.function in _SERIES and self.found.step and element:
            self.pos = start
            self._series(name, element, length, definition & 7)
            return
        self._value(name, element, body[start : start + length], definition & 7)
        self.pos = start + length

    def _give_up(self, name: str, start: int | None = None) -> None:
        """Nothing after a cut element can be trusted; what came before it stays."""
        self.found.add_unknown(name, self.body[start or self.pos :], "truncated")
        self.pos = len(self.body)

    def _value(self, name: str, element: Element | None, data: bytes, decimals: int) -> None:
        found = self.found
        if element is None:
            found.add_unknown(name, data, "unknown_code", decode_number(data, decimals))
        elif element.kind is Kind.STATUS:
            found.add_status(name, data)
        elif element.kind is not Kind.NUMBER:
            found.add_array(name, element, data)
        else:
            value = decode_number(data, decimals)
            if value is None and not is_filler(data):
                hint = Decimal(int.from_bytes(data, "big")).scaleb(-decimals) if data else None
                found.add_unknown(name, data, "not_bcd", hint)
                return
            found.add(name, element, value, data)

    def _series(self, name: str, element: Element, length: int, decimals: int) -> None:
        """Values at the announced step, the first at the observation time (6.6.4.4)."""
        found, body = self.found, self.body
        start, step = found.at, found.step or timedelta()
        index = 0
        while length and len(body) - self.pos >= length and not self._series_ends():
            data = body[self.pos : self.pos + length]
            self.pos += length
            if element.kind in (Kind.RAIN_ARRAY, Kind.LEVEL_ARRAY):
                found.add_array(name, element, data, index)
            else:
                at = None if start is None else start + index * step
                value = decode_number(data, decimals)
                if value is None and not is_filler(data):
                    found.deviate("not_bcd_in_series")
                found.add(name, element, value, data, at=at)
            index += 1
        found.step = None

    def _series_ends(self) -> bool:
        """Some stations add the voltage, or another time, behind the series."""
        rest = self.body[self.pos : self.pos + 7]
        if rest[:2] == b"\xf0\xf0":
            return decode_time(rest[2:7]) is not None
        return rest[:2] == _VOLTAGE and len(self.body) - self.pos == 4
