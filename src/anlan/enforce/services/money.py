"""Payments, instalments, standstills, demands and the way to the court."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from anlan.base.days import end_of
from anlan.base.errors import BadInput, Refusal
from anlan.base.numbers import yuan
from anlan.people.models import Account
from anlan.work import deadlines

from .. import rules
from ..balances import balance_of, parts_of, postponed_on
from ..ledger import CENT, DAY
from ..models import Approval, Case, Fine, Instalment, Payment, Publication, Standstill, Term
from ..stages import Procedure, Stage
from . import approvals, overdue, papers, terms
from .moves import log, move_case, require_stage
from .officers import require_officer
from .withdrawing import kept_payments


@transaction.atomic
def enter_payment(
    *,
    case: Case,
    amount: Decimal,
    paid_on: date,
    voucher: str,
    on_spot: bool,
    by: Account,
    at: datetime,
) -> Payment:
    """Money that came in, by its voucher, exactly and once."""
    by.require("enforce.handle", region=case.region)
    fine = _locked(case)
    _check_payment(fine, amount, paid_on, voucher, on_spot, at)
    try:
        with transaction.atomic():
            made = Payment.objects.create(
                fine=fine,
                amount=amount,
                paid_on=paid_on,
                voucher=voucher.strip(),
                on_spot=on_spot,
                entered_by=by,
                entered_at=at,
            )
    except IntegrityError as error:
        raise Refusal(
            "enforce.voucher_used",
            _("The voucher %(number)s has been entered already.") % {"number": voucher},
            hint=_("Check its number; a payment is entered once."),
        ) from error
    if on_spot:
        terms.start_duty(case=case, rule="enforce.cash", by=by, at=at)
    _settle(fine, by, at)
    log(case=case, move="pay", by=by, at=at, note=f"{amount:,.2f}元 {voucher}")
    return made


def _locked(case: Case) -> Fine:
    """The fine, held until the end of the transaction: two payments at once are added up."""
    fine = Fine.objects.select_for_update().filter(pk=case.pk).first()
    if fine is None or fine.due_on is None:
        raise Refusal(
            "enforce.no_fine",
            _("Nothing is to be paid in this case, or not yet."),
            hint=_("A fine is due once its decision has been served."),
        )
    return fine


def _check_payment(
    fine: Fine, amount: Decimal, paid_on: date, voucher: str, on_spot: bool, at: datetime
) -> None:
    if amount <= 0 or amount != amount.quantize(CENT):
        raise BadInput("enforce.bad_amount", _("Enter an amount in yuan and cents."))
    if not voucher.strip():
        raise BadInput("enforce.no_voucher", _("Enter the number of the voucher."))
    if not fine.decided_on <= paid_on <= timezone.localdate(at):
        raise BadInput("enforce.bad_day", _("The day lies before the decision or in the future."))
    left = balance_of(fine, max(paid_on, _last_day(fine))).left
    if amount > left:
        raise Refusal(
            "enforce.overpaid",
            _("Only %(left)s yuan are left to pay.") % {"left": yuan(left)},
            hint=_("What was paid too much goes back to the party; do not enter it here."),
        )
    most = rules.on(rules.CASH, fine.decided_on).org
    if on_spot and (fine.case.procedure != Procedure.SUMMARY or fine.amount > most):
        raise Refusal(
            "enforce.no_cash",
            _("Officers do not take this fine themselves; it is paid at the bank."),
            hint=_("On the spot only fines up to %(most)s yuan (art. 68).") % {"most": yuan(most)},
        )


def _last_day(fine: Fine) -> date:
    newest = fine.payments.order_by("-paid_on").values_list("paid_on", flat=True).first()
    return newest or fine.decided_on


def _settle(fine: Fine, by: Account, at: datetime) -> None:
    """Note the day on which nothing was left, or that something is left again."""
    day = _last_day(fine)
    stands = balance_of(fine, day)
    settled = day if stands.left_of_fine == 0 and stands.left == 0 else None
    Fine.objects.filter(pk=fine.pk).update(settled_on=settled)
    if settled:
        terms.meet(case=fine.case, rule="penalty.payment", by=by, at=at)
    else:
        # Not the limit of an earlier decision, which was revoked.
        paying = Term.objects.filter(case=fine.case, rule="penalty.payment")
        paying.filter(started_at__gte=overdue.since(fine.case)).update(met_at=None)


@transaction.atomic
def cancel_payment(*, payment: Payment, reason: str, by: Account, at: datetime) -> Payment:
    """Undo a wrong entry by a row of its own."""
    case = payment.fine.case
    by.require("enforce.approve", region=case.region)
    if not reason.strip():
        raise BadInput("enforce.no_reason", _("Say why, in a few words."))
    if payment.entered_by_id == by.pk:
        raise Refusal(
            "enforce.own_entry", _("Somebody else than who entered it cancels a payment.")
        )
    if payment.cancels_id or Payment.objects.filter(cancels=payment).exists():
        raise Refusal("enforce.cancelled", _("This payment has been cancelled already."))
    fine = _locked(case)
    made = Payment.objects.create(
        fine=fine,
        amount=-payment.amount,
        paid_on=payment.paid_on,
        voucher=payment.voucher,
        cancels=payment,
        reason=reason[:200],
        entered_by=by,
        entered_at=at,
    )
    _settle(fine, by, at)
    log(case=case, move="unpay", by=by, at=at, note=f"{payment.voucher}：{reason}")
    return made


@transaction.atomic
def hand_in_cash(*, case: Case, by: Account, at: datetime) -> None:
    """What officers took themselves has reached the organ (art. 71)."""
    require_officer(case=case, by=by, at=at)
    if not case.terms.filter(rule="enforce.cash", met_at=None).exists():
        raise Refusal("enforce.no_cash_held", _("No cash is to be handed in."))
    terms.meet(case=case, rule="enforce.cash", by=by, at=at)
    log(case=case, move="cash", by=by, at=at)


@dataclass(frozen=True)
class Part:
    amount: Decimal
    due_on: date


@transaction.atomic
def ask_instalments(
    *, case: Case, parts: Sequence[Part], reason: str, by: Account, at: datetime
) -> Approval:
    """Later payment or instalments, on the party's request (art. 66)."""
    require_officer(case=case, by=by, at=at)
    require_stage(case, Stage.FULFIL)
    fine = _locked(case)
    if fine.gains:
        raise Refusal(
            "enforce.gains_at_once",
            _("Only a fine is paid later or in instalments."),
            hint=_("Confiscated gains are handed over whole (行政处罚法 66 speaks of fines)."),
        )
    if fine.settled_on or kept_payments(fine).exists():
        raise Refusal("enforce.paid_already", _("Something has been paid already."))
    _check_parts(fine, parts, at)
    return approvals.ask(
        case=case,
        subject=Approval.Subject.INSTALMENT,
        request=reason,
        by=by,
        at=at,
        data={"parts": [[str(p.amount), p.due_on.isoformat()] for p in parts]},
    )


