"""A case from its proposal to its closing, and everything that must stop it on the way."""

import re
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from anlan.base.errors import BadInput, NotAllowed, NotFound, Refusal
from anlan.base.events import deliver_waiting
from anlan.enforce import acts, queries
from anlan.enforce.file_check import check_file
from anlan.enforce.known import Known
from anlan.enforce.models import Approval, Case, CaseStep, Fine, Paper, Party, Term
from anlan.enforce.services import (
    approvals,
    cases,
    decisions,
    evidence,
    money,
    notices,
    officers,
    papers,
)
from anlan.enforce.stages import Stage
from anlan.people.tests.factories import account_in
from anlan.work.models import WorkItem
from anlan.work.services import advance

from .factories import FINDING, NOON, days

pytestmark = pytest.mark.django_db


def offered(case, account, at, code):
    """What the case's page says of an act: "now", from which day on, or nothing."""
    known = Known(Case.objects.get(pk=case.pk), account, at)
    if code in {act.code for found in acts.open_to(known).values() for act in found}:
        return "now"
    said = [f"{why.message}{why.hint}" for act, why in acts.later(known) if act.code == code]
    return re.search(r"\d+年\d+月\d+日", said[0])[0] if said else ""


def due_day(case, rule):
    term = case.terms.get(rule=rule)
    return timezone.localdate(term.due_at - timedelta(minutes=1))


def test_a_case_goes_from_filing_to_closing_and_its_file_is_whole(bureau):
    case = bureau.served()
    assert case.number == "（金）应急立〔2026〕1号"
    assert case.stage == Stage.FULFIL
    decision = case.papers.get(form="decision_org")
    assert decision.number == "（金）应急罚〔2026〕1号"
    assert due_day(case, "penalty.payment") == date(2026, 7, 16)
    assert Fine.objects.get(pk=case.pk).due_on == date(2026, 7, 16)

    money.enter_payment(
        case=case, amount=Decimal(30000), paid_on=date(2026, 7, 10), voucher="A1", on_spot=False,
        by=bureau.officer, at=days(9),
    )  # fmt: skip
    decisions.ask_closing(case=case, result="罚款已缴清。", by=bureau.officer, at=days(10))
    bureau.decide(case, at=days(10))

    assert case.stage == Stage.CLOSED
    missing = [str(check.what) for check in check_file(case) if not check.fine]
    assert missing == ["处罚公示"]
    # What ran is over, apart from the publication; every duty is closed.
    open_terms = case.terms.filter(met_at=None)
    assert list(open_terms.values_list("rule", flat=True)) == ["penalty.publish"]
    still = WorkItem.objects.open().values_list("pk", flat=True)
    assert list(still) == [open_terms.get().item_id]
    moves = list(CaseStep.objects.filter(case=case).order_by("pk").values_list("move", flat=True))
    assert moves[0] == "propose"
    assert moves[-2:] == ["close", "issue"]


def test_a_stranger_sees_no_case_and_changes_none(bureau):
    case = bureau.filed()
    wanted = queries.Filter()
    assert list(queries.list_cases(actor=bureau.stranger, at=NOON, wanted=wanted)) == []
    assert list(queries.list_cases(actor=bureau.head, at=NOON, wanted=wanted)) == [case]
    with pytest.raises(NotFound):
        queries.get_case(actor=bureau.stranger, case_id=case.pk)
    with pytest.raises(NotAllowed):
        bureau.propose(by=bureau.stranger)
    with pytest.raises(NotAllowed):
        evidence.add_evidence(
            case=case, thing=evidence.Thing("THING", "台账", "未培训"), by=bureau.stranger, at=NOON
        )
    assert case.evidence.count() == 0


def test_whoever_asks_does_not_decide(bureau):
    both = account_in(bureau.county, "enforce.handle", "enforce.approve", "enforce.view")
    certificate = bureau.certificate(both)
    case = bureau.propose(certificates=[certificate, bureau.certificates[1]], by=both)
    with pytest.raises(Refusal) as refused:
        bureau.decide(case, by=both)
    assert refused.value.code == "work.own_work"
    assert case.approvals.get().result == ""


