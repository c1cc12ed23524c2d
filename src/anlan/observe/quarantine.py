"""Readings from stations or of quantities that nobody has registered: kept, not believed."""

import time
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .models import Quarantined

if TYPE_CHECKING:
    from .parcels import Parcel, Receipt


def keep(parcels: "list[Parcel]", unknown: NDArray[np.int64], receipts: "list[Receipt]") -> None:
    """Put the rows with these numbers (counted through all parcels) aside."""
    if not len(unknown):
        return
    received = round(time.time() * 1000)
    starts = np.cumsum([0, *(len(parcel) for parcel in parcels)])
    owners = np.searchsorted(starts, unknown, side="right") - 1
    waiting = []
    for number, owner in zip(unknown.tolist(), owners.tolist(), strict=True):
        waiting.append(_row(parcels[owner], number - int(starts[owner]), received))
        receipts[owner].quarantined += 1
    Quarantined.objects.bulk_create(waiting, ignore_conflicts=True, batch_size=1000)


def _row(parcel: "Parcel", row: int, received: int) -> Quarantined:
    return Quarantined(
        station_code=parcel.station[row],
        quantity=parcel.quantity[row],
        at_ms=parcel.at_ms[row],
        value=parcel.value[row],
        raw=parcel.raw[row][:200] if parcel.raw else "",
        door=parcel.door,
        sender_id=parcel.sender.pk if parcel.sender else None,
        received_ms=received,
    )
