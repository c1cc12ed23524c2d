"""Read alarms and rules. Every function takes the reader and shows only their regions."""

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from anlan.base.errors import NotFound
from anlan.people.models import Account

from .models import Alarm, AlarmQuerySet

STATES = ("open", "unacknowledged", "acknowledged", "cleared", "all")


def list_alarms(
    *,
    actor: Account,
    state: str = "open",
    severity: int | None = None,
    region_path: str = "",
    exercise: bool | None = None,
) -> QuerySet[Alarm]:
    """Alarms the actor may see: the gravest first, then the newest. Open ones, if not asked else.

    `unacknowledged` and `acknowledged` are open alarms; `cleared` and `all` are newest first.
    """
    alarms = Alarm.objects.within(actor.regions_for("warn.view"))
    alarms = _in_state(alarms, state)
    if severity is not None:
        alarms = alarms.filter(severity=severity)
    if region_path:
        alarms = alarms.filter(region__path__under=region_path)
    if exercise is not None:
        alarms = alarms.filter(exercise=exercise)
    order = ["-opened_at", "-pk"]
    if state not in {"cleared", "all"}:
        order.insert(0, "severity")
    return alarms.select_related(
        "rule", "version", "region", "series__station", "acknowledged_by"
    ).order_by(*order)


def _in_state(alarms: AlarmQuerySet, state: str) -> AlarmQuerySet:
    if state == "cleared":
        return alarms.exclude(cleared_at=None)
    if state == "all":
        return alarms
    alarms = alarms.open()
    if state == "unacknowledged":
        return alarms.unacknowledged()
    if state == "acknowledged":
        return alarms.exclude(acknowledged_at=None)
    return alarms


def get_alarm(*, actor: Account, alarm_id: int) -> Alarm:
    """One alarm, or NotFound: an alarm outside the actor's regions is not there."""
    visible = Alarm.objects.within(actor.regions_for("warn.view"))
    alarm = (
        visible.select_related(
            "rule", "version__author", "region", "series__station", "acknowledged_by", "cleared_by"
        )
        .filter(pk=alarm_id)
        .first()
    )
    if alarm is None:
        raise NotFound("warn.no_alarm", _("There is no such alarm in your regions."))
    return alarm
