"""A recorded storm placed over the city, and what the rain does to underpasses and rivers.

Pure numbers: arrays in, arrays out, a seed for every draw. Methods and sources: docs/data.md.
"""

import csv
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

STEPS_AN_HOUR = 12  # of five minutes
STEP_H = 1.0 / STEPS_AN_HOUR
# The record's rain times this. The storm's heaviest hour was 17 mm on the American east coast;
# the plum rains that flood underpasses here bring about three times that.
SCALE = 3.0
# Where the three records stand over the city (lon, lat), and how fast the storm crosses it.
ANCHORS = {"EWR": (119.30, 28.95), "LGA": (119.85, 29.30), "JFK": (120.40, 29.05)}
WEST_LON = 119.2
HOURS_A_DEGREE = 1.5
# Rain cells of about this size share one pattern within the hour.
CELL_DEGREES = 0.1


@dataclass(frozen=True)
class Record:
    """Hourly rain of the recorded stations, mm: shape (stations, hours)."""

    names: tuple[str, ...]
    start: datetime  # local time of the first hour's beginning
    rain_mm: Array


def read_record(path: Path) -> Record:
    """The recorded storm. An hour's row is the rain that fell from then on."""
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    names = tuple(dict.fromkeys(row["station"] for row in rows))
    rain = [[float(r["rain_mm"] or 0) for r in rows if r["station"] == name] for name in names]
    return Record(names, datetime.fromisoformat(rows[0]["time_local"]), np.array(rain))


def weights(lon: Array, lat: Array, names: tuple[str, ...]) -> Array:
    """Inverse-distance weights of the records at points: (points, records), rows sum to 1."""
    anchors = np.array([ANCHORS[name] for name in names])
    dx = (lon[:, None] - anchors[None, :, 0]) * np.cos(np.radians(lat))[:, None]
    dy = lat[:, None] - anchors[None, :, 1]
    near = 1.0 / (dx**2 + dy**2 + 1e-4)
    return np.asarray(near / near.sum(axis=1, keepdims=True))


def cascade(hours: int, cells: int, seed: int) -> Array:
    """How rain is spread within each hour: (cells, hours, 12), each row sums to 1.

    A microcanonical random cascade: the hour is halved, the halves are halved, and the quarters
    are cut in three; each cut shares out what it was given, so that mass is kept exactly.
    """
    draw = np.random.default_rng(seed)
    shares = np.ones((cells, hours, 1))
    for parts, alpha in ((2, 2.5), (2, 2.5), (3, 3.0)):
        cut = draw.dirichlet([alpha] * parts, size=shares.shape)
        shares = (shares[..., None] * cut).reshape(cells, hours, -1)
    return np.asarray(shares / shares.sum(axis=2, keepdims=True))


def rain_5min(record: Record, lon: Array, lat: Array, *, scale: float = SCALE, seed: int) -> Array:
    """Rain at points in every five minutes, mm: (points, steps).

    Interpolated between the records, spread within the hour, and delayed from west to east. A
    point's total is `scale` times its weighted total of the records.
    """
    hourly = scale * (weights(lon, lat, record.names) @ record.rain_mm)
    cell = np.floor(lon / CELL_DEGREES) * 10_000 + np.floor(lat / CELL_DEGREES)
    known, index = np.unique(cell, return_inverse=True)
    shares = cascade(hourly.shape[1], len(known), seed)
    rain = (hourly[:, :, None] * shares[index]).reshape(len(lon), -1)
    delay = np.maximum(0, np.rint((lon - WEST_LON) * HOURS_A_DEGREE * STEPS_AN_HOUR)).astype(int)
    return delayed(rain, delay)


def delayed(rain: Array, steps: NDArray[np.int64]) -> Array:
    """Each row later by its number of steps. The dry end of the record makes room for it."""
    columns = np.arange(rain.shape[1])[None, :] - steps[:, None]
    moved = np.where(columns >= 0, np.take_along_axis(rain, columns.clip(0), axis=1), 0.0)
    if not np.allclose(moved.sum(axis=1), rain.sum(axis=1)):
        raise ValueError("the record must end dry for as long as the storm is delayed")
    return moved


def tipped(rain: Array, bucket_mm: float) -> Array:
    """What a gauge reports: whole tips of its bucket. What is short now tips later."""
    tips = np.floor(np.cumsum(rain, axis=1) / bucket_mm + 1e-9)
    return np.diff(tips, axis=1, prepend=0.0) * bucket_mm


@dataclass(frozen=True)
class Catchments:
    """What drains to each ponding spot. Arrays of one length."""

    area_ha: Array
    runoff: Array  # part of the rain that runs off, 0 to 1
    lag_h: Array  # time constant of the way there
    drain_mm_h: Array  # what gullies and pumps take away, over the catchment
    sag_m3_m2: Array  # the sag holds this times depth squared


def ponding_depth(rain: Array, spots: Catchments) -> Array:
    """Depth at each spot, m: (spots, steps), from rain in mm a step.

    A linear reservoir delays the runoff; the drain takes what it can; the rest stands in the sag.
    """
    keep = np.exp(-STEP_H / spots.lag_h)
    flow, stored = np.zeros(len(rain)), np.zeros(len(rain))  # mm/h and mm over the catchment
    depth = np.empty_like(rain)
    to_m3 = spots.area_ha * 10.0  # of one millimetre
    for step in range(rain.shape[1]):
        arriving = spots.runoff * rain[:, step] / STEP_H
        flow = flow * keep + arriving * (1 - keep)
        stored = np.maximum(0.0, stored + (flow - spots.drain_mm_h) * STEP_H)
        depth[:, step] = np.sqrt(stored * to_m3 / spots.sag_m3_m2)
    return depth


@dataclass(frozen=True)
class Reaches:
    """Where river levels are measured. Arrays of one length."""

    base_m: Array  # level in dry weather
    lag_h: Array  # of each of the two reservoirs above it
    rise: Array  # metres for one mm/h of runoff, at the power below
    runoff: Array


RATING_POWER = 0.6


def river_level(rain: Array, reaches: Reaches, *, step_h: float = STEP_H) -> Array:
    """Level at each reach, m: two linear reservoirs in a row (Nash), then a power-law rating."""
    keep = np.exp(-step_h / reaches.lag_h)
    upper, lower = np.zeros(len(rain)), np.zeros(len(rain))
    level = np.empty_like(rain)
    for step in range(rain.shape[1]):
        upper = upper * keep + reaches.runoff * rain[:, step] / step_h * (1 - keep)
        lower = lower * keep + upper * (1 - keep)
        level[:, step] = reaches.base_m + reaches.rise * lower**RATING_POWER
    return level


def hourly_history(hours: int, groups: int, seed: int, *, first_day_of_year: int) -> Array:
    """Made-up hourly rain, mm: (groups, hours). Wet spells, more of them in the plum rains.

    Spells follow a two-state chain; amounts are exponential. About 1,500 mm a year, as Jinhua has.
    """
    draw = np.random.default_rng(seed)
    day = (first_day_of_year + np.arange(hours) / 24.0) % 365
    season = 1.0 + 1.6 * np.exp(-(((day - 165) / 25.0) ** 2))
    begin, stay = 0.012 * season, 0.80
    luck, local = draw.random(hours), draw.random((groups, hours))
    wet, now = np.zeros(hours, dtype=bool), False
    for hour in range(hours):
        now = bool(luck[hour] < (stay if now else begin[hour]))
        wet[hour] = now
    amount = draw.exponential(2.2, (groups, hours)) * season
    return np.asarray(np.where(wet & (local < 0.8), amount, 0.0))
