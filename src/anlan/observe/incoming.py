"""From parcels to arrays: every row looked up, sorted out by who may send it, each key once."""

from dataclasses import dataclass

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from anlan.base import clock

from . import registry
from .models import Series
from .parcels import Parcel
from .registry import KnownSender, Registry

DAY_MS = 86_400_000
# A reading outside this stretch around now says that the device's clock is wrong.
FUTURE_MS = 10 * 60_000
PAST_MS = 400 * DAY_MS

Refused = list[tuple[int, str, str]]  # row, code, message


@dataclass
class Rows:
    """The rows of all parcels in one array each, sorted by (slot, at), every key once."""

    parcel: NDArray[np.int64]
    slot: NDArray[np.int64]
    at: NDArray[np.int64]
    value: NDArray[np.float64]

    def only(self, chosen: NDArray[np.bool_]) -> "Rows":
        return Rows(self.parcel[chosen], self.slot[chosen], self.at[chosen], self.value[chosen])


def look_up(parcels: list[Parcel], given: Registry | None) -> tuple[Rows, Registry]:
    """The rows of all parcels; asks the database once more before it says that one is unknown."""
    known = given or registry.current()
    rows = _rows(parcels, known)
    if given is None and len(rows.slot) and rows.slot.min() < 0:
        fresh = registry.current(now=True)
        if fresh is not known:
            return _rows(parcels, fresh), fresh
    return rows, known


def _rows(parcels: list[Parcel], known: Registry) -> Rows:
    parts = [_columns(parcel, known) for parcel in parcels]
    owner = np.repeat(np.arange(len(parcels)), [len(parcel) for parcel in parcels])
    slot, at, value = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Rows(owner, slot, at, value)


def _columns(
    parcel: Parcel, known: Registry
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    if found := parcel.found:
        return known.slots(found.series), found.at, found.value
    slot = known.slot_of.find(parcel.station, parcel.quantity)
    return slot, np.array(parcel.at_ms, np.int64), np.array(parcel.value, np.float64)


def sort_out(
    parcels: list[Parcel], rows: Rows, known: Registry
) -> tuple[Rows, NDArray[np.int64], list[Refused]]:
    """The known rows, the numbers of the unknown, and by parcel the rows out of its scope."""
    unknown, start = rows.slot < 0, 0
    usable = np.ones(len(rows.slot), bool)
    if unknown.any():
        _name_again(parcels)
    refused: list[Refused] = [[] for _parcel in parcels]
    for number, parcel in enumerate(parcels):
        part = slice(start, start + len(parcel))
        start += len(parcel)
        if parcel.sender is not None:
            usable[part] = _in_scope(parcel, parcel.sender, rows.slot[part], known)
            if not usable[part].all():
                _name_again([parcel])
                strangers = np.flatnonzero(~usable[part]).tolist()
                refused[number] = [not_yours(row, parcel.station[row]) for row in strangers]
    if usable.all() and not unknown.any():
        return rows, np.empty(0, np.int64), refused
    return rows.only(usable & ~unknown), np.flatnonzero(usable & unknown), refused


def _name_again(parcels: list[Parcel]) -> None:
    """Names in place of ids where rows are to be put aside or refused by name."""
    found = [parcel.found.series for parcel in parcels if parcel.found]
    if not found:
        return
    ids = np.unique(np.concatenate(found)).tolist()
    rows = Series.objects.filter(pk__in=ids).values_list("pk", "station__code", "quantity")
    names = {pk: (code, quantity) for pk, code, quantity in rows}
    for parcel in parcels:
        parcel.name_again(names)


def _in_scope(
    parcel: Parcel, sender: KnownSender, slots: NDArray[np.int64], known: Registry
) -> NDArray[np.bool_]:
    own = sender.station_code
    if not len(known.series_id):
        ok = np.zeros(len(slots), bool)
    elif own:
        ok = known.station_id[slots] == known.stations.get(own, -1)
    else:
        ok = known.inside(sender.region_path)[slots]
    for row in np.flatnonzero(slots < 0).tolist():
        code = parcel.station[row]
        # Of a new station nobody knows the region yet: a gateway's go to quarantine.
        path = known.station_region.get(code, sender.region_path)
        ok[row] = code == own if own else path.startswith(sender.region_path)
    return ok


def not_yours(row: int, station: str) -> tuple[int, str, str]:
    """The answer for a station that the sender may not speak for."""
    text = _("This sender may not report for station %(station)s.") % {"station": station}
    return row, "observe.not_yours", text


def once(rows: Rows) -> Rows:
    """Sorted by series and time; of rows with one key the first that arrived stays."""
    order = np.lexsort((rows.at, rows.slot))  # stable
    rows = Rows(rows.parcel[order], rows.slot[order], rows.at[order], rows.value[order])
    again = np.zeros(len(rows.at), bool)
    again[1:] = (rows.slot[1:] == rows.slot[:-1]) & (rows.at[1:] == rows.at[:-1])
    return rows.only(~again) if again.any() else rows


def plausible(at: NDArray[np.int64], now_ms: int) -> NDArray[np.bool_]:
    """Whether a reading is from a time that a device with a right clock could send now."""
    # A scenario at 600x gains ten minutes in a second: what is on its way is not from the future.
    future = FUTURE_MS + round(5000 * clock.rate())
    return (at <= now_ms + future) & (at >= now_ms - PAST_MS)
