"""What an approval would bring about, for whoever decides on it."""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from .models import Approval, Case, Measure
from .papers.amounts import plain_day

Line = tuple[str, str]
S = Approval.Subject


def asked_for(approval: Approval) -> list[Line]:
    """Each thing that is asked for beside the reason: amounts, days, things."""
    say = SAYS.get(approval.subject)
    return [(label, text) for label, text in say(approval) if text] if say else []


def _money(amount: Decimal | str | None) -> str:
    return f"{Decimal(amount):,.2f}" if amount else ""


def _review(approval: Approval) -> Iterator[Line]:
    case: Case = approval.case
    yield _("Facts found"), case.facts
    yield _("Article that was broken"), case.violated
    yield _("Article that punishes"), case.basis
    yield _("Fine (yuan)"), _money(case.told_fine)
    yield _("Illegal gains confiscated (yuan)"), _money(case.told_confiscated)
    yield _("Other penalty"), case.told_besides
    yield _("Why it departs from the table's range"), case.departure


def _decision(approval: Approval) -> Iterator[Line]:
    data = approval.data
    yield _("Fine (yuan)"), _money(data["fine"])
    yield _("Illegal gains confiscated (yuan)"), _money(data.get("confiscated"))
    yield _("Other penalty"), data["besides"]
    yield _("Penalty"), _("no penalty") if data["spare"] else ""
    yield _("Record of the joint discussion"), data["discussion"]


def _instalments(approval: Approval) -> Iterator[Line]:
    for amount, due_on in approval.data["parts"]:
        yield plain_day(date.fromisoformat(due_on)), _money(amount)


def _extension(approval: Approval) -> Iterator[Line]:
    yield _("New last day of the case"), plain_day(date.fromisoformat(approval.data["until"]))


def _keeping(approval: Approval) -> Iterator[Line]:
    data = approval.data
    things: list[dict[str, Any]] = data["things"]
    named = (" ".join(filter(None, (t["name"], t["spec"], t["quantity"]))) for t in things)
    yield _("What is to be kept"), "；".join(named)
    yield _("Where it is kept"), data["place"]


def _measure(approval: Approval) -> Iterator[Line]:
    yield _("Measure in the case"), str(Measure.Kind(approval.data["kind"]).label)
    yield _("By which article"), approval.data["basis"]


def _revocation(approval: Approval) -> Iterator[Line]:
    anew = approval.data["anew"]
    yield _("After that"), _("It is to be decided anew") if anew else _("case closed")


SAYS: dict[str, Callable[[Approval], Iterator[Line]]] = {
    S.REVIEW: _review,
    S.DECISION: _decision,
    S.INSTALMENT: _instalments,
    S.EXTENSION: _extension,
    S.KEEPING: _keeping,
    S.MEASURE: _measure,
    S.REVOKE: _revocation,
}
