from datetime import date, timedelta

import pytest

from anlan.base import ticker
from anlan.base.models import Event
from anlan.people.models import Holding
from anlan.people.tests.factories import account_in, holder_of, post_in
from anlan.places.tests.factories import RegionFactory
from anlan.work import kinds
from anlan.work.handlers import tell_those_above, tell_who_takes_over
from anlan.work.kinds import Escalation
from anlan.work.models import Reminder
from anlan.work.queries import unseen_reminders
from anlan.work.reminders import remind
from anlan.work.services import advance, mark_seen

from .conftest import NOON

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def urgent(monkeypatch):
    monkeypatch.setattr("anlan.work.reminders.BUDGET_S", 60)  # a slow machine is no fault
    kinds.register(
        kinds.Kind(
            "test.urgent",
            "急件",
            page="work:item",
            may_do="work.do",
            may_check="work.check",
            escalations=(
                Escalation(-10 * MINUTE, "doer"),
                Escalation(0 * MINUTE, "post"),
                Escalation(30 * MINUTE, "checkers"),
                Escalation(60 * MINUTE, "county.leader"),
            ),
        )
    )


def after(minutes):
    return remind(NOON + 120 * MINUTE + minutes * MINUTE)  # relative to the due time


def told():
    return list(Reminder.objects.order_by("pk").values_list("escalation", "to"))


def test_each_step_goes_out_once_to_each_in_its_turn(story):
    leader = holder_of(post_in(story.county, "county.leader"))
    item = story.open(kind="test.urgent")

    assert after(-11) == 0
    assert after(-10) == 1
    assert after(-9) == 0  # once
    assert after(5) == 1
    assert after(31) == 1
    assert after(61) == 1
    assert after(600) == 0

    assert told() == [
        (0, story.worker.pk),
        (1, story.worker.pk),
        (2, story.officer.pk),
        (3, leader.pk),
    ]
    assert Event.objects.filter(name="work.item.remind").count() == 4
    system = item.steps.filter(move="escalate")
    assert [step.by.is_system for step in system] == [True, True]
    item.refresh_from_db()
    assert item.state == "OPEN"  # overdue is not a state


def test_a_worker_that_slept_sends_what_it_missed_once(story):
    story.open(kind="test.urgent")

    assert after(31) == 3
    assert after(31) == 0


def test_what_is_done_or_paused_reminds_nobody_who_must_do_it(story):
    handed_in, paused, closed = (story.open(kind="test.urgent") for _ in range(3))
    for item in (handed_in, closed):
        advance(item=item, move="accept", by=story.worker, at=NOON)
        advance(item=item, move="submit", by=story.worker, at=NOON)
    advance(item=closed, move="verify", by=story.officer, at=NOON)
    advance(item=paused, move="pause", by=story.officer, at=NOON, note="道路中断")

    after(600)

    # Only the checker of what waits to be verified hears of it.
    assert list(Reminder.objects.values_list("item", "to")) == [(handed_in.pk, story.officer.pk)]


def test_who_no_longer_holds_the_post_is_not_told(story):
    story.open(kind="test.urgent")
    Holding.objects.update(to_date=date(2026, 6, 30))
    new = holder_of(story.post)

    after(0)

    assert {to for _step, to in told()} == {new.pk}


def test_where_nobody_holds_the_post_those_above_are_told(story):
    Holding.objects.all().delete()
    story.open(kind="test.urgent")

    after(-5)

    assert told() == [(0, story.officer.pk)]


def test_a_step_with_nobody_to_tell_does_not_hold_up_the_others(story, monkeypatch):
    monkeypatch.setattr("anlan.work.reminders.AT_ONCE", 1)
    nobody = story.open(kind="test.urgent", region=RegionFactory(), post=None)
    item = story.open(kind="test.urgent", due=timedelta(hours=2, minutes=1))

    after(0)
    after(0)

    assert set(Reminder.objects.values_list("item", flat=True)) == {nobody.pk, item.pk}
    assert Reminder.objects.get(item=nobody, escalation=0).to.is_system


def test_who_takes_over_late_is_told_what_went_out_before(story):
    item = story.open(kind="test.urgent")
    after(1)
    other = holder_of(post_in(story.village, "village.party_secretary"))
    post = other.holdings.get().post
    advance(item=item, move="assign", by=story.officer, at=NOON + 125 * MINUTE, post=post)

    tell_who_takes_over(Event.objects.get(name="work.item.assign"))

    assert (1, other.pk) in told()
    assert (0, other.pk) in told()


def test_escalating_by_hand_tells_those_above_and_further_above(story):
    item = story.open(kind="test.urgent")
    county = account_in(story.county, "work.check")
    for note in ("需要冲锋舟", "仍无支援"):
        advance(item=item, move="escalate", by=story.worker, at=NOON, note=note)
        tell_those_above(Event.objects.filter(name="work.item.escalate").latest("pk"))

    assert [to for _step, to in told()] == [story.officer.pk, county.pk]


def test_reminders_wait_in_the_inbox_until_the_item_is_opened(story):
    item = story.open(kind="test.urgent")
    after(-5)
    assert [r.item for r in unseen_reminders(actor=story.worker)] == [item]

    mark_seen(item=item, by=story.worker, at=NOON)

    assert list(unseen_reminders(actor=story.worker)) == []


def test_the_ticker_runs_it():
    assert "work.remind" in {duty.name for duty in ticker.registered()}
