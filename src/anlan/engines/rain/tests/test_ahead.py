"""Gauges to a grid, and ahead in time."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.engines.rain import BadCase, Gauges, Target, on_grid, run
from anlan.engines.rain.ahead import carried, motion_of
from anlan.engines.rain.field import spread, weights
from anlan.engines.rain.tests.storm import GOLDEN, gauges_of_the_storm

X, Y = (np.array(v, float) for v in ([0, 4000, 0, 4000], [0, 0, 4000, 4000]))
EDGES = np.arange(13) * 300.0
GRID = Target(np.arange(5) * 1000.0, np.arange(4, -1, -1) * 1000.0)
needs_storm = pytest.mark.skipif(
    not GOLDEN, reason="ANLAN_GOLDEN is not set: the gauge storm is not in the project"
)


def gauges(depth):
    return Gauges(X, Y, EDGES, np.broadcast_to(depth, (12, 4)).astype(float))


def test_equal_rain_is_equal_on_the_grid_and_a_gauge_rules_its_own_place():
    field = on_grid(gauges(1.0), GRID)
    one = on_grid(gauges([4.0, 0.0, 0.0, 0.0]), GRID)

    assert field.rate_mm_h.shape == (12, 5, 5)
    assert field.rate_mm_h == pytest.approx(12.0)
    assert one.rate_mm_h[0, 4, 0] == pytest.approx(48.0, rel=0.05)  # south-west, row 4
    assert one.rate_mm_h[0, 0, 4] == pytest.approx(0.0, abs=0.5)
    assert one.rate_mm_h[0, 2, 2] == pytest.approx(12.0)  # as far from all four


def test_a_silent_gauge_has_no_say_and_silence_everywhere_is_dry():
    depth = np.tile([4.0, np.nan, np.nan, np.nan], (12, 1))
    depth[3] = np.nan
    rate = on_grid(Gauges(X, Y, EDGES, depth), GRID).rate_mm_h

    assert rate[0] == pytest.approx(48.0)
    assert rate[3] == pytest.approx(0.0)


def test_a_front_that_crosses_the_gauges_is_carried_on():
    """Ninety gauges under a band that moves east at 12 m/s: it is found and carried on."""
    r = np.random.default_rng(1)
    x, y = r.uniform(0, 30_000, (2, 90))
    band = lambda t: 20.0 * np.exp(-(((x - 12.0 * t + 10_000) / 4000.0) ** 2))  # noqa: E731
    rate = np.stack([band(i * 300.0) for i in range(13)])
    motion = motion_of(x, y, rate[:12], 300.0)
    ours = carried(x, y, rate[11:12], x, y, motion, 900.0, float(rate[:12].mean()))
    then = band(14 * 300.0)

    assert motion == pytest.approx((12.0, 0.0), abs=1e-9)
    assert np.abs(ours - then).mean() < 0.6 * np.abs(rate[11] - then).mean()


def test_rain_ahead_fades_into_the_mean_of_the_last_hour_and_joins_the_present():
    told = run(gauges([4.0, 0.0, 0.0, 0.0]), GRID, lead_s=4 * 3600.0)

    assert told.mean_mm_h == pytest.approx(12.0)
    assert told.field.edges_s[[0, -1]] == pytest.approx([3600.0, 5 * 3600.0])
    assert told.field.rate_mm_h[-1] == pytest.approx(12.0, rel=0.02)
    assert told.field.rate_mm_h[0].max() > 20.0
    assert not told.left_out.any()


def test_a_reading_of_516_mm_in_an_hour_is_left_out_and_named():
    depth = np.ones((12, 4))
    depth[:, 2] = 43.0  # 516 mm in the hour
    told = run(Gauges(X, Y, EDGES, depth), GRID)

    assert told.left_out[:, 2].all()
    assert told.left_out.sum() == 12
    assert told.field.rate_mm_h == pytest.approx(12.0)


def test_gauges_that_are_all_beyond_belief_are_refused():
    with pytest.raises(BadCase, match="No gauge has a reading"):
        run(gauges(516.0 / 12), GRID)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ((X, Y[:3], EDGES, np.ones((12, 4))), "do not fit"),
        ((X, Y, EDGES[:5], np.ones((12, 4))), "do not fit"),
        ((X, Y, EDGES[::-1], np.ones((12, 4))), "must rise"),
        ((X, Y, EDGES, -np.ones((12, 4))), "negative"),
        ((X * np.nan, Y, EDGES, np.ones((12, 4))), "no place"),
        (("far", Y, EDGES, np.ones((12, 4))), "not made of numbers"),
        ((X, Y, EDGES, np.ones((0, 4))), "shape"),
    ],
)
def test_gauges_that_make_no_sense_are_refused(given, words):
    with pytest.raises(BadCase, match=words):
        run(Gauges(*given), GRID)


@settings(max_examples=60, deadline=None)
@given(
    values=st.lists(st.floats(0, 5) | st.just(float("nan")), min_size=12, max_size=48),
    seed=st.integers(0, 99),
)
def test_no_place_gets_more_than_the_wettest_gauge_or_less_than_the_driest(values, seed):
    depth = np.resize(values, (12, 4))
    x, y = np.random.default_rng(seed).uniform(0, 5000, (2, 4))
    if np.isnan(depth).all():
        return
    rate = on_grid(Gauges(x, y, EDGES, depth), GRID).rate_mm_h

    assert rate.min() >= 0.0
    assert rate.max() <= np.nanmax(depth) * 12 * (1 + 1e-12) + 1e-12


@needs_storm
def test_a_gauge_left_out_is_told_better_by_its_neighbours_than_by_the_nearest_one():
    """Rain of an hour, 89 gauges: error 1.52 mm; 1.84 by the nearest gauge, 1.95 by the mean."""
    x, y, depth = gauges_of_the_storm()
    hours = np.nan_to_num(depth).reshape(-1, 12, depth.shape[1]).sum(1)
    weight = weights(x, y, x, y)
    np.fill_diagonal(weight, 0.0)
    error = np.sqrt(((spread(weight, hours) - hours) ** 2).mean())
    nearest = np.sqrt(((hours[:, weight.argmax(1)] - hours) ** 2).mean())

    assert error == pytest.approx(1.523, abs=0.005)
    assert nearest == pytest.approx(1.841, abs=0.005)


@needs_storm
def test_the_skill_of_gauges_alone_is_what_the_documentation_says():
    """Every forecast knows only what came before it; error of the rate at the gauges [mm/h]."""
    x, y, depth = gauges_of_the_storm()
    rate = depth * 12.0
    square = {name: np.zeros(5) for name in ("ours", "persistence", "mean")}
    count, leads = 0, (1, 2, 3, 6, 12)
    for now in range(24, 288 - 12, 3):
        past = rate[:now]
        motion, mean = motion_of(x, y, past, 300.0), float(np.nanmean(past[-12:]))
        for i, lead in enumerate(leads):
            then = rate[now + lead - 1]
            told = {
                "ours": carried(x, y, past[-1:], x, y, motion, lead * 300.0, mean),
                "persistence": past[-1],
                "mean": np.full(x.size, mean),
            }
            for name, values in told.items():
                square[name][i] += np.nanmean((values - then) ** 2)
        count += 1
    error = {name: np.sqrt(total / count) for name, total in square.items()}

    assert error["ours"] == pytest.approx([3.82, 4.09, 4.20, 4.43, 4.44], abs=0.01)
    assert error["persistence"] == pytest.approx([4.20, 5.08, 5.46, 5.98, 5.97], abs=0.01)
    assert error["mean"] == pytest.approx([4.51, 4.45, 4.42, 4.44, 4.45], abs=0.01)
