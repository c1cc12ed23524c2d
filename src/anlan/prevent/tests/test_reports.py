"""What the public reported becomes a hazard only by a person's decision, once."""

from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from anlan.base.errors import BadInput, NotAllowed, NotFound, Refusal
from anlan.people.tests.factories import account_in
from anlan.prevent.models import Hazard, PublicReport, VisitPlan
from anlan.prevent.queries import reports as queries
from anlan.prevent.services import gate, reports
from anlan.prevent.services.hazards import Finding
from anlan.work import queries as work
from anlan.work.carry import tasks_to_carry
from anlan.work.models import Clock
from anlan.work.services import advance

from .conftest import NOON, days

pytestmark = pytest.mark.django_db


@pytest.fixture
def report(story):
    return gate.report_at_gate(
        enterprise=story.firm, what="除尘器一直停着", address="10.0.0.1", machine_at=NOON, at=NOON
    )


def counted(story, at=NOON, actor=None):
    found = queries.counts(actor=actor or story.inspector, at=at)
    return {name: number for name, number in found.items() if number}


def test_confirmed_it_is_a_hazard_whose_clock_runs_from_then(story, report):
    # Three working days from Wednesday noon: Monday at 24:00.
    assert report.item.due_at == datetime(2026, 7, 6, 16, tzinfo=UTC)
    assert counted(story) == {"all": 1, "waiting": 1}
    assert counted(story, at=days(9)) == {"all": 1, "waiting": 1, "overdue": 1}
    hazard = reports.confirm_as_hazard(
        report=report,
        finding=Finding("除尘系统停用", grade="MAJOR"),
        by=story.inspector,
        at=days(1),
    )
    assert (hazard.source, hazard.grade, hazard.found_by) == ("REPORT", "MAJOR", story.inspector)
    assert hazard.found_at == days(1)
    report = queries.get_report(actor=story.inspector, report_id=report.pk)
    assert (report.outcome, report.hazard, report.item.state) == ("HAZARD", hazard, "CLOSED")
    assert Clock.objects.get(item=report.pk).stopped_at == days(1)
    assert counted(story, at=days(9)) == {"all": 1, "HAZARD": 1}
    # Decided is decided; of two at once the second is told.
    with pytest.raises(Refusal):
        reports.reject(report=report, reason="不实", by=story.colleague, at=days(1))
    assert Hazard.objects.count() == 1


def test_the_officer_s_finding_goes_before_the_decision_which_is_made_on_its_page_only(
    story, report
):
    grid = account_in(story.village, "prevent.view", "prevent.inspect")
    advance(item=report.item, move="accept", by=grid, at=NOON)
    advance(item=report.item, move="submit", by=grid, at=NOON, note="现场核实属实")
    for move in ("verify", "cancel", "conclude"):
        with pytest.raises(Refusal):
            advance(item=report.item, move=move, by=story.colleague, at=NOON, note="不实")
    assert work.allowed_moves(actor=story.colleague, item=report.item) == ["return", "escalate"]
    # Who is to act on it cannot make it vanish.
    with pytest.raises(NotAllowed):
        reports.reject(report=report, reason="不实", by=grid, at=NOON)
    with pytest.raises(BadInput):
        reports.reject(report=report, reason=" ", by=story.colleague, at=NOON)
    reports.reject(report=report, reason="举报内容不实", by=story.colleague, at=NOON)
    report.item.refresh_from_db()
    assert report.item.state == "CLOSED"
    assert counted(story) == {"all": 1, "REJECTED": 1}
    assert not Hazard.objects.exists()


def test_it_may_be_about_what_is_known_or_need_a_look_on_the_spot(story, report):
    known = story.report("除尘停用")
    elsewhere = story.report(site=story.another_firm("2").site)
    with pytest.raises(BadInput):
        reports.merge(report=report, hazard=elsewhere, by=story.inspector, at=NOON)
    reports.merge(report=report, hazard=known, by=story.inspector, at=NOON)
    assert known.public_reports.get() == report
    second = gate.report_at_gate(
        enterprise=story.firm, what="气味很大", address="10.0.0.2", machine_at=NOON, at=NOON
    )
    # A plan that is refused decides nothing.
    with pytest.raises(BadInput):
        reports.confirm_as_visit(
            report=second, due_on=date(2026, 7, 9), inspectors=[], by=story.inspector, at=NOON
        )
    assert PublicReport.objects.get(pk=second.pk).outcome == ""
    plan = reports.confirm_as_visit(
        report=second, due_on=date(2026, 7, 9), inspectors=[story.inspector],
        by=story.inspector, at=NOON,
    )  # fmt: skip
    assert plan.note == "气味很大"
    assert counted(story) == {"all": 2, "MERGED": 1, "VISIT": 1}
    assert Hazard.objects.count() == 2


def test_pages_decide_and_a_stranger_or_the_enterprise_sees_nothing(story, report, client):
    page = reverse("prevent:report", args=[report.pk])
    doors = {
        "report_as_hazard": {"what": "除尘停用", "grade": "MAJOR"},
        "report_as_visit": {"due_on": "2027-07-09", "inspectors": story.inspector.pk},
        "merge_report": {"hazard": "1"},
        "reject_report": {"reason": "不实"},
    }
    for who in (story.stranger, story.boss):
        client.force_login(who)
        assert client.get(page).status_code == 404
        assert "除尘器" not in client.get(reverse("prevent:reports")).content.decode()
        for door, sent in doors.items():
            assert (
                client.post(reverse(f"prevent:{door}", args=[report.pk]), sent).status_code == 404
            )
    with pytest.raises(NotFound):
        queries.get_report(actor=story.stranger, report_id=report.pk)
    assert counted(story, actor=story.stranger) == {}
    client.force_login(story.inspector)
    assert "除尘器一直停着" in client.get(reverse("prevent:reports")).content.decode()
    file = client.get(reverse("prevent:enterprise", args=[story.firm.pk])).content.decode()
    assert "1 件群众举报待核实" in file
    assert "确认为隐患" in client.get(page).content.decode()
    visit = client.post(
        reverse("prevent:report_as_visit", args=[report.pk]), doors["report_as_visit"]
    )
    assert visit.url == reverse("prevent:plan", args=[VisitPlan.objects.get().pk])
    again = client.post(
        reverse("prevent:report_as_hazard", args=[report.pk]), doors["report_as_hazard"]
    )
    assert again.status_code == 409
    assert not Hazard.objects.exists()


def test_a_phone_takes_many_along_with_as_few_questions_as_one(
    story, report, django_assert_max_num_queries
):
    with CaptureQueriesContext(connection) as one:
        (task,) = tasks_to_carry(actor=story.inspector, at=NOON)
    assert task["lines"][0] == "除尘器一直停着"
    for n in range(3):
        gate.report_at_gate(
            enterprise=story.firm, what=f"第{n}处隐患", address="b", machine_at=NOON, at=NOON
        )
    with django_assert_max_num_queries(len(one)):
        assert len(tasks_to_carry(actor=story.inspector, at=NOON)) == 4
