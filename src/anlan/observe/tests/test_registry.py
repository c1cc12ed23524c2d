"""Names to slots, for many rows at once."""

from hypothesis import given
from hypothesis import strategies as st

from anlan.observe import registry
from anlan.observe.registry import Slots

CODES, QUANTITIES = ["A", "B", "C"], ["rain_5min", "ponding_depth", "nonsense"]
rows = st.tuples(st.sampled_from(CODES), st.sampled_from(QUANTITIES))
# Long enough to be remembered, and much alike: the same ends, another middle.
lists = st.lists(st.lists(rows, min_size=registry.LONG - 1, max_size=registry.LONG + 2), max_size=6)


@given(messages=lists, again=st.lists(st.integers(0, 5), max_size=12))
def test_a_list_that_is_remembered_is_never_taken_for_another(messages, again):
    slots = Slots()
    slots.update({(code, name): n for n, code in enumerate(CODES) for name in QUANTITIES[:2]})
    for message in [*messages, *(messages[n] for n in again if n < len(messages))]:
        stations, names = map(list, zip(*message, strict=True))
        expected = [slots.get(row, -1) for row in message]
        assert slots.find(stations, names).tolist() == expected


def test_no_rows_have_no_slots():
    assert Slots().find([], []).tolist() == []
