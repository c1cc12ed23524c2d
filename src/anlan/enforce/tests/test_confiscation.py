"""Illegal gains (没收违法所得): to the cent from the inquiry to the publicity list; no fine."""

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from anlan.base.errors import BadInput, Refusal
from anlan.enforce import publicity
from anlan.enforce.models import Case, Fine
from anlan.enforce.papers.blocks import blocks
from anlan.enforce.papers.catalogue import edition
from anlan.enforce.papers.values import penalty_text
from anlan.enforce.services import cases, decisions, money, notices, withdrawing
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


@pytest.mark.django_db
def test_gains_alone_are_a_penalty_without_a_fine_to_pay(bureau):
    case = bureau.served(finding=replace(BOTH, fine=None, besides=""))
    assert case.stage == Stage.FULFIL
    assert not Fine.objects.exists()
    decisions.ask_closing(
        case=case, result="违法所得已于7月5日缴入国库，票据B1。", by=bureau.officer, at=days(5)
    )
    bureau.decide(case, at=days(5))
    assert case.stage == Stage.CLOSED


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
