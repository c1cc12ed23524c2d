"""What officers ask for and heads decide: asked once, decided by somebody else, carried out."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from anlan.base.errors import BadInput, Refusal
from anlan.people.models import Account
from anlan.work.services import advance, open_item

from ..models import Approval, Case
from .moves import log
from .officers import check_unbiased

# A lawyer's review and a head's decision are asked of different people.
KINDS = dict.fromkeys(Approval.Subject.values, "enforce.approval")
KINDS[Approval.Subject.REVIEW] = "enforce.review"

Consequence = Callable[[Approval, Account, datetime], None]
_agreed: dict[str, Consequence] = {}
_returned: dict[str, Consequence] = {}


def when_agreed(subject: str) -> Callable[[Consequence], Consequence]:
    def register(consequence: Consequence) -> Consequence:
        _agreed[subject] = consequence
        return consequence

    return register


def when_returned(subject: str) -> Callable[[Consequence], Consequence]:
    def register(consequence: Consequence) -> Consequence:
        _returned[subject] = consequence
        return consequence

    return register


def ask(
    *,
    case: Case,
    subject: str,
    request: str,
    by: Account,
    at: datetime,
    data: dict[str, Any] | None = None,
) -> Approval:
    """Ask for an approval; the caller has checked that the case is ready for it."""
    if not request.strip():
        raise BadInput("enforce.no_request", _("Say what you ask for and why."))
    if case.approvals.filter(subject=subject, result="").exists():
        raise Refusal(
            "enforce.asked",
            _("This has been asked for already and is not decided yet."),
            hint=_("Wait for the decision, or talk to who decides."),
        )
    subject_label = Approval.Subject(subject).label
    item = open_item(
        kind=KINDS[subject],
        title=f"{subject_label}：{case.name}",
        region=case.region,
        by=by,
        at=at,
        exercise=case.exercise,
    )
    approval = Approval.objects.create(
        item=item,
        case=case,
        subject=subject,
        request=request,
        data=data or {},
        asked_by=by,
        asked_at=at,
    )
    advance(item=item, move="accept", by=by, at=at)
    advance(item=item, move="submit", by=by, at=at, note=request)
    log(case=case, move="ask", by=by, at=at, note=f"{subject_label}：{request}")
    return approval


def as_read(waiting: Iterable[Approval], pk: int) -> Approval:
    """The one that its decider had on the screen, if it still waits."""
    for approval in waiting:
        if approval.pk == pk:
            return approval
    raise Refusal(
        "enforce.decided",
        _("This has been decided already."),
        hint=_("Reload the page to see where it stands."),
    )


@transaction.atomic
def decide(*, approval: Approval, agree: bool, opinion: str, by: Account, at: datetime) -> Approval:
    """Agree or not. Whoever asked cannot decide; a refusal says why."""
    if approval.result:
        raise Refusal("enforce.decided", _("This has been decided already."))
    if not agree and not opinion.strip():
        raise BadInput("enforce.no_reason", _("Say why, in a few words."))
    move = "verify" if agree else "return"
    advance(item=approval.item, move=move, by=by, at=at, note=opinion)
    return settle(approval=approval, agree=agree, opinion=opinion, by=by, at=at)


@transaction.atomic
def settle(*, approval: Approval, agree: bool, opinion: str, by: Account, at: datetime) -> Approval:
    """Write down the decision and do what follows from it; once, however it was reached."""
    check_unbiased(approval.case, by)
    result = Approval.Result.AGREED if agree else Approval.Result.RETURNED
    open_ones = Approval.objects.filter(pk=approval.pk, result="")
    if not open_ones.update(result=result, opinion=opinion, decided_by=by, decided_at=at):
        return approval
    approval.refresh_from_db()
    if not agree and approval.item.is_open:
        # Sent back for good: asking anew is a new item.
        advance(item=approval.item, move="cancel", by=Account.objects.system(), at=at, note=opinion)
    label = approval.get_subject_display()
    move = "agree" if agree else "disagree"
    log(case=approval.case, move=move, by=by, at=at, note=f"{label}：{opinion}".rstrip("："))
    follow = (_agreed if agree else _returned).get(approval.subject)
    if follow:
        follow(approval, by, at)
    return approval
