"""What may be done about a fine that is not paid, and from when: the page asks, so do the doors."""

from datetime import datetime
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from anlan.base.days import spoken
from anlan.base.errors import Refusal
from anlan.work import deadlines

from ..balances import balance_of, parts_of
from ..ledger import DAY
from ..models import Case, Fine, Term
from . import terms


def why_no_demand(fine: Fine, at: datetime) -> Refusal | None:
    """Nothing where the party may be demanded to pay."""
    day = timezone.localdate(at)
    if balance_of(fine, day - DAY).overdue_days or _late(fine, at):
        return None
    runs = [part.due_on for part in parts_of(fine) if part.due_on >= day]
    return Refusal(
        "enforce.not_overdue",
        _("Nothing is overdue yet."),
        hint=_("The party has until %(day)s to pay.") % {"day": spoken(runs[0])} if runs else "",
    )


def why_no_instalments(fine: Fine, at: datetime) -> Refusal | None:
    """Nothing where the party may still be given later days: before the first payment."""
    if sum(payment.amount for payment in fine.payments.all()) > 0:
        return Refusal("enforce.paid_already", _("Something has been paid already."))
    return None


def why_no_surcharge(fine: Fine, at: datetime) -> Refusal | None:
    """Nothing where the surcharge may be imposed (art. 72)."""
    if balance_of(fine, timezone.localdate(at)).left_of_surcharge <= 0:
        return Refusal("enforce.no_surcharge", _("There is no surcharge."))
    if _demanded(fine.case) is None:
        return Refusal(
            "enforce.no_demand",
            _("The party has not been demanded to pay."),
            hint=_("Serve a demand first (行政强制法 35)."),
        )
    return None


def why_not_to_court(fine: Fine, at: datetime) -> Refusal | None:
    """Nothing where the court may be asked, after appeals, a demand and ten days."""
    if fine.settled_on or balance_of(fine, timezone.localdate(at)).left <= 0:
        return Refusal("enforce.settled", _("Nothing is left to pay."))
    if any(still.to_date is None for still in fine.standstills.all()):
        return Refusal(
            "enforce.appeal_runs",
            _("A reconsideration or lawsuit is running; the court is not asked meanwhile."),
            hint=_("Enter its end first (行政强制法 53)."),
        )
    demanded = _demanded(fine.case)
    if demanded is None:
        return Refusal(
            "enforce.no_demand",
            _("The party has not been demanded to pay."),
            hint=_("Serve a demand; ten working days after it the court may be asked."),
        )
    return _outside_three_months(fine, demanded, at)


def _outside_three_months(fine: Fine, demanded: Term, at: datetime) -> Refusal | None:
    ends = _appeal_ends(fine)
    opens = max(demanded.due_at, ends)
    if at < opens:
        return Refusal(
            "enforce.too_early",
            _("The court may be asked from %(day)s on.")
            % {"day": spoken(timezone.localdate(opens))},
        )
    version = deadlines.get("enforce.apply_court").on(timezone.localdate(at))
    if at >= deadlines.due_at(version, ends):
        return Refusal(
            "enforce.too_late",
            _("The three months for applying to the court are over."),
            hint=version.source,
        )
    return None


def since(case: Case) -> datetime:
    """Limits of an earlier decision, which was revoked, do not count for this one."""
    assert case.decided_at is not None  # a fine is due
    return terms.minute(case.decided_at)


def _demanded(case: Case) -> Term | None:
    """The limit of the demand that was served for this decision."""
    found = case.terms.filter(rule="enforce.demand", started_at__gte=since(case))
    return found.order_by("-pk").first()


def _late(fine: Fine, at: datetime) -> bool:
    day = timezone.localdate(at)
    due = sum((p.amount for p in parts_of(fine) if p.due_on < day), Decimal(0))
    return balance_of(fine, day).paid_fine < due


def _appeal_ends(fine: Fine) -> datetime:
    """When neither reconsideration nor lawsuit is possible, nor an instalment is still to come."""
    appeals = fine.case.terms.filter(
        rule__in=["enforce.reconsider", "enforce.lawsuit"], started_at__gte=since(fine.case)
    )
    ends = [term.due_at for term in appeals]
    after = deadlines.get("enforce.lawsuit_after")
    for appeal in fine.standstills.all():
        if appeal.to_date is None:
            continue
        # Fifteen days to sue, or to appeal against the judgment, from its last day.
        heard = datetime.combine(appeal.to_date, datetime.min.time(), deadlines.BEIJING)
        ends.append(deadlines.due_at(after.on(appeal.to_date), heard))
    last = max((part.due_on for part in parts_of(fine)), default=fine.decided_on)
    midnight = datetime.combine(last + DAY, datetime.min.time(), deadlines.BEIJING)
    return max([*ends, midnight])
