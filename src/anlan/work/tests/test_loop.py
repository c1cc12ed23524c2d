from datetime import UTC, datetime

import pytest

from anlan.base import journal
from anlan.base.errors import BadInput, NotAllowed, Refusal
from anlan.base.models import Event
from anlan.people.tests.factories import account_in
from anlan.places.tests.factories import RegionFactory
from anlan.work import kinds
from anlan.work.models import Step, WorkItem
from anlan.work.services import NewItem, advance, open_item, open_items

NOON = datetime(2026, 7, 1, 4, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def a_kind(monkeypatch):
    monkeypatch.setattr(kinds, "_kinds", {})
    kinds.register(
        kinds.Kind("test.patrol", "Patrol", page="", may_do="work.do", may_check="work.check")
    )


@pytest.fixture
def village():
    return RegionFactory(parent=RegionFactory())


@pytest.fixture
def officer(village):
    return account_in(village.parent, "work.check", "work.do")


@pytest.fixture
def worker(village):
    return account_in(village, "work.do")


def opened(village, officer):
    return open_item(kind="test.patrol", title="巡查", region=village, by=officer, at=NOON)


def go(item, move, by, note="好"):
    return advance(item=item, move=move, by=by, at=NOON, note=note)


def test_a_duty_goes_round_its_loop_and_every_step_is_kept(village, officer, worker):
    item = opened(village, officer)

    go(item, "accept", worker)
    go(item, "submit", worker)
    go(item, "return", officer, "照片不清楚")
    go(item, "submit", worker)
    go(item, "verify", officer)

    assert item.state == WorkItem.State.CLOSED
    moves = list(item.steps.order_by("pk").values_list("move", flat=True))
    assert moves == ["open", "accept", "submit", "return", "submit", "verify"]
    assert Event.objects.filter(region_path=village.path).count() == 6


def test_nobody_verifies_what_they_did_themselves(village, officer):
    item = opened(village, officer)
    go(item, "accept", officer)
    go(item, "submit", officer)

    with pytest.raises(Refusal) as refusal:
        go(item, "verify", officer)
    assert refusal.value.code == "work.own_work"


def test_of_two_who_accept_at_once_one_is_told(village, officer, worker):
    item = opened(village, officer)
    same = WorkItem.objects.get(pk=item.pk)
    go(item, "accept", worker)

    with pytest.raises(Refusal) as refusal:
        go(same, "accept", officer)
    assert refusal.value.code == "work.moved"


def test_a_stranger_may_do_nothing(village, officer):
    stranger = account_in(RegionFactory(), "work.do", "work.check")

    with pytest.raises(NotAllowed):
        go(opened(village, officer), "accept", stranger)


def test_a_return_says_why(village, officer, worker):
    item = opened(village, officer)
    go(item, "accept", worker)
    go(item, "submit", worker)

    with pytest.raises(BadInput):
        go(item, "return", officer, " ")
    assert item.state == WorkItem.State.SUBMITTED


def test_many_items_open_as_one_would(village, officer, worker):
    new = [NewItem("巡查", village, None, None) for _ in range(3)]

    items = open_items(kind="test.patrol", items=new, by=officer, at=NOON)

    assert [item.steps.get().move for item in items] == ["open"] * 3
    told = Event.objects.filter(name="work.item.open").values_list("data__item_id", flat=True)
    assert sorted(told) == [item.pk for item in items]
    go(items[0], "accept", worker)


def test_an_altered_note_is_found_in_the_journal(village, officer, worker, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    item = opened(village, officer)
    go(item, "accept", worker)
    go(item, "submit", worker, "积水已排除")
    journal.seal_new_events()
    assert journal.verify() == []

    Step.objects.filter(move="submit").update(note="一切正常")

    assert [finding.kind for finding in journal.verify()] == ["content"]
