"""From depths by frame to what stands in water, from when, how deep and for how long.

Pure numbers: depths in whole centimetres by frame and place. Between two frames the water is
taken to rise or fall evenly.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .cells import Extents, Spots

Floats = NDArray[np.float64]
Depths = NDArray[np.uint16]
OUTSIDE = 65535  # no ground there
OVER_CM, DEEP_CM = 15, 30  # a curb: cars get wet; no car passes any more
LEAST_SHARE = 0.01  # of a grid's ground, below which nobody is counted there


@dataclass(frozen=True)
class Facts:
    """Of each place: times in seconds after the first frame's base; NaN where never."""

    first_s: Floats  # over 15 cm
    deep_s: Floats  # over 30 cm
    max_s: Floats
    max_cm: NDArray[np.int64]
    duration_s: Floats  # over 15 cm, as far as the frames reach

    @property
    def hit(self) -> NDArray[np.bool_]:
        return self.max_cm >= OVER_CM


def series_at(frames: int, frame: Callable[[int], Depths], spots: Sequence[Spots]) -> list[Depths]:
    """The deepest water by frame at every place of each list: (frames, places). One pass."""
    found = [np.zeros((frames, len(places)), np.uint16) for places in spots]
    for number in range(frames):
        depth = dry_outside(frame(number))
        for series, places in zip(found, spots, strict=True):
            series[number] = places.deepest(depth)
    return found


def dry_outside(depth_cm: Depths) -> Depths:
    """Without the mark for “no ground”, which would be the deepest of all."""
    return np.where(depth_cm == OUTSIDE, np.uint16(0), depth_cm)


def facts_of(series_cm: NDArray[Any], times_s: Sequence[float]) -> Facts:
    """When each place passes 15 and 30 cm, its deepest moment, and how long it is over 15 cm."""
    depth, times = np.asarray(series_cm, float), np.asarray(times_s, float)
    deepest = depth.argmax(axis=0)
    return Facts(
        first_s=passing(depth, times, OVER_CM),
        deep_s=passing(depth, times, DEEP_CM),
        max_s=times[deepest],
        max_cm=depth.max(axis=0).astype(np.int64),
        duration_s=time_over(depth, times, OVER_CM),
    )


def passing(depth: Floats, times_s: Floats, threshold: float) -> Floats:
    """First time at which each column is at or over the threshold; NaN where it never is."""
    over = depth >= threshold
    at = over.argmax(axis=0)
    column = np.arange(depth.shape[1])
    before = np.maximum(at - 1, 0)
    low, high = depth[before, column], depth[at, column]
    with np.errstate(invalid="ignore", divide="ignore"):
        part = np.where(at > 0, (threshold - low) / (high - low), 0.0)
    found = times_s[before] + part * (times_s[at] - times_s[before])
    return np.where(over.any(axis=0), found, np.nan)


def time_over(depth: Floats, times_s: Floats, threshold: float) -> Floats:
    """How long each column is at or over the threshold."""
    low = np.minimum(depth[:-1], depth[1:])
    high = np.maximum(depth[:-1], depth[1:])
    with np.errstate(invalid="ignore", divide="ignore"):
        part = (high - threshold) / (high - low)
    part = np.where(low >= threshold, 1.0, np.where(high >= threshold, part, 0.0))
    return np.asarray((part * np.diff(times_s)[:, None]).sum(axis=0))


@dataclass(frozen=True)
class Wet:
    """Of each small region: how its water stands, and what part of its ground is wet at most."""

    series_cm: Depths  # (frames, regions): the deepest in it
    share: Floats  # 0 to 1, at the frame at which it is largest


def wet_ground(frames: int, frame: Callable[[int], Depths], extents: Extents) -> Wet:
    """What part of each region's ground stands over 15 cm, and its deepest water by frame."""
    regions = len(extents.size)
    series = np.zeros((frames, regions), np.uint16)
    most = np.zeros(regions)
    for number in range(frames):
        depth = frame(number)
        wet = (depth >= OVER_CM) & (depth != OUTSIDE) & (extents.owner >= 0)
        owner, values = extents.owner[wet], depth[wet]
        most = np.maximum(most, np.bincount(owner, minlength=regions))
        order = np.argsort(owner, kind="stable")
        held, first = np.unique(owner[order], return_index=True)
        if len(held):
            series[number, held] = np.maximum.reduceat(values[order], first)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(extents.size > 0, most / extents.size, 0.0)
    return Wet(series, np.minimum(share, 1.0))
