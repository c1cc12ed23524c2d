"""Hold every forecast against what the gauges then showed. A duty of the worker.

A forecast is scored once, when its horizon has passed and late readings have had their time: by
gauge, by stretch of lead time, by threshold. Scenarios and exercises are not forecasts of anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import Exists, OuterRef
from numpy.typing import NDArray

from anlan.base import clock
from anlan.base.events import publish
from anlan.observe import fields
from anlan.people.models import Account

from ..models import Hit, PointForecast, Run, Score, Verified
from .contingency import QUIET, UNKNOWN, first_passing, stretch_of, stretches

Floats = NDArray[np.floating[Any]]
SETTLED = timedelta(minutes=15)  # readings may come so late
LATEST = timedelta(days=14)  # after a long standstill, older forecasts are not scored any more
BEFORE_S = 900  # how far back the state at the beginning is looked for
THRESHOLDS_M = (0.15, 0.27)
MOST_AT_ONCE = 5
HITS_KEPT = timedelta(days=14)
MOST_FORGOTTEN = 50  # runs at a time

_more: list[Callable[[], Iterable[float]]] = []


def register_thresholds(asks: Callable[[], Iterable[float]]) -> None:
    """Upper rooms name depths [m] that their rules ask for."""
    if asks not in _more:
        _more.append(asks)


def thresholds() -> list[float]:
    """Every depth that forecasts are scored by, to the centimetre."""
    asked = {round(value, 2) for more in _more for value in more()}
    return sorted(asked | set(THRESHOLDS_M))


def score_runs(at: datetime) -> int:
    """Score forecasts whose time is over; returns how many."""
    due = due_runs(at)[:MOST_AT_ONCE]
    for run in due:
        score_run(run=run, at=at)
    return len(due)


def due_runs(at: datetime) -> list[Run]:
    """Forecasts that can be scored and are not, the oldest first."""
    points = PointForecast.objects.filter(run=OuterRef("pk"))
    runs = Run.objects.forecasts().done().filter(exercise=False, verified=None)
    runs = runs.filter(Exists(points), base_at__range=(at - LATEST, at - SETTLED))
    found = runs.select_related("area__region").order_by("base_at")[:200]
    return [run for run in found if run.base_at + timedelta(seconds=run.horizon_s) <= at - SETTLED]


@dataclass
class _Told:
    """What there is to tell of a forecast: scores, and gauges of which there is nothing."""

    scores: list[Score] = field(default_factory=list)
    quiet: list[int] = field(default_factory=list)
    unknown: list[int] = field(default_factory=list)

    def take(self, series_id: int, scores: list[Score]) -> None:
        outcomes = {score.outcome for score in scores}
        said = any((score.forecast_peak_m or 0.0) >= score.threshold_m for score in scores)
        if outcomes == {QUIET}:
            self.quiet.append(series_id)
        elif outcomes <= {QUIET, UNKNOWN} and not said:
            self.unknown.append(series_id)
        else:
            self.scores += scores


@transaction.atomic
def score_run(*, run: Run, at: datetime) -> int:
    """Write the scores of one forecast, once. What it said of dry gauges need not be kept."""
    _row, made = Verified.objects.get_or_create(
        run=run, defaults={"base_at": run.base_at, "scored_at": at}
    )
    if not made:
        return 0
    points = list(run.points.select_related("series__station").order_by("series"))
    told = _Told()
    for point, (read_s, read_m) in zip(points, _readings(run, points), strict=True):
        told.take(point.series_id, list(_scores(run, point, read_s, read_m, at)))
    Score.objects.bulk_create(told.scores, batch_size=200)
    dry = [*told.quiet, *told.unknown]
    Verified.objects.filter(run=run).update(quiet=told.quiet, unknown=told.unknown)
    run.points.filter(series__in=dry).delete()
    publish(
        "simulate.run.scored",
        at=at,
        by=Account.objects.system(),
        region_path=run.area.region.path,
        run_id=run.pk,
        area_id=run.area_id,
        scores=len(told.scores),
        dry=len(dry),
    )
    return len(told.scores)


def _readings(run: Run, points: list[PointForecast]) -> list[tuple[Floats, Floats]]:
    """Of each point its believed readings, in seconds after the run's base."""
    ids = np.array([point.series_id for point in points], np.int64)
    base_ms = clock.to_epoch_ms(run.base_at)
    position, at_ms, value = fields.believed_between(
        ids, base_ms - BEFORE_S * 1000, base_ms + run.horizon_s * 1000 + 1
    )
    found = []
    for n in range(len(points)):
        own = position == n
        found.append(((at_ms[own] - base_ms) / 1000.0, value[own]))
    return found


def _scores(
    run: Run, point: PointForecast, read_s: Floats, read_m: Floats, at: datetime
) -> Iterable[Score]:
    depth = np.array(point.depths_m, float)
    frames = np.arange(len(depth)) * float(run.frame_s)
    for threshold in thresholds():
        error = _timing(frames, depth, read_s, read_m, threshold)
        for after_s, until_s in stretches(run.horizon_s):
            found = stretch_of(
                frames,
                depth,
                read_s,
                read_m,
                after_s=after_s,
                until_s=until_s,
                interval_s=point.series.interval_s,
            )
            here = error is not None and after_s < error[0] <= until_s
            yield Score(
                run=run,
                series=point.series,
                region_id=point.series.station.region_id,
                lead_s=until_s,
                threshold_m=threshold,
                outcome=found.outcome(threshold),
                forecast_peak_m=round(found.forecast_peak_m, 3),
                observed_peak_m=found.observed_peak_m,
                timing_error_s=round(error[1]) if error and here else None,
                scored_at=at,
            )


def _timing(
    frames: Floats, depth: Floats, read_s: Floats, read_m: Floats, threshold: float
) -> tuple[float, float] | None:
    """When the water was seen to pass the threshold, and how much later it had been said."""
    seen = first_passing(read_s, read_m, threshold)
    said = first_passing(frames, depth, threshold)
    if seen is None or said is None or seen < 0:
        return None
    return seen, said - seen


def forget_hits(at: datetime) -> int:
    """Let go of what old forecasts hit, some runs at a time. Scores and scenarios stay."""
    old = Hit.objects.filter(
        run__kind=Run.Kind.FORECAST, run__base_at__lt=at - HITS_KEPT
    ).values_list("run", flat=True)
    runs = sorted(set(old.order_by("run")[:100_000]))[:MOST_FORGOTTEN]
    return Hit.objects.filter(run__in=runs).delete()[0]
