"""What every station measures: in the storm by five minutes, in the year before by hour."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from . import shapes, storm, times
from .city import SEED, City, catchments, reaches

Array = NDArray[np.float64]
TIP_MM = 0.1
FIRST_HISTORY_DAY = 183  # of the year: the history begins on 3 July


@dataclass(frozen=True)
class Weather:
    city: City

    @cached_property
    def rain(self) -> Array:
        """Rain at every station in every five minutes of the storm, mm."""
        record = storm.read_record(shapes.DATA / "storm.csv")
        return storm.rain_5min(record, self.city.lon, self.city.lat, seed=SEED)

    @cached_property
    def storm_values(self) -> dict[str, Array]:
        """By quantity: (stations of the kind, steps of five minutes)."""
        gauges, spots, rivers = (self.city.of_kind(k) for k in ("rain", "ponding", "river"))
        reported = storm.tipped(self.rain[gauges], TIP_MM)
        by_hour = reported.reshape(len(gauges), -1, storm.STEPS_AN_HOUR).sum(axis=2)
        depth = storm.ponding_depth(self.rain[spots], catchments(len(spots)))
        level = storm.river_level(self.rain[rivers], reaches(len(rivers)))
        return {
            "rain_5min": np.round(reported, 1),
            "rain_1h": np.round(by_hour, 1),  # by the hour, not by step
            "ponding_depth": np.round(depth, 3),
            "water_level": np.round(level, 2),
        }

    def history(self) -> dict[str, Array]:
        """By quantity: (stations, hours) of the year that ends when the demo opens.

        Made up, but for its last hours, in which the storm's rain has already begun.
        """
        hours = times.HISTORY_HOURS
        regional = storm.hourly_history(hours, 9, SEED, first_day_of_year=FIRST_HISTORY_DAY)
        county = np.unique([s.region[:6] for s in self.city.stations], return_inverse=True)[1]
        begun = times.step_of(times.OPENS) // storm.STEPS_AN_HOUR
        by_hour = self.rain.reshape(len(self.rain), -1, storm.STEPS_AN_HOUR).sum(axis=2)
        draw = np.random.default_rng(SEED + 9)
        own = draw.gamma(6.0, 1 / 6.0, (len(self.rain), 1))  # how one place differs from another
        found: dict[str, Array] = {}
        for kind, quantity in (
            ("rain", "rain_1h"),
            ("ponding", "ponding_depth"),
            ("river", "water_level"),
        ):
            chosen = self.city.of_kind(kind)
            rain = np.clip(regional[county[chosen]] * own[chosen], 0, 60)
            rain[:, hours - begun :] = by_hour[chosen, :begun]
            found[quantity] = _hourly(quantity, rain)
        return found


def _hourly(quantity: str, rain: Array) -> Array:
    if quantity == "rain_1h":
        return np.round(storm.tipped(rain, TIP_MM), 1)
    if quantity == "water_level":
        return np.round(storm.river_level(rain, reaches(len(rain)), step_h=1.0), 2)
    # Within the hour as evenly as can be: drains that are good for an hour's rain stay dry.
    depth = storm.ponding_depth(
        np.repeat(rain / storm.STEPS_AN_HOUR, storm.STEPS_AN_HOUR, axis=1), catchments(len(rain))
    )
    return np.round(depth[:, storm.STEPS_AN_HOUR - 1 :: storm.STEPS_AN_HOUR], 3)
