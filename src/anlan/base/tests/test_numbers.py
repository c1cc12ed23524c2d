import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.base.numbers import whole


@given(st.integers(0, 10**18 - 1))
def test_a_number_is_read_as_written(number):
    assert whole(f" {number} ") == number


@given(st.text())
def test_no_text_does_harm(text):
    assert whole(text) is None or str(whole(text)) == text.strip().lstrip("0") or whole(text) == 0


@pytest.mark.parametrize("text", [None, "", "-1", "1.5", "²", "٣", "9" * 19, "9" * 5000, "1e3"])
def test_what_no_row_can_have_is_no_number(text):
    assert whole(text) is None
