"""Visits written down at a desk, planned, or sent whole by a phone that had no network."""

import hashlib
import json
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from anlan.base.errors import BadInput, NotAllowed, NotFound, Refusal
from anlan.base.models import Event
from anlan.people.tests.factories import account_in
from anlan.prevent.models import Answer, Hazard, Visit
from anlan.prevent.queries import visits as queries
from anlan.prevent.services.hazards import Finding
from anlan.prevent.services.sent_visits import (
    Checked,
    Found,
    SentFile,
    SentVisit,
    VisitRefused,
    take_visit,
)
from anlan.prevent.services.visit_files import attach_files
from anlan.prevent.services.visits import (
    Reply,
    answer,
    check_again,
    find_hazard,
    finish_visit,
    plan_visits,
)
from anlan.work.models import Attachment, Submission, WorkItem
from anlan.work.services import advance
from anlan.work.tests.test_at_once import at_once

from .conftest import NOON, days

pytestmark = pytest.mark.django_db
R = Answer.Result


def sent(story, **more):
    fields = {
        "id": uuid4(),
        "enterprise": story.firm,
        "version": story.version,
        "started_at": NOON - timedelta(hours=2),
        "finished_at": NOON - timedelta(hours=1),
        "lon": 119.65,
        "lat": 29.1,
    }
    return SentVisit(**(fields | more))


def take(story, what, *, by=None, at=NOON, digest=None, **more):
    digest = digest or hashlib.sha256(repr(what).encode()).hexdigest()
    return take_visit(sent=what, digest=digest, by=by or story.inspector, at=at, **more)


def test_a_visit_by_its_checklist_leaves_hazards_and_a_number(story):
    visit = story.visit(lon=119.6, lat=29.1)
    wrong, major, fine = story.entries
    answer(visit=visit, entry=wrong, result=R.WRONG, note="2具过期", by=story.inspector, at=NOON)
    answer(visit=visit, entry=major, result=R.WRONG, by=story.inspector, at=NOON)
    answer(visit=visit, entry=fine, result=R.WRONG, by=story.inspector, at=NOON)
    answer(visit=visit, entry=fine, result=R.FINE, by=story.inspector, at=NOON)
    extra = find_hazard(visit=visit, finding=Finding("电线私拉乱接"), by=story.inspector, at=NOON)
    with pytest.raises(Refusal):
        answer(visit=visit, entry=wrong, result=R.FINE, by=story.colleague, at=NOON)
    finish_visit(visit=visit, note="已告知负责人", by=story.inspector, at=days(0.1))

    assert visit.number == "（婺）应急检记〔2026〕1号"
    found = {hazard.what: hazard for hazard in queries.hazards_of(visit)}
    assert set(found) == {"2具过期", major.text, "电线私拉乱接"}
    assert found["2具过期"].grade == "GENERAL"
    assert found[major.text].grade == "MAJOR"
    assert found[major.text].basis == major.basis
    assert found["电线私拉乱接"] == extra
    assert [line.given and line.given.result for line in queries.lines_of(visit)] == [
        "WRONG", "WRONG", "FINE",
    ]  # fmt: skip
    with pytest.raises(Refusal):  # the record is not changed afterwards
        answer(visit=visit, entry=wrong, result=R.FINE, by=story.inspector, at=days(1))
    assert Event.objects.get(name="prevent.visit.finished").data["hazards"] == 3
    assert queries.get_visit(actor=story.colleague, visit_id=visit.pk) == visit
    assert queries.get_visit(actor=story.boss, visit_id=visit.pk) == visit
    with pytest.raises(NotFound):
        queries.get_visit(actor=story.stranger, visit_id=visit.pk)


