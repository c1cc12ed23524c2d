"""Time limits of a case: started by the law's version of that day, met or left to run out."""

from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from anlan.people.models import Account
from anlan.work import deadlines
from anlan.work.models import WorkItem
from anlan.work.services import advance, open_item

from ..models import Case, Term

KIND = "enforce.duty"
# What the party may do once it was told.
TOLD = ("enforce.statement", "penalty.hearing")
# Duties that are not the case's own officers' to do.
OTHER_KINDS = {"penalty.publish": "enforce.publish", "enforce.withdraw": "enforce.publish"}


def start_term(
    *, case: Case, rule: str, by: Account, at: datetime, started_at: datetime | None = None
) -> Term:
    """A limit that the party has: it may ask, defend, pay, appeal until then."""
    version, due = _version_and_due(rule, started_at or at)
    return Term.objects.create(
        case=case,
        rule=rule,
        rule_version=version.since,
        started_at=started_at or at,
        due_at=due,
        ours=False,
    )


def start_duty(
    *, case: Case, rule: str, by: Account, at: datetime, started_at: datetime | None = None
) -> Term:
    """A limit that the organ must keep: a duty of the loop in its officers' inbox."""
    version, due = _version_and_due(rule, started_at or at)
    label = str(deadlines.get(rule).label)
    item = open_item(
        kind=OTHER_KINDS.get(rule, KIND),
        title=f"{label}：{case.name}",
        region=case.region,
        due_at=due,
        by=by,
        at=at,
        exercise=case.exercise,
    )
    return Term.objects.create(
        case=case,
        rule=rule,
        rule_version=version.since,
        started_at=started_at or at,
        due_at=due,
        ours=True,
        item=item,
    )


def minute(at: datetime) -> datetime:
    """People write receipts down in minutes: what follows within the minute is not before."""
    return at.replace(second=0, microsecond=0)


def meet(*, case: Case, rule: str, by: Account, at: datetime, note: str = "") -> None:
    """The running limit of this rule was kept (or is over): its duty is closed."""
    for term in Term.objects.filter(case=case, rule=rule, met_at=None).select_related("item"):
        meet_term(term=term, by=by, at=at, note=note)


def meet_term(*, term: Term, by: Account, at: datetime, note: str = "") -> None:
    """Met by a record of the case; the system verifies that this record is there."""
    if Term.objects.filter(pk=term.pk, met_at=None).update(met_at=at) and term.item:
        _close_item(term.item, by, at, note)


def drop(*, terms: QuerySet[Term], by: Account, at: datetime, why: str) -> None:
    """These limits end without being kept: what they rest on is no more."""
    for term in terms.filter(met_at=None).select_related("item"):
        Term.objects.filter(pk=term.pk).update(met_at=at, dropped=why[:300])
        if term.item and term.item.is_open:
            if term.item.state == WorkItem.State.SUBMITTED:
                _close_item(term.item, by, at, why)
            else:
                advance(item=term.item, move="cancel", by=Account.objects.system(), at=at, note=why)


def prolong(*, term: Term, rule: str) -> None:
    """Go on until the end of a longer rule, counted from the same start."""
    version, due = _version_and_due(rule, term.started_at)
    Term.objects.filter(pk=term.pk).update(rule=rule, rule_version=version.since)
    set_due(term=term, due_at=due)


def _close_item(item: WorkItem, by: Account, at: datetime, note: str) -> None:
    item.refresh_from_db()
    if not item.is_open:
        return
    if item.state == WorkItem.State.OPEN:
        advance(item=item, move="accept", by=by, at=at)
    if item.state == WorkItem.State.DOING:
        # Who accepted it has it; that another did it stands in the case's own history.
        advance(item=item, move="submit", by=item.doer or by, at=at, note=note)
    advance(item=item, move="verify", by=Account.objects.system(), at=at, note=note)


def _version_and_due(rule: str, started_at: datetime) -> tuple[deadlines.Version, datetime]:
    version = deadlines.get(rule).on(timezone.localdate(started_at))
    return version, deadlines.due_at(version, started_at)


def set_due(*, term: Term, due_at: datetime) -> None:
    """Another end, as approved."""
    Term.objects.filter(pk=term.pk).update(due_at=due_at)
    if term.item:
        WorkItem.objects.filter(pk=term.item.pk).update(due_at=due_at)
