"""Our flags against ioos_qc, the reference, and against how a stream may be cut."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.observe.quality import BAD, GOOD, MISSING, NOT_EVALUATED, SUSPECT, Limits, State, judge

STEP_MS = 300_000
SIZE = 4000


def limits(spike=np.inf, rate_h=np.inf, flat_s=np.inf, low=-1.0, high=50.0, slots=1):
    found = Limits.none(slots)
    found.bad_low[:], found.bad_high[:] = low, high
    found.spike[:], found.rate_ms[:], found.flat_ms[:] = spike, rate_h / 3.6e6, flat_s * 1000
    return found


def flags(value, bounds, cuts=()):
    """Of one series, handed over in pieces; spikes that are found out later included."""
    at = np.arange(len(value), dtype=np.int64) * STEP_MS + 1_700_000_000_000
    state, found = State(1), np.zeros(len(value), np.int8)
    for start, end in zip([0, *cuts], [*cuts, len(value)], strict=True):
        part = slice(start, end)
        slot = np.zeros(end - start, np.int64)
        verdict = judge(bounds, state, slot, at[part], value[part])
        found[part] = verdict.flag
        late = np.searchsorted(at, verdict.spike_at)
        found[late] = np.maximum(found[late], SUSPECT)
    return found


def river(seed=3):
    """A level that rises and falls, to the centimetre, with noise."""
    rng = np.random.default_rng(seed)
    slow = 4 + 2 * np.sin(np.arange(SIZE) / 180) + np.cumsum(rng.normal(0, 0.004, SIZE))
    return np.round(slow + rng.normal(0, 0.01, SIZE), 3)


def planted(seed=3):
    """The river with faults, and where they are: spikes, stuck stretches, impossible values."""
    rng, value = np.random.default_rng(seed + 100), river(seed)
    faulty = np.zeros(SIZE, bool)
    for place in rng.choice(np.arange(50, SIZE - 50, 23), 60, replace=False):
        value[place] += rng.choice([-1, 1]) * rng.uniform(0.6, 3)
        faulty[place] = True
    for place in rng.choice(np.arange(100, SIZE - 200, 211), 6, replace=False):
        length = rng.integers(30, 60)
        value[place : place + length] = value[place]
        # A sensor is known to be stuck once it has been so for long: the rest of the stretch.
        faulty[place : place + length] = False
        faulty[place + 12 : place + length] = True
    for place in rng.choice(np.arange(60, SIZE - 60, 37), 15, replace=False):
        value[place], faulty[place] = rng.choice([-9.0, 99.9]), True
    return value, faulty


def reference(value, spike, rate_h, flat_s):
    """All of ioos_qc's tests, the gravest flag of each row."""
    from ioos_qc import qartod

    at = np.arange(len(value)).astype("timedelta64[s]") * (STEP_MS // 1000)
    times = np.datetime64("2026-07-01T00:00:00") + at
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tests = [
            qartod.gross_range_test(value, fail_span=(-1, 50)),
            qartod.spike_test(value, suspect_threshold=spike, method="differential"),
            qartod.rate_of_change_test(value, times, threshold=rate_h / 3600),
            qartod.flat_line_test(value, times, flat_s, 10**9, tolerance=1e-6),
        ]
    return [np.asarray(np.ma.filled(test, MISSING)) for test in tests]


def score(flag, faulty):
    doubted = (flag == SUSPECT) | (flag == BAD)
    hit = (doubted & faulty).sum()
    return hit / faulty.sum(), hit / max(1, doubted.sum())


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_spikes_are_those_of_the_reference(seed):
    value = np.clip(planted(seed)[0], 0, 40)
    ours = flags(value, limits(spike=0.5))
    theirs = reference(value, 0.5, 1e9, 10**8)[1]
    assert (ours[1:-1] == SUSPECT).tolist() == (theirs[1:-1] == SUSPECT).tolist()
    assert (ours == SUSPECT).sum() > 40


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_jumps_are_those_of_the_reference(seed):
    value = np.clip(planted(seed)[0], 0, 40)
    ours = flags(value, limits(rate_h=6))
    theirs = reference(value, 1e9, 6, 10**8)[2]
    assert (ours == SUSPECT).tolist() == (theirs == SUSPECT).tolist()
    assert (ours == SUSPECT).sum() > 40


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_stuck_stretches_are_those_of_the_reference(seed):
    value = np.clip(planted(seed)[0], 0, 40)
    ours = flags(value, limits(flat_s=3600))
    theirs = reference(value, 1e9, 1e9, 3600)[3]
    assert (ours == SUSPECT).tolist() == (theirs == SUSPECT).tolist()
    assert (ours == SUSPECT).sum() > 40


def test_planted_faults_are_found_at_least_as_well_as_by_the_reference():
    ours, theirs = [], []
    for seed in range(8):
        value, faulty = planted(seed)
        ours.append(score(flags(value, limits(spike=0.4, rate_h=6, flat_s=3600)), faulty))
        worst = np.zeros(len(value), np.int64)
        for flag in reference(value, 0.4, 6, 3600):
            worst = np.maximum(worst, np.where(np.isin(flag, (SUSPECT, BAD)), flag, 0))
        theirs.append(score(worst, faulty))
    (recall, precision), (their_recall, their_precision) = np.mean(ours, 0), np.mean(theirs, 0)
    assert recall >= max(0.94, their_recall - 1e-9)
    assert precision >= max(0.82, their_precision)


@settings(max_examples=60, deadline=None)
@given(
    values=st.lists(st.sampled_from([0.0, 1.0, 1.1, 1.2, 5.0, 99.0, np.nan]), max_size=40),
    data=st.data(),
)
def test_it_makes_no_difference_how_readings_are_cut_into_batches(values, data):
    value = np.array(values, np.float64)
    bounds = limits(spike=2, rate_h=20, flat_s=900)
    places = st.lists(st.integers(0, len(values)), max_size=8).map(sorted)
    assert flags(value, bounds, data.draw(places)).tolist() == flags(value, bounds).tolist()


def test_series_in_one_batch_do_not_disturb_each_other():
    value, _faulty = planted(5)
    one = flags(value, limits(spike=0.4, rate_h=6, flat_s=3600))
    bounds, state = limits(spike=0.4, rate_h=6, flat_s=3600, slots=3), State(3)
    at = np.arange(SIZE, dtype=np.int64) * STEP_MS + 1_700_000_000_000
    slot = np.repeat([0, 1, 2], SIZE)
    verdict = judge(bounds, state, slot, np.tile(at, 3), np.tile(value, 3))
    assert all((part == one).all() for part in verdict.flag.reshape(3, SIZE))


def test_what_comes_late_is_tested_for_its_range_only():
    bounds, state = limits(spike=0.5), State(1)
    slot = np.zeros(1, np.int64)
    for at, value, flag in ((5000, 1.0, GOOD), (1000, 1.0, NOT_EVALUATED), (900, 99.0, BAD)):
        verdict = judge(bounds, state, slot, np.array([at]), np.array([value]))
        assert verdict.flag.tolist() == [flag]


def test_a_place_may_be_narrower_than_the_quantity():
    bounds = limits()
    bounds.low[:], bounds.high[:] = 2, 6
    wanted = [SUSPECT, GOOD, SUSPECT, BAD, MISSING]
    assert flags(np.array([1.0, 4, 7, 60, np.nan]), bounds).tolist() == wanted
