"""The decision, and the closing of the case."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from anlan.base.errors import BadInput, Refusal
from anlan.base.numbers import yuan
from anlan.people.models import Account

from ..models import Approval, Case, Fine, Hearing, Publication, Referral
from ..stages import Outcome, Stage
from . import approvals, papers, terms
from .moves import move_case, require_stage
from .notices import may_be_heard
from .officers import require_officer
from .penalties import check_penalty
from .withdrawing import kept_payments


@transaction.atomic
def ask_legal_review(*, case: Case, request: str, by: Account, at: datetime) -> Approval:
    """A second legal look, which a case that was heard needs before its decision (art. 58)."""
    require_officer(case=case, by=by, at=at)
    require_stage(case, Stage.DECISION)
    return approvals.ask(case=case, subject=Approval.Subject.REVIEW, request=request, by=by, at=at)


@transaction.atomic
def ask_decision(
    *,
    case: Case,
    fine: Decimal | None,
    besides: str,
    spare: bool,
    discussion: str,
    request: str,
    by: Account,
    at: datetime,
    confiscated: Decimal | None = None,
) -> Approval:
    """Ask the head for the decision: at most what the party was told, or no penalty at all."""
    require_officer(case=case, by=by, at=at)
    require_stage(case, Stage.DECISION)
    if spare:
        fine, confiscated, besides = None, None, ""
    else:
        check_penalty(fine=fine, confiscated=confiscated, besides=besides, told=case.told_besides)
    _check_not_graver(case, fine, confiscated)
    _check_ready(case, spare, discussion, at)
    return approvals.ask(
        case=case,
        subject=Approval.Subject.DECISION,
        request=request,
        by=by,
        at=at,
        data={
            "fine": str(fine) if fine else "",
            "confiscated": str(confiscated) if confiscated else "",
            "besides": besides,
            "spare": spare,
            "discussion": discussion,
        },
    )


def _check_not_graver(case: Case, fine: Decimal | None, confiscated: Decimal | None) -> None:
    hint = _("Nobody is punished harder for speaking (art. 45); else give notice anew.")
    if (fine or 0) > (case.told_fine or 0):
        raise Refusal(
            "enforce.graver",
            _("The party was told of a fine of %(told)s yuan; it cannot become more.")
            % {"told": yuan(case.told_fine or 0)},
            hint=hint,
        )
    if (confiscated or 0) > (case.told_confiscated or 0):
        raise Refusal(
            "enforce.graver",
            _("The party was told of %(told)s yuan to be confiscated; it cannot become more.")
            % {"told": yuan(case.told_confiscated or 0)},
            hint=hint,
        )


def _check_ready(case: Case, spare: bool, discussion: str, at: datetime) -> None:
    if case.approvals.filter(result="").exists():
        raise Refusal("enforce.asked", _("Something asked for is not decided yet."))
    fine = Fine.objects.filter(pk=case.pk).exclude(revoked_on=None).first()
    if fine and kept_payments(fine).exists():
        raise Refusal(
            "enforce.not_refunded",
            _("What was paid on the revoked decision has not been paid back."),
            hint=_("Enter the repayment first (行政强制法 41)."),
        )
    if Publication.objects.shown().filter(case=case).exists():
        raise Refusal(
            "enforce.still_shown",
            _("The revoked decision still stands on the publicity list."),
            hint=_("Have it taken off first (art. 48)."),
        )
    referral = Referral.objects.filter(case=case).first()
    if referral and referral.state in {"FLAGGED", "ASKED", "SENT", "DISPUTED"}:
        raise Refusal(
            "enforce.possible_crime",
            _("The case may be a crime and this has not been settled."),
            hint=_("A penalty does not replace prosecution (art. 8, 27)."),
        )
    if not spare and may_be_heard(case, at) and not discussion.strip():
        raise BadInput(
            "enforce.no_discussion",
            _("A grave penalty is discussed by the heads together first."),
            hint=_("Enter the record of their discussion (art. 57)."),
        )
    heard = Hearing.objects.filter(case=case).first()
    if heard and heard.held_at:
        looked = case.approvals.filter(
            subject=Approval.Subject.REVIEW,
            result=Approval.Result.AGREED,
            decided_at__gte=heard.held_at,
        )
        if not looked.exists():
            raise Refusal(
                "enforce.no_legal_review",
                _("After a hearing the case needs a legal review before the decision."),
                hint=_("Ask for it first (art. 58)."),
            )


@approvals.when_agreed(Approval.Subject.DECISION)
def _decide(approval: Approval, by: Account, at: datetime) -> None:
    case, data, officer = approval.case, approval.data, approval.asked_by
    move_case(
        case=case,
        move="decide",
        by=by,
        at=at,
        note=approval.opinion,
        decided_at=at,
        outcome=Outcome.SPARED if data["spare"] else Outcome.PENALTY,
        fine=Decimal(data["fine"]) if data["fine"] else None,
        # What was asked for before this amount had a field says nothing of it.
        confiscated=Decimal(data["confiscated"]) if data.get("confiscated") else None,
        besides=data["besides"],
        discussion=data["discussion"],
    )
    terms.meet(case=case, rule="penalty.decision", by=officer, at=at, note=_("decided"))
    if data["discussion"]:
        papers.issue(case=case, form="discussion", by=officer, at=at)
    papers.issue_decision(case=case, by=officer, at=at)
    terms.start_duty(case=case, rule="penalty.serve", by=officer, at=at)
    if not data["spare"]:
        terms.start_duty(case=case, rule="penalty.publish", by=officer, at=at)


@transaction.atomic
def ask_closing(*, case: Case, result: str, by: Account, at: datetime) -> Approval:
    """Ask to close the case: everything decided has been done, or cannot be done any more."""
    require_officer(case=case, by=by, at=at)
    require_stage(case, Stage.FULFIL, Stage.ENFORCE, Stage.TRANSFERRED)
    if not result.strip():
        raise BadInput("enforce.no_result", _("Say how the case ended."))
    fine = Fine.objects.filter(case=case).first()
    if fine and fine.settled_on is None and case.stage == Stage.FULFIL:
        raise Refusal(
            "enforce.not_paid",
            _("The gains have not been paid in full.")
            if fine.gains
            else _("The fine has not been paid in full."),
            hint=_("Enter the payments, grant instalments or apply to the court."),
        )
    return approvals.ask(
        case=case,
        subject=Approval.Subject.CLOSING,
        request=result,
        by=by,
        at=at,
    )


@approvals.when_agreed(Approval.Subject.CLOSING)
def _close(approval: Approval, by: Account, at: datetime) -> None:
    case = approval.case
    outcome = case.outcome or Outcome.POLICE
    move_case(
        case=case,
        move="close",
        by=by,
        at=at,
        note=approval.opinion,
        closed_at=at,
        outcome=outcome,
        result=approval.request,
    )
    papers.issue(case=case, form="closing", by=approval.asked_by, at=at)
    # Publication goes on being due after the closing; everything else ends here.
    for term in case.terms.filter(met_at=None).exclude(rule="penalty.publish"):
        terms.meet_term(term=term, by=approval.asked_by, at=at, note=approval.request)
