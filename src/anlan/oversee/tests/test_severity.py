"""The grades of order 493, article 3, on both sides of every number."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.oversee.severity import Severity, severity_of

GENERAL, LARGER, MAJOR, GRAVE = Severity
MILLION = 1_000_000


@pytest.mark.parametrize(
    ("deaths", "injured", "loss", "grade"),
    [
        (0, 0, "0", GENERAL),
        (2, 0, "0", GENERAL),  # 3人以下, not 3
        (3, 0, "0", LARGER),  # 3人以上, with 3
        (9, 0, "0", LARGER),
        (10, 0, "0", MAJOR),
        (29, 0, "0", MAJOR),
        (30, 0, "0", GRAVE),
        (0, 9, "0", GENERAL),
        (0, 10, "0", LARGER),
        (0, 49, "0", LARGER),
        (0, 50, "0", MAJOR),
        (0, 99, "0", MAJOR),
        (0, 100, "0", GRAVE),
        (0, 0, "9999999.99", GENERAL),
        (0, 0, "10000000", LARGER),
        (0, 0, "49999999.99", LARGER),
        (0, 0, "50000000.00", MAJOR),
        (0, 0, "99999999.99", MAJOR),
        (0, 0, "100000000", GRAVE),
        (2, 9, "10000000", LARGER),  # any one of them is enough
        (3, 50, "0", MAJOR),  # the gravest counts
        (1, 100, "10000000", GRAVE),
    ],
)
def test_from_a_number_on_includes_it_and_below_excludes_it(deaths, injured, loss, grade):
    assert severity_of(deaths=deaths, injured=injured, loss=Decimal(loss)) == grade


@given(
    st.integers(0, 200), st.integers(0, 200), st.integers(0, 200 * MILLION),
    st.integers(0, 50), st.integers(0, 50), st.integers(0, 50 * MILLION),
)  # fmt: skip
def test_more_harm_is_never_a_milder_grade(deaths, injured, loss, more, hurt, lost):
    order = list(Severity)
    before = severity_of(deaths=deaths, injured=injured, loss=Decimal(loss))
    after = severity_of(deaths=deaths + more, injured=injured + hurt, loss=Decimal(loss + lost))
    assert order.index(after) >= order.index(before)
