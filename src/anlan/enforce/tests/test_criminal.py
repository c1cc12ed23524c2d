"""From the rule that notes a possible crime to what court and police make of it."""

import csv
import io
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from anlan.base.errors import BadInput, NotAllowed, Refusal
from anlan.enforce import crimes, export, publicity, queries
from anlan.enforce.models import Referral
from anlan.enforce.services import decisions, notices, referrals
from anlan.enforce.services import publicity as publishing
from anlan.enforce.stages import Outcome, Stage

from .factories import FINDING, NOON, days

pytestmark = pytest.mark.django_db
FATAL = replace(FINDING, deaths=1, fine=Decimal(30000))


def codes(case):
    return [code.partition("@")[0] for code in Referral.objects.get(pk=case.pk).rules]


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"deaths": 0, "injured": 2, "loss": Decimal(999999)}, []),
        ({"deaths": 1}, ["134-1"]),
        ({"injured": 3}, ["134-1"]),
        ({"loss": Decimal(1000000)}, ["134-1"]),
        ({"facts": "对重大事故隐患拒不整改"}, ["134a-2"]),
        ({"facts": "拒不整改"}, []),
        ({"facts": "报警装置失灵"}, []),
        ({"facts": "擅自关闭报警、破坏监控设备"}, ["134a-1"]),
        ({"facts": "危险化学品泄漏", "deaths": 3}, ["134-1", "136"]),
    ],
)
def test_rules_flag_by_harm_and_by_words(bureau, changes, found):
    case = bureau.concluded(finding=replace(FINDING, **changes))
    assert (codes(case) if Referral.objects.exists() else []) == found


def test_a_rule_holds_only_from_its_day_on():
    rule = crimes.by_code("134a-2")
    assert not rule.holds_on(date(2021, 2, 28))
    assert rule.holds_on(date(2021, 3, 1))


def test_a_penalty_waits_until_the_possible_crime_is_settled(bureau):
    case = bureau.noticed(finding=FATAL)
    notices.take_statement(
        case=case, person="王某", text="", waived=True, accepted=False, finding="",
        by=bureau.officer, at=NOON,
    )  # fmt: skip
    notices.end_notice(case=case, by=bureau.officer, at=NOON)

    def ask():
        decisions.ask_decision(
            case=case, fine=Decimal(30000), besides="", spare=False, discussion="讨论同意",
            request="请审批", by=bureau.officer, at=NOON,
        )  # fmt: skip

    with pytest.raises(Refusal) as refused:
        ask()
    assert refused.value.code == "enforce.possible_crime"
    referral = Referral.objects.get(pk=case.pk)
    with pytest.raises(NotAllowed):
        referrals.dismiss(referral=referral, reason="不构成", by=bureau.officer, at=NOON)
    with pytest.raises(BadInput):
        referrals.dismiss(referral=referral, reason=" ", by=bureau.head, at=NOON)
    referrals.dismiss(referral=referral, reason="死亡系突发疾病", by=bureau.head, at=NOON)
    ask()


def test_a_case_goes_to_the_police_and_comes_back_for_its_penalty(bureau):
    case = bureau.reviewed(finding=FATAL)
    referrals.ask_transfer(case=case, reason="涉嫌重大责任事故罪", by=bureau.officer, at=NOON)
    referral = Referral.objects.get(pk=case.pk)
    to = {"to": "婺城区公安分局", "materials": "调查报告等5份", "by": bureau.officer}
    with pytest.raises(Refusal):
        referrals.send(referral=referral, **to, at=NOON)
    bureau.decide(case)
    referral.refresh_from_db()
    limit = case.terms.get(rule="enforce.transfer_send")
    assert limit.due_at == days(1)  # 24 hours
    referrals.send(referral=referral, **to, at=days(0, 5))
    assert case.papers.get(form="transfer_letter").number == "（金）应急移〔2026〕1号"
    assert queries.list_referrals(actor=bureau.stranger).count() == 0
    referrals.add_consultation(
        referral=referral, held_on=date(2026, 7, 2), present="公安、检察", opinion="应当立案",
        by=bureau.officer, at=days(1),
    )  # fmt: skip
    answer = {"referral": referral, "number": "婺公立字1号", "text": "", "by": bureau.officer}
    referrals.enter_answer(**answer, taken=False, at=days(3))
    referrals.dispute(referral=referral, reason="提请复议", by=bureau.officer, at=days(4))
    referrals.enter_answer(**answer, taken=True, at=days(9))
    case.refresh_from_db()
    assert (case.stage, case.outcome) == (Stage.TRANSFERRED, Outcome.POLICE)
    referrals.enter_outcome(
        referral=referral, outcome="不起诉，建议行政处罚", hand_back=True, by=bureau.officer,
        at=days(90),
    )  # fmt: skip
    case.refresh_from_db()
    assert (case.stage, case.outcome) == (Stage.INQUIRY, "")
    with pytest.raises(Refusal):
        referrals.enter_answer(**answer, taken=True, at=days(91))


