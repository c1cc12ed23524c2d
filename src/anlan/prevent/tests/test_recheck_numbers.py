"""The number of a re-check's opinion (整改复查意见书): of the office's row, once, without gaps."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, transaction

from anlan.base.errors import NotAllowed, Refusal
from anlan.base.events import deliver_waiting
from anlan.base.models import Serial
from anlan.prevent.models import DeskRecheck, Visit
from anlan.prevent.services.hazards import order_rectification
from anlan.prevent.services.rechecks import number_step
from anlan.prevent.services.visits import check_again, finish_visit
from anlan.work.models import Step
from anlan.work.services import advance

from .conftest import NOON, days


def waiting(story, *whats):
    """Hazards that were ordered to be put right and wait for their re-check."""
    hazards = [story.report(what) for what in whats]
    order_rectification(hazards=hazards, by=story.inspector, at=NOON)
    for hazard in hazards:
        hazard.item.refresh_from_db()
        story.put_right(hazard)
    return hazards


def numbers():
    return sorted(DeskRecheck.objects.values_list("number", flat=True))


@pytest.mark.django_db
def test_each_re_check_at_the_desk_or_on_the_spot_takes_the_next_number(story):
    first, second, third = waiting(story, "甲", "乙", "丙")
    never_ordered = story.report("丁")
    story.put_right(never_ordered)
    for refused, by in ((NotAllowed, story.stranger), (Refusal, story.boss)):
        with pytest.raises(refused):
            advance(item=first.item, move="verify", by=by, at=days(2))
    for hazard, move in ((first, "verify"), (second, "return"), (never_ordered, "verify")):
        advance(item=hazard.item, move=move, by=story.colleague, at=days(2), note="复查")
    for _again in range(3):
        deliver_waiting()
    assert numbers() == ["（婺）应急复查〔2026〕1号", "（婺）应急复查〔2026〕2号"]

    # At an inspection, in whose opinion the move of the task is contained: one number for both.
    visit = story.visit(at=days(3))
    check_again(visit=visit, hazard_id=third.pk, passed=True, by=story.inspector, at=days(3))
    with transaction.atomic():
        finish_visit(visit=visit, by=story.inspector, at=days(3))
        transaction.set_rollback(True)
    visit.refresh_from_db()
    finish_visit(visit=visit, by=story.inspector, at=days(3))
    with pytest.raises(Refusal):
        finish_visit(visit=visit, by=story.inspector, at=days(3))
    deliver_waiting()
    assert Visit.objects.get().recheck_number == "（婺）应急复查〔2026〕3号"
    assert len(numbers()) == 2
    # The next visit of re-check goes on in the same row; one that looked at nothing has none.
    for kind, own, opinion in (("RECHECK", "复查〔2026〕4号", None), ("INSPECT", "", None)):
        again = story.visit(at=days(4), kind=kind)
        done = finish_visit(visit=again, by=story.inspector, at=days(4))
        assert own in done.number
        assert done.recheck_number is opinion


@pytest.mark.django_db(transaction=True)
def test_two_at_once_get_two_numbers_and_the_same_one_twice_gets_one(story):
    for hazard in waiting(story, "甲", "乙"):
        advance(item=hazard.item, move="verify", by=story.colleague, at=days(2), note="已复查")
    steps = list(Step.objects.filter(move="verify").select_related("by__organisation")) * 2
    assert len(steps) == 4
    start = Barrier(4)

    def number(step):
        start.wait()
        try:
            return number_step(step=step).number
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(number, steps))
    assert sorted(taken) == [f"（婺）应急复查〔2026〕{n}号" for n in (1, 1, 2, 2)]
    assert taken[:2] == taken[2:]
    assert Serial.objects.get(name__contains="复查").last == 2
