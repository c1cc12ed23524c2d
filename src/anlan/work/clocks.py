"""The statutory clock of an item: started with a rule, paused with a reason, stopped by evidence.

The due time is stored, here and on the item, and changes only in this module: no screen works it
out for itself, and there is one start date to count from.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from anlan.base.errors import Refusal

from . import deadlines, kinds
from .deadlines import BEIJING, Rule, Stretch, Version
from .models import Clock, Pause, Step, WorkItem


@transaction.atomic
def start(*, item: WorkItem, rule: str, at: datetime) -> Clock:
    """Start the clock of an item by the version of the rule that is in force then."""
    version = deadlines.get(rule).on(timezone.localdate(at))
    due = deadlines.due_at(version, at)
    clock = Clock.objects.create(
        item=item, rule=rule, rule_version=version.since, started_at=at, due_at=due
    )
    _set_due(item, due)
    return clock


@transaction.atomic
def decide(*, item: WorkItem, due: datetime, at: datetime) -> None:
    """Another due time by somebody's decision. Whoever calls keeps who, why and what it was."""
    Clock.objects.filter(item=item).update(due_at=due, decided_due=due, decided_at=at)
    _set_due(item, due)


def rule_of(clock: Clock) -> tuple[Rule, Version]:
    """The rule and the version of it that this clock started under."""
    rule = deadlines.get(clock.rule)
    return rule, rule.on(clock.rule_version)


def of(item: WorkItem) -> Clock | None:
    return Clock.objects.filter(item=item).first()


def check_pause(*, item: WorkItem, at: datetime) -> None:
    """A limit that has run out is not made to disappear."""
    if item.due_at is not None and item.due_at < at:
        raise Refusal(
            "work.clock_over",
            _("The time limit has already run out, so the clock can no longer be paused."),
            hint=_("Finish the task; the delay stays in its record."),
        )


def follow(*, item: WorkItem, step: Step) -> None:
    """What a move of the loop means for the clock. Called by `advance`, in its transaction."""
    if step.move == "pause":
        _pause(item, step)
    elif step.move == "resume":
        _resume(item, step)
    elif step.move in {"submit", "cancel", kinds.CONCLUDE}:
        Clock.objects.filter(item=item, stopped_at=None).update(stopped_at=step.at, stopped_by=step)
    elif step.move == "return":
        # The evidence was not good enough: the clock was never stopped.
        Clock.objects.filter(item=item).update(stopped_at=None, stopped_by=None)


def _pause(item: WorkItem, step: Step) -> None:
    clock = of(item)
    if clock is not None:
        Clock.objects.filter(pk=clock.pk).update(paused_at=step.at)
        Pause.objects.create(clock=clock, from_at=step.at, reason=step.note[:200])


def _resume(item: WorkItem, step: Step) -> None:
    clock = of(item)
    if clock is None:
        paused = item.steps.filter(move="pause", pk__lt=step.pk).order_by("-pk").first()
        if item.due_at is not None and paused is not None:
            _set_due(item, item.due_at + (step.at - paused.at))
        return
    clock.pauses.filter(to_at=None).update(to_at=step.at)
    stretches = [Stretch(p.from_at, p.to_at) for p in clock.pauses.all() if p.to_at]
    due = _due(clock, stretches)
    Clock.objects.filter(pk=clock.pk).update(paused_at=None, due_at=due)
    _set_due(item, due)


def _due(clock: Clock, stretches: list[Stretch]) -> datetime:
    """By the rule; after a decision, what was decided and the days that it has stood since."""
    if clock.decided_due is None or clock.decided_at is None:
        return deadlines.due_at(rule_of(clock)[1], clock.started_at, stretches)
    since = clock.decided_at
    days = sum(
        (s.end.astimezone(BEIJING).date() - max(s.start, since).astimezone(BEIJING).date()).days
        for s in stretches
        if s.end > since
    )
    return clock.decided_due + timedelta(days=days)


def _set_due(item: WorkItem, due: datetime) -> None:
    WorkItem.objects.filter(pk=item.pk).update(due_at=due)
    item.due_at = due
