"""One contract over every kind that any room has registered."""

import pytest
from django.urls import reverse

from anlan.people import permissions
from anlan.people.tests.factories import account_in
from anlan.places.tests.factories import RegionFactory
from anlan.work import kinds
from anlan.work.models import WorkItem
from anlan.work.services import advance, conclude, open_item
from anlan.work.tests.factories import proof_of

from .conftest import NOON

REGISTERED = [kind.code for kind in kinds.registered()]


@pytest.mark.django_db
@pytest.mark.parametrize("code", REGISTERED)
def test_every_kind_of_work_runs_its_whole_loop(code):
    kind, village = kinds.get(code), RegionFactory(parent=RegionFactory())
    worker = account_in(village, kind.may_do)
    checker = account_in(village.parent, kind.may_check)
    item = open_item(kind=code, title="事项", region=village, by=checker, at=NOON)

    def go(move, by, **more):
        advance(item=item, move=move, by=by, at=NOON, note="原因", **more)

    go("accept", worker)
    go("submit", worker, submission=proof_of(item, worker, NOON))
    if kind.allows("return"):
        go("return", checker)
        go("submit", worker, submission=proof_of(item, worker, NOON))
    if kind.concludes:  # the room decides how it ends; its own tests say how
        conclude(item=item, by=checker, at=NOON, note="原因")
    else:
        go("verify", checker)

    assert item.state == WorkItem.State.CLOSED
    assert reverse(kind.page, args=[item.pk])
    assert str(kind.label)
    assert {kind.may_do, kind.may_check} <= set(permissions.registered())


@pytest.mark.django_db
def test_a_kind_may_leave_moves_out(story):
    kinds.register(
        kinds.Kind(
            "test.short",
            "短",
            page="work:item",
            may_do="work.do",
            may_check="work.check",
            moves=frozenset({"accept", "submit", "verify"}),
        )
    )
    item = story.open(kind="test.short")
    from anlan.base.errors import Refusal
    from anlan.work.queries import allowed_moves

    assert allowed_moves(actor=story.officer, item=item) == ["accept"]
    with pytest.raises(Refusal) as refusal:
        advance(item=item, move="cancel", by=story.officer, at=NOON, note="误发")
    assert refusal.value.code == "work.no_such_move"
