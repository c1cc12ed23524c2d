"""What a document says, read off the record: the one way in which fields flow."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from anlan.base.days import last_day
from anlan.prevent.models import Hazard
from anlan.work import deadlines

from .. import crimes, rules
from ..balances import balance_of
from ..models import Approval, Case, Hearing, Inquiry, Keeping, Measure, Paper, Party, Statement
from .amounts import both, full_day, plain_day
from .catalogue import Form, edition_on

UNITS = {
    deadlines.Unit.NATURAL_DAYS: "日",
    deadlines.Unit.WORKING_DAYS: "个工作日",
    deadlines.Unit.MONTHS: "个月",
    deadlines.Unit.HOURS: "小时",
}
A = Approval.Subject
DECISION_FORMS = ("decision_org", "decision_person", "spot_org", "spot_person", "no_penalty")


def of(*, case: Case, form: Form, about: int | None, at: datetime, text: str) -> dict[str, Any]:
    """Every key that a form may ask for, with what the record says at this time."""
    today = timezone.localdate(at)
    values: dict[str, Any] = {
        "organ": case.organ.name,
        "issued_on": full_day(today),
        "issued_day": plain_day(today),
        "text": text,
        "rows": [],
        **edition_on(today).articles,
        **_organ(case, at),
        **_case(case),
        **_party(case),
        **_officers(case),
        **_penalty(case),
        **_decision(case),
        **_approvals(case, form),
    }
    for key, more in _MORE.items():
        if any(name.startswith(key) for name in form.keys):
            values |= more(case, about, at)
    rows = _LISTS.get(form.code)
    return values | ({"rows": rows(case, about)} if rows else {})


def penalty_text(case: Case) -> str:
    """The penalty as decided, in the words of the decision."""
    return _words(case.fine, case.besides)


def _words(fine: Decimal | None, besides: str) -> str:
    parts = [besides] if besides else []
    if fine:
        parts.append(f"罚款{both(fine)}")
    return "，并处".join(parts) if len(parts) == 2 else "".join(parts)


def limit_words(rule: str, at: datetime) -> str:
    """60日, 6个月: a limit as the law of that day has it."""
    version = deadlines.get(rule).on(timezone.localdate(at))
    return f"{version.amount}{UNITS[version.unit]}"


def _day(at: datetime | None) -> str:
    return plain_day(timezone.localdate(at)) if at else ""


def _last_day(due_at: datetime | None) -> str:
    return plain_day(last_day(due_at)) if due_at else ""


def _minute(at: datetime | None) -> str:
    return f"{_day(at)}{timezone.localtime(at):%H时%M分}" if at else ""


def _organ(case: Case, at: datetime) -> dict[str, str]:
    organ = case.organ
    return {
        "organ_address": organ.address,
        "organ_postcode": organ.postcode,
        "organ_contact": organ.contact,
        "organ_phone": organ.phone,
        "review_body": organ.review_body,
        "court": organ.court,
        "bank": organ.bank,
        "account_number": organ.account_number,
        "review_days": limit_words("enforce.reconsider", at),
        "court_months": limit_words("enforce.lawsuit", at),
        "spot_court": _court_after_spot(case, at),
    }


def _court_after_spot(case: Case, at: datetime) -> str:
    """How a decision on the spot gets to the court: since 2024 only after reconsideration."""
    court = case.organ.court
    if timezone.localdate(at) < rules.RECONSIDER_FIRST:
        return f"，或者在{limit_words('enforce.lawsuit', at)}内依法向{court}提起行政诉讼"
    after = limit_words("enforce.lawsuit_after", at)
    return (
        f"；对行政复议决定不服的，可以自收到行政复议决定书之日起{after}内依法向{court}提起行政诉讼"
    )


def _case(case: Case) -> dict[str, str]:
    return {
        "case_name": case.name,
        "cause": case.cause,
        "source": str(case.get_source_display()),
        "opened_day": _day(case.opened_at),
        "filed_day": _day(case.filed_at),
        "closed_day": _day(case.closed_at),
        "summary": case.summary or case.facts,
        "facts": case.facts,
        "facts_or_summary": case.facts or case.summary,
        "proof": case.proof,
        "violated": case.violated,
        "basis": case.basis,
        "discussion": case.discussion,
        "result": case.result,
    }


def _party(case: Case) -> dict[str, str]:
    party = case.party
    return {
        "party": party.name,
        "party_code": party.code,
        "party_head": party.head,
        "party_post": party.post,
        "party_sex": party.sex,
        "party_age": f"{party.age}岁" if party.age else "",
        "party_employer": party.employer,
        "party_address": party.address,
        "party_postcode": party.postcode,
        "party_phone": party.phone,
        "party_industry": party.enterprise.industry if party.enterprise else "",
    }


def _officers(case: Case) -> dict[str, str]:
    acting = case.officers.filter(to_at=None).select_related("certificate__account")
    pairs = [
        (o.certificate.account.name, o.certificate.number) for o in acting.order_by("-leads", "pk")
    ]
    names = {"officers": "、".join(f"{name}（{number}）" for name, number in pairs)}
    for n, (name, number) in enumerate((*pairs, ("", ""), ("", ""))[:2], start=1):
        names |= {f"officer{n}": name, f"cert{n}": number}
    return names


def _penalty(case: Case) -> dict[str, str]:
    entry = case.discretion
    discretion = ""
    if entry and not entry.table.example:
        discretion = f"参照《{entry.table.name}》{entry.get_gravity_display()}情形，"
    return {
        "told_penalty": _words(case.told_fine, case.told_besides),
        "penalty": penalty_text(case),
        "fine": both(case.fine) if case.fine else "",
        "discretion": discretion,
    }


def _decision(case: Case) -> dict[str, str]:
    found = case.papers.filter(form__in=DECISION_FORMS).exclude(state__in=Paper.GONE)
    paper = found.order_by("-pk").first()
    fine = getattr(case, "fine_due", None)
    return {
        "decided_day": _day(case.decided_at),
        "decision_number": paper.number if paper else "",
        "due_day": plain_day(fine.due_on) if fine and fine.due_on else "",
    }


# Which approval a form's opinion is about.
_SUBJECT = {
    "filing": A.FILING,
    "force_request": A.MEASURE,
    "seal_decision": A.MEASURE,
    "keep_request": A.KEEPING,
    "disposal": A.DECISION,
    "instalment_request": A.INSTALMENT,
    "transfer_request": A.TRANSFER,
    "case_extension": A.EXTENSION,
    "closing": A.CLOSING,
    "no_penalty": A.DECISION,
}
_PREFIX = {
    A.MEASURE: "force",
    A.KEEPING: "keep",
    A.DECISION: "decision",
    A.INSTALMENT: "instalment",
    A.EXTENSION: "extension",
    A.CLOSING: "closing",
    A.REVIEW: "review",
}


def _approvals(case: Case, form: Form) -> dict[str, str]:
    values: dict[str, str] = {}
    for approval in case.approvals.select_related("decided_by", "asked_by").order_by("asked_at"):
        opinion = approval.opinion or str(approval.get_result_display())
        prefix = _PREFIX.get(A(approval.subject), "")
        values |= {f"{prefix}_request": approval.request, f"{prefix}_opinion": opinion}
        who = approval.decided_by.name if approval.decided_by else ""
        if approval.subject == A.REVIEW:
            values |= {"reviewed_by": who, "reviewed_day": _day(approval.decided_at)}
        if approval.subject == A.CLOSING:
            values |= {"closed_by": who}
        if approval.subject == _SUBJECT.get(form.code):
            values |= {
                "request": approval.request,
                "opinion": opinion if approval.result else "",
                "asked_day": _day(approval.asked_at),
                "decided_by": who,
                "decided_on": _day(approval.decided_at),
            }
    return values


def _measure(case: Case, about: int | None, at: datetime) -> dict[str, Any]:
    found = Measure.objects.filter(case=case, pk=about or 0).first()
    if found is None:
        return {}
    order = case.papers.filter(
        about=found.pk, form__in=("rectify_order", "seal_decision", "power_decision")
    ).first()
    ends_at_midnight = found.term is not None
    until = _last_day(found.until) if ends_at_midnight else _day(found.until)
    return {
        "measure_kind": str(found.get_kind_display()),
        "measure_what": found.what,
        "measure_basis": found.basis,
        "measure_from": _day(found.from_at),
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
        "kept_on": _day(found.kept_at),
        "kept_things": "、".join(found.things.values_list("name", flat=True)),
        "kept_where": ("就地保存于" if found.on_site else "异地保存于") + found.place,
        "keep_due": _last_day(found.term.due_at),
        "keep_number": notice.number if notice else "",
        "keep_outcome": str(found.get_outcome_display()),
        "keep_note": found.note,
    }


def _inquiry(case: Case, about: int | None, at: datetime) -> dict[str, Any]:
    found = Inquiry.objects.filter(case=case, pk=about or 0).first()
    if found is None:
        return {}
    return {
        "inquiry_time": f"{_minute(found.started_at)}至{_minute(found.ended_at)}",
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
        "statement_time": _minute(found.made_at),
        "statement_person": found.person,
        "statement_text": "当事人放弃陈述申辩。" if found.waived else found.text,
        "statement_finding": found.finding,
    }


def _hearing(case: Case, about: int | None, at: datetime) -> dict[str, Any]:
    found = Hearing.objects.filter(pk=case.pk).select_related("host", "clerk").first()
    if found is None:
        return {}
    return {
        "hearing_time": _minute(found.meets_at),
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
    day = _day(notice.issued_at)
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
    found = [
        hazard.what + (f"（{hazard.basis}）" if hazard.basis else "")
        for hazard in Hazard.objects.filter(visit=visit).order_by("pk")
    ]
    ended = f"至{_minute(visit.finished_at)}" if visit.finished_at else ""
    return {
        "visit_time": f"{_minute(visit.started_at)}{ended}",
        "visit_found": "\n".join(f"{n}. {what}" for n, what in enumerate(found, start=1)),
    }


# Asked only where a key that begins so is in the form: each costs queries.
_MORE: dict[str, Callable[[Case, int | None, datetime], dict[str, Any]]] = {
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
            _day(paper.receipt.received_at),
            str(paper.receipt.get_way_display()),
            paper.receipt.served_by.name,
        ]
        for paper in served.order_by("receipt__received_at", "pk")
    ]


def _content_rows(case: Case, about: int | None) -> list[list[str]]:
    return [
        [str(n), f"{paper.title}{paper.number}", _day(paper.issued_at), "", paper.reason]
        for n, paper in enumerate(case.papers.order_by("issued_at", "pk"), start=1)
    ]


_LISTS: dict[str, Callable[[Case, int | None], list[list[str]]]] = {
    "keep_notice": _kept_rows,
    "seal_list": _thing_rows,
    "sample": _thing_rows,
    "expert_request": _thing_rows,
    "instalments": _instalment_rows,
    "receipt_list": _receipt_rows,
    "contents": _content_rows,
}
