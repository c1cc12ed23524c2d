"""The door: what cannot be run is refused with what to do, and nothing else ever comes out."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.engines.flood import (
    BadCase,
    Culvert,
    FloodCase,
    GreenAmpt,
    Horton,
    Inflow,
    OpenEdge,
    Pump,
    Rain,
    Series,
    Wall,
    cell_that_fits,
    memory_bytes,
    run,
    run_coarse,
)

FLAT = np.zeros((8, 8))
GOOD = FloodCase(bed_m=FLAT, cell_m=10.0)
HOLE = np.where(np.arange(64).reshape(8, 8) == 27, np.nan, 0.0)
CREEK = np.where(np.arange(64).reshape(8, 8) % 9 == 0, np.nan, 0.0)  # a diagonal to the edge
HALL = np.arange(64).reshape(8, 8) == 27
NEVER = float("nan")

REFUSED = {
    "no height at all": ({"bed_m": FLAT * np.nan}, "flood.void", "no value at all"),
    "a hole in the terrain": ({"bed_m": HOLE}, "flood.hole", "row 3, column 3"),
    "only buildings": ({"blocked": FLAT == 0}, "flood.void", "no water can be anywhere"),
    "an infinite height": ({"bed_m": FLAT + np.inf}, "flood.bed", "no-data"),
    "words for heights": ({"bed_m": [["hill"]]}, "flood.numbers", "not made of numbers"),
    "too long a step": ({"courant": 0.7}, "flood.unstable", "at most 0.67"),
    "a list for a grid": ({"bed_m": [1.0, 2.0]}, "flood.shape", "rows and columns"),
    "no cell size": ({"cell_m": 0.0}, "flood.cell", "CRS in metres"),
    "degrees for metres": ({"cell_m": 0.0001}, "flood.cell", "degrees"),
    "another grid's land cover": ({"manning": np.ones((3, 3))}, "flood.shape", "Resample"),
    "no roughness": ({"manning": 0.0}, "flood.range", "outside 0.001"),
    "void in the land cover": ({"manning": np.where(HALL, np.nan, 0.03)}, "flood.range", "gaps"),
    "negative depth": ({"depth_m": FLAT - 1.0}, "flood.range", "The depth"),
    "buildings of another grid": ({"blocked": np.ones((2, 2), bool)}, "flood.shape", "mask"),
    "516 mm in an hour": ({"rain": Rain([0, 3600], [516.0])}, "flood.rain_value", "516 mm/h"),
    "516 mm in an hour of minutes": (
        {"rain": Rain(np.arange(61) * 60.0, np.full(60, 516.0))},
        "flood.rain_value",
        "not plausible",
    ),
    "100 mm/h for a day": ({"rain": Rain([0, 86400], [100.0])}, "flood.rain_value", "1440 min"),
    "negative rain": ({"rain": Rain([0, 3600], [-1.0])}, "flood.rain_value", "-1 mm/h"),
    "missing rain": ({"rain": Rain([0, 3600], [NEVER])}, "flood.rain_value", "not plausible"),
    "rain finer than the ground": (
        {"rain": Rain([0, 60], np.zeros((1, 9, 9)))},
        "flood.rain_shape",
        "finer",
    ),
    "rain that ends before it starts": (
        {"rain": Rain([60, 0], [1.0])},
        "flood.rain_times",
        "must rise",
    ),
    "soil of another grid": (
        {"infiltration": GreenAmpt(np.ones((2, 2)), 100.0, 0.2)},
        "flood.shape",
        "Resample",
    ),
    "soil that is missing": ({"infiltration": Horton(10.0, NEVER, 2.0)}, "flood.range", "Horton"),
    "an inflow outside": ({"inflows": (Inflow([99], [1], 1.0),)}, "flood.outside", "row 99"),
    "an inflow between cells": ({"inflows": (Inflow([1.5], [1], 1.0),)}, "flood.outside", "whole"),
    "an inflow in a building": (
        {"blocked": HALL, "inflows": (Inflow([3], [3], 1.0),)},
        "flood.outside",
        "no open ground",
    ),
    "an inflow without a value": (
        {"inflows": (Inflow([1], [1], Series([0.0], [NEVER])),)},
        "flood.range",
        "An inflow",
    ),
    "an unsorted series": (
        {"inflows": (Inflow([1], [1], Series([9.0, 3.0], [1.0, 1.0])),)},
        "flood.series",
        "rise",
    ),
    "an edge nowhere": ({"edges": (OpenEdge("up"),)}, "flood.edge", "no side"),  # type: ignore[arg-type]
    "an edge too long": ({"edges": (OpenEdge("east", 0, 12),)}, "flood.edge", "8 cells"),
    "an edge twice": ({"edges": (OpenEdge("east"), OpenEdge("east", 3, 4))}, "flood.edge", "share"),
    "a level in another unit": (
        {"edges": (OpenEdge("east", level_m=3000.0),)},
        "flood.range",
        "level at an edge",
    ),
    "a wall outside": ({"walls": (Wall(8, 1, "east", 1.0),)}, "flood.outside", "row 8"),
    "a link outside": (
        {"links": (Culvert((0, 0), (0, 9), 0, 0, 1, 1, 5),)},
        "flood.outside",
        "second end",
    ),
    "a link to itself": (
        {"links": (Culvert((0, 0), (0, 0), 0, 0, 1, 1, 5),)},
        "flood.link",
        "different cells",
    ),
    "a culvert of no size": (
        {"links": (Culvert((0, 0), (0, 1), 0, 0, 0, 1, 5),)},
        "flood.range",
        "size",
    ),
    "a pump that never stops": (
        {"links": (Pump((0, 0), None, 1.0, 0.1, 0.3),)},
        "flood.link",
        "cannot stop",
    ),
}


@pytest.mark.parametrize(("wrong", "code", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_a_bad_case_is_refused_with_what_to_do(wrong, code, words):
    with pytest.raises(BadCase, match=words) as refused:
        run(replace(GOOD, **wrong), 10.0)

    assert refused.value.code == code
    assert refused.value.message


def test_a_hole_that_is_marked_as_blocked_and_a_notch_in_the_edge_are_no_holes():
    for case in (replace(GOOD, bed_m=HOLE, blocked=HALL), replace(GOOD, bed_m=CREEK)):
        assert run(case, 1.0).time_s == 1.0


def test_a_case_too_large_for_memory_is_refused_with_the_cell_size_that_fits():
    case = replace(GOOD, bed_m=np.zeros((400, 500)), cell_m=5.0)
    need = memory_bytes(case)
    with pytest.raises(BadCase, match="400 x 500") as refused:
        run(case, 10.0, limit_bytes=need / 4)

    assert refused.value.code == "flood.memory"
    assert "10 m would fit" in refused.value.hint
    assert cell_that_fits(case, need / 4) == pytest.approx(10.0)
    assert run(case, 1.0, limit_bytes=need).time_s == 1.0
    assert memory_bytes(case, factor=4) < need / 1.9  # so the hint's coarse run may fit


def test_a_run_to_no_time_or_on_a_stranger_s_state_is_refused():
    state = run(replace(GOOD, inflows=(Inflow([1], [1], 1.0),)), 5.0).state
    for until, goes_on in ((NEVER, None), (float("inf"), None), (-1.0, None), (2.0, state)):
        with pytest.raises(BadCase, match="cannot end at"):
            run(GOOD, until, state=goes_on)
    for other in (GOOD, replace(GOOD, bed_m=np.zeros((9, 9)))):
        with pytest.raises(BadCase, match="another case"):
            run(other, 10.0, state=state)


def test_a_pit_that_fills_beyond_what_a_depth_can_hold_stops_the_run():
    deep = replace(GOOD, inflows=(Inflow([1], [1], 5e4),))
    with pytest.raises(BadCase, match="110 m deep"):
        run(deep, 3600.0)


def test_the_coarse_run_has_the_same_door():
    with pytest.raises(BadCase, match="no value at all"):
        run_coarse(replace(GOOD, bed_m=FLAT * np.nan), 10.0)


numbers = st.one_of(
    st.floats(-1e12, 1e12),
    st.sampled_from([NEVER, float("inf"), 0.0, -1.0, 0.03, 1.0, 60.0, 1e300]),
    st.integers(-3, 20),
)
shapes = st.sampled_from([(), (1,), (3,), (4, 5), (5, 4), (2, 2), (1, 2, 2), (2, 4, 5), (0,)])
arrays = st.builds(
    lambda shape, kind, seed, spot, value: _spotted(shape, kind, seed, spot, value),
    shapes,
    st.sampled_from([np.float64, np.float32, np.int32, np.bool_]),
    st.integers(0, 99),
    st.integers(0, 39),
    numbers,
)
anything = st.one_of(numbers, arrays, st.sampled_from([None, "mud", [1.0], [[1.0], [1.0, 2.0]]]))


def _spotted(shape, kind, seed, spot, value):
    """An ordinary array with one odd value in it."""
    out = np.random.default_rng(seed).uniform(0.01, 0.9, shape).astype(kind)
    with np.errstate(all="ignore"):
        if out.size and np.issubdtype(kind, np.floating):
            out.flat[spot % out.size] = np.clip(value, -1e30, 1e30)
    return out


FIELDS = {
    "bed_m": anything,
    "cell_m": anything,
    "manning": anything,
    "depth_m": anything,
    "blocked": anything,
    "rain": st.builds(Rain, anything, anything),
    "infiltration": st.builds(GreenAmpt, anything, anything, anything)
    | st.builds(Horton, anything, anything, anything),
    "drain_mm_h": anything,
    "inflows": st.tuples(st.builds(Inflow, anything, anything, anything)),
    "edges": st.tuples(
        st.builds(
            OpenEdge,
            st.sampled_from(["north", "east", "out"]),
            st.integers(-3, 9),
            st.integers(-3, 9),
            st.none() | numbers | st.builds(Series, anything, anything),
            numbers,
        )
    ),
    "walls": st.tuples(
        st.builds(
            Wall,
            st.integers(-2, 6),
            st.integers(-2, 6),
            st.sampled_from(["east", "south", "up"]),
            numbers,
        )
    ),
    "links": st.tuples(
        st.builds(Pump, st.just((1, 1)), st.none(), numbers, numbers, numbers)
        | st.builds(Culvert, st.just((1, 1)), anything, *[numbers] * 6)
    ),
    "courant": anything,
    "theta": anything,
    "wet_m": anything,
}


FINE = {
    "bed_m": np.random.default_rng(1).uniform(0.0, 1.0, (4, 5)),
    "cell_m": 10.0,
    "depth_m": np.full((4, 5), 0.2),
    "rain": Rain([0.0, 60.0], [60.0]),
}


@settings(max_examples=250, deadline=None)
@given(data=st.data(), names=st.lists(st.sampled_from(sorted(FIELDS)), max_size=3, unique=True))
def test_no_input_brings_out_anything_but_a_result_or_a_refusal(data, names):
    fields = FINE | {name: data.draw(FIELDS[name], name) for name in names}
    try:
        end = run(FloodCase(**fields), 0.5)
    except BadCase as refused:
        end, told = None, refused
    if end is None:
        assert (told.code[:6], bool(told.message)) == ("flood.", True)
    else:
        assert end.balance.error_m3 == 0.0
        assert not (end.depth_m < 0).any()
