"""What gauges measured becomes a field: sums kept, gaps known as gaps, faults left out."""

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.base.errors import Refusal
from anlan.observe.models import Flag, Station
from anlan.places.tests.factories import RegionFactory
from anlan.simulate.rain import area as rains
from anlan.simulate.rain.field import RainField, between, even, joined
from anlan.simulate.rain.gauges import rates, read_gauges

from .factories import GRID, NOON, gauge_at, rain

HOUR = timedelta(hours=1)


@given(
    st.lists(st.floats(0, 30), min_size=1, max_size=30),
    st.sampled_from([60.0, 300.0, 600.0]),
    st.floats(0, 299),
)
def test_sums_are_spread_without_gain_or_loss(depths, interval_s, shift_s):
    depth = np.array(depths)
    ends = shift_s + interval_s * np.arange(1, len(depth) + 1)
    edges = np.arange(0, ends[-1] + 600, 300.0)

    known = np.nan_to_num(rates(ends, depth, interval_s, edges))
    covered = np.diff(np.interp(edges, [shift_s, ends[-1]], [0, ends[-1] - shift_s]))

    # A rate holds for the covered part of an interval; under half, it is not known.
    assert (known * covered / 3600).sum() <= depth.sum() + 1e-6
    if shift_s == 0 and interval_s <= 300 and ends[-1] % 300 == 0:
        assert (known * covered / 3600).sum() == pytest.approx(depth.sum(), abs=1e-6)


def test_a_gap_is_a_gap_and_a_late_hour_fills_it():
    edges = np.arange(0, 3601, 300.0)
    ends = np.array([300.0, 600.0, 3000.0, 3300.0, 3600.0])

    found = rates(ends, np.full(5, 1.0), 300.0, edges)

    assert np.isnan(found[2:9]).all()
    np.testing.assert_allclose(found[[0, 1, 9, 10, 11]], 12.0)
    np.testing.assert_allclose(rates(np.array([3600.0]), np.array([6.0]), 3600.0, edges), 6.0)


@pytest.mark.django_db
def test_five_minutes_are_believed_before_the_hour_and_flagged_readings_not_at_all():
    county = RegionFactory(level=3)
    rain(gauge_at(county), [1.0] * 6, until=NOON)  # the last half hour
    rain(gauge_at(county, quantity="rain_1h", interval_s=3600), [24.0], until=NOON, every_s=3600)
    rain(gauge_at(county, code="BAD"), [9.0] * 12, until=NOON, flag=Flag.SUSPECT)

    found = read_gauges(GRID, since=NOON - HOUR, until=NOON)

    assert found.code == ["BAD", "R1"]
    assert found.heard.tolist() == [False, True]
    np.testing.assert_allclose(found.rate_mm_h[:, 1], [24.0] * 6 + [12.0] * 6)


@pytest.mark.django_db
def test_gauges_far_away_or_out_of_use_say_nothing():
    county = RegionFactory(level=3)
    rain(gauge_at(county, code="FAR", row=30, col=4000), [5.0] * 12)
    rain(gauge_at(county, code="OLD"), [5.0] * 12)
    Station.objects.filter(code="OLD").update(retired_at=NOON)

    with pytest.raises(Refusal) as refused:
        rains.fallen(GRID, since=NOON - HOUR, until=NOON)
    assert refused.value.code == "simulate.no_rain"


@pytest.mark.django_db
def test_a_reading_that_cannot_be_is_left_out_and_counted():
    """516 mm, printed for 51.6: the flags let it pass, the engine does not."""
    county = RegionFactory(level=3)
    rain(gauge_at(county), [1.0] * 24)
    rain(gauge_at(county, code="R2", row=10), [1.0] * 23 + [516.0])

    past = rains.fallen(GRID, since=NOON - HOUR, until=NOON)
    ahead = rains.expected(GRID, at=NOON, horizon_s=3600)

    assert past.rate_mm_h.max() == pytest.approx(12.0)
    assert ahead.rate_mm_h.max() == pytest.approx(12.0)
    assert (ahead.facts["gauges"], ahead.facts["left_out"]) == (2, 1)


@pytest.mark.django_db
def test_while_the_newest_readings_are_on_their_way_the_rain_goes_on_for_a_quarter_of_an_hour():
    county = RegionFactory(level=3)
    rain(gauge_at(county), [2.0] * 6, until=NOON - timedelta(minutes=30))

    past = rains.fallen(GRID, since=NOON - HOUR, until=NOON).rate_mm_h.mean(axis=(1, 2))

    np.testing.assert_allclose(past, [24.0] * 9 + [0.0] * 3)


def test_stretches_and_their_joining_keep_what_falls():
    whole = even([0, 600, 1800, 3600], [6.0, 12.0, 3.0])

    first, rest = between(whole, 0, 900), between(whole, 900, 3600)

    assert first.edges_s.tolist() == [0, 600, 900]
    assert first.mean_mm + rest.mean_mm == pytest.approx(whole.mean_mm)
    assert joined(first, rest).mean_mm == pytest.approx(whole.mean_mm)
    assert between(whole, 3000, 4000).mean_mm == pytest.approx(0.5)
    assert whole.sha256 != RainField(whole.edges_s, whole.rate_mm_h + 1).sha256