def _check_parts(fine: Fine, parts: Sequence[Part], at: datetime) -> None:
    if not parts or sum((p.amount for p in parts), Decimal(0)) != fine.amount:
        raise BadInput(
            "enforce.parts_sum",
            _("The instalments must add up to %(fine)s yuan exactly.")
            % {"fine": yuan(fine.amount)},
        )
    days = [p.due_on for p in parts]
    if any(p.amount <= 0 for p in parts) or days != sorted(set(days)):
        raise BadInput("enforce.parts_order", _("Each instalment is later than the one before."))
    end_of(days[-1])  # refuses a day that nobody plans for
    if days[0] < timezone.localdate(at):
        raise BadInput("enforce.parts_past", _("An instalment cannot be due in the past."))


@approvals.when_agreed(Approval.Subject.INSTALMENT)
def _grant(approval: Approval, by: Account, at: datetime) -> None:
    case, officer = approval.case, approval.asked_by
    fine = _locked(case)
    if kept_payments(fine).exists():
        raise Refusal("enforce.paid_already", _("Something has been paid already."))
    Fine.objects.filter(pk=fine.pk).update(postponed=postponed_on(fine, timezone.localdate(at)))
    fine.instalments.all().delete()
    for n, (amount, due_on) in enumerate(approval.data["parts"], start=1):
        Instalment.objects.create(
            fine=fine, number=n, amount=Decimal(amount), due_on=date.fromisoformat(due_on)
        )
    _pay_until(case, fine)
    log(case=case, move="instal", by=by, at=at)
    papers.issue(case=case, form="instalments", by=officer, at=at)


