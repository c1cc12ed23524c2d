"""Dates worked out by hand from the State Council's holiday notices."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from anlan.work import deadlines
from anlan.work.deadlines import BEIJING, Stretch, Unit, Version, due_at


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


def limit(code):
    return deadlines.get(code).on(date(2026, 1, 1))


@pytest.mark.parametrize(
    ("code", "started", "due"),
    [
        # An hour is an hour, also at midnight of a holiday.
        ("hours:2", "2026-02-16 23:30", "2026-02-17 01:30"),
        ("accident.unit_report", "2026-07-03 08:05", "2026-07-03 09:05"),
        ("accident.level_report", "2026-07-03 08:05", "2026-07-03 10:05"),
        # Spring Festival 2026: off from 15 to 23 February; Saturdays 14 and 28 are worked.
        ("working_days:1", "2026-02-13 10:00", "2026-02-15 00:00"),  # Sat 14: a make-up day
        ("working_days:2", "2026-02-13 10:00", "2026-02-25 00:00"),  # then Tue 24
        ("working_days:5", "2026-02-13 10:00", "2026-02-28 00:00"),  # 14, 24, 25, 26, 27
        ("working_days:6", "2026-02-13 10:00", "2026-03-01 00:00"),  # and Sat 28
        ("working_days:7", "2026-02-13 10:00", "2026-03-03 00:00"),  # then Mon 2 March
        # Spring Festival 2025: off from 28 January to 4 February; Sun 26 Jan and Sat 8 Feb worked.
        ("working_days:3", "2025-01-24 17:00", "2025-02-06 00:00"),  # 26, 27 January, 5 February
        ("working_days:6", "2025-01-24 17:00", "2025-02-09 00:00"),  # 26, 27, 5, 6, 7, 8
        # Natural days; the day of the start is not counted, the last ends at 24:00.
        ("natural_days:7", "2026-07-01 08:00", "2026-07-09 00:00"),
        # Day 7 would be Sunday 5 July: Monday is the last.
        ("natural_days:7", "2026-06-28 08:00", "2026-07-07 00:00"),
        # Day 5 would be 20 February, in the festival: Tuesday 24 is the last.
        ("natural_days:5", "2026-02-15 08:00", "2026-02-25 00:00"),
        # National Day 2026: off from 1 to 7 October; Sun 20 Sept. and Sat 10 Oct. worked.
        ("natural_days:3", "2026-09-30 09:00", "2026-10-09 00:00"),
        ("working_days:3", "2026-09-30 09:00", "2026-10-11 00:00"),  # 8, 9, 10 October
    ],
)
def test_limits_worked_out_by_hand(code, started, due):
    assert due_at(limit(code), at(started)) == at(due)


def test_the_version_in_force_at_the_start_holds():
    rule = deadlines.get("penalty.serve")
    assert rule.on(date(2021, 7, 14)).unit is Unit.NATURAL_DAYS
    assert rule.on(date(2021, 7, 15)).unit is Unit.WORKING_DAYS
    assert due_at(rule.on(date(2021, 7, 14)), at("2021-07-05 09:00")) == at("2021-07-13 00:00")
    assert due_at(rule.on(date(2021, 7, 15)), at("2021-07-15 09:00")) == at("2021-07-27 00:00")


def test_every_rule_names_its_law():
    assert all(v.source for rule in deadlines.registered() for v in rule.versions)


def test_years_without_announced_holidays_are_said():
    version = limit("working_days:5")
    beyond = datetime(deadlines.LAST_YEAR, 12, 30, 9, tzinfo=BEIJING)

    due = due_at(version, beyond)

    assert deadlines.counts_on_unknown_days(version, beyond, due)
    assert not deadlines.counts_on_unknown_days(version, at("2026-03-02 09:00"), at("2026-03-10"))
    assert not deadlines.counts_on_unknown_days(limit("hours:2"), beyond, due)


def test_a_pause_of_days_does_not_count_its_days():
    version, started = limit("working_days:5"), at("2026-07-06 09:00")  # a Monday
    assert due_at(version, started) == at("2026-07-14 00:00")  # Tue … Fri, Mon 13
    paused = Stretch(at("2026-07-08 15:00"), at("2026-07-10 09:00"))  # Wed and Thu do not count
    assert due_at(version, started, [paused]) == at("2026-07-16 00:00")
    same_day = Stretch(at("2026-07-08 09:00"), at("2026-07-08 15:00"))
    assert due_at(version, started, [same_day]) == at("2026-07-14 00:00")


def test_what_is_no_rule_is_a_fault():
    for code in ("", "hours", "hours:x", "weeks:2", "working_days:99999"):
        with pytest.raises((KeyError, ValueError)):
            deadlines.get(code)


instants = st.datetimes(datetime(2004, 1, 2), datetime(2030, 1, 1)).map(
    lambda naive: naive.replace(tzinfo=BEIJING)
)
versions = st.builds(
    Version, st.just(date(2000, 1, 1)), st.integers(0, 90), st.sampled_from(Unit), st.just("law")
)


@given(version=versions, one=instants, gap=st.timedeltas(timedelta(0), timedelta(days=40)))
def test_who_starts_later_is_due_no_earlier(version, one, gap):
    assert due_at(version, one) <= due_at(version, one + gap)


@given(version=versions, started=instants)
def test_a_longer_limit_ends_no_earlier_and_never_before_the_start(version, started):
    longer = Version(version.since, version.amount + 1, version.unit, "")
    assert started <= due_at(version, started) <= due_at(longer, started)


@given(started=instants, amount=st.integers(0, 200), data=st.data())
def test_a_pause_adds_exactly_its_length_to_hours(started, amount, data):
    version = Version(date(2000, 1, 1), amount, Unit.HOURS, "")
    cuts = sorted(data.draw(st.lists(st.integers(0, 10_000), min_size=4, max_size=4)))
    minutes = [started + timedelta(minutes=cut) for cut in cuts]
    pauses = [Stretch(*minutes[:2]), Stretch(*minutes[2:])]

    added = due_at(version, started, pauses) - due_at(version, started)

    assert added == timedelta(minutes=cuts[1] - cuts[0] + cuts[3] - cuts[2])


@given(
    version=versions,
    started=instants,
    after=st.integers(0, 60),
    days=st.integers(0, 40),
)
def test_the_counted_days_are_never_paused_days(version, started, after, days):
    assume(version.unit is not Unit.HOURS and version.amount > 0)
    begin = started + timedelta(days=after)
    pause = Stretch(begin, begin + timedelta(days=days))
    assume(begin < due_at(version, started))

    last = due_at(version, started, [pause]).date() - timedelta(days=1)

    counted, day = 0, started.date()
    while day < last:
        day += timedelta(days=1)
        if not pause.start.date() <= day < pause.end.date():
            counted += version.unit is Unit.NATURAL_DAYS or deadlines.is_working_day(day)
    # Days off at the end are added by the roll to the next working day, never taken away.
    assert counted >= version.amount
    assert deadlines.is_working_day(last)
    if version.unit is Unit.WORKING_DAYS:
        assert counted == version.amount
