"""Bodies of ASCII frames (6.6.2): words and values between blanks; pictures and manual text raw."""

import re
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Final

from anlan.observe.sl651.bcd import decode_time
from anlan.observe.sl651.body import decode_manual, parse_body
from anlan.observe.sl651.codes import MANUAL, MANUAL_QUERY, PICTURE, STATION_CLASSES, WITH_READINGS
from anlan.observe.sl651.collect import Collector
from anlan.observe.sl651.elements import TEXT_CODES, Element, Kind
from anlan.observe.sl651.messages import Answer, Setting

_HEAD: Final = 16
_NUMBER: Final = re.compile(r"[+-]?\d+(\.\d+)?")
_STEP: Final = re.compile(r"DR([DHN])(\d\d)?")
_STEP_UNITS: Final = {"D": "days", "H": "hours", "N": "minutes"}
_MISSING: Final = "M"
_ARRAYS: Final = (Kind.RAIN_ARRAY, Kind.LEVEL_ARRAY)


def parse_text_body(body: bytes, found: Collector) -> None:
    if _is_hex(body):
        # Not in the standard: the binary body, written as hexadecimal text in an ASCII frame.
        found.deviate("hex_body_in_ascii_frame")
        parse_body(bytes.fromhex(body.decode("ascii")), found)
        return
    _Text(body, found).parse()


def _is_hex(body: bytes) -> bool:
    # The standard's own body holds blanks once it holds anything after the head.
    if len(body) <= _HEAD or len(body) % 2:
        return False
    return re.fullmatch(rb"[0-9A-Fa-f]+", body) is not None


def _whole_rest(body: bytes, word: bytes) -> bytes | None:
    start = re.search(rb"(?:^| )" + word + rb" ", body)
    return body[start.end() :] if start else None


class _Text:
    def __init__(self, body: bytes, found: Collector) -> None:
        self.body = body
        self.found = found

    def parse(self) -> None:
        rest = self._head()
        if self.found.function in (MANUAL, MANUAL_QUERY):
            text = rest.removeprefix(b"RGZS ")
            self.found.manual_text = decode_manual(text)
            return
        if self.found.function == PICTURE:
            picture = _whole_rest(rest, b"PIC")
            self.found.picture = picture
            rest = rest if picture is None else rest[: len(rest) - len(picture) - 4]
        self._words(rest.decode("ascii", "replace").split())

    def _head(self) -> bytes:
        """The two first values carry no blank behind them (6.6.2.1); stray blanks are tolerated."""
        head, rest = self.body[:_HEAD], self.body[_HEAD:]
        if b" " in head.strip():
            packed = self.body.replace(b" ", b"", head.count(b" "))
            head, rest = packed[:_HEAD], packed[_HEAD:]
            self.found.deviate("head_width")
        text = head.decode("ascii", "replace")
        if re.fullmatch(r"[0-9A-Fa-f]{4}", text[:4]):
            self.found.serial = int(text[:4], 16)
        self.found.sent_at = decode_time(text[4:])
        if self.found.sent_at is None:
            self.found.deviate("bad_sending_time" if len(text) == _HEAD else "short_body")
        return rest.removeprefix(b" ")

    def _words(self, words: list[str]) -> None:
        stream = iter(words)
        settings: list[Setting] = []
        for word in stream:
            if word == "ST":
                self._station(next(stream, ""))
            elif word == "TT":
                self.found.observe_at(decode_time(next(stream, "")))
            elif len(word) == 1 and word in STATION_CLASSES and not self.found.station_class:
                self.found.station_class = word
            elif step := _STEP.fullmatch(word):
                self._uniform(step[1], step[2] or next(stream, ""), stream)
            elif self.found.function in WITH_READINGS or word in TEXT_CODES:
                self._element(word, next(stream, None))
            else:
                settings.append(Setting(word, next(stream, "").encode()))
        if settings:
            self.found.answer = Answer(settings=tuple(settings))

    def _station(self, address: str) -> None:
        self.found.at_station(address)
        self.found.station_class = ""

    def _uniform(self, unit: str, count: str, stream: Iterator[str]) -> None:
        """Codes first, then rounds of one value each, a step apart (6.6.4.4)."""
        step = timedelta(**{_STEP_UNITS[unit]: int(count)}) if count.isdecimal() else timedelta()
        if not step:  # DRH00 announces an array
            return
        codes: list[str] = []
        start, index = self.found.at, 0
        for word in stream:
            if word != _MISSING and not _NUMBER.fullmatch(word):
                if index:  # something else follows the series
                    self._element(word, next(stream, None))
                else:
                    codes.append(word)
                continue
            if not codes:
                self.found.add_unknown(word, b"", "leftover")
                continue
            at = None if start is None else start + index // len(codes) * step
            code = TEXT_CODES.get(codes[index % len(codes)].upper())
            element = self.found.element(code) if code else None
            raw = word.encode()
            value = None if word == _MISSING else Decimal(word)
            if code and element:
                self.found.add(code, element, value, raw, at=at)
            else:
                self.found.add_unknown(codes[index % len(codes)], raw, "unknown_code", value)
            index += 1

    def _element(self, word: str, value: str | None) -> None:
        found = self.found
        raw = (value or "").encode()
        number = Decimal(value) if value and _NUMBER.fullmatch(value) else None
        code = TEXT_CODES.get(word.upper(), word.upper())
        element = found.element(code)
        if value is None:
            found.add_unknown(word, raw, "leftover")
        elif element is None:
            found.add_unknown(word, raw, "unknown_code", number)
        elif element.kind is not Kind.NUMBER:
            self._packed(code, element, value)
        elif number is None and value != _MISSING:
            found.add_unknown(code, raw, "not_a_number")
        else:
            found.add(code, element, number, raw)

    def _packed(self, code: str, element: Element, value: str) -> None:
        """Arrays and the status word are HEX, two characters a byte."""
        try:
            data = bytes.fromhex(value)
        except ValueError:
            self.found.add_unknown(code, value.encode(), "not_a_number")
            return
        if element.kind in _ARRAYS:
            self.found.add_array(code, element, data)
        else:
            self.found.add_status(code, data)
