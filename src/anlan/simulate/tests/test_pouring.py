"""Coarse water on fine ground: by hand, and that no litre is lost or made."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.simulate.pouring import Pourer


def test_a_film_over_a_hole_fills_the_hole_by_hand():
    """Beds 0, 1, 1, 1 m and 5 cm on the coarse cell: 0.2 m stand in the hole, nothing beside it.

    With 0.35 m (1.4 m over cells): one metre fills the hole, 0.4 are shared by four: 1.1 and 0.1.
    """
    bed = np.array([[0.0, 1.0], [1.0, 1.0]])
    pourer = Pourer(bed, 2)
    np.testing.assert_allclose(pourer.fill(np.array([[0.05]])), [[0.2, 0], [0, 0]])
    np.testing.assert_allclose(pourer.fill(np.array([[0.35]])), [[1.1, 0.1], [0.1, 0.1]])
    np.testing.assert_allclose(pourer.fill(np.array([[0.0]])), np.zeros((2, 2)))


def test_buildings_hold_no_water_and_no_ground_shows_none():
    bed = np.array([[0.0, 0.0, 0.0], [0.0, np.nan, 0.0]])
    closed = np.array([[True, False, False], [False, False, False]])
    found = Pourer(bed, 2, closed).fill(np.array([[0.1, np.nan]]))
    assert np.isnan(found[1, 1])
    np.testing.assert_allclose(found[0], [0.0, 0.2, 0.0])  # four cells' water in the two open ones
    assert (found[:, 2] == 0).all()
    np.testing.assert_allclose(Pourer(bed, 2, np.ones((2, 3), bool)).fill(np.ones((1, 2)))[0], 0)


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 4), st.integers(0, 10_000), st.floats(0, 3))
def test_every_litre_is_there_once_and_stands_level(factor, seed, most):
    draw = np.random.default_rng(seed)
    rows, cols = 3 * factor, 2 * factor
    bed = np.round(draw.normal(0, 1, (rows, cols)), 3)
    depth = draw.uniform(0, most, (3, 2))
    fine = Pourer(bed, factor).fill(depth)

    assert (fine >= 0).all()
    blocks = fine.reshape(3, factor, 2, factor).mean(axis=(1, 3))
    np.testing.assert_allclose(blocks, depth, atol=1e-9)
    level = np.where(fine > 0, fine + bed, np.nan)
    for r in range(3):
        for c in range(2):
            own = (slice(r * factor, (r + 1) * factor), slice(c * factor, (c + 1) * factor))
            wet = level[own][~np.isnan(level[own])]
            if len(wet):
                assert np.ptp(wet) == pytest.approx(0, abs=1e-9)
                assert (bed[own][fine[own] == 0] >= wet[0] - 1e-9).all()