def test_numbers_run_by_office_kind_and_year_without_gaps(story):
    for at in (NOON, days(1)):
        finish_visit(visit=story.visit(), by=story.inspector, at=at)
    recheck = story.visit(kind="RECHECK", by=story.colleague)
    finish_visit(visit=recheck, by=story.colleague, at=days(1))
    with pytest.raises(VisitRefused):
        take(story, sent(story, hazards=(Found("好"), Found(" "))))
    next_year = datetime(2026, 12, 31, 16, 30, tzinfo=UTC)  # already 2027 in Beijing
    finish_visit(visit=story.visit(), by=story.inspector, at=days(2))
    finish_visit(visit=story.visit(), by=story.inspector, at=next_year)
    assert set(Visit.objects.values_list("number", flat=True)) == {
        "（婺）应急检记〔2026〕1号", "（婺）应急检记〔2026〕2号", "（婺）应急检记〔2026〕3号",
        "（婺）应急复查〔2026〕1号", "（婺）应急检记〔2027〕1号",
    }  # fmt: skip


def test_who_may_visit_whom(story):
    with pytest.raises(NotAllowed):
        story.visit(by=story.stranger)
    with pytest.raises(NotAllowed):
        story.visit(by=story.boss)
    with pytest.raises(NotAllowed):
        story.visit(by=story.boss, kind="SELF", enterprise=story.another_firm("2"))
    own = story.visit(by=story.boss, kind="SELF")
    answer(visit=own, entry=story.entries[0], result=R.WRONG, by=story.boss, at=NOON)
    finish_visit(visit=own, by=story.boss, at=NOON)
    hazard = Hazard.objects.get()
    assert (hazard.source, hazard.found_by, hazard.visit) == ("SELF", story.boss, own)
    assert own.number == "（婺城区）应急自查〔2026〕1号"


def test_what_is_still_open_is_not_opened_a_second_time(story):
    entry = story.entries[0]
    first = story.report(entry=entry)
    visit = story.visit(at=days(1))
    answer(visit=visit, entry=entry, result=R.WRONG, by=story.inspector, at=days(1))
    finish_visit(visit=visit, by=story.inspector, at=days(1))
    assert visit.answers.get().hazard == first
    assert Hazard.objects.count() == 1


def test_a_planned_visit_is_done_by_its_record(story):
    plan, other = plan_visits(
        enterprises=[story.firm, story.another_firm("2")],
        due_on=date(2026, 7, 10),
        inspectors=[[story.inspector, story.colleague]],
        by=story.inspector,
        at=NOON,
    )
    assert plan.item.due_at == datetime(2026, 7, 10, 16, tzinfo=UTC)
    mine = queries.list_plans(actor=story.colleague, wanted=queries.Wanted(mine=True))
    assert list(mine) == [plan]
    with pytest.raises(NotFound):
        queries.get_plan(actor=story.stranger, item_id=plan.pk)
    with pytest.raises(BadInput):
        story.visit(plan=other)
    advance(item=plan.item, move="accept", by=story.inspector, at=days(1))
    with pytest.raises(Refusal):
        story.visit(plan=plan, by=story.colleague)
    visit = story.visit(plan=plan)
    finish_visit(visit=visit, by=story.inspector, at=days(2))
    plan.item.refresh_from_db()
    assert plan.item.state == WorkItem.State.CLOSED
    with pytest.raises(Refusal):
        story.visit(plan=queries.get_plan(actor=story.inspector, item_id=plan.pk))
    for wrong in ({"due_on": date(2026, 6, 1)}, {"by": story.stranger}):
        with pytest.raises(Refusal):
            plan_visits(
                **{"enterprises": [story.firm], "due_on": date(2026, 7, 9), "by": story.inspector,
                   "at": NOON} | wrong
            )  # fmt: skip


def test_whom_a_plan_names_together_write_one_record(story):
    people = [story.inspector, story.colleague, story.stranger]
    plan, other = plan_visits(
        enterprises=[story.firm, story.another_firm("2")],
        due_on=date(2026, 7, 10),
        kind="RECHECK",
        inspectors=[people, people],
        by=story.inspector,
        at=NOON,
    )
    advance(item=plan.item, move="accept", by=story.inspector, at=NOON)
    visit = story.visit(plan=plan)
    assert set(visit.inspectors.all()) == {story.inspector, story.colleague}
    answer(visit=visit, entry=story.entries[0], result=R.FINE, by=story.colleague, at=NOON)
    finish_visit(visit=visit, by=story.colleague, at=days(1))
    assert visit.number == "（婺）应急复查〔2026〕1号"
    plan.item.refresh_from_db()
    assert (plan.item.state, plan.item.doer) == (WorkItem.State.CLOSED, story.inspector)
    # Who takes it over without being named makes it alone.
    third = account_in(story.county, "prevent.inspect")
    alone = story.visit(plan=other, enterprise=other.enterprise, by=third)
    assert list(alone.inspectors.all()) == [third]


