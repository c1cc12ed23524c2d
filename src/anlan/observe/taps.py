"""Upper rooms listen to readings as they are stored, in the same transaction, a batch at a time.

`warn` evaluates its rules here, so that an alarm is committed with the reading that raised it.
A tap must be quick (it stands in the way of every reading) and works on whole arrays. It is poured
before the latest values are written: `Latest` does not hold the batch yet.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Batch:
    """Readings just stored, newly (duplicates are left out), oldest first within a series.

    Arrays of one length: series_id int64, at_ms int64, value float64 (NaN: none), flag int8.
    """

    series_id: NDArray[np.int64]
    at_ms: NDArray[np.int64]
    value: NDArray[np.float64]
    flag: NDArray[np.int8]
    received_at: datetime  # house clock


Tap = Callable[[Batch], None]
_taps: list[Tap] = []


def register(tap: Tap) -> None:
    if tap not in _taps:
        _taps.append(tap)


def pour(batch: Batch) -> None:
    for tap in _taps:
        tap(batch)