def test_a_case_that_is_not_agreed_to_is_not_filed_and_takes_no_number(bureau):
    case = bureau.propose()
    bureau.decide(case, agree=False, opinion="证据不足")
    assert (case.stage, case.number) == (Stage.NOT_FILED, None)
    assert bureau.filed().number == "（金）应急立〔2026〕1号"


def test_an_approval_given_on_the_page_of_the_work_item_has_the_same_effect(bureau):
    case = bureau.propose()
    item = case.approvals.get().item
    advance(item=item, move="verify", by=bureau.head, at=NOON, note="同意")
    deliver_waiting()
    case.refresh_from_db()
    assert case.stage == Stage.INQUIRY
    assert case.approvals.get().decided_by == bureau.head


@pytest.mark.parametrize("until", [date(2026, 6, 30), date(2020, 1, 1)])
def test_two_officers_with_certificates_in_force_are_needed(bureau, until):
    with pytest.raises(Refusal) as one:
        bureau.propose(certificates=bureau.certificates[:1])
    assert one.value.code == "enforce.two_officers"
    with pytest.raises(Refusal) as twice:
        bureau.propose(certificates=[bureau.certificates[0]] * 2)
    assert twice.value.code == "enforce.two_officers"
    bureau.certificates[1].valid_until = until
    bureau.certificates[1].save()
    with pytest.raises(Refusal) as over:
        bureau.propose()
    assert over.value.code == "enforce.certificate_over"
    assert not Case.objects.exists()


def test_a_certificate_that_runs_out_stops_the_officers_in_the_middle_of_a_case(bureau):
    case = bureau.filed()
    bureau.certificates[1].revoked_on = date(2026, 7, 2)
    bureau.certificates[1].save()
    bureau.prove(case)  # on the first of July both are still good
    with pytest.raises(Refusal) as refused:
        bureau.prove(case, at=days(1))
    assert refused.value.code == "enforce.certificate_over"


def test_a_recused_officer_takes_no_further_part_also_not_as_the_head(bureau):
    case = bureau.propose()
    old = case.officers.get(certificate__account=bureau.second)
    with pytest.raises(NotAllowed):
        officers.change_officer(
            case=case, old=old, new=bureau.certificates[2], recused=True, reason="亲属",
            by=bureau.officer, at=NOON,
        )  # fmt: skip
    officers.change_officer(
        case=case, old=old, new=bureau.certificates[2], recused=True, reason="与当事人有亲属关系",
        by=bureau.head, at=NOON,
    )  # fmt: skip
    bureau.decide(case)
    with pytest.raises(NotAllowed):
        evidence.add_evidence(
            case=case, thing=evidence.Thing("THING", "台账", "未培训"), by=bureau.second, at=NOON
        )
    # The recused one becomes head of the organ: still no part in this case.
    for code in ("enforce.approve", "enforce.review"):
        bureau.second.grants.create(permission=code, region=bureau.county)
    bureau.second.forget_scopes()
    evidence.add_evidence(
        case=case, thing=evidence.Thing("THING", "台账", "未培训"), by=bureau.spare, at=NOON
    )
    cases.conclude_inquiry(case=case, finding=FINDING, request="请审核", by=bureau.officer, at=NOON)
    with pytest.raises(NotAllowed) as refused:
        bureau.decide(case, by=bureau.second)
    assert refused.value.code == "enforce.recused"
    assert case.approvals.get(subject="REVIEW").item.state == WorkItem.State.SUBMITTED


