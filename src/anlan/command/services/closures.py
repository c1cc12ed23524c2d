"""Have an underpass or road closed to traffic, and open it again."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from anlan.base.errors import BadInput, Refusal
from anlan.base.events import publish
from anlan.command.models import Closure, Incident, PlanStep, PlanVersion
from anlan.people.charges import charge_of
from anlan.people.models import Account, Post
from anlan.places.models import Road, Site
from anlan.places.queries import paths_upwards
from anlan.places.services.revisions import touch
from anlan.warn import describe
from anlan.warn.models import Alarm
from anlan.work.models import Step, WorkItem
from anlan.work.services import advance, open_item

KIND = "command.closure"
CLOSABLE = frozenset({"underpass"})  # kinds of sites; every road is
USUAL = timedelta(minutes=30)
# Of a forecast: until the water comes, but nobody can be asked for less than this.
SHORTEST, LONGEST = timedelta(minutes=10), timedelta(minutes=60)


def is_closable(place: Site | Road | None) -> bool:
    return isinstance(place, Road) or (isinstance(place, Site) and place.kind in CLOSABLE)


def place_of(alarm: Alarm) -> Site | None:
    """The site that an alarm is about: the forecast's, or the one that the gauge watches."""
    return alarm.site or (alarm.series.station.site if alarm.series else None)


@transaction.atomic
def order_closure(
    *,
    place: Site | Road,
    reason: str = "",
    alarm: Alarm | None = None,
    by: Account,
    at: datetime,
) -> Closure:
    """Ask the post that answers for a place to close it; what is asked already stands."""
    by.require("command.lead", region=place.region)
    if not is_closable(place):
        raise BadInput(
            "command.not_closable",
            _("“%(place)s” is no place that is closed to traffic.") % {"place": place},
        )
    standing = _standing(place)
    if standing is not None:
        return standing
    try:
        with transaction.atomic():
            return _order(place, reason, alarm, by, at)
    except IntegrityError:
        # Somebody ordered it in the same moment: theirs is as good as ours.
        standing = _standing(place)
        if standing is None:
            raise
        return standing


def order_for_alarm(*, alarm: Alarm, by: Account, at: datetime) -> Closure:
    """Have the place that an alarm is about closed."""
    place = place_of(alarm)
    if place is None or not is_closable(place):
        raise BadInput(
            "command.not_closable",
            _("“%(place)s” is no place that is closed to traffic.") % {"place": alarm.where},
        )
    return order_closure(place=place, alarm=alarm, by=by, at=at)


def _order(
    place: Site | Road, reason: str, alarm: Alarm | None, by: Account, at: datetime
) -> Closure:
    incident = _incident_around(place, alarm)
    item = open_item(
        kind=KIND,
        title=_("Close “%(place)s” to traffic") % {"place": place},
        region=place.region,
        post=post_for(place),
        due_at=_due(alarm, at),
        exercise=bool((alarm and alarm.exercise) or (incident and incident.exercise)),
        by=by,
        at=at,
    )
    closure = Closure.objects.create(
        item=item,
        alarm=alarm,
        incident=incident,
        reason=(reason.strip() or _reason(alarm))[:200],
        **_column(place),
    )
    _tell("command.closure.ordered", closure, by=by, at=at)
    return closure


def _standing(place: Site | Road) -> Closure | None:
    return Closure.objects.standing().filter(**_column(place)).select_related("item").first()


def _column(place: Site | Road) -> dict[str, Site | Road]:
    return {"site" if isinstance(place, Site) else "road": place}


def post_for(place: Site | Road) -> Post:
    """Who answers for the place; where nobody is named, whom the plan in force sends there."""
    charge = charge_of(place)
    post = charge.post if charge else _post_of_plan(place)
    if post is None:
        raise Refusal(
            "command.nobody_answers",
            _("No post answers for “%(place)s”.") % {"place": place},
            hint=_("Name one on its page, or under people, sites and roads."),
        )
    return post


