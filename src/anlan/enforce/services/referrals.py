"""The link to criminal justice: flagged by rule, looked at by people, answered by the police."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from anlan.base.errors import BadInput, Refusal
from anlan.people.models import Account

from .. import crimes
from ..models import Approval, Case, Consultation, Referral
from ..stages import MOVES, Outcome, Stage
from . import approvals, papers, terms
from .moves import log, move_case
from .officers import require_officer

R = Referral.State


def flag_if_criminal(*, case: Case, by: Account, at: datetime) -> Referral | None:
    """Open the question where a rule says so; it stays open until somebody answers it."""
    found = crimes.flags(case, timezone.localdate(at))
    if not found:
        return None
    codes = [f"{rule.code}@{rule.since.isoformat()}" for rule in found]
    referral, made = Referral.objects.get_or_create(
        case=case, defaults={"flagged_at": at, "rules": codes}
    )
    if not made and set(codes) - set(referral.rules) and referral.state == R.DISMISSED:
        # Something new points to a crime: the earlier answer did not know of it.
        Referral.objects.filter(pk=case.pk).update(state=R.FLAGGED, rules=codes)
        referral.refresh_from_db()
        made = True
    if made:
        names = "、".join(f"{rule.crime}（{rule.article}）" for rule in found)
        log(case=case, move="flag", by=Account.objects.system(), at=at, note=names)
    return referral


def _move(referral: Referral, allowed: set[str], **changes: object) -> None:
    """Compare and set the state."""
    if not Referral.objects.filter(pk=referral.pk, state__in=allowed).update(**changes):
        raise Refusal(
            "enforce.referral_moved",
            _("The transfer stands at “%(state)s”, so that step is not possible.")
            % {"state": referral.get_state_display()},
            hint=_("Reload the page to see where it stands."),
        )
    referral.refresh_from_db()


@transaction.atomic
def dismiss(*, referral: Referral, reason: str, by: Account, at: datetime) -> Referral:
    """Looked at by a head: no crime, and why."""
    by.require("enforce.approve", region=referral.case.region)
    if not reason.strip():
        raise BadInput("enforce.no_reason", _("Say why, in a few words."))
    _move(referral, {R.FLAGGED}, state=R.DISMISSED, reason=reason)
    log(case=referral.case, move="note", by=by, at=at, note=reason)
    return referral


@transaction.atomic
def ask_transfer(*, case: Case, reason: str, by: Account, at: datetime) -> Approval:
    """Two officers ask the head to send the case to the police; three days to decide."""
    require_officer(case=case, by=by, at=at)
    if not case.is_open or case.stage == Stage.PROPOSED:
        raise Refusal("enforce.not_open", _("The case is not open."))
    referral, _made = Referral.objects.get_or_create(case=case, defaults={"flagged_at": at})
    approval = approvals.ask(
        case=case, subject=Approval.Subject.TRANSFER, request=reason, by=by, at=at
    )
    _move(referral, {R.FLAGGED, R.DISMISSED}, state=R.ASKED, reason=reason, approval=approval)
    terms.start_duty(case=case, rule="enforce.transfer_decide", by=by, at=at)
    papers.issue(case=case, form="transfer_request", by=by, at=at)
    return approval


@approvals.when_agreed(Approval.Subject.TRANSFER)
def _agree(approval: Approval, by: Account, at: datetime) -> None:
    terms.meet(case=approval.case, rule="enforce.transfer_decide", by=approval.asked_by, at=at)
    terms.start_duty(case=approval.case, rule="enforce.transfer_send", by=approval.asked_by, at=at)


@approvals.when_returned(Approval.Subject.TRANSFER)
def _disagree(approval: Approval, by: Account, at: datetime) -> None:
    terms.meet(case=approval.case, rule="enforce.transfer_decide", by=approval.asked_by, at=at)
    Referral.objects.filter(pk=approval.case_id).update(
        state=R.DISMISSED, reason=approval.opinion, approval=None
    )


@transaction.atomic
def send(*, referral: Referral, to: str, materials: str, by: Account, at: datetime) -> Referral:
    """The file goes to the police, within 24 hours of the decision."""
    case = referral.case
    require_officer(case=case, by=by, at=at)
    agreed = referral.approval and referral.approval.result == Approval.Result.AGREED
    if not agreed:
        raise Refusal("enforce.not_agreed", _("The head has not agreed to the transfer yet."))
    if not to.strip() or not materials.strip():
        raise BadInput("enforce.no_materials", _("Say to whom it goes and with which papers."))
    _move(referral, {R.ASKED}, state=R.SENT, to=to, materials=materials, sent_at=at)
    terms.meet(case=case, rule="enforce.transfer_send", by=by, at=at, note=to)
    terms.start_term(case=case, rule="enforce.police_answer", by=by, at=at)
    papers.issue(case=case, form="transfer_letter", by=by, at=at)
    return referral


@transaction.atomic
def enter_answer(
    *, referral: Referral, taken: bool, number: str, text: str, by: Account, at: datetime
) -> Referral:
    """The police opened a case, or declined."""
    case = referral.case
    require_officer(case=case, by=by, at=at)
    if not number.strip():
        raise BadInput("enforce.no_answer_number", _("Enter the number of the police's paper."))
    _move(
        referral,
        {R.SENT, R.DISPUTED},
        state=R.TAKEN if taken else R.DECLINED,
        answered_at=at,
        answer_number=number,
        answer=text,
    )
    terms.meet(case=case, rule="enforce.police_answer", by=by, at=at)
    log(case=case, move="police", by=by, at=at, note=f"{referral.get_state_display()} {number}")
    if taken:
        terms.start_duty(case=case, rule="enforce.transfer_hand", by=by, at=at)
    else:
        terms.start_term(case=case, rule="enforce.transfer_dispute", by=by, at=at)
    if taken and (case.stage, "transfer") in MOVES:
        move_case(case=case, move="transfer", by=by, at=at, outcome=Outcome.POLICE)
    return referral


@transaction.atomic
def hand_over(*, case: Case, by: Account, at: datetime) -> None:
    """Things and papers are with the police, three days after they opened a case (第十二条)."""
    require_officer(case=case, by=by, at=at)
    if not case.terms.filter(rule="enforce.transfer_hand", met_at=None).exists():
        raise Refusal("enforce.nothing_to_hand", _("Nothing is to be handed over."))
    terms.meet(case=case, rule="enforce.transfer_hand", by=by, at=at)
    log(case=case, move="hand_over", by=by, at=at)


@transaction.atomic
def dispute(*, referral: Referral, reason: str, by: Account, at: datetime) -> Referral:
    """Ask the police to reconsider, or the prosecution to supervise (第九条)."""
    require_officer(case=referral.case, by=by, at=at)
    if not reason.strip():
        raise BadInput("enforce.no_reason", _("Say why, in a few words."))
    _move(referral, {R.DECLINED}, state=R.DISPUTED)
    terms.meet(case=referral.case, rule="enforce.transfer_dispute", by=by, at=at)
    log(case=referral.case, move="police", by=by, at=at, note=reason)
    return referral


@transaction.atomic
def add_consultation(
    *, referral: Referral, held_on: date, present: str, opinion: str, by: Account, at: datetime
) -> Consultation:
    """What police, prosecution and organ agreed at one table."""
    require_officer(case=referral.case, by=by, at=at)
    if held_on > timezone.localdate(at) or not present.strip() or not opinion.strip():
        raise BadInput("enforce.consultation_incomplete", _("Say when, who and what came of it."))
    made = Consultation.objects.create(
        referral=referral, held_on=held_on, present=present[:300], opinion=opinion, entered_by=by
    )
    log(case=referral.case, move="consult", by=by, at=at, note=f"{present}：{opinion}")
    return made


@transaction.atomic
def enter_outcome(
    *, referral: Referral, outcome: str, hand_back: bool, by: Account, at: datetime
) -> Referral:
    """What court or prosecution decided; where a penalty is still due, the case comes back."""
    case = referral.case
    require_officer(case=case, by=by, at=at)
    if not outcome.strip():
        raise BadInput("enforce.no_result", _("Say how the case ended."))
    _move(referral, {R.TAKEN, R.DECLINED}, state=R.OVER, outcome=outcome, outcome_at=at)
    log(case=case, move="police", by=by, at=at, note=outcome)
    if hand_back and case.stage == Stage.TRANSFERRED:
        move_case(case=case, move="hand_back", by=by, at=at, outcome="")
    return referral
