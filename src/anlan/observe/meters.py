"""How many readings came through each door, for the metrics page. Shared by all processes."""

from typing import TYPE_CHECKING

from prometheus_client import Counter

if TYPE_CHECKING:
    from .parcels import Receipt

READINGS = Counter("anlan_readings", "Readings answered, by door and outcome", ["door", "outcome"])


def count(door: str, receipt: "Receipt") -> None:
    """After the commit: what was answered."""
    for outcome, number in (
        ("stored", receipt.stored),
        ("duplicate", receipt.duplicate),
        ("quarantined", receipt.quarantined),
        ("refused", len(receipt.refused)),
    ):
        if number:
            READINGS.labels(door, outcome).inc(number)
