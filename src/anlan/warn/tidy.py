"""After a change of rules or stations: make alarms and states agree with what is watched now."""

from datetime import datetime

from django.db import transaction

from anlan.base import clock

from . import findings, states
from .automaton import IDLE, OPEN, State
from .models import OF_FORECASTS, Alarm
from .states import Finding, Key
from .table import Table


@transaction.atomic
def tidy(now: Table, at: datetime) -> int:
    """Clear alarms that no rule stands behind any more, forget states that watch nothing."""
    revision = states.lock()
    held = dict(states.read_since(0))
    of_readings = Alarm.objects.open().exclude(version__measure__in=OF_FORECASTS)
    alarms = list(of_readings.select_related("region", "series__station"))
    groups = {rule.version.rule_id for rule in now.rules if rule.is_group}
    orphans = [alarm for alarm in alarms if not _stands(now, alarm, held, groups)]
    found = [_gone(alarm, at) for alarm in orphans]
    known = {(alarm.rule_id, alarm.series_id) for alarm in alarms if alarm not in orphans}
    lost = [
        key
        for key, state in held.items()
        if state.phase != IDLE and not _watched(now, key, state, known, groups)
    ]
    states.write([(key, State(seen_ms=held[key].seen_ms)) for key in lost], revision)
    # A combination whose number of stations was changed: raised or cleared by what is there.
    rows = {
        now.row_of[key]: state
        for key, state in held.items()
        if state.phase == OPEN and key[0] in groups and key in now.row_of
    }
    found += findings.of_groups(now, rows, rows, at)
    return len(states.carry_out(found, at=at)) if found else 0


def _stands(now: Table, alarm: Alarm, held: dict[Key, State], groups: set[int]) -> bool:
    """Whether a rule in force still holds this alarm open."""
    if alarm.series_id is None:
        rule_id = alarm.rule_id
        return rule_id in groups and any(
            key[0] == rule_id and state.phase == OPEN for key, state in held.items()
        )
    key = (alarm.rule_id, alarm.series_id)
    state = held.get(key)
    return alarm.rule_id not in groups and key in now.row_of and bool(state and state.phase == OPEN)


def _watched(
    now: Table, key: Key, state: State, known: set[tuple[int, int | None]], groups: set[int]
) -> bool:
    if key not in now.row_of:
        return False
    return state.phase != OPEN or key[0] in groups or key in known


def _gone(alarm: Alarm, at: datetime) -> Finding:
    return Finding(
        opened=False,
        rule_id=alarm.rule_id,
        series_id=alarm.series_id,
        region_id=alarm.region_id,
        region_path=alarm.region.path,
        station_code=alarm.series.station.code if alarm.series else "",
        at_ms=clock.to_epoch_ms(at),
        value=None,
        why="uncovered",
    )
