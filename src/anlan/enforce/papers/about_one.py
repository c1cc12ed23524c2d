"""What a document says of the one act that it is about: a measure, an inquiry, an instalment."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from .. import crimes
from ..balances import balance_of
from ..models import Approval, Case, Hearing, Inquiry, Keeping, Measure, Paper, Party, Statement
from . import of_visit
from .amounts import both, day_of, last_day_of, minute_of, plain_day


def _measure(case: Case, about: int | None, at: datetime) -> dict[str, Any]:
    found = Measure.objects.filter(case=case, pk=about or 0).first()
    if found is None:
        return {}
    order = case.papers.filter(
        about=found.pk, form__in=("rectify_order", "seal_decision", "power_decision")
    ).first()
    ends_at_midnight = found.term is not None
    until = last_day_of(found.until) if ends_at_midnight else day_of(found.until)
    return {
        "measure_kind": str(found.get_kind_display()),
        "measure_what": found.what,
        "measure_basis": found.basis,
        "measure_from": day_of(found.from_at),
        "measure_until": until,
        "measure_end": found.end_note,
        "order_number": order.number if order else "",
    }


def _keeping(case: Case, about: int | None, at: datetime) -> dict[str, Any]:
    found = Keeping.objects.filter(case=case, pk=about or 0).first()
    found = found or case.keepings.order_by("-pk").first()
    if found is None:
        return {}
    notice = case.papers.filter(about=found.pk, form="keep_notice").first()
    return {
        "kept_on": day_of(found.kept_at),
        "kept_things": "、".join(found.things.values_list("name", flat=True)),
        "kept_where": ("就地保存于" if found.on_site else "异地保存于") + found.place,
        "keep_due": last_day_of(found.term.due_at),
        "keep_number": notice.number if notice else "",
        "keep_outcome": str(found.get_outcome_display()),
        "keep_note": found.note,
    }


def _inquiry(case: Case, about: int | None, at: datetime) -> dict[str, Any]:
    found = Inquiry.objects.filter(case=case, pk=about or 0).first()
    if found is None:
        return {}
    return {
        "inquiry_time": f"{minute_of(found.started_at)}至{minute_of(found.ended_at)}",
        "inquiry_nth": str(found.nth),
        "inquiry_place": found.place,
        "inquiry_person": found.person,
        "inquiry_sex": found.sex,
        "inquiry_age": f"{found.age}岁" if found.age else "",
        "inquiry_identity": found.identity,
        "inquiry_post": found.post,
        "inquiry_employer": found.employer,
        "inquiry_phone": found.phone,
        "inquiry_address": found.address,
        "inquiry_asker": found.asked_by.name,
        "inquiry_writer": found.written_by.name,
        "inquiry_text": found.text,
    }


def _statement(case: Case, about: int | None, at: datetime) -> dict[str, Any]:
    every = case.statements.order_by("pk")
    found: Statement | None = every.filter(pk=about or 0).first() or every.last()
    told = "；".join("当事人放弃陈述申辩" if s.waived else s.text for s in every)
    values: dict[str, Any] = {"statements": f"陈述申辩情况：{told}。" if told else ""}
    if found is None:
        return values
    return values | {
        "statement_time": minute_of(found.made_at),
        "statement_person": found.person,
        "statement_text": "当事人放弃陈述申辩。" if found.waived else found.text,
        "statement_finding": found.finding,
    }


def _hearing(case: Case, about: int | None, at: datetime) -> dict[str, Any]:
    found = Hearing.objects.filter(pk=case.pk).select_related("host", "clerk").first()
    if found is None:
        return {}
    return {
        "hearing_time": minute_of(found.meets_at),
        "hearing_place": found.place,
        "hearing_public": "公开" if found.public else "不公开",
        "hearing_host": found.host.name if found.host else "",
        "hearing_clerk": found.clerk.name if found.clerk else "",
        "hearing_text": "申请人未到场，视为放弃听证权利。" if found.absent else found.record,
        "hearing_opinion": found.opinion,
    }


def _money(case: Case, about: int | None, at: datetime) -> dict[str, Any]:
    fine = getattr(case, "fine_due", None)
    if fine is None:
        return {}
    stands = balance_of(fine, timezone.localdate(at))
    paid = stands.paid_fine + stands.paid_surcharge
    return {
        "left": both(stands.left),
        "left_of_fine": both(stands.left_of_fine),
        "surcharge": both(stands.left_of_surcharge) if stands.left_of_surcharge else "0元",
        "paid": f"已缴{both(paid)}" if paid else "",
    }


def _instalments(case: Case, about: int | None, at: datetime) -> dict[str, Any]:
    parts = list(case.fine_due.instalments.order_by("number"))
    return {
        "one_instalment": len(parts) == 1,
        "many_instalments": len(parts) > 1,
        "last_instalment": plain_day(parts[-1].due_on) if parts else "",
    }


def _transfer(case: Case, about: int | None, at: datetime) -> dict[str, Any]:
    found = getattr(case, "referral", None)
    if found is None:
        return {}
    rules = [crimes.by_code(code.partition("@")[0]) for code in found.rules]
    return {
        "transfer_to": found.to or "公安机关",
        "transfer_reason": found.reason,
        "transfer_materials": found.materials,
        "transfer_rules": "、".join(f"{r.crime}（{r.article}）" for r in rules if r),
    }


def _recalled(case: Case, about: int | None, at: datetime) -> dict[str, Any]:
    notice = Paper.objects.filter(case=case, pk=about or 0).first()
    if notice is None:
        return {"recalled": ""}
    heard = case.papers.filter(form="hearing_right").exclude(state__in=Paper.GONE).first()
    also = f"、{heard.number}《行政处罚听证告知书》" if heard else ""
    day = day_of(notice.issued_at)
    return {"recalled": f"于{day}向你（单位）发出的{notice.number}《行政处罚告知书》{also}"}


def _revoked(case: Case, about: int | None, at: datetime) -> dict[str, Any]:
    asked = Approval.objects.filter(case=case, pk=about or 0).first()
    if asked is None:
        return {"revoked_next": "", "revoked_back": ""}
    fine = getattr(case, "fine_due", None)
    paid = sum((p.amount for p in fine.payments.all()), Decimal(0)) if fine else Decimal(0)
    return {
        "revoked_next": "本机关将依法重新调查处理。" if asked.data["anew"] else "",
        "revoked_back": f"已缴纳的{both(paid)}，由本机关依法退还。" if paid else "",
    }


def _joint(case: Case, about: int | None, at: datetime) -> dict[str, Any]:
    """The other parties of joined cases, and that their cases are decided apart."""
    group = Party.objects.filter(case.of_group()).exclude(case__stage="REFUSED")
    others = "、".join(group.exclude(pk=case.pk).order_by("pk").values_list("name", flat=True))
    note = f"本案其他当事人{others}，另行作出处理。" if others else ""
    return {"joint_parties": others, "joint_note": note}


def _visit(case: Case, about: int | None, at: datetime) -> dict[str, Any]:
    visit = case.visit
    if visit is None:
        return {}
    found = [of_visit.told(hazard) for hazard in visit.hazards.order_by("pk")]
    return {"visit_time": of_visit.visit_time(visit), "visit_found": of_visit.numbered(found)}


# Asked only where a key that begins so is in the form: each costs queries.
MORE: dict[str, Callable[[Case, int | None, datetime], dict[str, Any]]] = {
    "measure": _measure,
    "ke": _keeping,
    "inquiry": _inquiry,
    "statement": _statement,
    "hearing": _hearing,
    "left": _money,
    "surcharge": _money,
    "paid": _money,
    "one_instalment": _instalments,
    "transfer": _transfer,
    "visit": _visit,
    "recalled": _recalled,
    "revoked": _revoked,
    "joint": _joint,
}


def _kept_rows(case: Case, about: int | None) -> list[list[str]]:
    found = Keeping.objects.filter(case=case, pk=about or 0).first()
    if found is None:
        return []
    things = found.things.order_by("pk")
    return [
        [str(n), thing.name, thing.spec, thing.quantity, found.place]
        for n, thing in enumerate(things, start=1)
    ]


def _thing_rows(case: Case, about: int | None) -> list[list[str]]:
    things = case.evidence.filter(kind="THING").order_by("pk")
    return [[str(n), t.name, t.spec, t.quantity, ""] for n, t in enumerate(things, start=1)]


def _instalment_rows(case: Case, about: int | None) -> list[list[str]]:
    parts = case.fine_due.instalments.order_by("number")
    return [
        [f"第{p.number}期", f"{p.amount:,.2f}", both(p.amount), plain_day(p.due_on)] for p in parts
    ]


def _receipt_rows(case: Case, about: int | None) -> list[list[str]]:
    served = case.papers.filter(receipt__isnull=False).select_related("receipt__served_by")
    return [
        [
            f"{paper.title}{paper.number}",
            paper.receipt.receiver,
            paper.receipt.place,
            day_of(paper.receipt.received_at),
            str(paper.receipt.get_way_display()),
            paper.receipt.served_by.name,
        ]
        for paper in served.order_by("receipt__received_at", "pk")
    ]


def _content_rows(case: Case, about: int | None) -> list[list[str]]:
    return [
        [str(n), f"{paper.title}{paper.number}", day_of(paper.issued_at), "", paper.reason]
        for n, paper in enumerate(case.papers.order_by("issued_at", "pk"), start=1)
    ]


LISTS: dict[str, Callable[[Case, int | None], list[list[str]]]] = {
    "keep_notice": _kept_rows,
    "seal_list": _thing_rows,
    "sample": _thing_rows,
    "expert_request": _thing_rows,
    "instalments": _instalment_rows,
    "receipt_list": _receipt_rows,
    "contents": _content_rows,
}
