"""Reminders and escalations, by each kind's own steps: a duty of the ticker.

Each step goes once to each recipient of an item, whatever happens between two rounds; a unique
constraint holds it, so two tickers at once do no harm.
"""

import time
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from anlan.base.errors import Refusal
from anlan.base.events import publish
from anlan.people.models import Account, Holding

from . import kinds
from .kinds import Escalation, Kind
from .models import Reminder, WorkItem
from .services import advance

S = WorkItem.State
RUNNING = (S.OPEN, S.DOING)
AT_ONCE, TOGETHER, BUDGET_S = 500, 25, 1.5
# Places in `Reminder.escalation` for what a person escalated; the kind's own steps are below.
BY_HAND = 1000


def remind(at: datetime) -> int:
    """Send the reminders that are due; returns how many went out.

    Stops after a while, so that a storm's hundred overdue tasks do not hold up the worker that
    also delivers alarms: the rest goes out in the next round, longest overdue first.
    """
    until, sent = time.monotonic() + BUDGET_S, 0
    for kind in kinds.registered():
        for number, step in enumerate(kind.escalations):
            items = _waiting(kind, number, step, at)
            while items and time.monotonic() < until:
                some, items = items[:TOGETHER], items[TOGETHER:]
                with transaction.atomic():  # one write to the disk for all of these
                    sent += sum(_try(item, number, step, at) for item in some)
    return sent


def _try(item: WorkItem, number: int, step: Escalation, at: datetime) -> int:
    try:
        return len(_tell(item, number, step, at))
    except Refusal:
        return 0  # somebody moved the item meanwhile: the next round looks afresh


def _waiting(kind: Kind, number: int, step: Escalation, at: datetime) -> list[WorkItem]:
    """Items that have come to this step and whose step has not gone out."""
    told = Reminder.objects.filter(item=OuterRef("pk"), escalation=number)
    # What is handed in waits for the checkers: only they are still to be told.
    states = (*RUNNING, S.SUBMITTED) if step.tell == "checkers" else RUNNING
    due = WorkItem.objects.filter(
        ~Exists(told), kind=kind.code, state__in=states, due_at__lte=at - step.after
    )
    related = due.select_related("region", "doer", "post__role", "post__region")
    return list(related.order_by("due_at", "pk")[:AT_ONCE])


def catch_up(*, item: WorkItem, at: datetime) -> None:
    """After a new assignment: who takes over late is told what had gone out before."""
    for number, step in enumerate(item.kind_of.escalations):
        if item.due_at is not None and item.due_at <= at - step.after and step.tell != "checkers":
            _tell(item, number, step, at)


@transaction.atomic
def _tell(item: WorkItem, number: int, step: Escalation, at: datetime) -> list[Account]:
    """Write one reminder for each recipient who has not had it; escalating makes a step too."""
    people = _new(item, number, recipients(item, step.tell, at) or _instead(item, at))
    if not people:
        return []
    Reminder.objects.bulk_create(
        [Reminder(item=item, escalation=number, to=person, at=at) for person in people]
    )
    system = Account.objects.system()
    publish(
        "work.item.remind",
        at=at,
        by=system,
        region_path=item.region.path,
        item_id=item.pk,
        kind=item.kind,
        escalation=number,
        to=[person.pk for person in people],
    )
    goes_up = step.tell not in {"doer", "post"} and item.kind_of.allows("escalate")
    if goes_up and item.state in RUNNING:
        advance(item=item, move="escalate", by=system, at=at, note=_("Told because it is overdue."))
    return people


def _new(item: WorkItem, number: int, people: Iterable[Account]) -> list[Account]:
    had = set(item.reminders.filter(escalation=number).values_list("to_id", flat=True))
    found = {person.pk: person for person in people}
    return [person for pk, person in found.items() if pk not in had]


def recipients(item: WorkItem, tell: str, at: datetime) -> list[Account]:
    """Who is meant by an escalation's `tell`, on that day."""
    if tell == "doer":
        if item.doer:
            return [item.doer]
        tell = "post"
    if tell == "post":
        return _holders(Q(post=item.post), at) if item.post else []
    return _nearest(item, tell, at)


def _instead(item: WorkItem, at: datetime) -> list[Account]:
    """Where nobody holds the post those above must know; where there is nobody at all, the system
    account stands in, so that the step counts as gone out and does not hold up the others."""
    return _nearest(item, "checkers", at) or [Account.objects.system()]


def _nearest(item: WorkItem, tell: str, at: datetime) -> list[Account]:
    for path in _upwards(item.region.path):
        if tell == "checkers":
            found = checkers_at(item, path, at)
        else:
            found = _holders(Q(post__role__code=tell, post__region__path=path), at)
        if found:
            return found
    return []


def _upwards(path: str) -> list[str]:
    """The region's own path, then those above it."""
    codes = path.rstrip("/").split("/")
    return ["/".join(codes[:n]) + "/" for n in range(len(codes), 0, -1)]


def checkers_at(item: WorkItem, path: str, at: datetime) -> list[Account]:
    """Who may check this kind by a grant or post of exactly this region, but for the doer."""
    permission = item.kind_of.may_check
    granted = Q(grants__permission=permission, grants__region__path=path)
    # Permissions of a role are a list; filtering it is left to Python, alike on every database.
    held = Holding.objects.filter(post__region__path=path).on(timezone.localdate(at))
    by_post = [
        h.account_id
        for h in held.select_related("post__role")
        if permission in h.post.role.permissions
    ]
    found = Account.objects.filter(granted | Q(pk__in=by_post), is_active=True)
    return [a for a in found.distinct().order_by("pk") if a.pk != item.doer_id]


def _holders(which: Q, at: datetime) -> list[Account]:
    held = Holding.objects.filter(which, account__is_active=True).on(timezone.localdate(at))
    return [holding.account for holding in held.select_related("account").order_by("pk")]


@transaction.atomic
def tell_above(*, item: WorkItem, at: datetime) -> list[Account]:
    """Somebody pressed “escalate”: tell the checkers above those who knew already."""
    number = BY_HAND + item.steps.filter(move="escalate").count()
    known = set(item.reminders.values_list("to_id", flat=True))
    for path in _upwards(item.region.path):
        people = [p for p in checkers_at(item, path, at) if p.pk not in known]
        if people:
            Reminder.objects.bulk_create(
                [Reminder(item=item, escalation=number, to=person, at=at) for person in people]
            )
            return people
    return []
