"""Open an incident, keep its log, close it."""

from collections.abc import Iterator
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from anlan.base.errors import BadInput, Refusal
from anlan.base.events import publish
from anlan.base.journal import Finding, check_digests, text_digest
from anlan.command.models import Incident, IncidentAlarm, LogEntry
from anlan.people.models import Account
from anlan.places.models import Region
from anlan.places.queries import paths_upwards
from anlan.warn.models import Alarm


@transaction.atomic
def open_incident(
    *,
    title: str,
    kind: str,
    region: Region,
    by: Account,
    at: datetime,
    alarm: Alarm | None = None,
    exercise: bool = False,
) -> Incident:
    """Open an incident, from an alarm or by hand. The same alarm opens one only once."""
    by.require("command.lead", region=region)
    if not title.strip():
        raise BadInput("command.no_title", _("Give the incident a title."))
    if alarm is not None:
        already = Incident.objects.filter(alarms=alarm).first()
        if already is not None:
            return already
    incident = Incident.objects.create(
        title=title.strip()[:120],
        kind=kind,
        region=region,
        opened_at=at,
        opened_by=by,
        exercise=exercise or bool(alarm and alarm.exercise),
    )
    publish(
        "command.incident.opened",
        at=at,
        by=by,
        region_path=region.path,
        incident_id=incident.pk,
        kind=kind,
    )
    write_log(incident, LogEntry.Kind.OPENED, incident.title, by=by, at=at)
    if alarm is not None:
        add_alarm(incident=incident, alarm=alarm, by=by, at=at)
    return incident


@transaction.atomic
def handle_alarm(*, alarm: Alarm, by: Account, at: datetime) -> Incident:
    """One action on an alarm: it joins the running incident around it, or opens one.

    In a storm hundreds of alarms belong to one incident; nobody should open hundreds.
    """
    already = Incident.objects.filter(alarms=alarm).first()
    if already is not None:
        by.require("command.lead", region=already.region)
        return already
    running = _running_around(alarm, by)
    if running is not None:
        add_alarm(incident=running, alarm=alarm, by=by, at=at)
        return running
    return open_incident(
        title=_region_to_lead(alarm.region, by).name + alarm.rule.name,
        kind="waterlogging",
        region=_region_to_lead(alarm.region, by),
        alarm=alarm,
        by=by,
        at=at,
    )


def _running_around(alarm: Alarm, by: Account) -> Incident | None:
    """The nearest running incident whose region holds the alarm and where the actor leads."""
    incidents = Incident.objects.within(by.regions_for("command.lead")).running()
    around = incidents.filter(
        region__path__in=paths_upwards(alarm.region.path), exercise=alarm.exercise
    )
    return around.order_by("-region__level", "-opened_at").first()


def _region_to_lead(region: Region, by: Account) -> Region:
    """The county around a place, or what the actor leads there if that is less."""
    led = Region.objects.within(by.regions_for("command.lead"))
    around = led.filter(path__in=paths_upwards(region.path), level__gte=Region.Level.COUNTY)
    return around.order_by("level").first() or region


@transaction.atomic
def add_alarm(*, incident: Incident, alarm: Alarm, by: Account, at: datetime) -> None:
    """Make an alarm part of a running incident."""
    require_running(incident, by)
    by.require("warn.view", region=alarm.region)
    if alarm.exercise != incident.exercise:
        raise Refusal(
            "command.exercise_mixed",
            _("An exercise and a real event cannot be mixed."),
            hint=_("Open a separate incident for the exercise."),
        )
    link, made = IncidentAlarm.objects.get_or_create(alarm=alarm, defaults={"incident": incident})
    if not made:
        if link.incident_id == incident.pk:
            return
        raise Refusal(
            "command.alarm_taken",
            _("This alarm already belongs to “%(title)s”.") % {"title": link.incident.title},
        )
    publish(
        "command.incident.alarm",
        at=at,
        by=by,
        region_path=incident.region.path,
        incident_id=incident.pk,
        alarm_id=alarm.pk,
    )
    write_log(incident, LogEntry.Kind.ALARM, str(alarm), by=by, at=at)


@transaction.atomic
def add_note(*, incident: Incident, text: str, by: Account, at: datetime) -> LogEntry:
    """Write a line into the log. It cannot be changed afterwards: a correction is another line."""
    require_running(incident, by)
    if not text.strip():
        raise BadInput("command.empty_note", _("Write what happened."))
    return write_log(incident, LogEntry.Kind.NOTE, text.strip(), by=by, at=at)


@transaction.atomic
def close_incident(*, incident: Incident, summary: str, by: Account, at: datetime) -> Incident:
    """Close an incident whose tasks are all closed or cancelled."""
    require_running(incident, by)
    over = ["CLOSED", "CANCELLED"]
    waiting = incident.tasks.exclude(item__state__in=over).count()
    waiting += incident.closures.exclude(item__state__in=over).count()
    if waiting:
        raise Refusal(
            "command.tasks_open",
            _("%(count)d tasks of this incident are still open.") % {"count": waiting},
            hint=_("Verify or cancel them first."),
        )
    if not summary.strip():
        raise BadInput("command.no_summary", _("Say in a few words how it ended."))
    if not Incident.objects.filter(pk=incident.pk, closed_at=None).update(closed_at=at):
        raise Refusal("command.closed", _("This incident is already closed."))
    incident.refresh_from_db(fields=["closed_at"])
    publish(
        "command.incident.closed",
        at=at,
        by=by,
        region_path=incident.region.path,
        incident_id=incident.pk,
    )
    write_log(incident, LogEntry.Kind.CLOSED, summary.strip(), by=by, at=at)
    return incident


def write_log(incident: Incident, kind: str, text: str, *, by: Account, at: datetime) -> LogEntry:
    """A log line and the event that proves it. Inside the caller's transaction."""
    entry = LogEntry.objects.create(incident=incident, kind=kind, text=text, by=by, at=at)
    publish(
        "command.log.written",
        at=at,
        by=by,
        region_path=incident.region.path,
        incident_id=incident.pk,
        entry_id=entry.pk,
        digest=entry_digest(entry),
    )
    return entry


def entry_digest(entry: LogEntry) -> str:
    return text_digest(str(entry.incident_id), entry.kind, str(entry.by_id), entry.text)


def check_log() -> Iterator[Finding]:
    """For the journal: every log line still says what its event said."""
    rows = ((entry.pk, entry_digest(entry)) for entry in LogEntry.objects.iterator())
    return check_digests("command.log.", "entry_id", rows)


def require_running(incident: Incident, by: Account) -> None:
    """Refuse unless the account leads there and the incident goes on."""
    by.require("command.lead", region=incident.region)
    if incident.closed_at is not None:
        raise Refusal(
            "command.closed",
            _("This incident is already closed."),
            hint=_("Open a new incident if it starts again."),
        )