def test_a_recheck_on_the_spot_closes_or_sends_back(story):
    fixed, poor, untouched = (story.report(what=what) for what in ("甲", "乙", "丙"))
    for hazard in (fixed, poor):
        story.put_right(hazard)
    visit = story.visit(kind="RECHECK", by=story.colleague, at=days(2))
    assert list(queries.to_recheck(visit))[:2] == [fixed, poor]

    def check(hazard, passed, by=story.colleague, **more):
        return check_again(
            visit=visit, hazard_id=hazard.pk, passed=passed, by=by, at=days(2), **more
        )

    check(fixed, True)
    with pytest.raises(BadInput):
        check(poor, False)
    check(poor, False, note="只做了一半")
    check(untouched, False, note="未动")
    states = {h.pk: h.item.state for h in Hazard.objects.select_related("item")}
    assert states == {fixed.pk: "CLOSED", poor.pk: "DOING", untouched.pk: "OPEN"}
    elsewhere = story.report(site=story.another_firm("2").site)
    with pytest.raises(BadInput):
        check(elsewhere, True)
    assert visit.rechecks.count() == 3


def test_grid_workers_look_and_report_but_do_not_recheck(story):
    worker = account_in(story.village, "prevent.inspect", "prevent.view")
    hazard = story.report()
    story.put_right(hazard)
    with pytest.raises(VisitRefused):
        take(story, sent(story, rechecks=(Checked(hazard.pk, True),)), by=worker)
    own = story.visit(kind="SELF", by=story.boss, at=days(2))
    with pytest.raises(NotAllowed):  # nor does the firm, of itself
        check_again(visit=own, hazard_id=hazard.pk, passed=True, by=story.boss, at=days(2))
    assert take(story, sent(story, hazards=(Found("堆物"),)), by=worker).hazards.count() == 1


def test_who_put_it_right_does_not_recheck_it_on_a_visit_either(story):
    hazard = story.report()
    story.put_right(hazard, by=story.inspector)
    with pytest.raises(VisitRefused) as refused:
        take(story, sent(story, kind="RECHECK", rechecks=(Checked(hazard.pk, True),)))
    assert refused.value.as_dict()["rows"][0]["part"] == "rechecks"
    assert not Visit.objects.exists()


def test_a_phones_visit_is_taken_once_whatever_the_network_does(story):
    wrong, major, _fine = story.entries
    what = sent(
        story,
        replies=(Reply(wrong.pk, "WRONG", "过期"), Reply(major.pk, "FINE")),
        hazards=(Found("私拉电线", files=("a" * 64,)), Found("灭火器过期", entry_id=wrong.pk)),
        files=(SentFile("b" * 64, "SIGN"),),
        inspectors=(story.colleague,),
        led_by_principal=True,
        note="已告知",
    )
    visit = take(story, what)
    for again in range(3):
        assert take(story, what, at=days(again)) == visit
    assert Visit.objects.count() == 1
    assert {h.what for h in visit.hazards.all()} == {"私拉电线", "灭火器过期"}
    assert visit.answers.get(entry=wrong).hazard.what == "灭火器过期"  # not a third one
    assert visit.finished_at == what.finished_at
    assert visit.hazards.get(what="私拉电线").found_at == what.finished_at
    assert set(visit.inspectors.all()) == {story.inspector, story.colleague}
    assert visit.led_by_principal
    assert {(f.role, f.hazard and f.hazard.what) for f in visit.files.all()} == {
        ("PHOTO", "私拉电线"), ("SIGN", None),
    }  # fmt: skip
    with pytest.raises(Refusal) as refusal:  # another content under the same id
        take(story, what, digest="0" * 64)
    assert (refusal.value.code, refusal.value.status) == ("prevent.other_visit", 409)
    with pytest.raises(Refusal):  # or the same from somebody who was not there
        take(story, what, by=account_in(story.county, "prevent.inspect"))


