"""Rules on forecasts by the clock: forecasts that stay away, alarms that none stands behind.

A duty of the worker. It runs also when no forecast comes at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max

from anlan.base import clock
from anlan.places.models import Region
from anlan.simulate.models import Area, Run

from . import states
from .forecasts import LAPSED, NEWER, UNCOVERED, gone, rules_in_force
from .hours import is_silent
from .models import Alarm, Measure, RuleVersion
from .states import Finding


@transaction.atomic
def watch(at: datetime) -> int:
    """Where forecasts stay away, and alarms that no forecast or rule stands behind any more."""
    findings = [*_without_cause(at), *_silent(at)]
    return len(states.carry_out(findings, at=at)) if findings else 0


def _without_cause(at: datetime) -> Iterator[Finding]:
    watching = {v.rule_id: v for v in rules_in_force(Measure.FORECAST)}
    alarms = Alarm.objects.open().filter(version__measure=Measure.FORECAST)
    for alarm in alarms.select_related("region", "site__region"):
        version = watching.get(alarm.rule_id)
        if version is None or not _watches(version, alarm):
            yield gone(alarm, at, UNCOVERED)
        elif _is_over(alarm, at):
            yield gone(alarm, at, LAPSED)


def _watches(version: RuleVersion, alarm: Alarm) -> bool:
    site = alarm.site
    if site is None or site.closed_on is not None:
        return False
    inside = site.region.path.startswith(version.rule.region.path)
    return inside and (not version.site_kinds or site.kind in version.site_kinds)


def _is_over(alarm: Alarm, at: datetime) -> bool:
    """The last forecast of the area reaches no farther than this: it says nothing of now."""
    last = (
        Run.objects.forecasts()
        .done()
        .filter(area=alarm.details.get("area_id"), exercise=alarm.exercise)
        .order_by("-base_at")
        .values_list("base_at", "horizon_s")
        .first()
    )
    return last is None or at > last[0] + timedelta(seconds=last[1])


def _silent(at: datetime) -> Iterator[Finding]:
    areas, stands = _areas(), set()
    rules = rules_in_force(Measure.NO_FORECAST)
    for version in rules:
        late = [one for one in areas if _is_late(version, one, at)]
        for region in {one.area.region for one in late}:
            own = [one for one in late if one.area.region_id == region.pk]
            stands.add((version.rule_id, region.pk))
            if not _muted_region(version, region) and not is_silent(version, at):
                yield _missing(version, region, own, at)
        _unmute(version, {one.area.region_id for one in late})
    watching = {version.rule_id for version in rules}
    forecast = {one.area.region_id for one in areas}
    alarms = Alarm.objects.open().filter(version__measure=Measure.NO_FORECAST)
    for alarm in alarms.select_related("region"):
        if (alarm.rule_id, alarm.region_id) not in stands:
            came = alarm.rule_id in watching and alarm.region_id in forecast
            yield gone(alarm, at, NEWER if came else UNCOVERED)


@dataclass(frozen=True)
class _Standing:
    area: Area
    last_base_at: datetime | None
    since: datetime  # from when the time without a forecast counts


def _areas() -> list[_Standing]:
    areas = Area.objects.enabled().select_related("region", "terrain")
    done = (
        Run.objects.forecasts().done().filter(exercise=False).order_by().values_list("area")
    ).annotate(last=Max("base_at"))
    last = dict(done)
    return [
        _Standing(area, last.get(area.pk), last.get(area.pk) or area.terrain.imported_at)
        for area in areas
    ]


def _is_late(version: RuleVersion, one: _Standing, at: datetime) -> bool:
    if not one.area.region.path.startswith(version.rule.region.path):
        return False
    # An area that is forecast once an hour is not late after half an hour.
    limit = max(float(version.threshold or 0), 2.0 * one.area.every_s)
    since = max(one.since, version.made_at) if one.last_base_at is None else one.since
    return (at - since).total_seconds() >= limit


def _muted_region(version: RuleVersion, region: Region) -> bool:
    return Alarm.objects.filter(
        rule=version.rule_id, region=region, series=None, site=None, muted=True
    ).exists()


def _unmute(version: RuleVersion, late: set[int]) -> None:
    """Forecasts came again: the rule speaks again at their next absence."""
    Alarm.objects.filter(rule=version.rule_id, series=None, site=None, muted=True).exclude(
        region__in=late
    ).update(muted=False)


def _missing(version: RuleVersion, region: Region, late: list[_Standing], at: datetime) -> Finding:
    since = min(one.since for one in late)
    failed = Run.objects.forecasts().filter(
        area__in=[one.area for one in late], state=Run.State.FAILED
    )
    newest = failed.order_by("-base_at").first()
    return Finding(
        opened=True,
        rule_id=version.rule_id,
        series_id=None,
        region_id=region.pk,
        region_path=region.path,
        station_code="",
        at_ms=clock.to_epoch_ms(at),
        value=(at - since).total_seconds(),
        version=version,
        details={
            "rule": version.rule.code,
            "rule_name": version.rule.name,
            "version": version.number,
            "measure": version.measure,
            "threshold": version.threshold,
            "decided_by": "clock",
            "areas": [one.area.name for one in late],
            "last_base_at": [
                one.last_base_at.isoformat() if one.last_base_at else None for one in late
            ],
            "error": newest.error if newest else {},
        },
    )
