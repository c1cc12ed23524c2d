"""What the laws around the penalty law ask for: outside truth is the text of each article."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from anlan.base.errors import BadInput, Refusal
from anlan.enforce.file_check import check_file
from anlan.enforce.models import Case
from anlan.enforce.services import cases, evidence, money, notices, referrals
from anlan.enforce.services.serving import Delivery, serve
from anlan.enforce.stages import Stage

from .factories import FINDING, NOON, days

pytestmark = pytest.mark.django_db


def code_of(call):
    with pytest.raises(Refusal) as refused:
        call()
    return refused.value.code


def last_day(term):
    return timezone.localdate(term.due_at - timedelta(minutes=1))


def on_spot(bureau, at=NOON, **finding):
    small = {"fine": Decimal(1000)} | finding
    return cases.decide_on_spot(
        organ=bureau.organ, region=bureau.town, party=bureau.party(), cause="未佩戴安全帽",
        finding=replace(FINDING, **small), certificates=bureau.certificates[:2], receiver="王某",
        by=bureau.officer, at=at,
    )  # fmt: skip


def text_of(paper):
    return str(paper.fields["spot_court"])


def test_a_decision_on_the_spot_goes_to_reconsideration_first_since_2024(bureau):
    # 行政复议法（2023）第二十三条第一款第一项、第二款；行政诉讼法第四十五条
    case = on_spot(bureau)
    assert "对行政复议决定不服的" in text_of(case.papers.get())
    assert "15日内" in text_of(case.papers.get())
    assert not case.terms.filter(rule="enforce.lawsuit").exists()
    before = on_spot(bureau, at=days(-950))  # in November 2023
    assert "或者在6个月内依法向" in text_of(before.papers.get())
    assert before.terms.filter(rule="enforce.lawsuit").exists()
    # In the ordinary procedure the party may still choose.
    assert bureau.served().terms.filter(rule="enforce.lawsuit").exists()


def test_on_the_spot_nothing_but_a_fine_and_a_warning(bureau):
    # 行政处罚法（2021）第五十一条
    assert code_of(lambda: on_spot(bureau, besides="责令停产停业整顿")) == "enforce.not_on_spot"
    assert on_spot(bureau, fine=None, besides="警告").stage == Stage.FULFIL


def test_thirty_days_of_sealing_are_not_made_longer_by_a_holiday(bureau):
    # 行政强制法第二十五条: from the fifth of September the thirtieth day is the fifth of October.
    case = bureau.filed()
    at = days(66)
    evidence.take_measure(
        case=case, kind="SEAL", what="查封冲压设备2台", basis="《安全生产法》第六十五条",
        until=None, by=bureau.officer, at=at,
    )  # fmt: skip
    bureau.decide(case, at=at)
    measure = case.measures.get()
    assert last_day(measure.term) == date(2026, 10, 5)
    evidence.extend_measure(measure=measure, reason="案情复杂", by=bureau.head, at=days(90))
    measure.term.refresh_from_db()
    assert last_day(measure.term) == date(2026, 11, 4)


def test_the_court_is_not_asked_while_an_appeal_runs_nor_before_the_next_one_is_over(bureau):
    # 行政强制法第五十三条；行政诉讼法第四十五条
    case = bureau.served()
    assert (
        code_of(lambda: money.impose_surcharge(case=case, by=bureau.officer, at=days(20)))
        == "enforce.no_demand"
    )  # 行政强制法第三十五条
    money.demand_payment(case=case, by=bureau.officer, at=days(20))
    bureau.serve(case.papers.get(form="demand"), at=days(20))
    money.impose_surcharge(case=case, by=bureau.officer, at=days(21))
    money.begin_standstill(
        case=case, kind="REVIEW", from_date=date(2026, 8, 20), by=bureau.officer, at=days(60)
    )

    def apply(n):
        return lambda: money.apply_to_court(
            case=case, request="请强制", by=bureau.officer, at=days(n)
        )

    assert code_of(apply(200)) == "enforce.appeal_runs"
    money.end_standstill(
        case=case, to_date=date(2027, 1, 12), result="维持", changed=False, by=bureau.officer,
        at=days(196),
    )  # fmt: skip
    # Fifteen days more, until the twenty-seventh of January.
    assert code_of(apply(209)) == "enforce.too_early"
    apply(211)()


def test_the_police_get_the_things_in_three_days_and_a_refusal_can_be_disputed(bureau):
    # 行政执法机关移送涉嫌犯罪案件的规定第九条、第十二条
    case = bureau.filed()
    referrals.ask_transfer(case=case, reason="涉嫌危险作业罪", by=bureau.officer, at=NOON)
    bureau.decide(case)
    referral = case.referral
    referrals.send(
        referral=referral, to="婺城分局", materials="案卷一册", by=bureau.officer, at=NOON
    )
    answer = {"referral": referral, "number": "不立1号", "text": "", "by": bureau.officer}
    referrals.enter_answer(**answer, taken=False, at=days(1))
    assert last_day(case.terms.get(rule="enforce.transfer_dispute")) == date(2026, 7, 6)
    referrals.dispute(referral=referral, reason="事实清楚", by=bureau.officer, at=days(2))
    referrals.enter_answer(**answer, taken=True, at=days(5))
    case.refresh_from_db()
    assert Case.objects.overdue(days(9)).filter(pk=case.pk).exists()
    referrals.hand_over(case=case, by=bureau.officer, at=days(6))
    assert not Case.objects.overdue(days(9)).filter(pk=case.pk).exists()
    assert (
        code_of(lambda: referrals.hand_over(case=case, by=bureau.officer, at=days(6)))
        == "enforce.nothing_to_hand"
    )


def test_a_decision_after_its_ninety_days_shows_in_the_check_of_the_file(bureau):
    case = bureau.decided()
    late = "在期限内作出决定"
    assert {str(c.what): c.fine for c in check_file(case)}[late]
    Case.objects.filter(pk=case.pk).update(decided_at=days(91))
    case.refresh_from_db()
    assert not {str(c.what): c.fine for c in check_file(case)}[late]


def test_a_form_that_was_sent_twice_makes_one_case(bureau):
    bureau.propose()
    assert code_of(bureau.propose) == "enforce.same_offence"
    on_spot(bureau)
    assert code_of(lambda: on_spot(bureau)) == "enforce.same_offence"
    on_spot(bureau, at=days(1))


def test_the_head_decides_what_was_read_and_not_what_came_in_between(bureau, client, monkeypatch):
    monkeypatch.setattr("anlan.base.clock.now", lambda: NOON)
    case = bureau.propose()
    client.force_login(bureau.head)
    url = reverse("enforce:act", args=[case.pk, "decide"])
    read = case.approvals.get()
    bureau.decide(case)  # by a colleague meanwhile; then something else is asked for
    evidence.ask_keeping(
        case=case, things=[evidence.Thing("THING", "账册", "未培训")], place="仓库", on_site=True,
        reason="可能灭失", by=bureau.officer, at=NOON,
    )  # fmt: skip
    sent = {"agree": "1", "opinion": "同意", "approval": read.pk}
    assert client.post(url, sent).status_code == 422
    assert not case.keepings.exists()


def test_two_at_once_see_what_the_first_one_did(bureau):
    case = bureau.reviewed()
    stale = Case.objects.select_related("party", "organ", "region").get(pk=case.pk)
    for paper in notices.issue_notice(case=case, by=bureau.officer, at=NOON):
        bureau.serve(paper)
    notices.take_statement(
        case=case, person="王某", text="", waived=True, accepted=False, finding="",
        by=bureau.officer, at=NOON,
    )  # fmt: skip
    notices.end_notice(case=case, by=bureau.officer, at=NOON)
    assert (
        code_of(
            lambda: notices.request_hearing(case=stale, asked_at=NOON, by=bureau.officer, at=NOON)
        )
        == "enforce.wrong_stage"
    )


def test_a_paper_may_be_handed_over_in_the_minute_in_which_it_was_issued(bureau):
    case = bureau.reviewed()
    at = NOON + timedelta(seconds=40)
    [paper] = notices.issue_notice(case=case, by=bureau.officer, at=at)
    with pytest.raises(BadInput):
        bureau.serve(paper, at=NOON - timedelta(minutes=1))
    delivery = Delivery("DIRECT", "厂区", sent_at=NOON, received_at=NOON, receiver="王某")
    assert serve(paper=paper, delivery=delivery, by=bureau.officer, at=at).received_at == NOON
