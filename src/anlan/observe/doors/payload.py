"""JSON readings, as HTTP and MQTT carry them: plain messages fast, faulty ones row by row.

{"readings": [{"station": "…", "quantity": "rain_5min", "at": …, "value": 1.2}, …]}
{"readings": [{"station": "…", "at": …, "values": {"rain_5min": 1.2, …}}, …]}
or one such object by itself. `at`: epoch milliseconds, or ISO 8601 with an offset.
"""

import json
import math
from collections.abc import Mapping, Sequence, Sized
from datetime import datetime
from typing import Annotated, Any

import msgspec
from django.utils.translation import gettext as _

from anlan.base.errors import BadInput

from ..parcels import Parcel

MAX_ROWS = 20_000
CODE_LENGTH = 40
NO_TIME = -1
LATEST_MS = 253_402_300_799_999  # the last millisecond that a datetime can show


class Row(msgspec.Struct, gc=False):
    """One reading, or several of one station at one time."""

    at: int | datetime
    station: str = ""
    quantity: str = ""
    value: float | None = None
    values: dict[str, float | None] | None = None


class Message(Row, gc=False):
    """Many readings, or one by itself."""

    at: int | datetime = NO_TIME
    readings: list[Row] | msgspec.UnsetType = msgspec.UNSET


Code = Annotated[str, msgspec.Meta(min_length=1, max_length=CODE_LENGTH)]


class PlainRow(msgspec.Struct, gc=False):
    """What most devices send: one value a row, its station named, its time in milliseconds.

    Whatever decodes to this would pass every check of `_Adder`.
    """

    station: Code
    quantity: Code
    at: Annotated[int, msgspec.Meta(ge=0, le=LATEST_MS)]
    value: float | None = None
    values: msgspec.UnsetType = msgspec.UNSET


class PlainMessage(msgspec.Struct, gc=False):
    readings: list[PlainRow]


Faults = list[tuple[int, str, str]]
_plain = msgspec.json.Decoder(PlainMessage, strict=True)
_whole = msgspec.json.Decoder(Message, strict=True)


def read(body: bytes, parcel: Parcel, default_station: str = "") -> tuple[Faults, Sequence[int]]:
    """Add a message's readings to a parcel; which of its rows cannot be read, and each's row.

    Rows that name no station are the default station's: a device that speaks for itself.
    """
    try:
        rows = _plain.decode(body).readings
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _read_otherwise(body, parcel, default_station)
    _check_size(rows)
    parcel.station += [row.station for row in rows]
    parcel.quantity += [row.quantity for row in rows]
    parcel.at_ms += [row.at for row in rows]
    parcel.value += [row.value for row in rows]
    return [], range(len(rows))


def _read_otherwise(body: bytes, parcel: Parcel, default_station: str) -> tuple[Faults, list[int]]:
    adder = _Adder(parcel, default_station)
    try:
        message = _whole.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        message = None
    rows = message and ([message] if message.readings is msgspec.UNSET else message.readings)
    if not rows or rows[0].at == NO_TIME:
        # Something is wrong with it: what, is said by row.
        _read_slowly(body, adder)
        return adder.faults, adder.number_of
    _check_size(rows)
    for number, row in enumerate(rows):
        adder.add(number, row)
    return adder.faults, adder.number_of


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
    _check_size(rows)
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

    def __init__(self, parcel: Parcel, default_station: str) -> None:
        self.parcel = parcel
        self.faults: Faults = []
        self.number_of: list[int] = []
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
        if not 0 < len(station) <= CODE_LENGTH:
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
        if not 0 < len(quantity) <= CODE_LENGTH:
            text = _("“quantity” is a code of 1 to 40 characters, such as rain_5min.")
            self.faults.append((number, "observe.bad_quantity", text))
            return
        if value is not None and not math.isfinite(value):
            text = _("The value is not a number; send null where there is none.")
            self.faults.append((number, "observe.not_finite", text))
            return
        self.parcel.add(station, quantity, at, value)
        self.number_of.append(number)


def _not_json(error: object) -> BadInput:
    refusal = BadInput(
        "observe.not_json",
        _("The message is not JSON that we can read: %(error)s.") % {"error": error},
        hint=_("Send {“readings”: [{“station”, “quantity”, “at”, “value”}, …]} in UTF-8."),
    )
    refusal.status = 400
    return refusal


def _check_size(rows: Sized) -> None:
    if len(rows) <= MAX_ROWS:
        return
    refusal = BadInput(
        "observe.too_many_rows",
        _("One message may hold %(count)d readings at most.") % {"count": MAX_ROWS},
        hint=_("Send it in several messages."),
    )
    refusal.status = 413
    raise refusal
