"""What was issued is taken back: a notice by its officers, a decision by a head (自行纠错)."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from anlan.base.errors import BadInput, Refusal
from anlan.people.models import Account

from ..models import Approval, Case, Fine, Hearing, Instalment, Paper, Payment, Publication
from ..rules import APPEALS
from ..stages import Outcome, Procedure, Stage
from . import approvals, papers, terms
from .moves import log, move_case, require_stage
from .officers import require_officer

NOTICES = ("penalty_notice", "hearing_right", "hearing_notice")
# What rests on a decision falls with it.
RESTING = (
    *papers.DEMANDS, "surcharge", "instalments", "court_application", "gains_application"
)  # fmt: skip
REVOCABLE = (Stage.SERVICE, Stage.FULFIL, Stage.ENFORCE, Stage.CLOSED)


@transaction.atomic
def withdraw_notice(*, case: Case, reason: str, by: Account, at: datetime) -> Case:
    """Take the notice back before the decision. The inquiry goes on, and so do its ninety days."""
    require_officer(case=case, by=by, at=at)
    require_stage(case, Stage.NOTICE, Stage.HEARING, Stage.DECISION)
    _need_reason(reason)
    _need_no_question(case)
    told = papers.standing(case, "penalty_notice")
    if told is None:
        raise Refusal("enforce.not_noticed", _("There is no notice that could be taken back."))
    papers.issue(
        case=case, form="notice_withdrawal", by=by, at=at, about=told.pk, text=_sentence(reason)
    )
    _forget_notice(case, by, at, reason)
    return move_case(case=case, move="recall", by=by, at=at, note=reason)


def _need_reason(reason: str) -> None:
    if not reason.strip():
        raise BadInput("enforce.no_reason", _("Say why, in a few words."))


def _sentence(text: str) -> str:
    return text.strip().rstrip("。；;.") + "。"


def _need_no_question(case: Case) -> None:
    if case.approvals.filter(result="").exists():
        raise Refusal("enforce.asked", _("Something asked for is not decided yet."))


def _forget_notice(case: Case, by: Account, at: datetime, note: str) -> None:
    """The party's limits end. What was said at a hearing stays in its record, a document."""
    _recall(case, NOTICES)
    told = case.terms.filter(rule__in=terms.TOLD)
    terms.drop(terms=told, by=by, at=at, why=_("Notice taken back") + f"：{note}")
    Hearing.objects.filter(pk=case.pk).delete()


def _recall(case: Case, forms: tuple[str, ...]) -> None:
    standing = Paper.objects.filter(case=case, form__in=forms).exclude(state__in=Paper.GONE)
    standing.update(state=Paper.State.RECALLED)


@transaction.atomic
def ask_revocation(*, case: Case, reason: str, anew: bool, by: Account, at: datetime) -> Approval:
    """Ask a head to revoke the decision: found wrong, or not upheld on appeal (art. 75)."""
    require_officer(case=case, by=by, at=at)
    require_stage(case, *REVOCABLE)
    _need_no_question(case)
    if papers.standing(case, *papers.DECISIONS) is None:
        raise Refusal("enforce.no_decision", _("There is no decision that could be revoked."))
    if anew and case.procedure == Procedure.SUMMARY:
        raise Refusal(
            "enforce.spot_anew",
            _("What was decided on the spot is not decided anew in the same case."),
            hint=_("Revoke it and propose a case for the ordinary procedure."),
        )
    return approvals.ask(
        case=case,
        subject=Approval.Subject.REVOKE,
        request=reason,
        by=by,
        at=at,
        data={"anew": anew},
    )


@approvals.when_agreed(Approval.Subject.REVOKE)
def _revoke(approval: Approval, by: Account, at: datetime) -> None:
    case, anew, officer = approval.case, bool(approval.data["anew"]), approval.asked_by
    papers.issue(
        case=case,
        form="revocation",
        by=officer,
        at=at,
        about=approval.pk,
        text=_sentence(approval.request),
    )
    _recall(case, (*papers.DECISIONS, *RESTING))
    why = f"{approval.get_subject_display()}：{approval.request}"
    # In a closed case too: there is nothing left to appeal against.
    case.terms.filter(rule__in=APPEALS, dropped="", due_at__gt=at).update(met_at=None)
    terms.drop(terms=case.terms.all(), by=officer, at=at, why=why)
    _undo_fine(case, officer, at)
    if Publication.objects.shown().filter(case=case).exists():
        terms.start_duty(case=case, rule="enforce.withdraw", by=officer, at=at)
    if not anew:
        move_case(
            case=case, move="annul", by=by, at=at, note=approval.request,
            outcome=Outcome.REVOKED, closed_at=at, result=approval.request,
        )  # fmt: skip
        return
    _forget_notice(case, officer, at, approval.request)
    move_case(
        case=case, move="revoke", by=by, at=at, note=approval.request, outcome="",
        decided_at=None, closed_at=None, fine=None, confiscated=None, besides="", discussion="",
    )  # fmt: skip
    terms.start_duty(case=case, rule="penalty.decision", by=officer, at=at)


def _undo_fine(case: Case, by: Account, at: datetime) -> None:
    """Nothing is due any more; what came in is to be paid back (行政强制法 41)."""
    today = timezone.localdate(at)
    fine = Fine.objects.select_for_update().filter(pk=case.pk).first()
    if fine is None:
        return
    fine.standstills.filter(to_date=None).update(to_date=today, result=_("decision revoked"))
    Instalment.objects.filter(fine=fine).delete()
    Fine.objects.filter(pk=fine.pk).update(due_on=None, settled_on=None, revoked_on=today)
    if kept_payments(fine).exists():
        terms.start_duty(case=case, rule="enforce.refund", by=by, at=at)


def kept_payments(fine: Fine) -> QuerySet[Payment]:
    """Payments that were neither cancelled nor paid back."""
    return Payment.objects.filter(fine=fine, cancels=None, cancelled_by=None)


@transaction.atomic
def pay_back(*, case: Case, voucher: str, by: Account, at: datetime) -> None:
    """What was paid on a revoked decision has gone back to the party, by a voucher of its own."""
    by.require("enforce.handle", region=case.region)
    if not voucher.strip():
        raise BadInput("enforce.no_voucher", _("Enter the number of the voucher."))
    fine = Fine.objects.select_for_update().filter(pk=case.pk).exclude(revoked_on=None).first()
    kept = list(kept_payments(fine)) if fine else []
    if not kept:
        raise Refusal("enforce.nothing_back", _("Nothing is to be paid back."))
    for payment in kept:
        Payment.objects.create(
            fine=payment.fine,
            amount=-payment.amount,
            paid_on=timezone.localdate(at),
            voucher=voucher.strip(),
            cancels=payment,
            reason=_("paid back"),
            entered_by=by,
            entered_at=at,
        )
    terms.meet(case=case, rule="enforce.refund", by=by, at=at, note=voucher)
    total = sum(payment.amount for payment in kept)
    log(case=case, move="refund", by=by, at=at, note=f"{total:,.2f}元 {voucher}")