def test_no_decision_before_the_party_has_been_told_and_heard(bureau):
    case = bureau.reviewed()
    with pytest.raises(Refusal) as untold:
        notices.end_notice(case=case, by=bureau.officer, at=days(60))
    assert untold.value.code == "enforce.notice_runs"
    [paper] = notices.issue_notice(case=case, by=bureau.officer, at=NOON)
    bureau.serve(paper)
    assert due_day(case, "enforce.statement") == date(2026, 7, 6)  # Thu, Fri, Mon
    with pytest.raises(Refusal):
        notices.end_notice(case=case, by=bureau.officer, at=days(4))
    assert offered(case, bureau.officer, days(4), "end_notice") == "2026年7月6日"
    assert offered(case, bureau.officer, days(6), "end_notice") == "now"
    assert offered(case, bureau.stranger, days(6), "end_notice") == ""
    notices.end_notice(case=case, by=bureau.officer, at=days(6))
    case.refresh_from_db()
    assert case.stage == Stage.DECISION


def test_a_large_fine_brings_a_hearing_led_by_somebody_else(bureau):
    finding = replace(FINDING, fine=Decimal(50000))
    case = bureau.noticed(finding=finding)
    assert due_day(case, "penalty.hearing") == date(2026, 7, 8)  # five working days
    # Not the end of the three days in which it may speak.
    assert offered(case, bureau.officer, days(4), "end_notice") == "2026年7月8日"
    with pytest.raises(Refusal) as late:
        notices.request_hearing(case=case, asked_at=days(8), by=bureau.officer, at=days(9))
    assert late.value.code == "enforce.hearing_late"
    for never in (days(-1), days(3)):  # before the party was told; in the future
        with pytest.raises(BadInput):
            notices.request_hearing(case=case, asked_at=never, by=bureau.officer, at=days(2))
    notices.request_hearing(case=case, asked_at=days(2), by=bureau.officer, at=days(2))
    case.refresh_from_db()
    arranged = {
        "case": case, "place": "本局会议室", "public": True, "clerk": bureau.spare,
        "by": bureau.officer, "at": days(2),
    }  # fmt: skip
    with pytest.raises(NotAllowed):
        notices.arrange_hearing(**arranged, meets_at=days(20), host=bureau.second)
    with pytest.raises(BadInput):
        notices.arrange_hearing(**arranged, meets_at=days(9), host=bureau.reviewer)
    with pytest.raises(BadInput, match="书记员"):  # nobody leads it and keeps its record too
        notices.arrange_hearing(
            **arranged | {"clerk": bureau.reviewer}, meets_at=days(20), host=bureau.reviewer
        )
    notices.arrange_hearing(**arranged, meets_at=days(20), host=bureau.reviewer)
    assert offered(case, bureau.reviewer, days(19), "heard") == "2026年7月21日"
    assert offered(case, bureau.reviewer, days(20), "heard") == "now"
    with pytest.raises(NotAllowed):
        notices.record_hearing(
            case=case, record="…", opinion="…", absent=False, by=bureau.officer, at=days(20)
        )
    notices.record_hearing(
        case=case, record="当事人称已补训。", opinion="建议从轻。", absent=False,
        by=bureau.reviewer, at=days(20, 1),
    )  # fmt: skip
    case.refresh_from_db()
    assert case.stage == Stage.DECISION
    asked = {
        "case": case, "besides": "", "spare": False, "request": "请审批", "by": bureau.officer,
        "at": days(21),
    }  # fmt: skip
    with pytest.raises(BadInput) as undiscussed:
        decisions.ask_decision(**asked, fine=Decimal(40000), discussion="")
    assert undiscussed.value.code == "enforce.no_discussion"
    with pytest.raises(Refusal) as unreviewed:
        decisions.ask_decision(**asked, fine=Decimal(40000), discussion="集体讨论同意")
    assert unreviewed.value.code == "enforce.no_legal_review"
    decisions.ask_legal_review(case=case, request="法制审核", by=bureau.officer, at=days(21))
    bureau.decide(case, at=days(21))
    with pytest.raises(Refusal) as graver:
        decisions.ask_decision(**asked, fine=Decimal("50000.01"), discussion="集体讨论同意")
    assert graver.value.code == "enforce.graver"
    decisions.ask_decision(**asked, fine=Decimal(40000), discussion="集体讨论同意")
    bureau.decide(case, at=days(21))
    assert (case.stage, case.fine) == (Stage.SERVICE, Decimal(40000))


