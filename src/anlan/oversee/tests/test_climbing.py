"""The ladder's arithmetic: properties over any history, and days counted by hand."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.oversee.climbing import ORDER, Past, next_rung, working_days_between
from anlan.work.deadlines import BEIJING

DUE = datetime(2026, 5, 11, 12, tzinfo=BEIJING)
HOURS = st.integers(0, 24 * 200)
ladders = st.lists(st.sampled_from(ORDER), min_size=1, unique=True).flatmap(
    lambda rungs: st.tuples(
        st.just(sorted(rungs, key=ORDER.index)),
        st.lists(st.integers(0, 15), min_size=len(rungs), max_size=len(rungs)),
    )
).map(lambda pair: list(zip(*pair, strict=True)))  # fmt: skip


@given(ladders, st.lists(st.tuples(HOURS, st.booleans()), max_size=25))
def test_whatever_people_decide_no_step_is_skipped_and_none_comes_before_its_days(rungs, decisions):
    """Walk time on; at each look decide on what is proposed."""
    past, at = [], DUE - timedelta(days=3)
    for hours, confirmed in decisions:
        at += timedelta(hours=hours)
        rung = next_rung(rungs, due_at=DUE, past=past, at=at)
        if rung is None:
            continue
        done = [one.rung for one in past if one.state == "CONFIRMED"]
        assert [r for r, _days in rungs][: len(done) + 1] == [*done, rung]
        assert at > DUE
        last = max([DUE, *(one.decided_at for one in past)])
        assert working_days_between(last, at) >= dict(rungs)[rung]
        # While it waits for somebody nothing else is proposed, however late it gets.
        waiting = [*past, Past(rung, "PROPOSED", None)]
        assert next_rung(rungs, due_at=DUE, past=waiting, at=at + timedelta(days=400)) is None
        past.append(Past(rung, "CONFIRMED" if confirmed else "DROPPED", at))
    confirmed = [ORDER.index(one.rung) for one in past if one.state == "CONFIRMED"]
    assert confirmed == sorted(set(confirmed))


@given(ladders, st.integers(0, 10_000))
def test_nothing_is_proposed_about_a_task_in_time(rungs, minutes):
    assert next_rung(rungs, due_at=DUE, past=[], at=DUE - timedelta(minutes=minutes)) is None


@given(ladders)
def test_at_the_top_the_ladder_ends(rungs):
    past = [Past(rung, "CONFIRMED", DUE) for rung, _days in rungs]
    assert next_rung(rungs, due_at=DUE, past=past, at=DUE + timedelta(days=999)) is None


def test_a_rung_that_a_newer_ladder_leaves_out_does_not_start_it_anew():
    past = [Past("URGE", "CONFIRMED", DUE)]
    rungs = [("REMIND", 0), ("INTERVIEW", 0)]
    assert next_rung(rungs, due_at=DUE, past=past, at=DUE + timedelta(days=9)) == "INTERVIEW"


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        # 2026: Spring Festival is off from Sunday 15 to Monday 23 February, with Saturday 14 and
        # Saturday 28 worked (State Council's notice for 2026).
        (date(2026, 2, 13), date(2026, 2, 14), 1),  # a Saturday that is worked
        (date(2026, 2, 13), date(2026, 2, 23), 1),
        (date(2026, 2, 13), date(2026, 2, 24), 2),
        (date(2026, 2, 27), date(2026, 3, 1), 1),  # Saturday the 28th
        (date(2026, 5, 8), date(2026, 5, 11), 2),  # Saturday the 9th makes up for Labour Day
        (date(2026, 5, 15), date(2026, 5, 18), 1),  # an ordinary weekend
        (date(2026, 5, 18), date(2026, 5, 18), 0),
    ],
)
def test_working_days_by_hand(start, end, days):
    def noon(day):
        return datetime(day.year, day.month, day.day, 12, tzinfo=BEIJING)

    assert working_days_between(noon(start), noon(end)) == days
