"""Illegal gains (没收违法所得): to the cent from the inquiry to the list and the court; no fine."""

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from anlan.base.errors import BadInput, NotAllowed, Refusal
from anlan.enforce import acts, figures, publicity
from anlan.enforce.balances import balance_of
from anlan.enforce.known import Known
from anlan.enforce.models import Case, Fine
from anlan.enforce.papers.blocks import blocks
from anlan.enforce.papers.catalogue import edition
from anlan.enforce.papers.values import penalty_text
from anlan.enforce.services import cases, decisions, money, notices, papers, withdrawing
from anlan.enforce.services import publicity as publishing
from anlan.enforce.stages import Stage

from .factories import FINDING, NOON, days

GAINS = Decimal("123456.78")
BOTH = replace(FINDING, confiscated=GAINS, besides="警告")
WORDS = (
    "警告、没收违法所得人民币壹拾贰万叁仟肆佰伍拾陆元柒角捌分（¥123,456.78），"
    "并处罚款人民币叁万元整（¥30,000.00）"
)


def text_of(paper):
    form = edition(paper.edition).form(paper.form)
    return "".join(str(block.get("text", "")) for block in blocks(form, paper.fields))


@given(amount=st.decimals("0.01", "999999999999.99", places=2))
def test_no_cent_is_lost_in_documents_and_on_the_list(amount):
    said = re.fullmatch(
        r"没收违法所得人民币\S+（¥([\d,]+\.\d\d)）", penalty_text(Case(confiscated=amount))
    )
    assert said is not None
    assert Decimal(said[1].replace(",", "")) == amount
    assert Decimal(publicity.ten_thousands(amount)) * 10000 == amount


@pytest.mark.django_db
def test_gains_go_from_the_finding_to_the_list_and_not_into_the_fine(bureau, client):
    case = bureau.served(finding=BOTH)
    # Whatever the fine, what is confiscated gives the right to a hearing (art. 63).
    told = {paper.form: text_of(paper) for paper in case.papers.all()}
    assert WORDS in told["penalty_notice"]
    assert WORDS in told["hearing_right"]
    assert f"决定给予{WORDS}的行政处罚" in told["decision_org"]
    assert "没收的违法所得自收到本决定书之日起15日内缴至某银行婺城支行" in told["decision_org"]
    assert (case.told_confiscated, case.confiscated) == (GAINS, GAINS)
    assert Fine.objects.get(pk=case.pk).amount == Decimal(30000)
    paid = {"paid_on": date(2026, 7, 2), "on_spot": False, "by": bureau.officer, "at": days(2)}
    with pytest.raises(Refusal):  # a payment is one of the fine
        money.enter_payment(case=case, amount=Decimal("30000.01"), voucher="A1", **paid)
    money.enter_payment(case=case, amount=Decimal(30000), voucher="A1", **paid)

    shown = publishing.publish_case(case=case, by=bureau.head, at=days(2)).content
    assert (shown["confiscated"], shown["fine"]) == ("12.345678", "3")
    assert shown["sorts"] == "警告、没收违法所得、罚款"
    client.force_login(bureau.head)
    page = client.get(reverse("enforce:case", args=[case.pk])).content.decode()
    assert "没收违法所得123,456.78元" in page
    assert client.get(f"/api/cases/{case.pk}").json()["confiscated"] == "123456.78"
    client.force_login(bureau.stranger)
    assert client.get(reverse("enforce:case", args=[case.pk])).status_code == 404
    assert client.get(f"/api/cases/{case.pk}").status_code == 404

    withdrawing.ask_revocation(
        case=case, reason="数额有误", anew=True, by=bureau.officer, at=days(3)
    )
    bureau.decide(case, at=days(3))
    assert (case.stage, case.fine, case.confiscated) == (Stage.INQUIRY, None, None)


ALONE = replace(BOTH, fine=None, besides="")


def pay(bureau, case, amount, voucher, n=30):
    money.enter_payment(
        case=case, amount=Decimal(amount), paid_on=days(n).date(), voucher=voucher, on_spot=False,
        by=bureau.officer, at=days(n),
    )  # fmt: skip


@pytest.mark.django_db
def test_gains_alone_are_owed_to_the_cent_without_surcharge_or_instalments(bureau):
    case = bureau.served(finding=ALONE)
    owed = Fine.objects.get()
    assert (owed.amount, owed.gains, owed.due_on) == (GAINS, True, date(2026, 7, 16))
    ask = {"case": case, "by": bureau.officer, "at": days(30)}
    with pytest.raises(Refusal, match="违法所得尚未缴清"):
        decisions.ask_closing(**ask, result="缴清")
    parts = [money.Part(GAINS, date(2026, 9, 1))]
    with pytest.raises(Refusal) as refused:
        money.ask_instalments(**ask, parts=parts, reason="困难")
    assert refused.value.code == "enforce.gains_at_once"
    pay(bureau, case, "123456.77", "B1")
    assert balance_of(Fine.objects.get(), date(2026, 12, 31)).left == Decimal("0.01")
    with pytest.raises(Refusal):
        pay(bureau, case, "0.02", "B2")
    pay(bureau, case, "0.01", "B2")
    span = {"region": bureau.county, "since": date(2026, 7, 1), "until": date(2026, 12, 31)}
    assert figures.sums(actor=bureau.head, **span).total.paid == 0  # no fine came in
    decisions.ask_closing(**ask, result="违法所得已缴入国库，票据B1、B2。")
    bureau.decide(case, at=days(30))
    assert case.stage == Stage.CLOSED


