from datetime import timedelta

import pytest

from anlan.base.errors import BadInput, Refusal
from anlan.work.models import Clock, Pause, Step
from anlan.work.queries import clock_of
from anlan.work.services import advance

from .conftest import NOON

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def move(item, name, by, after, note="等待鉴定结论", **more):
    return advance(item=item, move=name, by=by, at=NOON + after, note=note, **more)


def test_a_pause_with_a_reason_extends_the_due_time_by_its_length(story):
    item = story.open(rule="accident.level_report")
    assert item.due_at == NOON + 2 * HOUR
    story.send(item, "accept")
    item.refresh_from_db()

    move(item, "pause", story.officer, HOUR)
    assert not item.is_overdue(NOON + 9 * HOUR)
    move(item, "resume", story.officer, 5 * HOUR)

    assert item.due_at == Clock.objects.get().due_at == NOON + 6 * HOUR
    assert Pause.objects.get().reason == "等待鉴定结论"
    assert item.state == "DOING"


def test_a_due_time_without_a_law_is_extended_as_well(story):
    item = story.open()
    move(item, "pause", story.officer, HOUR)
    move(item, "resume", story.officer, 3 * HOUR)

    assert item.due_at == NOON + 4 * HOUR
    assert item.state == "OPEN"  # nobody had accepted it


def test_a_limit_that_has_run_out_cannot_be_paused(story):
    item = story.open(rule="hours:2")
    with pytest.raises(Refusal) as refusal:
        move(item, "pause", story.officer, 3 * HOUR)
    assert refusal.value.code == "work.clock_over"
    with pytest.raises(BadInput):
        move(item, "pause", story.officer, HOUR, note=" ")


def test_evidence_stops_the_clock_and_a_return_starts_it_again(story):
    item = story.open(rule="hours:2")
    move(item, "accept", story.worker, timedelta(0))
    move(item, "submit", story.worker, HOUR)

    view = clock_of(item)
    assert view.in_time is True
    assert view.clock.stopped_by == Step.objects.get(move="submit")

    move(item, "return", story.officer, 2 * HOUR, "看不清")
    assert clock_of(item).in_time is None
    move(item, "submit", story.worker, 3 * HOUR)
    move(item, "verify", story.officer, 4 * HOUR)
    assert clock_of(item).in_time is False
    assert clock_of(item).clock.stopped_at == NOON + 3 * HOUR


def test_there_is_one_date_to_count_from(story):
    """DefectDojo computed deadlines from three dates (#5737, #7370, #8279)."""
    item = story.open(rule="working_days:5")
    before = item.due_at

    move(item, "assign", story.officer, HOUR, post=story.post)
    move(item, "accept", story.worker, 2 * HOUR)

    assert item.due_at == Clock.objects.get().due_at == before
