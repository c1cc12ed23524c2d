"""Service of documents, and what begins with it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from anlan.base.errors import BadInput, Refusal
from anlan.people.models import Account
from anlan.work import deadlines

from .. import rules
from ..models import Case, Fine, Paper, Receipt
from ..stages import Procedure, Stage
from . import papers, terms
from .moves import log, move_case
from .officers import acting, require_officer

W = Receipt.Way


@dataclass(frozen=True)
class Delivery:
    """How a document was brought to the party."""

    way: str
    place: str
    sent_at: datetime
    received_at: datetime
    receiver: str = ""
    relation: str = ""
    witness: str = ""
    note: str = ""


@transaction.atomic
def serve(*, paper: Paper, delivery: Delivery, by: Account, at: datetime) -> Receipt:
    """Enter the receipt; from its day on the party's limits run."""
    case = paper.case
    require_officer(case=case, by=by, at=at)
    _check(paper, delivery, at)
    waiting = Paper.objects.filter(pk=paper.pk, state=Paper.State.ISSUED)
    if not waiting.update(state=Paper.State.SERVED):
        raise Refusal(
            "enforce.served",
            _("This document has been served or replaced already."),
            hint=_("Reload the page to see where it stands."),
        )
    paper.refresh_from_db(fields=["state"])
    other = next((o for o in acting(case) if o.certificate.account_id != by.pk), None)
    receipt = Receipt.objects.create(
        paper=paper,
        **vars(delivery),
        served_by=by,
        with_officer=other.certificate.account if other else None,
    )
    note = f"{paper.title} {receipt.get_way_display()} {delivery.receiver}".strip()
    log(case=case, move="receipt", by=by, at=at, note=note)
    _follow(case, paper, receipt, by, at)
    return receipt


def _check(paper: Paper, delivery: Delivery, at: datetime) -> None:
    if delivery.way not in W.values or not delivery.place.strip():
        raise BadInput("enforce.receipt_incomplete", _("Say how and where it was served."))
    if not terms.minute(paper.issued_at) <= delivery.sent_at <= delivery.received_at <= at:
        raise BadInput(
            "enforce.receipt_times",
            _("It cannot have been served before it was issued, or in the future."),
        )
    if delivery.way == W.LEFT and not delivery.witness.strip():
        raise BadInput("enforce.no_witness", _("Name the witness in whose presence it was left."))
    if delivery.way == W.ELECTRONIC and not paper.case.party.electronic:
        raise Refusal(
            "enforce.no_consent",
            _("The party has not agreed to electronic service."),
            hint=_("Have the confirmation signed first (art. 61), or serve it otherwise."),
        )
    if delivery.way == W.PUBLIC:
        _check_public(delivery)
    elif delivery.way not in {W.ELECTRONIC, W.LEFT} and not delivery.receiver.strip():
        raise BadInput("enforce.no_receiver", _("Name who received it."))


def _check_public(delivery: Delivery) -> None:
    rule = deadlines.get("enforce.public_notice")
    version = rule.on(timezone.localdate(delivery.sent_at))
    served_at = deadlines.due_at(version, delivery.sent_at) - timedelta(minutes=1)
    if timezone.localdate(delivery.received_at) < timezone.localdate(served_at):
        raise BadInput(
            "enforce.notice_too_short",
            _("A public notice counts as served after %(days)d days.") % {"days": version.amount},
            hint=version.source,
        )


def _follow(case: Case, paper: Paper, receipt: Receipt, by: Account, at: datetime) -> None:
    began = receipt.received_at
    if paper.form == "penalty_notice":
        terms.start_term(case=case, rule="enforce.statement", by=by, at=at, started_at=began)
    elif paper.form == "hearing_right":
        terms.start_term(case=case, rule="penalty.hearing", by=by, at=at, started_at=began)
    elif paper.form in papers.DEMANDS:
        terms.start_term(case=case, rule="enforce.demand", by=by, at=at, started_at=began)
    elif paper.form in papers.DECISIONS and case.stage == Stage.SERVICE:
        _decision_served(case, began, by, at)


def _decision_served(case: Case, began: datetime, by: Account, at: datetime) -> None:
    terms.meet(case=case, rule="penalty.serve", by=by, at=at, note=_("receipt entered"))
    appeals = ["enforce.reconsider"]
    first = timezone.localdate(began) >= rules.RECONSIDER_FIRST
    if case.procedure != Procedure.SUMMARY or not first:
        appeals.append("enforce.lawsuit")
    for rule in appeals:
        terms.start_term(case=case, rule=rule, by=by, at=at, started_at=began)
    if case.fine:
        terms.start_term(case=case, rule="penalty.payment", by=by, at=at, started_at=began)
    if owed := case.fine or case.confiscated:
        _owe(case, owed, began)
    move_case(case=case, move="serve", by=by, at=at)


def _owe(case: Case, owed: Decimal, began: datetime) -> None:
    """What is to be paid, and by when. Gains have the fine's fifteen days: the law names none."""
    version = deadlines.get("penalty.payment").on(timezone.localdate(began))
    due_at = deadlines.due_at(version, began)
    Fine.objects.update_or_create(
        case=case,
        defaults={
            "amount": owed,
            "gains": not case.fine,
            "decided_on": timezone.localdate(case.decided_at),
            "due_on": timezone.localdate(due_at - timedelta(minutes=1)),
            "postponed": [],
            "settled_on": None,
            "revoked_on": None,
        },
    )


def serve_on_spot(*, case: Case, receiver: str, by: Account, at: datetime) -> Receipt:
    """A decision of the summary procedure is handed over at once."""
    paper = papers.standing(case, *papers.DECISIONS)
    assert paper is not None  # issued by the caller in the same transaction
    place = case.party.address or case.region.name
    delivery = Delivery(W.DIRECT, place, sent_at=at, received_at=at, receiver=receiver)
    terms.start_duty(case=case, rule="penalty.publish", by=by, at=at)
    return serve(paper=paper, delivery=delivery, by=by, at=at)
