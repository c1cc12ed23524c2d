"""From what the evaluator found to what is raised: an alarm of a series, or one of a region."""

import math
from datetime import datetime
from typing import Any

import numpy as np

from anlan.base import clock

from .automaton import OPEN, Move, State
from .states import Finding
from .table import Compiled, Table


def of_moves(now: Table, moves: list[tuple[int, Move]]) -> list[Finding]:
    """Alarms of single series. Rules on several stations raise theirs in `of_groups`."""
    found = []
    for row, move in moves:
        compiled = now.rules[now.rule[row]]
        if not compiled.is_group:
            found.append(_of_series(now, row, compiled, move))
    return found


def _of_series(now: Table, row: int, compiled: Compiled, move: Move) -> Finding:
    watched, version = now.watched[int(now.series[row])], compiled.version
    return Finding(
        opened=move.opened,
        rule_id=version.rule_id,
        series_id=watched.pk,
        region_id=watched.region_id,
        region_path=watched.region_path,
        station_code=watched.station_code,
        at_ms=move.at_ms,
        # By the clock alone, there may be no value that is known any more.
        value=None if math.isnan(move.value) else move.value,
        version=version,
        why=move.why,
        details=_details(
            compiled,
            threshold=float(now.limit[row]),
            clear=float(now.clear[row]),
            station=watched.station_name,
            unit=watched.unit,
            decided_by="reading" if not move.why else "clock",
        ),
    )


def _details(compiled: Compiled, **more: Any) -> dict[str, Any]:
    """What held when the alarm was raised, so that it can be understood years later."""
    version = compiled.version
    return {
        "rule": version.rule.code,
        "rule_name": version.rule.name,
        "version": version.number,
        "quantity": version.quantity,
        "measure": version.measure,
        "hold_s": version.hold_s,
        "rule_severity": version.severity,  # an alarm's own may be another, by the hour
        **more,
    }


def of_groups(
    now: Table, changed: dict[int, State], state: dict[int, State], at: datetime
) -> list[Finding]:
    """Alarms of regions: raised while so many stations fulfil the condition, cleared below that.

    Raising twice does no harm, the database keeps one; so the count alone decides.
    """
    rules = sorted({int(now.rule[row]) for row in changed if now.rules[now.rule[row]].is_group})
    return [_of_group(now, index, changed, state, at) for index in rules]


def _of_group(
    now: Table, index: int, changed: dict[int, State], state: dict[int, State], at: datetime
) -> Finding:
    compiled = now.rules[index]
    version = compiled.version
    region = version.rule.region
    rows = np.flatnonzero(now.rule == index).tolist()
    fulfilled = [row for row in rows if row in state and state[row].phase == OPEN]
    seen_ms = [changed[row].seen_ms for row in rows if row in changed]
    return Finding(
        opened=len(fulfilled) >= version.stations,
        rule_id=version.rule_id,
        series_id=None,
        region_id=region.pk,
        region_path=region.path,
        station_code="",
        at_ms=max(seen_ms) or clock.to_epoch_ms(at),
        value=float(len(fulfilled)),
        version=version,
        details=_details(
            compiled,
            threshold=version.threshold,
            level=version.level,
            stations_wanted=version.stations,
            stations=[
                {
                    "series_id": int(now.series[row]),
                    "name": now.watched[int(now.series[row])].station_name,
                }
                for row in fulfilled[:100]
            ],
        ),
    )