@pytest.mark.django_db
def test_gains_alone_go_to_the_court_as_a_fine_does_with_what_is_left_of_them(bureau):
    case = bureau.served(finding=ALONE)

    def offered(n, who=bureau.officer):
        known = Known(Case.objects.get(pk=case.pk), who, days(n))
        codes = {act.code for found in acts.open_to(known).values() for act in found}
        return codes & {"demand", "court", "surcharge", "instalments"}

    def apply(n, by=bureau.officer):
        money.apply_to_court(case=case, request="请强制", by=by, at=days(n))

    def code_of(call, *args):
        with pytest.raises(Refusal) as refused:
            call(*args)
        return refused.value.code

    assert (offered(10), offered(20)) == (set(), {"demand"})
    pay(bureau, case, "23456.78", "B1", n=18)
    assert code_of(apply, 20) == "enforce.no_demand"
    by_hand = {"case": case, "form": "enforce_demand", "text": "", "at": days(20)}
    with pytest.raises(Refusal, match="违法所得"):
        papers.issue_by_hand(**by_hand, by=bureau.officer)
    money.demand_payment(case=case, by=bureau.officer, at=days(20))
    demand = case.papers.get(form="gains_demand")
    left = "没收的违法所得人民币壹拾万元整（¥100,000.00）"
    assert left in text_of(demand)
    assert "罚款" not in text_of(demand)
    bureau.serve(demand, at=days(20))
    # After ten working days and the end of the six months for a lawsuit, within three months.
    assert code_of(apply, 150) == "enforce.too_early"
    assert code_of(apply, 300) == "enforce.too_late"
    assert (offered(150), offered(200)) == ({"demand"}, {"demand", "court"})
    assert offered(200, bureau.stranger) == set()
    with pytest.raises(NotAllowed):
        apply(200, by=bureau.stranger)
    apply(200)
    asked = text_of(case.papers.get(form="gains_application"))
    assert left in asked
    assert "罚款" not in asked
    case.refresh_from_db()
    assert case.stage == Stage.ENFORCE
    pay(bureau, case, "100000", "B2", n=230)
    assert Fine.objects.get().settled_on == days(230).date()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "wrong",
    [
        {"confiscated": Decimal("0.001")},
        {"confiscated": Decimal(-1)},
        {"confiscated": None, "fine": None, "besides": ""},
        {"besides": "没收违法所得100元"},  # the amount would be on no list
    ],
)
def test_what_cannot_be_proposed_or_decided(bureau, wrong):
    case = bureau.filed()
    bureau.prove(case)
    ask = {"case": case, "by": bureau.officer, "at": NOON, "request": "请审批"}
    with pytest.raises(BadInput):
        cases.conclude_inquiry(**ask, finding=replace(BOTH, **wrong))
    cases.conclude_inquiry(**ask, finding=BOTH)
    bureau.decide(case)
    for paper in notices.issue_notice(case=case, by=bureau.officer, at=NOON):
        bureau.serve(paper)
    notices.take_statement(
        case=case, person="王某", text="", waived=True, accepted=False, finding="",
        by=bureau.officer, at=NOON,
    )  # fmt: skip
    notices.end_notice(case=case, by=bureau.officer, at=NOON)
    asked = ask | {"spare": False, "discussion": "同意"}
    kept = {"fine": Decimal(30000), "confiscated": GAINS, "besides": "警告"}
    with pytest.raises(BadInput):
        decisions.ask_decision(**(asked | kept | wrong))
    with pytest.raises(Refusal) as graver:
        decisions.ask_decision(**(asked | kept | {"confiscated": GAINS + Decimal("0.01")}))
    assert graver.value.code == "enforce.graver"
    # Told before illegal gains had a field: the decision may say what the party was told.
    case.told_besides, case.told_confiscated = "没收违法所得100元", None
    case.save(update_fields=["told_besides", "told_confiscated"])
    as_told = {"confiscated": None, "besides": "没收违法所得100元"}
    assert decisions.ask_decision(**(asked | kept | as_told)).data["besides"] == "没收违法所得100元"


@pytest.mark.django_db
def test_nothing_is_confiscated_on_the_spot(bureau):
    with pytest.raises(Refusal) as refused:
        cases.decide_on_spot(
            organ=bureau.organ, region=bureau.town, party=bureau.party(), cause="未培训",
            finding=replace(FINDING, fine=Decimal(100), confiscated=Decimal(1)),
            certificates=bureau.certificates[:2], receiver="王某", by=bureau.officer, at=NOON,
        )  # fmt: skip
    assert refused.value.code == "enforce.not_on_spot"
