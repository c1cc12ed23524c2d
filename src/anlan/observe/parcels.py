"""What doors hand over and get back: readings that came together, and what became of them."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from .registry import KnownSender, Registry


@dataclass(frozen=True, slots=True)
class Found:
    """Readings whose series are all known. Arrays of one length."""

    series: NDArray[np.int64]  # ids
    at: NDArray[np.int64]
    value: NDArray[np.float64]


@dataclass(slots=True)
class Parcel:
    """Readings that arrived together and are answered together. Columns of one length."""

    door: str  # http, mqtt, sl651
    station: list[str] = field(default_factory=list)
    quantity: list[str] = field(default_factory=list)
    at_ms: list[int] = field(default_factory=list)
    value: list[float | None] = field(default_factory=list)
    sender: KnownSender | None = None  # None: the door has checked by other means
    raw: list[str] | None = None  # of values that have no meaning to us
    address: str = ""
    clock_off_s: float | None = None  # where the protocol carries the device's own time
    speaker: str = ""  # the station that sent it, where the protocol says so
    found: Found | None = None  # in place of the columns, where the door knew every series

    def __len__(self) -> int:
        return len(self.found.series) if self.found else len(self.at_ms)

    def add(self, station: str, quantity: str, at_ms: int, value: float | None) -> None:
        self.station.append(station)
        self.quantity.append(quantity)
        self.at_ms.append(at_ms)
        self.value.append(value)

    def keep(self, start: int, rows: list[int]) -> None:
        """Of the readings from `start` on only these, counted from there."""
        kept = [start + row for row in rows]
        self.station[start:] = [self.station[row] for row in kept]
        self.quantity[start:] = [self.quantity[row] for row in kept]
        self.at_ms[start:] = [self.at_ms[row] for row in kept]
        self.value[start:] = [self.value[row] for row in kept]

    def find(self, known: Registry | None) -> None:
        """Where every series is known, keep the readings by its id and let go of the names.

        At once after reading them, while they are in the processor's cache.
        """
        if known is None or not self.at_ms or self.raw is not None:
            return
        slot = known.slot_of.find(self.station, self.quantity)
        if slot.min() < 0:
            return
        self.found = Found(
            known.series_id[slot],
            np.array(self.at_ms, np.int64),
            np.array(self.value, np.float64),
        )
        self.station, self.quantity, self.at_ms, self.value = [], [], [], []

    def name_again(self, names: dict[int, tuple[str, str]]) -> None:
        """Back to (station, quantity), by series id: a station was retired meanwhile."""
        if self.found:
            # A series that is gone altogether leaves its number.
            of_rows = [names.get(pk, ("", f"series:{pk}")) for pk in self.found.series.tolist()]
            self.station = [station for station, _quantity in of_rows]
            self.quantity = [quantity for _station, quantity in of_rows]
            self.at_ms = self.found.at.tolist()
            self.value = [None if x != x else x for x in self.found.value.tolist()]
            self.found = None


@dataclass(slots=True)
class Receipt:
    """What became of a parcel's rows. Handed out only after the commit."""

    stored: int = 0
    duplicate: int = 0
    quarantined: int = 0
    refused: list[tuple[int, str, str]] = field(default_factory=list)  # row, code, message
