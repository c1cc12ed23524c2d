"""Runs: asked for, cancelled. They are computed by `anlan simulate` (see `runner`)."""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from anlan.base.errors import Refusal
from anlan.base.events import publish
from anlan.people.models import Account

from ..models import Area, Run
from .areas import require_ground

CLOCK = "clock"  # the reason of a run that nobody asked for


def request_run(*, area: Area, reason: str = "", by: Account, at: datetime) -> Run:
    """A forecast from now on. Where one is waiting, computing or just done, that one is it."""
    by.require("simulate.run", region=area.region)
    if not area.enabled:
        raise Refusal(
            "simulate.area_off",
            _("No forecasts are made for “%(area)s”.") % {"area": area.name},
            hint=_("Switch the area on first."),
        )
    require_ground(area)
    base_at = at.replace(second=0, microsecond=0)
    return _underway(area, base_at) or _ask(area, base_at, reason, by, at)


def _underway(area: Area, base_at: datetime) -> Run | None:
    forecasts = area.runs.forecasts()
    same = forecasts.filter(base_at=base_at, state=Run.State.DONE)
    return forecasts.unfinished().first() or same.first()


def _ask(area: Area, base_at: datetime, reason: str, by: Account, at: datetime) -> Run:
    try:
        with transaction.atomic():
            run = Run.objects.create(
                area=area,
                base_at=base_at,
                reason=reason[:200],
                horizon_s=area.horizon_s,
                frame_s=area.frame_s,
                requested_at=at,
                requested_by=by,
            )
            publish(
                "simulate.run.requested",
                at=at,
                by=by,
                region_path=area.region.path,
                run_id=run.pk,
                area_id=area.pk,
            )
            return run
    except IntegrityError:
        # Somebody asked in the same moment: theirs is as good as ours.
        found = _underway(area, base_at)
        if found is None:
            raise
        return found


def plan_runs(at: datetime) -> int:
    """Ask for the forecasts that are due. Called by the ticker; returns how many were new."""
    count = 0
    for area in Area.objects.enabled().select_related("region", "terrain"):
        due = _slot(at, area.every_s)
        # A run that went wrong counts too: the next slot tries again, not the next tick.
        if area.runs.forecasts().filter(base_at__gte=due).exists() or _underway(area, due):
            continue
        _ask(area, due, CLOCK, Account.objects.system(), at)
        count += 1
    return count


def _slot(at: datetime, every_s: int) -> datetime:
    """The last whole multiple of `every_s` of the day that has begun."""
    day = timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)
    passed = (at - day).total_seconds() // every_s * every_s
    return day + timedelta(seconds=passed)


@transaction.atomic
def cancel_run(*, run: Run, by: Account, at: datetime) -> Run:
    """Take it out of the queue, or ask the process that computes it to stop."""
    by.require("simulate.run", region=run.area.region)
    waiting = Run.objects.filter(pk=run.pk, state=Run.State.QUEUED)
    # Machine time, as the runner keeps it: a run's own times are not the scenario's.
    if waiting.update(state=Run.State.CANCELLED, finished_at=Now()):
        run.members.update(state=Run.State.CANCELLED, finished_at=Now())
        publish(
            "simulate.run.cancelled",
            at=at,
            by=by,
            region_path=run.area.region.path,
            run_id=run.pk,
            area_id=run.area_id,
        )
    elif not Run.objects.filter(pk=run.pk, state=Run.State.RUNNING).update(cancel_asked=True):
        raise Refusal("simulate.run_over", _("This run is over already."))
    run.refresh_from_db()
    return run
