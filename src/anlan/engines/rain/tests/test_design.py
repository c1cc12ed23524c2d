"""Design storms and what rain is possible."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.engines.rain import (
    BadCase,
    IntensityFormula,
    depth_mm,
    design_storm,
    greatest_mm,
    intensity_l_s_ha,
)
from anlan.engines.rain.plausible import excess

# DB31/T 1043-2017: q = 1600 (1 + 0.846 lg P) / (t + 7.0)^0.656 L/(s ha)
SHANGHAI = IntensityFormula(1600 / 167, 0.846, 7.0, 0.656)


@pytest.mark.parametrize(("years", "published_mm_h"), [(1, 36.5), (3, 51.3), (5, 58.1)])
def test_shanghai_s_formula_gives_the_hour_that_the_city_designs_for(years, published_mm_h):
    """36.5, 51.3 and 58.1 mm in the hour of 1, 3 and 5 years (the city's drainage standard)."""
    assert depth_mm(SHANGHAI, years, 60.0) == pytest.approx(published_mm_h, abs=0.15)


def test_the_formula_is_as_printed():
    by_hand = 1600 * (1 + 0.846 * np.log10(5)) / (10 + 7.0) ** 0.656

    assert intensity_l_s_ha(SHANGHAI, 5, 10.0) == pytest.approx(by_hand)
    assert depth_mm(SHANGHAI, 5, 10.0) * 1e4 / 600 == pytest.approx(by_hand, rel=0.002)


def test_a_storm_worked_by_hand():
    """a = 10 mm/min, b = 10 min, n = 1, peak at half of an hour in steps of 15 min.

    D(t) = 10 t / (t + 10); within 15 min of the peak falls D(30) = 7.5 mm, in all D(60) = 8.571:
    0.536, 3.75, 3.75 and 0.536 mm.
    """
    storm = design_storm(
        IntensityFormula(10.0, 0.0, 10.0, 1.0),
        years=2,
        duration_min=60,
        peak_ratio=0.5,
        step_min=15,
    )

    assert storm.rate_mm_h / 4 == pytest.approx([0.5357, 3.75, 3.75, 0.5357], abs=1e-4)
    assert storm.depth_mm == pytest.approx(8.5714, abs=1e-4)
    assert storm.edges_s == pytest.approx([0, 900, 1800, 2700, 3600])


@settings(max_examples=200, deadline=None)
@given(
    a1=st.floats(1, 60),
    c=st.floats(0, 1.5),
    b=st.floats(1, 30),
    n=st.floats(0.4, 1.0),
    years=st.floats(0.5, 200),
    minutes=st.floats(5, 1440),
    ratio=st.floats(0, 1),
    step=st.floats(1, 5),
)
def test_the_whole_storm_has_the_formula_s_depth_and_its_peak_where_asked(
    a1, c, b, n, years, minutes, ratio, step
):
    city = IntensityFormula(a1, c, b, n)
    storm = design_storm(city, years=years, duration_min=minutes, peak_ratio=ratio, step_min=step)
    fell = storm.rate_mm_h * np.diff(storm.edges_s) / 3600

    assert fell.sum() == pytest.approx(float(depth_mm(city, years, minutes)), rel=1e-9)
    assert storm.rate_mm_h.min() >= 0.0
    top = int(storm.rate_mm_h.argmax())
    reach = step * 60.0 + 1e-6
    assert storm.edges_s[top] - reach <= storm.peak_s <= storm.edges_s[top + 1] + reach


def test_every_duration_around_the_peak_has_the_formula_s_depth():
    storm = design_storm(SHANGHAI, years=5, duration_min=120, peak_ratio=0.5, step_min=1)
    fell = storm.rate_mm_h / 60

    for minutes in (10, 30, 60, 90):
        around = fell[60 - minutes // 2 : 60 + minutes // 2].sum()
        assert around == pytest.approx(float(depth_mm(SHANGHAI, 5, minutes)))


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"years": 0.0}, "return period"),
        ({"years": float("nan")}, "return period"),
        ({"peak_ratio": 1.4}, "cannot be made"),
        ({"step_min": 0.0}, "cannot be made"),
        ({"duration_min": float("inf")}, "cannot be made"),
    ],
)
def test_a_storm_that_cannot_be_is_refused(changed, words):
    with pytest.raises(BadCase, match=words):
        design_storm(SHANGHAI, **({"years": 5.0} | changed))


def test_a_formula_is_not_used_beyond_the_time_at_which_its_depth_falls():
    steep = IntensityFormula(6041.8 / 167, 1.475, 14.72, 1.1704)

    assert design_storm(steep, years=5, duration_min=60).depth_mm > 0
    with pytest.raises(BadCase, match="than in 86 min"):
        design_storm(steep, years=5, duration_min=120)


def test_a_formula_in_the_wrong_unit_is_refused():
    with pytest.raises(BadCase, match="divided by 167"):
        design_storm(IntensityFormula(1600.0, 0.846, 7.0, 0.656), years=5)


RECORDS = [  # minutes, mm: WMO No. 168 and the China records
    (42, 305),  # Holt, Missouri, 1947
    (60, 401),  # Shangdi, Inner Mongolia, 1975
    (5, 53.1),  # Meidong, Shanxi, 1971
    (24 * 60, 1825),  # Foc-Foc, La Reunion, 1966
]


@pytest.mark.parametrize(("minutes", "mm"), RECORDS)
def test_no_record_is_above_the_envelope_and_a_slip_of_a_decimal_is(minutes, mm):
    assert mm <= greatest_mm(minutes * 60.0)
    assert mm * 10 > greatest_mm(minutes * 60.0)


def test_516_mm_in_an_hour_is_beyond_belief_and_51_6_is_not():
    """2021-06-30 in Yiwu, printed 516 for 51.6."""
    hour = np.array([0.0, 3600.0])

    assert excess(np.array([516.0]), hour) > 1.2
    assert excess(np.array([51.6]), hour) < 0.2


def test_rain_too_much_only_in_its_sum_is_found_in_every_interval_of_it():
    depth = np.zeros(48)
    depth[10:22] = 50.0  # 600 mm in an hour, each five minutes alone possible
    worst = excess(depth, np.arange(49) * 300.0)

    assert (worst[10:22] > 1.0).all()
    assert excess(depth[10:11], np.array([0.0, 300.0])) < 1.0
    assert worst[40] < 1.0
