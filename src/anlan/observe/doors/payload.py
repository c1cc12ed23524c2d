"""JSON readings, as HTTP and MQTT carry them: whole messages fast, faulty ones row by row.

{"readings": [{"station": "…", "quantity": "rain_5min", "at": …, "value": 1.2}, …]}
{"readings": [{"station": "…", "at": …, "values": {"rain_5min": 1.2, …}}, …]}
or one such object by itself. `at`: epoch milliseconds, or ISO 8601 with an offset.
"""

import json
import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from django.utils.translation import gettext as _

from anlan.base.errors import BadInput

from ..registry import KnownSender
from ..store import Parcel

MAX_ROWS = 20_000
LATEST_MS = 253_402_300_799_999  # the last millisecond that a datetime can show


class Row(msgspec.Struct):
    """One reading, or several of one station at one time."""

    at: int | datetime
    station: str = ""
    quantity: str = ""
    value: float | None = None
    values: dict[str, float | None] | None = None


class Message(msgspec.Struct):
    readings: list[Row]


Faults = list[tuple[int, str, str]]
_whole = msgspec.json.Decoder(Message, strict=True)


def read(
    body: bytes,
    *,
    door: str,
    sender: KnownSender | None,
    address: str = "",
    default_station: str = "",
) -> tuple[Parcel, Faults, list[int]]:
    """A parcel, the rows that cannot be read, and for each reading the number of its row.

    Rows that name no station are the default station's: a device that speaks for itself.
    """
    parcel = Parcel(door, [], [], [], [], sender, None, address)
    faults: Faults = []
    number_of: list[int] = []
    adder = _Adder(parcel, faults, number_of, default_station)
    try:
        message = _whole.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        _read_slowly(body, adder)
        return parcel, faults, number_of
    if len(message.readings) > MAX_ROWS:
        raise _too_many()
    if not _take_whole(message.readings, parcel, number_of):
        for number, row in enumerate(message.readings):
            adder.add(number, row)
    return parcel, faults, number_of


def _take_whole(rows: list[Row], parcel: Parcel, number_of: list[int]) -> bool:
    """The usual message, one value a row and times in milliseconds, column by column.

    Only where every row would pass `_Adder`; half the time that its checks take row by row.
    """
    if not rows or any(row.values is not None for row in rows):
        return False
    at: list[Any] = [row.at for row in rows]
    values = [row.value for row in rows]
    stations, names = [row.station for row in rows], [row.quantity for row in rows]
    if set(map(type, at)) != {int} or not (min(at) >= 0 and max(at) <= LATEST_MS):
        return False
    lengths = set(map(len, stations)) | set(map(len, names))
    if min(lengths) < 1 or max(lengths) > 40 or math.inf in values or -math.inf in values:
        return False
    parcel.station, parcel.quantity, parcel.at_ms, parcel.value = stations, names, at, values
    number_of.extend(range(len(rows)))
    return True


def _read_slowly(body: bytes, adder: "_Adder") -> None:
    """What does not fit as a whole: a single object, or a message with faulty rows."""
    try:
        # Python's reader lets NaN and Infinity through, so that they are refused by row.
        data = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise _not_json(error) from error
    rows = data.get("readings") if isinstance(data, dict) and "readings" in data else [data]
    if not isinstance(rows, list):
        raise _not_json("“readings” is not a list")
    if len(rows) > MAX_ROWS:
        raise _too_many()
    for number, item in enumerate(rows):
        if not isinstance(item, Mapping):
            adder.faults.append((number, "observe.bad_row", _("A reading is a JSON object.")))
            continue
        _add_loose(adder, number, item)


def _add_loose(adder: "_Adder", number: int, item: Mapping[str, Any]) -> None:
    try:
        adder.add(number, msgspec.convert(item, Row))
    except msgspec.ValidationError as error:
        text = _("This row cannot be read: %(error)s.") % {"error": error}
        adder.faults.append((number, "observe.bad_row", text))


class _Adder:
    """Checks rows and appends them to the parcel's columns."""

    def __init__(
        self, parcel: Parcel, faults: Faults, number_of: list[int], default_station: str
    ) -> None:
        self.parcel, self.faults, self.number_of = parcel, faults, number_of
        self.default_station = default_station

    def add(self, number: int, row: Row) -> None:
        at = row.at
        if not isinstance(at, int):
            if at.tzinfo is None:
                text = _("“at” needs an offset, such as +08:00, or epoch milliseconds.")
                self.faults.append((number, "observe.no_offset", text))
                return
            at = round(at.timestamp() * 1000)
        if not 0 <= at <= LATEST_MS:
            text = _("“at” is outside what a calendar holds; send epoch milliseconds.")
            self.faults.append((number, "observe.bad_time", text))
            return
        station = row.station or self.default_station
        if not 0 < len(station) <= 40:
            text = _("“station” is the station's code, of 1 to 40 characters.")
            self.faults.append((number, "observe.bad_station", text))
            return
        if row.values is None:
            self._add_value(number, station, row.quantity, at, row.value)
            return
        for quantity, value in row.values.items():
            self._add_value(number, station, quantity, at, value)

    def _add_value(
        self, number: int, station: str, quantity: str, at: int, value: float | None
    ) -> None:
        if not 0 < len(quantity) <= 40:
            text = _("“quantity” is a code of 1 to 40 characters, such as rain_5min.")
            self.faults.append((number, "observe.bad_quantity", text))
            return
        if value is not None and not math.isfinite(value):
            text = _("The value is not a number; send null where there is none.")
            self.faults.append((number, "observe.not_finite", text))
            return
        parcel = self.parcel
        parcel.station.append(station)
        parcel.quantity.append(quantity)
        parcel.at_ms.append(at)
        parcel.value.append(value)
        self.number_of.append(number)


def _not_json(error: object) -> BadInput:
    refusal = BadInput(
        "observe.not_json",
        _("The message is not JSON that we can read: %(error)s.") % {"error": error},
        hint=_("Send {“readings”: [{“station”, “quantity”, “at”, “value”}, …]} in UTF-8."),
    )
    refusal.status = 400
    return refusal


def _too_many() -> BadInput:
    refusal = BadInput(
        "observe.too_many_rows",
        _("One message may hold %(count)d readings at most.") % {"count": MAX_ROWS},
        hint=_("Send it in several messages."),
    )
    refusal.status = 413
    return refusal
