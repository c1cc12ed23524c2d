"""What people do with alarms: acknowledge, clear by hand, add a note."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from anlan.base.errors import BadInput, Refusal
from anlan.base.events import publish
from anlan.people.models import Account
from anlan.warn import states
from anlan.warn.automaton import IDLE, MUTED, OPEN, State
from anlan.warn.models import OF_FORECASTS, Alarm, AlarmNote


@transaction.atomic
def acknowledge_alarm(*, alarm: Alarm, note: str = "", by: Account, at: datetime) -> Alarm:
    """Say that somebody has seen it and deals with it. Once; a cleared alarm too."""
    by.require("warn.acknowledge", region=alarm.region)
    first = Alarm.objects.filter(pk=alarm.pk, acknowledged_at=None)
    if not first.update(acknowledged_at=at, acknowledged_by=by, acknowledged_note=note[:200]):
        alarm.refresh_from_db()
        raise Refusal(
            "warn.acknowledged_already",
            _("%(name)s has acknowledged this alarm already.") % {"name": alarm.acknowledged_by},
        )
    _tell(alarm, "warn.alarm.acknowledged", AlarmNote.Kind.ACKNOWLEDGED, note, by, at)
    alarm.refresh_from_db()
    return alarm


@transaction.atomic
def clear_alarm(*, alarm: Alarm, reason: str = "", by: Account, at: datetime) -> Alarm:
    """Clear by hand what the readings do not clear.

    While the condition holds a reason is needed, and the rule then says nothing more about this
    series until the condition has ended once: it must not come back with the next reading.
    """
    by.require("warn.acknowledge", region=alarm.region)
    revision = states.lock()
    held = states.of_alarm(alarm)
    # A forecast's alarm stands as long as the last forecast says so: the next one clears it.
    forecast = alarm.version.measure in OF_FORECASTS
    holds = forecast or any(state.phase == OPEN and not state.quiet_ms for _key, state in held)
    if holds and not reason.strip():
        raise BadInput(
            "warn.still_holds",
            _("What this alarm is about still holds."),
            hint=_("Wait until it clears by itself, or say why it is to be cleared now."),
        )
    still_open = Alarm.objects.filter(pk=alarm.pk, cleared_at=None)
    if not still_open.update(cleared_at=at, cleared_by=by, muted=forecast):
        raise Refusal("warn.cleared_already", _("This alarm is cleared already."))
    after = MUTED if holds else IDLE
    seen_ms = states.ms(at)
    quiet = [(key, State(phase=after, seen_ms=max(s.seen_ms, seen_ms))) for key, s in held]
    states.write(quiet, revision)
    _tell(alarm, "warn.alarm.cleared", AlarmNote.Kind.CLEARED, reason, by, at)
    alarm.refresh_from_db()
    return alarm


@transaction.atomic
def note_alarm(*, alarm: Alarm, text: str, by: Account, at: datetime) -> AlarmNote:
    """Add a line to an alarm's history."""
    by.require("warn.acknowledge", region=alarm.region)
    if not text.strip():
        raise BadInput("warn.empty_note", _("Write something, in a few words."))
    return _tell(alarm, "warn.alarm.noted", AlarmNote.Kind.NOTE, text.strip(), by, at)


def _tell(
    alarm: Alarm, event: str, kind: AlarmNote.Kind, text: str, by: Account, at: datetime
) -> AlarmNote:
    note = AlarmNote.objects.create(alarm=alarm, kind=kind, at=at, by=by, text=text)
    data: dict[str, Any] = {
        "alarm_id": alarm.pk,
        "rule": alarm.rule_id,
        "severity": alarm.severity,
        "series_id": alarm.series_id,
        "station_code": alarm.series.station.code if alarm.series else "",
        "value": alarm.value,
        "exercise": alarm.exercise,
        **({"site_id": alarm.site_id} if alarm.site_id else {}),
    }
    publish(event, at=at, by=by, region_path=alarm.region.path, **data)
    return note