def test_limits_over_the_spring_festival_are_counted_by_hand(bureau):
    # 2026-02-13 is a Friday; 14 (Sat) is worked, 15 to 23 are off, 28 (Sat) is worked.
    at = days(-138)
    assert timezone.localdate(at) == date(2026, 2, 13)
    case = bureau.noticed(at=at, finding=replace(FINDING, fine=Decimal(60000)))
    assert due_day(case, "enforce.statement") == date(2026, 2, 25)  # 14, 24, 25
    assert due_day(case, "penalty.hearing") == date(2026, 2, 27)  # 14, 24, 25, 26, 27
    assert due_day(case, "penalty.decision") == date(2026, 5, 14)  # ninety days


def test_old_cases_keep_the_limits_of_their_day(bureau):
    at = days(-1861)
    assert timezone.localdate(at) == date(2021, 5, 27)
    case = bureau.noticed(at=at, finding=replace(FINDING, fine=Decimal(60000)))
    assert case.number == "（金）安监立〔2021〕1号"
    # Three natural days under the law of 1996: Sunday the 30th, so Monday.
    assert due_day(case, "penalty.hearing") == date(2021, 5, 31)
    text = case.papers.get(form="hearing_right").fields
    assert (text["a_hear"], text["a_hear_days"]) == ("第四十二条", "3日")


def test_keeping_evidence_must_be_decided_within_seven_working_days(bureau):
    case = bureau.filed()
    things = [evidence.Thing("THING", "账册", "未培训", quantity="2本")]
    evidence.ask_keeping(
        case=case, things=things, place="厂区仓库", on_site=True, reason="可能灭失",
        by=bureau.officer, at=NOON,
    )  # fmt: skip
    bureau.decide(case)
    keeping = case.keepings.get()
    assert due_day(case, "penalty.evidence") == date(2026, 7, 10)
    assert case.papers.get(form="keep_notice").fields["rows"][0][1:4] == ["账册", "", "2本"]
    bureau.prove(case)
    with pytest.raises(Refusal) as undecided:
        cases.conclude_inquiry(
            case=case, finding=FINDING, request="请审核", by=bureau.officer, at=days(3)
        )
    assert undecided.value.code == "enforce.kept_open"
    assert list(Case.objects.overdue(days(12))) == [case]
    evidence.decide_keeping(
        keeping=keeping, outcome="RETURN", note="", by=bureau.officer, at=days(5)
    )
    assert list(Case.objects.overdue(days(12))) == []
    with pytest.raises(Refusal):
        evidence.decide_keeping(
            keeping=keeping, outcome="TAKE", note="", by=bureau.officer, at=days(5)
        )


def test_on_the_spot_only_small_fines_and_by_those_who_are_there(bureau):
    def on_spot(fine, kind=Party.Kind.ORG, by=bureau.officer):
        return cases.decide_on_spot(
            organ=bureau.organ, region=bureau.town, party=bureau.party(kind), cause="未佩戴安全帽",
            finding=replace(FINDING, fine=fine), certificates=bureau.certificates[:2],
            receiver="王某", by=by, at=NOON,
        )  # fmt: skip

    for fine, kind in ((Decimal("3000.01"), "ORG"), (Decimal("200.01"), "PERSON")):
        with pytest.raises(Refusal) as refused:
            on_spot(fine, kind)
        assert refused.value.code == "enforce.too_much_on_spot"
    with pytest.raises(BadInput):
        on_spot(Decimal(100), by=bureau.spare)
    case = on_spot(Decimal(3000))
    assert case.stage == Stage.FULFIL
    assert case.papers.get().number == "（金）应急罚当〔2026〕1号"
    assert on_spot(Decimal(200), "PERSON").papers.get().form == "spot_person"