def test_every_row_that_cannot_be_taken_is_named_and_nothing_is_kept(story):
    entry = story.entries[0]
    elsewhere = story.report(site=story.another_firm("2").site)
    what = sent(
        story,
        replies=(
            Reply(entry.pk, "WRONG"), Reply(entry.pk, "FINE"), Reply(10**6, "FINE"),
            Reply(story.entries[1].pk, "MAYBE"),
        ),
        hazards=(Found(" "), Found("好", grade="HUGE"), Found("好", entry_id=10**6), Found("行")),
        rechecks=(Checked(elsewhere.pk, True),),
    )  # fmt: skip
    with pytest.raises(VisitRefused) as refused:
        take(story, what)
    assert [(row.part, row.row) for row in refused.value.rows] == [
        ("replies", 1), ("replies", 2), ("replies", 3), ("hazards", 0), ("hazards", 1),
        ("hazards", 2), ("rechecks", 0),
    ]  # fmt: skip
    assert json.dumps(refused.value.as_dict())
    assert not Visit.objects.exists()
    assert Hazard.objects.count() == 1
    with pytest.raises(NotAllowed):
        take(story, sent(story), by=story.stranger)
    with pytest.raises(VisitRefused) as refused:  # nor are strangers taken along
        take(story, sent(story, inspectors=(story.colleague, story.stranger)))
    assert [(row.part, row.row) for row in refused.value.rows] == [("alongside", 1)]


def test_a_wrong_clock_on_a_phone_loses_no_visit(story):
    visit = take(story, sent(story, started_at=days(400), finished_at=days(401)))
    assert (visit.started_at, visit.finished_at) == (NOON, NOON)


def test_a_plan_called_off_while_the_phone_was_away_does_not_lose_the_visit(story):
    (plan,) = plan_visits(
        enterprises=[story.firm], due_on=date(2026, 7, 10), by=story.inspector, at=NOON
    )
    advance(item=plan.item, move="cancel", by=story.colleague, at=NOON, note="企业停产")
    assert take(story, sent(story, plan=plan)).item is None


def test_files_may_come_before_or_after_the_visit(story):
    submission = Submission.objects.create(
        digest="d" * 64, by=story.inspector, made_at=NOON, received_at=NOON
    )

    def arrive(digest):
        Attachment.objects.create(
            submission=submission, sent_digest=digest, path="00/a.jpg", mime="image/jpeg",
            size=1, name="现场.jpg",
        )  # fmt: skip

    early, late = "a" * 64, "b" * 64
    arrive(early)
    what = sent(story, hazards=(Found("私拉电线", files=(early,)),), files=(SentFile(late),))
    visit = take(story, what, submission=submission)
    assert visit.files.get(digest=early).attachment is not None
    assert attach_files(visit=visit) == 1
    arrive(late)
    assert attach_files(visit=visit) == 0
    kept = visit.files.get(digest=late)
    assert queries.get_file(actor=story.colleague, file_id=kept.pk) == kept.attachment
    with pytest.raises(NotFound):
        queries.get_file(actor=story.stranger, file_id=kept.pk)


@pytest.mark.django_db(transaction=True)
def test_the_same_visit_from_two_places_at_once_is_one(story):
    what = sent(story, hazards=(Found("私拉电线"),))
    other = sent(story)
    taken = at_once(*[lambda: take(story, what).pk] * 3, lambda: take(story, other).pk)
    assert taken == [what.id] * 3 + [other.id]
    assert Hazard.objects.count() == 1
    assert set(Visit.objects.values_list("number", flat=True)) == {
        "（婺）应急检记〔2026〕1号", "（婺）应急检记〔2026〕2号",
    }  # fmt: skip