def test_what_must_be_hidden_never_reaches_the_list(bureau):
    person = bureau.party("PERSON")
    facts = "张某某（电话13812345678，身份证330702199001011234）未培训上岗。"
    case = bureau.served(party=person, finding=replace(FINDING, facts=facts, fine=Decimal(500)))
    made = publishing.publish_case(case=case, by=bureau.head, at=NOON)
    text = export.csv_text(export.rows(actor=bureau.head, at=days(10))) + str(made.content)
    for secret in ("张某某", "13812345678", "330702199001011234", "工业区2号"):
        assert secret not in text
    assert "张**" in text
    assert made.content["fine"] == "0.05"
    assert made.content["kind"] == "自然人"


def test_only_a_served_penalty_is_published_once_and_taken_off_with_a_reason(bureau):
    case = bureau.decided()
    with pytest.raises(Refusal):
        publishing.publish_case(case=case, by=bureau.head, at=NOON)
    bureau.serve(case.papers.get(form="decision_org"))
    case.refresh_from_db()
    assert list(queries.to_publish(actor=bureau.head)) == [case]
    for nobody in (bureau.officer, bureau.stranger):
        with pytest.raises(NotAllowed):
            publishing.publish_case(case=case, by=nobody, at=NOON)
    made = publishing.publish_case(case=case, by=bureau.head, at=days(3))
    assert made.content["number"] == "（金）应急罚〔2026〕1号"
    assert case.terms.get(rule="penalty.publish").met_at == days(3)
    with pytest.raises(Refusal):
        publishing.publish_case(case=case, by=bureau.head, at=days(3))
    with pytest.raises(BadInput):
        publishing.withdraw(publication=made, reason="", by=bureau.head, at=days(9))
    publishing.withdraw(publication=made, reason="决定被撤销", by=bureau.head, at=days(9))
    assert export.rows(actor=bureau.head, at=days(10)) == []
    assert list(queries.list_publications(actor=bureau.head, at=days(10), withdrawn=True)) == [made]
    with pytest.raises(Refusal):
        publishing.withdraw(publication=made, reason="再撤", by=bureau.head, at=days(9))


# The columns of the credit platforms' list of penalties, in its order.
COLUMNS = [
    "行政相对人名称", "行政相对人类别", "行政相对人代码_1（统一社会信用代码）",
    "行政相对人代码_2（工商注册号）", "行政相对人代码_3（组织机构代码）",
    "行政相对人代码_4（税务登记号）", "行政相对人代码_5（事业单位证书号）",
    "行政相对人代码_6（社会组织登记证号）", "法定代表人", "法定代表人证件类型",
    "法定代表人证件号码", "证件类型", "证件号码", "行政处罚决定书文号", "违法行为类型",
    "违法事实", "处罚依据", "处罚类别", "处罚内容", "罚款金额（万元）",
    "没收违法所得、没收非法财物的金额（万元）", "暂扣或吊销证照名称及编号", "处罚决定日期",
    "处罚有效期", "公示截止期", "处罚机关", "处罚机关统一社会信用代码", "数据来源单位",
    "数据来源单位统一社会信用代码", "备注",
]  # fmt: skip


def test_the_export_has_the_platforms_columns_and_ends_after_three_years(bureau):
    finding = replace(FINDING, besides="警告、责令停产停业整顿")
    trader = bureau.party(code="92330702MA2AAAAA17", head="王某")
    case = bureau.served(party=trader, finding=finding)
    publishing.publish_case(case=case, by=bureau.head, at=days(3))
    [line] = export.rows(actor=bureau.head, at=days(1095))
    header, values = csv.reader(io.StringIO(export.csv_text([line]).removeprefix("\ufeff")))
    assert header == COLUMNS
    said = dict(zip(header, values, strict=True))
    assert said["行政相对人类别"] == "个体工商户"
    assert said["处罚类别"] == "警告、责令停产停业、罚款"
    assert (said["处罚决定日期"], said["公示截止期"]) == ("2026-07-01", "2029-07-01")
    assert said["法定代表人证件号码"] == said["证件号码"] == ""
    assert export.rows(actor=bureau.head, at=days(1100)) == []
    assert export.rows(actor=bureau.stranger, at=days(3)) == []


@pytest.mark.parametrize(
    ("amount", "text"),
    [(Decimal("12345.67"), "1.234567"), (Decimal(50000), "5"), (None, ""), (Decimal(100), "0.01")],
)
def test_ten_thousands_are_exact(amount, text):
    assert publicity.ten_thousands(amount) == text


def test_no_cell_of_the_export_becomes_a_formula():
    line = {"party": "=HYPERLINK(1)", "facts": "-1"}
    text = export.csv_text([line])
    assert "'=HYPERLINK(1)" in text
    assert "'-1" in text
