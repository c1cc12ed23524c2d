"""How forecasts of passing a depth turned out: the 2 x 2 table and what is read off it.

Pure numbers. Hit: said and seen; miss: seen, not said; false alarm: said, not seen; quiet: neither.
POD, FAR, CSI and bias as the WMO's Joint Working Group on Forecast Verification Research defines
them (also Wilks, Statistical Methods in the Atmospheric Sciences, chapter on verification).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
HIT, MISS, FALSE, QUIET, UNKNOWN = "HIT", "MISS", "FALSE", "QUIET", "UNKNOWN"
# Ends of the stretches of lead time that are looked at apart [s]: 0–30, 30–60, 60–120, 120–180 min.
LEADS_S = (1800, 3600, 7200, 10800)
# So much of a stretch must be covered by readings before “nothing was seen” is believed.
COVERED = 0.5


@dataclass(frozen=True)
class Contingency:
    """Counts of the four outcomes, and of those that nobody can know."""

    hits: int = 0
    misses: int = 0
    false_alarms: int = 0
    quiets: int = 0
    unknown: int = 0

    @property
    def known(self) -> int:
        return self.hits + self.misses + self.false_alarms + self.quiets

    @property
    def seen(self) -> int:
        return self.hits + self.misses

    @property
    def said(self) -> int:
        return self.hits + self.false_alarms

    @property
    def pod(self) -> float | None:
        """Probability of detection: of what was seen, the part that had been said."""
        return _part(self.hits, self.seen)

    @property
    def far(self) -> float | None:
        """False alarm ratio: of what was said, the part that was not seen."""
        return _part(self.false_alarms, self.said)

    @property
    def csi(self) -> float | None:
        """Critical success index (threat score): hits among all that was said or seen."""
        return _part(self.hits, self.hits + self.misses + self.false_alarms)

    @property
    def bias(self) -> float | None:
        """Frequency bias: how often it was said for each time it was seen."""
        return _part(self.said, self.seen)

    def __add__(self, other: Contingency) -> Contingency:
        return Contingency(
            self.hits + other.hits,
            self.misses + other.misses,
            self.false_alarms + other.false_alarms,
            self.quiets + other.quiets,
            self.unknown + other.unknown,
        )


def _part(count: int, of: int) -> float | None:
    return count / of if of else None


def tally(outcomes: Iterable[tuple[str, int]]) -> Contingency:
    """From (outcome, how often)."""
    counts = dict.fromkeys((HIT, MISS, FALSE, QUIET, UNKNOWN), 0)
    for outcome, count in outcomes:
        counts[outcome] += count
    return Contingency(*counts.values())


@dataclass(frozen=True)
class Stretch:
    """What one run said of one gauge for one stretch of lead time, against what was read."""

    forecast_peak_m: float
    observed_peak_m: float | None  # nothing was read
    covered: float  # part of the expected readings that came, 0 to 1

    def outcome(self, threshold_m: float) -> str:
        said = self.forecast_peak_m >= threshold_m
        if self.observed_peak_m is not None and self.observed_peak_m >= threshold_m:
            return HIT if said else MISS
        if self.covered < COVERED:
            return UNKNOWN
        return FALSE if said else QUIET


def stretches(horizon_s: int) -> list[tuple[int, int]]:
    """From and to of the stretches that a forecast of this length covers whole."""
    return [(a, b) for a, b in pairwise([0, *LEADS_S]) if b <= horizon_s]


def stretch_of(
    frames_s: Floats,
    depth_m: Floats,
    read_s: Floats,
    read_m: Floats,
    *,
    after_s: float,
    until_s: float,
    interval_s: float,
) -> Stretch:
    """The stretch (after, until] of a forecast by frames and of the readings in it."""
    inside = (frames_s > after_s) & (frames_s < until_s)
    ends = np.interp([after_s, until_s], frames_s, depth_m)
    own = (read_s > after_s) & (read_s <= until_s)
    expected = max((until_s - after_s) / interval_s, 1.0)
    return Stretch(
        forecast_peak_m=float(max(ends.max(), depth_m[inside].max(initial=0.0))),
        observed_peak_m=float(read_m[own].max()) if own.any() else None,
        covered=min(float(np.count_nonzero(own)) / expected, 1.0),
    )


def first_passing(at_s: Floats, depth_m: Floats, threshold_m: float) -> float | None:
    """When a series first reaches the threshold from below; None where it never does, or was there
    from its beginning."""
    over = depth_m >= threshold_m
    if not over.any() or over[0]:
        return None
    n = int(over.argmax())
    low, high = depth_m[n - 1], depth_m[n]
    part = (threshold_m - low) / (high - low)
    return float(at_s[n - 1] + part * (at_s[n] - at_s[n - 1]))
