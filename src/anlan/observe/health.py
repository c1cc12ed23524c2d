"""How stations do: when heard, through which door, battery, clock. Written with the readings."""

import time
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from anlan.base import clock

from .models import StationHealth

if TYPE_CHECKING:
    from .incoming import Rows
    from .parcels import Parcel
    from .registry import Registry

# A station that reports all the time is written down this often (machine seconds).
NOTE_EVERY_S = 5.0


class Health:
    """Remembers what it wrote last, so that steady traffic costs nothing."""

    def __init__(self) -> None:
        self._noted = np.full(0, -np.inf)  # by station id: machine time

    def forget(self) -> None:
        self._noted = np.full(0, -np.inf)

    def note(
        self,
        parcels: "list[Parcel]",
        known: "Registry",
        rows: "Rows",
        trusted: NDArray[np.bool_],
        at: datetime,
    ) -> None:
        """Bring the health of the stations in this batch up to date."""
        station = known.station_id[rows.slot]
        off = _clock_off(station, rows.at, trusted, clock.to_epoch_ms(at))
        battery = _battery(known, rows, trusted)
        row = self._due(station)
        parcel_of = {int(station[i]): parcels[int(rows.parcel[i])] for i in row.tolist()}
        if off or battery:
            urgent = np.flatnonzero(~trusted | known.is_battery[rows.slot]).tolist()
            parcel_of |= {int(station[i]): parcels[int(rows.parcel[i])] for i in urgent}
        for parcel in parcels:
            # A station that sent nothing to store (a test, a sign of life) was heard all the same.
            if parcel.speaker in known.stations:
                parcel_of[known.stations[parcel.speaker]] = parcel
        if not parcel_of:
            return
        healths = []
        for pk, parcel in sorted(parcel_of.items()):
            healths.append(
                StationHealth(
                    station_id=pk,
                    heard_at=at,
                    door=parcel.door,
                    address=parcel.address[:60],
                    battery_v=battery.get(pk),
                    clock_off_s=off.get(pk, parcel.clock_off_s),
                )
            )
        self._write(healths)

    def _due(self, station: NDArray[np.int64]) -> NDArray[np.int64]:
        """Rows of stations that were not written down for a while; one row each or more."""
        if not len(station):
            return np.empty(0, np.int64)
        now, most = time.monotonic(), int(station.max()) + 1
        if most > len(self._noted):
            more = np.full(most - len(self._noted), -np.inf)
            self._noted = np.concatenate([self._noted, more])
        # On a fast scenario clock five machine seconds are an hour: note more often.
        wait = NOTE_EVERY_S / max(1.0, clock.rate())
        row = np.flatnonzero(now - self._noted[station] >= wait)
        self._noted[station[row]] = now
        return row

    def _write(self, healths: list[StationHealth]) -> None:
        with_battery = [health for health in healths if health.battery_v is not None]
        without = [health for health in healths if health.battery_v is None]
        fields = ["heard_at", "door", "address", "clock_off_s"]
        for rows, names in ((with_battery, [*fields, "battery_v"]), (without, fields)):
            if rows:
                StationHealth.objects.bulk_create(
                    rows,
                    update_conflicts=True,
                    unique_fields=["station"],
                    update_fields=names,
                    batch_size=500,
                )


def _clock_off(
    station: NDArray[np.int64], at: NDArray[np.int64], trusted: NDArray[np.bool_], now_ms: int
) -> dict[int, float]:
    wrong = ~trusted
    seconds = (at[wrong] - now_ms) / 1000
    return dict(zip(station[wrong].tolist(), seconds.tolist(), strict=True))


def _battery(known: "Registry", rows: "Rows", trusted: NDArray[np.bool_]) -> dict[int, float]:
    use = known.is_battery[rows.slot] & trusted & ~np.isnan(rows.value)
    if not use.any():
        return {}
    station = known.station_id[rows.slot[use]]
    return dict(zip(station.tolist(), rows.value[use].tolist(), strict=True))
