"""Readings of many stations as one array, for rooms that compute with a whole area.

No actor: what is computed belongs to the house; who may see it is asked where it is shown.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from . import sql
from .models import Series

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Places:
    """Series of some quantities and where they are measured; arrays of one length."""

    series_id: NDArray[np.int64]
    lon: Floats
    lat: Floats
    quantity: list[str]
    interval_s: NDArray[np.int64]
    station: list[str]  # codes


def series_in(quantities: Iterable[str], *, bounds: tuple[float, float, float, float]) -> Places:
    """Series of stations in use inside west, south, east, north (WGS 84)."""
    west, south, east, north = bounds
    rows = Series.objects.filter(
        quantity__in=list(quantities),
        station__retired_at=None,
        station__lon__range=(west, east),
        station__lat__range=(south, north),
    ).order_by("station__code", "quantity")
    names = ("pk", "station__lon", "station__lat", "quantity", "interval_s", "station__code")
    columns = list(zip(*rows.values_list(*names), strict=True)) or [()] * len(names)
    return Places(
        series_id=np.array(columns[0], np.int64),
        lon=np.array(columns[1], float),
        lat=np.array(columns[2], float),
        quantity=list(columns[3]),
        interval_s=np.array(columns[4], np.int64),
        station=list(columns[5]),
    )


def believed_between(
    series_id: NDArray[np.int64], from_ms: int, to_ms: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
    """Believed readings of these series by time: position in `series_id`, time, value."""
    series, at, value, flag = sql.readings_between(from_ms, to_ms)
    order = np.argsort(series_id)
    found = np.searchsorted(series_id[order], series)
    position = order[np.minimum(found, max(len(order) - 1, 0))] if len(order) else found
    chosen = np.isin(flag, sql.BELIEVED) & np.isfinite(value)
    chosen &= series_id[position] == series if len(order) else False
    return position[chosen], at[chosen], value[chosen]
