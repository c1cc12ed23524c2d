"""How many readings came through each door, for the metrics page. Shared by all processes."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from prometheus_client import Counter

if TYPE_CHECKING:
    from .store import Parcel, Receipt

READINGS = Counter("anlan_readings", "Readings answered, by door and outcome", ["door", "outcome"])


def count(parcels: Iterable["Parcel"], receipts: Iterable["Receipt"]) -> None:
    """After the commit: what was answered."""
    totals: dict[tuple[str, str], int] = {}
    for parcel, receipt in zip(parcels, receipts, strict=True):
        for outcome, number in (
            ("stored", receipt.stored),
            ("duplicate", receipt.duplicate),
            ("quarantined", receipt.quarantined),
            ("refused", len(receipt.refused)),
        ):
            if number:
                key = (parcel.door, outcome)
                totals[key] = totals.get(key, 0) + number
    for (door, outcome), number in totals.items():
        READINGS.labels(door, outcome).inc(number)