def _pay_until(case: Case, fine: Fine) -> None:
    """The party's limit is the last instalment's day."""
    last = max(part.due_on for part in parts_of(fine))
    due_at = datetime.combine(last + DAY, datetime.min.time(), deadlines.BEIJING)
    for term in case.terms.filter(rule="penalty.payment", met_at=None, dropped=""):
        terms.set_due(term=term, due_at=due_at)


@transaction.atomic
def begin_standstill(
    *, case: Case, kind: str, from_date: date, by: Account, at: datetime
) -> Standstill:
    """The party asked for reconsideration or went to court: the surcharge stands still."""
    require_officer(case=case, by=by, at=at)
    fine = _locked(case)
    if kind not in Standstill.Kind.values or from_date > timezone.localdate(at):
        raise BadInput("enforce.bad_day", _("Choose what began, and a day that has been."))
    if fine.standstills.filter(to_date=None).exists():
        raise Refusal("enforce.stands_already", _("It stands still already."))
    made = Standstill.objects.create(fine=fine, kind=kind, from_date=from_date)
    log(case=case, move="stand", by=by, at=at, note=made.get_kind_display())
    return made


@transaction.atomic
def end_standstill(
    *, case: Case, to_date: date, result: str, changed: bool, by: Account, at: datetime
) -> Standstill:
    """It is over; a decision that did not stand is to be taken off the publicity list."""
    require_officer(case=case, by=by, at=at)
    fine = _locked(case)
    running = fine.standstills.filter(to_date=None).first()
    if running is None or not running.from_date <= to_date <= timezone.localdate(at):
        raise BadInput("enforce.bad_day", _("Nothing stands still, or the day does not fit."))
    Standstill.objects.filter(pk=running.pk).update(to_date=to_date, result=result[:200])
    running.refresh_from_db()
    if changed and Publication.objects.shown().filter(case=case).exists():
        terms.start_duty(case=case, rule="enforce.withdraw", by=by, at=at)
    log(case=case, move="unstand", by=by, at=at, note=result)
    return running


@transaction.atomic
def demand_payment(*, case: Case, by: Account, at: datetime) -> None:
    """Demand what is overdue in writing, before a surcharge is imposed or the court is asked."""
    require_officer(case=case, by=by, at=at)
    require_stage(case, Stage.FULFIL)
    fine = _locked(case)
    _require(overdue.why_no_demand(fine, at))
    papers.issue(case=case, form="gains_demand" if fine.gains else "demand", by=by, at=at)
    log(case=case, move="dun", by=by, at=at)


@transaction.atomic
def impose_surcharge(*, case: Case, by: Account, at: datetime) -> None:
    """The letter that imposes what the surcharge has come to by now (art. 72)."""
    require_officer(case=case, by=by, at=at)
    require_stage(case, Stage.FULFIL)
    _require(overdue.why_no_surcharge(_locked(case), at))
    papers.issue(case=case, form="surcharge", by=by, at=at)


@transaction.atomic
def apply_to_court(*, case: Case, request: str, by: Account, at: datetime) -> Case:
    """Ask the court to enforce, after appeals, a demand and ten days (行政强制法 53, 54)."""
    require_officer(case=case, by=by, at=at)
    require_stage(case, Stage.FULFIL)
    fine = _locked(case)
    _require(overdue.why_not_to_court(fine, at))
    form = "gains_application" if fine.gains else "court_application"
    papers.issue(case=case, form=form, by=by, at=at, text=request)
    return move_case(case=case, move="enforce", by=by, at=at, note=request)


def _require(refusal: Refusal | None) -> None:
    if refusal:
        raise refusal