def test_children_and_old_offences_are_not_punished(bureau):
    with pytest.raises(Refusal) as young:
        bureau.propose(party=bureau.party("PERSON", age=13))
    assert young.value.code == "enforce.too_young"
    for day, code in (("2026-07-02", "enforce.future"), ("2021-06-30", "enforce.time_barred")):
        with pytest.raises(Refusal) as refused:
            bureau.propose(offended_on=date.fromisoformat(day))
        assert refused.value.code == code
    case = bureau.filed(offended_on=date(2024, 6, 30))
    bureau.prove(case)
    conclude = {"case": case, "request": "请审核", "by": bureau.officer, "at": NOON}
    with pytest.raises(Refusal) as barred:
        cases.conclude_inquiry(**conclude, finding=FINDING)
    assert barred.value.code == "enforce.time_barred"
    cases.conclude_inquiry(**conclude, finding=replace(FINDING, injured=1))


def test_nobody_is_questioned_by_one_officer_or_by_the_same_two_at_once(bureau):
    case, other = bureau.filed(), bureau.filed()
    bureau.prove(case)
    with pytest.raises(Refusal) as twice:
        bureau.prove(other)
    assert twice.value.code == "enforce.two_at_once"
    said = evidence.Questioned(person="李某", place="本局", text="问答")
    with pytest.raises(BadInput):
        evidence.add_inquiry(
            case=other, said=said, started_at=days(1), ended_at=days(1, 1),
            written_by=bureau.officer, by=bureau.officer, at=days(2),
        )  # fmt: skip


def test_more_time_is_granted_by_somebody_else_and_only_before_it_is_over(bureau):
    case = bureau.filed()
    with pytest.raises(Refusal):
        cases.ask_extension(
            case=case, until=date(2027, 1, 1), reason="复杂", by=bureau.officer, at=days(100)
        )
    assert offered(case, bureau.officer, days(80), "extension") == "now"
    cases.ask_extension(
        case=case, until=date(2026, 11, 1), reason="案情复杂", by=bureau.officer, at=days(80)
    )
    assert offered(case, bureau.officer, days(80), "extension") == ""  # one waits
    bureau.decide(case, at=days(81))
    assert offered(case, bureau.officer, days(81), "extension") == "now"
    assert offered(case, bureau.officer, days(140), "extension") == ""  # it is over
    term = Term.objects.get(case=case, rule="penalty.decision")
    assert timezone.localdate(term.due_at - timedelta(minutes=1)) == date(2026, 11, 1)
    assert term.item.due_at == term.due_at


def test_the_same_stage_is_not_left_twice(bureau):
    case = bureau.propose()
    approval = case.approvals.get()
    stale = Case.objects.get(pk=case.pk)
    bureau.decide(case)
    with pytest.raises(Refusal):
        approvals.decide(approval=approval, agree=True, opinion="", by=bureau.head, at=NOON)
    with pytest.raises(Refusal):
        cases.move_case(case=stale, move="file", by=bureau.head, at=NOON)
    with pytest.raises(IntegrityError), transaction.atomic():
        Approval.objects.filter(pk=approval.pk).update(decided_by=bureau.officer)


def test_a_wrong_document_is_corrected_by_another_with_a_reason(bureau):
    case = bureau.decided()
    wrong = case.papers.get(form="decision_org")
    with pytest.raises(BadInput):
        papers.correct(paper=wrong, reason=" ", text="", by=bureau.officer, at=NOON)
    right = papers.correct(
        paper=wrong, reason="当事人名称误写", text="", by=bureau.officer, at=NOON
    )
    wrong.refresh_from_db()
    assert (wrong.state, right.corrects) == (Paper.State.REPLACED, wrong)
    assert right.number == "（金）应急罚〔2026〕2号"
    with pytest.raises(Refusal):
        bureau.serve(wrong)
    with pytest.raises(Refusal):
        papers.correct(paper=wrong, reason="再改", text="", by=bureau.officer, at=NOON)
    bureau.serve(right)
    assert papers.unchanged(right)
