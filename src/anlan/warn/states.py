"""Read and write how far rules have got, and the alarms that follow. Small SQL, on change only."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from anlan.base import clock
from anlan.base.events import publish_many
from anlan.people.models import Account

from .automaton import OPEN, State
from .hours import severity_at
from .models import OF_FORECASTS, Alarm, AlarmNote, RuleState, RuleVersion

Key = tuple[int, int]  # rule id, series id


@dataclass(frozen=True)
class Finding:
    """An alarm to raise or to clear: of a series, of a site, or, with neither, of a region."""

    opened: bool
    rule_id: int
    series_id: int | None
    region_id: int
    region_path: str
    station_code: str
    at_ms: int
    value: float | None
    version: RuleVersion | None = None  # of one to raise
    details: dict[str, Any] | None = None
    why: str = ""
    site_id: int | None = None  # of a forecast

    @property
    def severity(self) -> int:
        """Of one to raise: by the rule, and by the hour."""
        if self.version is None:
            raise ValueError("a finding to raise needs its rule's version")
        return severity_at(self.version, clock.from_epoch_ms(self.at_ms))


def lock() -> int:
    """Take the lock on all states; returns the number that this transaction's states will bear."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO warn_revision (id, rules, states) VALUES (1, 0, 1)"
            " ON CONFLICT (id) DO UPDATE SET states = warn_revision.states + 1 RETURNING states"
        )
        return int(cursor.fetchone()[0])


def read_since(revision: int) -> list[tuple[Key, State]]:
    """States changed after that revision; all with revision 0."""
    return _read(RuleState.objects.filter(revision__gt=revision))


def _read(rows: QuerySet[RuleState]) -> list[tuple[Key, State]]:
    values = rows.values_list(
        "rule_id", "series_id", "phase", "since_ms", "quiet_ms", "bits", "seen_ms"
    )
    return [((row[0], row[1]), State(*row[2:])) for row in values]


def ms(at: datetime) -> int:
    return clock.to_epoch_ms(at)


def of_alarm(alarm: Alarm) -> list[tuple[Key, State]]:
    """The states that hold an alarm open: one, or those of all stations of a combination."""
    if alarm.version.measure in OF_FORECASTS:
        return []
    rows = RuleState.objects.filter(rule_id=alarm.rule_id, phase=OPEN)
    if alarm.series_id is not None:
        rows = rows.filter(series_id=alarm.series_id)
    return _read(rows)


def write(states: Iterable[tuple[Key, State]], revision: int) -> None:
    RuleState.objects.bulk_create(
        [
            RuleState(
                rule_id=rule,
                series_id=series,
                phase=state.phase,
                since_ms=state.since_ms,
                quiet_ms=state.quiet_ms,
                bits=state.bits,
                seen_ms=state.seen_ms,
                revision=revision,
            )
            for (rule, series), state in states
        ],
        update_conflicts=True,
        unique_fields=["rule", "series"],
        update_fields=["phase", "since_ms", "quiet_ms", "bits", "seen_ms", "revision"],
        batch_size=100,
    )


@transaction.atomic(savepoint=False)
def carry_out(findings: list[Finding], *, at: datetime) -> list[int]:
    """Raise and clear, in order, with note and event. Returns the ids of alarms that changed."""
    by = Account.objects.system()
    changed = []
    for opened, run in _runs(findings):
        done = _raise(run) if opened else _clear(run)
        name = "warn.alarm.raised" if opened else "warn.alarm.cleared"
        publish_many(name, at=at, by=by, rows=[(f.region_path, event_data(a, f)) for a, f in done])
        _note(done, by)
        changed += [alarm.pk for alarm, _finding in done]
    return changed


def _runs(findings: list[Finding]) -> Iterable[tuple[bool, list[Finding]]]:
    """Neighbours of one kind together; order matters only where a series opens and clears."""
    run: list[Finding] = []
    for finding in findings:
        if run and run[0].opened != finding.opened:
            yield run[0].opened, run
            run = []
        run.append(finding)
    if run:
        yield run[0].opened, run


def event_data(alarm: Alarm, finding: Finding) -> dict[str, Any]:
    return {
        "alarm_id": alarm.pk,
        "rule": finding.rule_id,
        "severity": alarm.severity,
        "series_id": alarm.series_id,
        "station_code": finding.station_code,
        "value": finding.value,
        "exercise": alarm.exercise,
        **({"site_id": finding.site_id} if finding.site_id else {}),
    }


_COLUMNS = (
    "rule_id, version_id, series_id, site_id, region_id, severity, opened_at, value, details,"
    " exercise, acknowledged_note, muted"
)


def _raise(findings: list[Finding]) -> list[tuple[Alarm, Finding]]:
    """Insert them; where the same alarm is open already, the database keeps that one."""
    done = []
    for finding in findings:
        version = finding.version
        if version is None:
            raise ValueError("a finding to raise needs its rule's version")
        opened_at = clock.from_epoch_ms(finding.at_ms)
        row = (
            finding.rule_id,
            version.pk,
            finding.series_id,
            finding.site_id,
            finding.region_id,
            finding.severity,
            connection.ops.adapt_datetimefield_value(opened_at),
            finding.value,
            json.dumps(finding.details or {}, ensure_ascii=False),
            version.exercise,
            "",
            False,
        )
        marks = ", ".join(["%s"] * len(row))
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO warn_alarm ({_COLUMNS}) VALUES ({marks})"  # noqa: S608 — our own names
                " ON CONFLICT DO NOTHING RETURNING id",
                row,
            )
            found = cursor.fetchone()
        if found:
            alarm = Alarm(
                pk=found[0],
                series_id=finding.series_id,
                severity=finding.severity,
                opened_at=opened_at,
                value=finding.value,
                exercise=version.exercise,
            )
            done.append((alarm, finding))
    return done


def _clear(findings: list[Finding]) -> list[tuple[Alarm, Finding]]:
    done = []
    for finding in findings:
        alarms = Alarm.objects.filter(rule_id=finding.rule_id, cleared_at=None)
        if finding.series_id is not None:
            alarms = alarms.filter(series_id=finding.series_id)
        elif finding.site_id is not None:
            alarms = alarms.filter(site_id=finding.site_id)
        else:
            alarms = alarms.filter(series=None, site=None, region_id=finding.region_id)
        alarm = alarms.first()
        if alarm is None:
            continue
        alarm.cleared_at = max(clock.from_epoch_ms(finding.at_ms), alarm.opened_at)
        same = Alarm.objects.filter(pk=alarm.pk, cleared_at=None)
        if same.update(cleared_at=alarm.cleared_at, cleared_value=finding.value):
            done.append((alarm, finding))
    return done


def _note(done: list[tuple[Alarm, Finding]], by: Account) -> None:
    AlarmNote.objects.bulk_create(
        [
            AlarmNote(
                alarm_id=alarm.pk,
                kind=AlarmNote.Kind.RAISED if finding.opened else AlarmNote.Kind.CLEARED,
                at=alarm.cleared_at or alarm.opened_at,
                by=by,
                text=finding.why,
                data={"value": finding.value},
            )
            for alarm, finding in done
        ],
        batch_size=100,
    )
