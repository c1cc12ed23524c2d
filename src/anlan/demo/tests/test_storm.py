"""The storm keeps its mass, is never negative, and does to the city what storms do."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from anlan.demo import storm

RECORD = storm.read_record(Path(storm.__file__).parent / "data/storm.csv")
PLACES = st.integers(1, 20)
RAIN = hnp.arrays(float, (3, 40), elements=st.floats(0, 30))


def some_points(count: int):
    draw = np.random.default_rng(count)
    return draw.uniform(119.2, 120.8, count), draw.uniform(28.5, 29.7, count)


def test_the_record_is_the_real_storm():
    assert RECORD.names == ("EWR", "JFK", "LGA")
    assert RECORD.rain_mm.shape == (3, 72)
    assert RECORD.rain_mm.max() == 16.76


@given(PLACES)
def test_weights_sum_to_one(count):
    found = storm.weights(*some_points(count), RECORD.names)
    np.testing.assert_allclose(found.sum(axis=1), 1)
    assert (found > 0).all()


@settings(deadline=None, max_examples=15)
@given(PLACES, st.integers(0, 1000))
def test_every_point_gets_exactly_its_share_of_the_record(count, seed):
    lon, lat = some_points(count)
    rain = storm.rain_5min(RECORD, lon, lat, seed=seed)
    share = storm.weights(lon, lat, RECORD.names) @ RECORD.rain_mm.sum(axis=1)
    np.testing.assert_allclose(rain.sum(axis=1), storm.SCALE * share)
    assert (rain >= 0).all()


@given(st.integers(1, 5), st.integers(0, 1000))
def test_within_the_hour_nothing_is_lost(cells, seed):
    shares = storm.cascade(6, cells, seed)
    np.testing.assert_allclose(shares.sum(axis=2), 1, atol=1e-12)
    assert (shares >= 0).all()
    assert shares.shape == (cells, 6, 12)


def test_the_storm_comes_from_the_west():
    lon, lat = np.array([119.25, 120.65]), np.array([29.0, 29.0])
    rain = storm.rain_5min(RECORD, lon, lat, seed=1)
    assert (rain[0] > 0).argmax() < (rain[1] > 0).argmax()


def test_a_storm_that_would_be_cut_off_is_refused():
    with pytest.raises(ValueError, match="end dry"):
        storm.delayed(np.ones((1, 5)), np.array([2]))


@given(RAIN, st.sampled_from([0.1, 0.2, 0.5]))
def test_a_bucket_holds_back_less_than_one_tip(rain, bucket):
    reported = storm.tipped(rain, bucket)
    held = rain.sum(axis=1) - reported.sum(axis=1)
    assert (reported >= 0).all()
    assert (held > -1e-6).all()
    assert (held < bucket + 1e-6).all()


def spots(drain: float) -> storm.Catchments:
    three = np.ones(3)
    return storm.Catchments(2 * three, 0.8 * three, 0.3 * three, drain * three, 400 * three)


@given(RAIN)
def test_a_spot_without_a_drain_holds_all_that_ran_off(rain):
    long = np.hstack([rain, np.zeros((3, 400))])  # until the last drop has arrived
    depth = storm.ponding_depth(long, spots(0.0))
    stored_mm = depth[:, -1] ** 2 * 400 / 20
    np.testing.assert_allclose(stored_mm, 0.8 * rain.sum(axis=1), rtol=1e-6, atol=1e-6)


@given(RAIN)
def test_a_better_drain_never_ponds_deeper(rain):
    shallow, deep = storm.ponding_depth(rain, spots(40.0)), storm.ponding_depth(rain, spots(10.0))
    assert (shallow >= 0).all()
    assert (shallow <= deep + 1e-9).all()


@given(RAIN)
def test_a_river_never_falls_below_its_dry_level_and_returns_to_it(rain):
    three = np.ones(3)
    reaches = storm.Reaches(30 * three, 3 * three, 1.5 * three, 0.5 * three)
    level = storm.river_level(np.hstack([rain, np.zeros((3, 2000))]), reaches)
    assert (level >= 30 - 1e-9).all()
    np.testing.assert_allclose(level[:, -1], 30, atol=0.01)


def test_the_made_up_year_is_as_wet_as_the_city():
    rain = storm.hourly_history(8760, 9, 7, first_day_of_year=183)
    assert (rain >= 0).all()
    assert 1200 < rain.sum(axis=1).mean() < 1900
