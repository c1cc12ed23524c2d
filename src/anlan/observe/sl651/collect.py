"""Gathers what the parsers of both encodings find, with the time and station it belongs to."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from anlan.observe.sl651.bcd import is_filler
from anlan.observe.sl651.elements import (
    ELEMENTS,
    STATUS_BITS,
    Element,
    Extensions,
    Kind,
    convert,
)
from anlan.observe.sl651.messages import Answer, ElementReading, Frame, Message, UnknownElement

FIVE_MINUTES: Final = timedelta(minutes=5)
_ARRAY_LENGTH: Final = 12


class Collector:
    def __init__(self, frames: list[Frame], extensions: Extensions | None) -> None:
        head = frames[0]
        self.frames = frames
        self.function = head.function
        self.station = head.station
        self.first_station = ""
        self.station_class = ""
        self.serial: int | None = None
        self.sent_at: datetime | None = None
        self.observed_at: datetime | None = None
        self.timed = False
        self.step: timedelta | None = None
        self.readings: list[ElementReading] = []
        self.unknown: list[UnknownElement] = []
        self.manual_text = ""
        self.picture: bytes | None = None
        self.answer = Answer()
        self.deviations: list[str] = []
        for frame in frames:
            for name in frame.deviations:
                self.deviate(name)
        self._extensions = extensions or {}

    def element(self, code: str) -> Element | None:
        return self._extensions.get(code) or ELEMENTS.get(code)

    def deviate(self, name: str) -> None:
        if name not in self.deviations:
            self.deviations.append(name)

    def at_station(self, address: str) -> None:
        """A body may speak for several stations (6.6.2.7)."""
        self.station = address
        self.first_station = self.first_station or address

    def observe_at(self, at: datetime | None) -> None:
        self.timed = True
        self.observed_at = at
        if at is None:
            self.deviate("bad_observation_time")

    @property
    def at(self) -> datetime | None:
        if not self.timed and self.sent_at is not None:
            if self.function < 0x40:  # answers about the station itself carry no time
                self.deviate("no_observation_time")
            return self.sent_at
        return self.observed_at

    def add(
        self,
        code: str,
        element: Element,
        value: Decimal | None,
        raw: bytes,
        *,
        at: datetime | None = None,
    ) -> None:
        value = None if value is None else convert(code, value)
        self.readings.append(
            ElementReading(
                quantity=element.quantity,
                code=code,
                at=at or self.at,
                value=value,
                unit=element.unit,
                raw=raw,
                station=self.station,
            )
        )

    def add_unknown(self, code: str, raw: bytes, reason: str, value: Decimal | None = None) -> None:
        self.unknown.append(UnknownElement(code, raw, self.at, reason, value, self.station))

    def add_status(self, code: str, raw: bytes) -> None:
        """One reading of 0 or 1 per defined bit (table 58)."""
        word = None if is_filler(raw) else int.from_bytes(raw, "big")
        for bit, (quantity, _) in enumerate(STATUS_BITS):
            value = None if word is None else Decimal(word >> bit & 1)
            self.readings.append(
                ElementReading(quantity, code, self.at, value, "", raw, self.station)
            )

    def add_array(self, code: str, element: Element, data: bytes, group: int = 0) -> None:
        """Twelve values five minutes apart, from the time of the first (see `_array_start`)."""
        width = 1 if element.kind is Kind.RAIN_ARRAY else 2
        cells = [data[i : i + width] for i in range(0, len(data) - width + 1, width)]
        values = self._cell_values(cells, element, whole=is_filler(data))
        start = self._array_start(values, element.kind)
        for index, (cell, value) in enumerate(zip(cells, values, strict=False)):
            at = None if start is None else start + (group * len(cells) + index) * FIVE_MINUTES
            self.readings.append(
                ElementReading(element.quantity, code, at, value, element.unit, cell, self.station)
            )

    def _cell_values(
        self, cells: list[bytes], element: Element, *, whole: bool
    ) -> list[Decimal | None]:
        def value(cell: bytes) -> Decimal | None:
            # AA is a missing level, but 17.0 mm of rain unless the whole array is AA.
            missing = whole or cell in (b"\xff", b"\xff\xff", b"\xaa\xaa")
            if missing:
                return None
            return Decimal(int.from_bytes(cell, "big")).scaleb(-element.decimals)

        return [value(cell) for cell in cells]

    def _array_start(self, values: list[Decimal | None], kind: Kind) -> datetime | None:
        """When the first value was observed.

        The standard: the observation time is that of the first group (6.6.2.8 d, table 36 and its
        note), and for rain of a period it is the end of that period (6.6.2.8 c). So value i of
        F4 is the rain of the five minutes before F0 + 5i, and value i of F5 the level at F0 + 5i.

        Many stations send the time of the report instead; then the array would lie in the future
        of its own sending time, which cannot be. It is then read as ending at F0, or, when F0 is
        within the hour and all places after it are empty, as the twelve places of that hour.
        (No rain is not an empty place; a level of nothing after levels of something is.)
        """
        at = self.at
        sent = self.sent_at
        if at is None or sent is None or len(values) != _ARRAY_LENGTH:
            return at
        last = at + (_ARRAY_LENGTH - 1) * FIVE_MINUTES
        if last <= sent + FIVE_MINUTES or at > sent + FIVE_MINUTES:
            return at
        place = at.minute // 5
        if _is_started_hour(values, place, kind):
            del values[place + 1 :]  # not observed yet: no readings
            self.deviate("array_of_the_hour")
            return at - timedelta(minutes=at.minute)
        self.deviate("array_ends_at_f0")
        return at - (_ARRAY_LENGTH - 1) * FIVE_MINUTES

    def message(self) -> Message:
        return Message(
            station=self.first_station or self.frames[0].station,
            function=self.function,
            sent_at=self.sent_at,
            serial=self.serial,
            station_class=self.station_class,
            readings=self.readings,
            unknown=self.unknown,
            manual_text=self.manual_text,
            picture=self.picture,
            frames=self.frames,
            answer=self.answer,
            deviations=tuple(self.deviations),
        )


def _is_started_hour(values: list[Decimal | None], place: int, kind: Kind) -> bool:
    if not 0 < place < _ARRAY_LENGTH - 1 or not any(values[: place + 1]):
        return False
    rest = values[place + 1 :]
    return not any(rest) if kind is Kind.LEVEL_ARRAY else all(value is None for value in rest)
