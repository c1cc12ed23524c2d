"""What the public reads of a penalty: which columns, and what is left out of them."""

from typing import Any

from django.utils import timezone

from anlan.base.tables import Column

from . import rules
from .models import Case, Party

# As the credit platforms' list of penalties has them (双公示, 行政处罚信息), in its order. Numbers
# of identity papers stay empty: nothing of them leaves this house.
COLUMNS = (
    Column("party", ("行政相对人名称",)),
    Column("kind", ("行政相对人类别",)),
    Column("credit_code", ("行政相对人代码_1（统一社会信用代码）",)),
    Column("code_2", ("行政相对人代码_2（工商注册号）",)),
    Column("code_3", ("行政相对人代码_3（组织机构代码）",)),
    Column("code_4", ("行政相对人代码_4（税务登记号）",)),
    Column("code_5", ("行政相对人代码_5（事业单位证书号）",)),
    Column("code_6", ("行政相对人代码_6（社会组织登记证号）",)),
    Column("head", ("法定代表人",)),
    Column("head_paper", ("法定代表人证件类型",)),
    Column("head_number", ("法定代表人证件号码",)),
    Column("paper", ("证件类型",)),
    Column("paper_number", ("证件号码",)),
    Column("number", ("行政处罚决定书文号",)),
    Column("offence", ("违法行为类型",)),
    Column("facts", ("违法事实",)),
    Column("basis", ("处罚依据",)),
    Column("sorts", ("处罚类别",)),
    Column("content", ("处罚内容",)),
    Column("fine", ("罚款金额（万元）",)),
    Column("confiscated", ("没收违法所得、没收非法财物的金额（万元）",)),
    Column("licence", ("暂扣或吊销证照名称及编号",)),
    Column("decided_on", ("处罚决定日期",)),
    Column("valid_until", ("处罚有效期",)),
    Column("shown_until", ("公示截止期",)),
    Column("organ", ("处罚机关",)),
    Column("organ_code", ("处罚机关统一社会信用代码",)),
    Column("source", ("数据来源单位",)),
    Column("source_code", ("数据来源单位统一社会信用代码",)),
    Column("note", ("备注",)),
)
# Kinds of penalty (行政处罚法第九条) and the words by which they are known in a decision.
SORTS = (
    ("警告", ("警告",)),
    ("通报批评", ("通报批评",)),
    (rules.GAINS, (rules.GAINS,)),
    ("没收非法财物", ("没收非法", "没收财物", "没收设备", "没收产品")),
    ("暂扣许可证件", ("暂扣",)),
    ("降低资质等级", ("降低资质",)),
    ("吊销许可证件", ("吊销",)),
    ("限制开展生产经营活动", ("限制开展",)),
    ("责令停产停业", ("停产", "停业")),
    ("责令关闭", ("关闭",)),
    ("限制从业", ("限制从业",)),
)
SOLE_TRADER = "92"  # the first two characters of a credit code: 工商, 个体工商户 (GB 32100)


def hide_name(name: str) -> str:
    """A person's name with the family name alone: 张**."""
    return name[:1] + "*" * (len(name) - 1) if name else ""


def without_persons(text: str, party: Party) -> str:
    """A text in which the person's name, number and phone do not stand."""
    if party.is_person:
        text = text.replace(party.name, hide_name(party.name))
    for secret in (party.code if party.is_person else "", party.phone):
        text = text.replace(secret, "*" * 6) if secret else text
    return text


def content_of(case: Case, number: str, penalty: str) -> dict[str, Any]:
    """One line of the list. Of a natural person neither name, number, address nor phone."""
    party = case.party
    person = party.is_person
    decided_on = timezone.localdate(case.decided_at)
    return {
        "party": hide_name(party.name) if person else party.name,
        "kind": kind_of(party),
        "credit_code": "" if person else party.code,
        "head": "" if person else party.head,
        "number": number,
        "offence": case.cause,
        "facts": without_persons(case.facts, party),
        "basis": case.basis,
        "sorts": "、".join(sorts_of(case)),
        "content": without_persons(penalty, party),
        "fine": ten_thousands(case.fine),
        "confiscated": ten_thousands(case.confiscated),
        "decided_on": decided_on.isoformat(),
        "shown_until": rules.years_later(decided_on, rules.SHOWN_YEARS).isoformat(),
        "organ": case.organ.name,
        "organ_code": case.organ.credit_code,
        "source": case.organ.name,
        "source_code": case.organ.credit_code,
    }


def kind_of(party: Party) -> str:
    if party.is_person:
        return "自然人"
    return "个体工商户" if party.code.startswith(SOLE_TRADER) else "法人及非法人组织"


def sorts_of(case: Case) -> list[str]:
    """The kinds of penalty that the decision imposes, by the law's names."""
    said = case.besides + (rules.GAINS if case.confiscated else "")
    found = [sort for sort, words in SORTS if any(word in said for word in words)]
    if case.fine:
        found.append("罚款")
    return found or ["其他"]


def ten_thousands(amount: Any) -> str:
    """In 万元, exactly: 12,345.67 yuan is 1.234567."""
    if not amount:
        return ""
    return f"{amount / 10000:f}".rstrip("0").rstrip(".")
