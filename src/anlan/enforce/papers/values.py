"""What a document says, read off the record: the one way in which fields flow."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from .. import rules
from ..models import Approval, Case, Paper
from . import about_one
from .amounts import both, day_of, full_day, limit_words, plain_day
from .catalogue import Form, edition_on

A = Approval.Subject
DECISION_FORMS = ("decision_org", "decision_person", "spot_org", "spot_person", "no_penalty")


def fields_of(
    *,
    case: Case,
    form: Form,
    at: datetime,
    number: str = "",
    about: int | None = None,
    text: str = "",
) -> dict[str, Any]:
    """What a document of this form says at this time."""
    filled = of(case=case, form=form, about=about, at=at, text=text)
    fields = {key: filled.get(key, "") for key in form.keys} | {"number": number}
    return fields | {key: filled[key] for key in ("organ", "issued_on", "officers", "rows")}


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
    for key, more in about_one.MORE.items():
        if any(name.startswith(key) for name in form.keys):
            values |= more(case, about, at)
    rows = about_one.LISTS.get(form.code)
    return values | ({"rows": rows(case, about)} if rows else {})


def penalty_text(case: Case) -> str:
    """The penalty as decided, in the words of the decision."""
    return _words(case.fine, case.confiscated, case.besides)


def _words(fine: Decimal | None, confiscated: Decimal | None, besides: str) -> str:
    gains = f"{rules.GAINS}{both(confiscated)}" if confiscated else ""
    first = "、".join(filter(None, [besides, gains]))
    return "，并处".join(filter(None, [first, f"罚款{both(fine)}" if fine else ""]))


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
        "opened_day": day_of(case.opened_at),
        "filed_day": day_of(case.filed_at),
        "closed_day": day_of(case.closed_at),
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
        "told_penalty": _words(case.told_fine, case.told_confiscated, case.told_besides),
        "penalty": penalty_text(case),
        "fine": both(case.fine) if case.fine else "",
        "discretion": discretion,
        "gains": _pay_gains(case) if case.confiscated else "",
    }


def _pay_gains(case: Case) -> str:
    organ = case.organ
    return (
        f"没收的违法所得自收到本决定书之日起15日内缴至{organ.bank}，"
        f"账号{organ.account_number}，上缴国库。"
    )


def _decision(case: Case) -> dict[str, str]:
    found = case.papers.filter(form__in=DECISION_FORMS).exclude(state__in=Paper.GONE)
    paper = found.order_by("-pk").first()
    fine = getattr(case, "fine_due", None)
    return {
        "decided_day": day_of(case.decided_at),
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
            values |= {"reviewed_by": who, "reviewed_day": day_of(approval.decided_at)}
        if approval.subject == A.CLOSING:
            values |= {"closed_by": who}
        if approval.subject == _SUBJECT.get(form.code):
            values |= {
                "request": approval.request,
                "opinion": opinion if approval.result else "",
                "asked_day": day_of(approval.asked_at),
                "decided_by": who,
                "decided_on": day_of(approval.decided_at),
            }
    return values
