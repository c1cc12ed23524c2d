"""What the public reads of a penalty: which columns, and what is left out of them."""

from typing import Any

from django.utils import timezone

from anlan.base.tables import Column

from .models import Case, Party

# As the credit platform's list of penalties names them (行政处罚公示).
COLUMNS = (
    Column("party", ("行政相对人名称",)),
    Column("kind", ("行政相对人类别",)),
    Column("credit_code", ("统一社会信用代码",)),
    Column("head", ("法定代表人",)),
    Column("number", ("行政处罚决定书文号",)),
    Column("offence", ("违法行为类型",)),
    Column("facts", ("违法事实",)),
    Column("basis", ("处罚依据",)),
    Column("sorts", ("处罚类别",)),
    Column("content", ("处罚内容",)),
    Column("fine", ("罚款金额（万元）",)),
    Column("confiscated", ("没收违法所得、没收非法财物的金额（万元）",)),
    Column("decided_on", ("处罚决定日期",)),
    Column("organ", ("处罚机关",)),
    Column("organ_code", ("处罚机关统一社会信用代码",)),
    Column("source", ("数据来源单位",)),
)


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
    sorts = ["罚款"] if case.fine else []
    sorts += ["其他"] if case.besides else []
    return {
        "party": hide_name(party.name) if person else party.name,
        "kind": "自然人" if person else "法人及非法人组织",
        "credit_code": "" if person else party.code,
        "head": "" if person else party.head,
        "number": number,
        "offence": case.cause,
        "facts": without_persons(case.facts, party),
        "basis": case.basis,
        "sorts": "、".join(sorts),
        "content": without_persons(penalty, party),
        "fine": ten_thousands(case.fine),
        "confiscated": ten_thousands(case.confiscated),
        "decided_on": timezone.localdate(case.decided_at).isoformat(),
        "organ": case.organ.name,
        "organ_code": case.organ.credit_code,
        "source": case.organ.name,
    }


def ten_thousands(amount: Any) -> str:
    """In 万元, exactly: 12,345.67 yuan is 1.234567."""
    if not amount:
        return ""
    return f"{amount / 10000:f}".rstrip("0").rstrip(".")