def _post_of_plan(place: Site | Road) -> Post | None:
    if isinstance(place, Road):
        return None
    above = paths_upwards(place.region.path)
    steps = PlanStep.objects.filter(
        version__state=PlanVersion.State.IN_FORCE,
        version__plan__region__path__in=above,
        site_kind=place.kind,
    ).order_by("-version__plan__region__level", "-level", "order")
    for step in steps:
        post = Post.objects.filter(
            role__code=step.role, region__path__in=above, region__level=step.region_level
        ).first()
        if post is not None:
            return post
    return None


def _incident_around(place: Site | Road, alarm: Alarm | None) -> Incident | None:
    """The alarm's incident, or the nearest running one whose region holds the place."""
    if alarm is not None:
        own = Incident.objects.filter(alarms=alarm, closed_at=None).first()
        if own is not None:
            return own
    running = Incident.objects.running().filter(
        region__path__in=paths_upwards(place.region.path),
        exercise=bool(alarm and alarm.exercise),
    )
    return running.order_by("-region__level", "-opened_at").first()


def _due(alarm: Alarm | None, at: datetime) -> datetime:
    if alarm is None or not alarm.is_forecast:
        return at + USUAL
    expected = describe.forecast_of(alarm).first_at
    return min(max(expected, at + SHORTEST), at + LONGEST)


def _reason(alarm: Alarm | None) -> str:
    if alarm is None:
        return ""
    return describe.ahead_of(alarm) or f"{alarm}"


@transaction.atomic
def confirm_closure(*, item: WorkItem, by: Account, at: datetime) -> Closure:
    """Somebody verified the proof: it is closed since that was handed in."""
    closure = Closure.objects.select_related("item__region", "site", "road").get(pk=item.pk)
    handed_in = Step.objects.filter(item=item, move="submit").order_by("-pk").first()
    since = handed_in.at if handed_in else at
    standing = Closure.objects.standing().filter(pk=item.pk, closed_at=None)
    if standing.update(closed_at=since):
        closure.closed_at = since
        _tell("command.closure.closed", closure, by=by, at=at)
    return closure


@transaction.atomic
def end_called_off(*, item: WorkItem, by: Account, at: datetime, note: str) -> None:
    """The task was called off: nothing was closed."""
    closure = Closure.objects.select_related("item__region", "site", "road").get(pk=item.pk)
    if _end(closure, note, by, at):
        _tell("command.closure.ended", closure, by=by, at=at, opened=False)


@transaction.atomic
def reopen(*, closure: Closure, note: str, by: Account, at: datetime) -> Closure:
    """Open a closed place to traffic again; a closure not yet carried out is called off."""
    by.require("command.lead", region=closure.item.region)
    if not note.strip():
        raise BadInput("command.no_reason", _("Say why it can be opened, in a few words."))
    if closure.ended_at is not None:
        raise Refusal("command.opened", _("It is open already."))
    if closure.is_closed and closure.closed_at is None:  # the worker is behind
        closure = confirm_closure(item=closure.item, by=by, at=at)
    if closure.closed_at is None:
        # The handler of the call-off ends the closure.
        advance(item=closure.item, move="cancel", note=note, by=by, at=at)
        end_called_off(item=closure.item, note=note, by=by, at=at)
    elif _end(closure, note, by, at):
        _tell("command.closure.ended", closure, by=by, at=at, opened=True)
    else:
        raise Refusal("command.opened", _("It is open already."))
    closure.refresh_from_db()
    return closure


def _end(closure: Closure, note: str, by: Account, at: datetime) -> bool:
    return bool(
        Closure.objects.standing()
        .filter(pk=closure.pk)
        .update(ended_at=at, ended_by=by, ended_note=note.strip()[:200])
    )


def _tell(name: str, closure: Closure, *, by: Account, at: datetime, **more: bool) -> None:
    publish(
        name,
        at=at,
        by=by,
        region_path=closure.item.region.path,
        closure_id=closure.pk,
        site_id=closure.site_id,
        road_id=closure.road_id,
        alarm_id=closure.alarm_id,
        incident_id=closure.incident_id,
        **more,
    )
    touch("closures")
