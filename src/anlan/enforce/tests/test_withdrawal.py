"""A notice taken back, a decision revoked, and several parties to one offence."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from anlan.base.errors import NotAllowed, Refusal
from anlan.enforce import acts, figures, queries
from anlan.enforce.balances import balance_of
from anlan.enforce.models import Case, Fine, Hearing, Paper, Party, Publication
from anlan.enforce.papers import blocks, catalogue
from anlan.enforce.services import (
    cases,
    decisions,
    joint,
    money,
    notices,
    papers,
    publicity,
    withdrawing,
)
from anlan.enforce.stages import Stage
from anlan.work.models import WorkItem

from .factories import FINDING, NOON, days

pytestmark = pytest.mark.django_db
LARGE = replace(FINDING, fine=Decimal(60000))


def code_of(call):
    with pytest.raises(Refusal) as refused:
        call()
    return refused.value.code


def said(paper):
    """What a reader reads in it."""
    form = catalogue.edition(paper.edition).form(paper.form)
    return "".join(str(block) for block in blocks.blocks(form, paper.fields))


def waive(bureau, case, at):
    notices.take_statement(
        case=case, person="王某", text="", waived=True, accepted=False, finding="",
        by=bureau.officer, at=at,
    )  # fmt: skip


def ask(bureau, case, fine, at):
    decisions.ask_decision(
        case=case, fine=Decimal(fine), besides="", spare=False, discussion="集体讨论同意",
        request="请审批", by=bureau.officer, at=at,
    )  # fmt: skip


def test_a_notice_taken_back_binds_nobody_and_the_next_one_counts_from_its_own_day(bureau):
    case = bureau.noticed(finding=LARGE)
    waive(bureau, case, NOON)
    notices.request_hearing(case=case, asked_at=days(1), by=bureau.officer, at=days(1))
    case.refresh_from_db()

    def take_back(by=bureau.officer):
        withdrawing.withdraw_notice(case=case, reason="认定事实有误", by=by, at=days(2))

    with pytest.raises(NotAllowed):
        take_back(bureau.stranger)
    take_back()
    assert case.stage == Stage.INQUIRY
    assert not Hearing.objects.exists()
    forms = ("penalty_notice", "hearing_right")
    assert set(case.papers.filter(form__in=forms).values_list("state", flat=True)) == {"RECALLED"}
    paper = case.papers.get(form="notice_withdrawal")
    assert paper.number == "（金）应急告撤〔2026〕1号"
    assert "（金）应急罚告〔2026〕1号" in said(paper)
    assert "（金）应急听告〔2026〕1号" in said(paper)
    # The ninety days run on; the party's limits are over, and not because they were kept.
    lamps = {v.term.rule: v for v in queries.terms_of(case=case, at=days(2))}
    assert lamps["enforce.statement"].lamp == "met"
    assert lamps["penalty.hearing"].lamp == "met"  # asked for in time, before
    assert [t.rule for t in case.terms.filter(met_at=None)] == ["penalty.decision"]
    assert code_of(take_back) == "enforce.wrong_stage"

    cases.conclude_inquiry(
        case=case, finding=FINDING, request="重新认定", by=bureau.officer, at=days(3)
    )
    bureau.decide(case, at=days(3))
    [notice] = notices.issue_notice(case=case, by=bureau.officer, at=days(3))

    # Neither the earlier waiver nor the earlier limits are of use: told on Saturday, to Wednesday.
    def end(n):
        return lambda: notices.end_notice(case=case, by=bureau.officer, at=days(n))

    assert code_of(end(30)) == "enforce.notice_runs"
    bureau.serve(notice, at=days(3))
    assert code_of(end(6)) == "enforce.notice_runs"
    late = code_of(
        lambda: notices.request_hearing(case=case, asked_at=days(4), by=bureau.officer, at=days(4))
    )
    assert late == "enforce.no_hearing_right"
    end(8)()
    assert case.stage == Stage.DECISION


def test_a_revoked_decision_is_paid_back_leaves_the_list_and_may_be_decided_anew(bureau):
    case = bureau.served()
    money.enter_payment(
        case=case, amount=Decimal(30000), paid_on=date(2026, 7, 3), voucher="A1", on_spot=False,
        by=bureau.officer, at=days(3),
    )  # fmt: skip
    shown = publicity.publish_case(case=case, by=bureau.head, at=days(3))
    withdrawing.ask_revocation(
        case=case, reason="复议机关认为裁量不当，予以撤销。", anew=True, by=bureau.officer,
        at=days(4),
    )  # fmt: skip
    bureau.decide(case, at=days(5))
    assert (case.stage, case.outcome, case.decided_at, case.fine) == (Stage.INQUIRY, "", None, None)
    paper = case.papers.get(form="revocation")
    assert paper.number == "（金）应急撤罚〔2026〕1号"
    for words in (
        "（金）应急罚〔2026〕1号",
        "第七十五条第二款",
        "叁万元整",
        "依法退还",
        "重新调查处理",
    ):
        assert words in said(paper)
    running = set(case.terms.filter(met_at=None).values_list("rule", flat=True))
    assert running == {"penalty.decision", "enforce.withdraw", "enforce.refund"}
    span = {"region": bureau.county, "since": date(2026, 7, 1), "until": date(2026, 7, 31)}
    assert figures.sums(actor=bureau.head, **span).total.fined == 0

    # A new decision, once the old one is undone.
    finding = replace(FINDING, fine=Decimal(20000))
    cases.conclude_inquiry(
        case=case, finding=finding, request="重新认定", by=bureau.officer, at=days(6)
    )
    bureau.decide(case, at=days(6))
    for notice in notices.issue_notice(case=case, by=bureau.officer, at=days(6)):
        bureau.serve(notice, at=days(6))
    waive(bureau, case, days(6))
    notices.end_notice(case=case, by=bureau.officer, at=days(6))
    assert code_of(lambda: ask(bureau, case, 20000, days(6))) == "enforce.not_refunded"
    withdrawing.pay_back(case=case, voucher="T1", by=bureau.officer, at=days(6))
    assert (
        code_of(
            lambda: withdrawing.pay_back(case=case, voucher="T2", by=bureau.officer, at=days(6))
        )
        == "enforce.nothing_back"
    )
    assert code_of(lambda: ask(bureau, case, 20000, days(6))) == "enforce.still_shown"
    taken_off = acts.get("withdraw")
    assert taken_off.is_open(Case.objects.get(pk=case.pk), bureau.head, NOON)
    publicity.withdraw(publication=shown, reason="决定已撤销", by=bureau.head, at=days(6))
    ask(bureau, case, 20000, days(6))
    bureau.decide(case, at=days(6))
    decision = papers.standing(case, "decision_org")
    bureau.serve(decision, at=days(7))
    case.refresh_from_db()
    fine = Fine.objects.get(pk=case.pk)
    assert (fine.amount, fine.due_on, fine.revoked_on) == (20000, date(2026, 7, 23), None)
    assert balance_of(fine, date(2026, 7, 10)).left == Decimal("20000.00")
    money.enter_payment(
        case=case, amount=Decimal(5000), paid_on=date(2026, 7, 9), voucher="A2", on_spot=False,
        by=bureau.officer, at=days(8),
    )  # fmt: skip
    # The limit of the revoked decision was kept; only the new one's runs.
    paying = case.terms.filter(rule="penalty.payment").order_by("pk")
    assert [term.met_at is None for term in paying] == [False, True]
    assert list(queries.to_publish(actor=bureau.head)) == [case]
    again = publicity.publish_case(case=case, by=bureau.head, at=days(8))
    assert again.content["number"] == decision.number == "（金）应急罚〔2026〕2号"
    assert [old["reason"] for old in again.earlier] == ["决定已撤销"]
    assert Publication.objects.shown().count() == 1


def test_a_decision_revoked_for_good_ends_the_case_and_every_duty(bureau, client):
    case = bureau.served()
    assert (
        code_of(
            lambda: withdrawing.ask_revocation(
                case=bureau.filed(), reason="错误", anew=False, by=bureau.officer, at=NOON
            )
        )
        == "enforce.wrong_stage"
    )
    withdrawing.ask_revocation(
        case=case, reason="违法事实不能成立", anew=False, by=bureau.officer, at=days(2)
    )
    with pytest.raises(NotAllowed):
        bureau.decide(case, by=bureau.stranger, at=days(2))
    bureau.decide(case, at=days(2))
    assert (case.stage, case.outcome) == (Stage.CLOSED, "REVOKED")
    assert not case.terms.filter(met_at=None).exists()
    # Nothing that the party might still have done was done in time: it fell with the decision.
    lamps = {v.term.rule: (v.lamp, v.term.dropped) for v in queries.terms_of(case=case, at=days(9))}
    fell = ("dropped", "撤销处罚决定：违法事实不能成立")
    assert {rule for rule, shown in lamps.items() if shown == fell} == {
        "penalty.payment", "enforce.reconsider", "enforce.lawsuit", "penalty.publish"
    }  # fmt: skip
    client.force_login(bureau.head)
    page = client.get(reverse("enforce:case", args=[case.pk])).content.decode()
    assert fell[1] in page
    own = WorkItem.objects.open().filter(term__case=case)
    assert not own.exists()
    assert (
        code_of(lambda: publicity.publish_case(case=case, by=bureau.head, at=days(3)))
        == "enforce.not_public"
    )
    assert code_of(
        lambda: money.enter_payment(
            case=case, amount=Decimal(1), paid_on=date(2026, 7, 3), voucher="A1", on_spot=False,
            by=bureau.officer, at=days(3),
        )
    ) == "enforce.no_fine"  # fmt: skip


def test_a_closed_case_s_decision_goes_with_the_right_to_appeal_against_it(bureau):
    case = bureau.served()
    money.enter_payment(
        case=case, amount=Decimal(30000), paid_on=date(2026, 7, 3), voucher="A1", on_spot=False,
        by=bureau.officer, at=days(3),
    )  # fmt: skip
    decisions.ask_closing(case=case, result="已缴清", by=bureau.officer, at=days(4))
    bureau.decide(case, at=days(4))

    def appeals():
        views = queries.terms_of(case=case, at=days(6))
        return {v.lamp for v in views if v.term.rule in {"enforce.reconsider", "enforce.lawsuit"}}

    assert appeals() == {"running"}  # closing takes no right away
    withdrawing.ask_revocation(
        case=case, reason="裁量不当", anew=False, by=bureau.officer, at=days(5)
    )
    with pytest.raises(NotAllowed):
        bureau.decide(case, by=bureau.stranger, at=days(5))
    bureau.decide(case, at=days(5))
    assert appeals() == {"dropped"}
    assert case.terms.get(rule="penalty.payment").dropped == ""  # it was kept


def head_of(name="李某某"):
    return Party(kind="PERSON", name=name, code="330702198001011234", head="", phone="13800000000")


def test_parties_to_one_offence_have_a_case_each_under_one_filing_and_one_evidence(bureau, client):
    case = bureau.filed()
    joined = {"reason": "主要负责人未履行职责", "by": bureau.officer, "at": days(1)}
    with pytest.raises(NotAllowed):
        joint.add_party(case=case, party=head_of(), **joined | {"by": bureau.stranger})
    approval = joint.add_party(case=case, party=head_of(), **joined)
    other = approval.case
    assert code_of(lambda: joint.add_party(case=case, party=head_of(), **joined)) == (
        "enforce.same_party"
    )
    bureau.decide(other, at=days(1))
    assert (other.number, other.filed_at) == ("（金）应急立〔2026〕1号之二", case.filed_at)
    ends = {c.terms.get(rule="penalty.decision").due_at for c in (case, other)}
    assert len(ends) == 1
    assert "同案当事人" in said(other.papers.get(form="filing"))
    assert case.party.name in said(other.papers.get(form="filing"))
    assert "同案当事人" not in said(case.papers.get(form="filing"))
    assert code_of(lambda: joint.add_party(case=other, party=head_of("赵某"), **joined)) == (
        "enforce.not_first"
    )

    bureau.prove(case, at=days(1))
    finding = replace(FINDING, fine=Decimal(10000))
    cases.conclude_inquiry(
        case=other, finding=finding, request="建议处罚", by=bureau.officer, at=days(1)
    )
    bureau.decide(other, at=days(1))
    [notice] = notices.issue_notice(case=other, by=bureau.officer, at=days(1))
    assert f"本案其他当事人{case.party.name}，另行作出处理" in said(notice)
    assert Case.objects.get(pk=case.pk).stage == Stage.INQUIRY
    filed = [p.form for p in queries.papers_of_file(case=other)]
    assert "inquiry" in filed
    assert filed.count("filing") == 1

    page = reverse("enforce:case", args=[other.pk])
    client.force_login(bureau.head)
    assert reverse("enforce:case", args=[case.pk]) in client.get(page).content.decode()
    client.force_login(bureau.stranger)
    assert client.get(page).status_code == 404


def test_a_paper_taken_back_is_neither_served_nor_corrected(bureau):
    case = bureau.reviewed()
    [notice] = notices.issue_notice(case=case, by=bureau.officer, at=NOON)
    withdrawing.withdraw_notice(case=case, reason="文号有误", by=bureau.officer, at=NOON)
    notice.refresh_from_db()
    assert notice.state == Paper.State.RECALLED
    assert code_of(lambda: bureau.serve(notice)) == "enforce.served"
    assert (
        code_of(
            lambda: papers.correct(paper=notice, reason="改", text="", by=bureau.officer, at=NOON)
        )
        == "enforce.replaced"
    )
