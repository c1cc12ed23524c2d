"""Rules on forecasts, judged when a forecast is done. The clock's part is in `absence`.

An alarm is raised when a forecast says that the water at a site will pass the rule's depth soon
enough; the next forecast of the same area clears it when it stays under the clear level. A
forecast that comes too late says nothing. Safe to repeat: the database keeps one open alarm a
rule and site.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from anlan.base import clock
from anlan.people.charges import charges_of
from anlan.people.models import Charge, place_key
from anlan.simulate.hits.rows import first_passing
from anlan.simulate.models import Hit, Run
from anlan.simulate.scores.records import Records

from . import states
from .hours import is_silent
from .models import Alarm, Measure, RuleVersion
from .states import Finding

LAPSED, UNCOVERED, NEWER = "lapsed", "uncovered", "forecast"


@dataclass(frozen=True)
class Passing:
    """That a forecast says a rule's depth will be passed at a site."""

    hit: Hit
    first_at: datetime
    ahead_s: float  # from the instant of judging; negative: it should have happened by now


def rules_in_force(measure: Measure) -> list[RuleVersion]:
    """The enabled rules of a measure, each in its version in force."""
    versions = RuleVersion.objects.filter(
        rule__enabled=True, number=F("rule__number"), measure=measure
    )
    return list(versions.select_related("rule__region").order_by("pk"))


def thresholds() -> list[float]:
    """Depths that rules ask forecasts for: forecasts are scored by them too."""
    return [float(v.threshold or 0) for v in rules_in_force(Measure.FORECAST)]


# One forecast ----------------------------------------------------------------------------------


@transaction.atomic
def judge_run(*, run_id: int, at: datetime) -> list[int]:
    """Hold a finished forecast against every rule; returns the alarms that changed."""
    run = Run.objects.select_related("area__region", "area__terrain").get(pk=run_id)
    if not _speaks(run, at):
        return []
    hits = list(run.hits.on_sites().select_related("site__region"))
    charges = charges_of(hit.site for hit in hits if hit.site)
    records = Records(area=run.area, before=at)
    findings: list[Finding] = []
    for version in rules_in_force(Measure.FORECAST):
        if version.exercise != run.exercise:
            continue
        findings += _judge(version, run, hits, charges, records, at)
    return states.carry_out(findings, at=at) if findings else []


def _speaks(run: Run, at: datetime) -> bool:
    """Whether it is a forecast of what is still to come, and none of the area is newer."""
    if run.kind != Run.Kind.FORECAST or run.state != Run.State.DONE:
        return False
    if at > run.base_at + timedelta(seconds=run.horizon_s):
        return False
    newer = (
        Run.objects.forecasts()
        .done()
        .filter(area=run.area, exercise=run.exercise, base_at__gt=run.base_at)
    )
    return not newer.exists()


def _judge(
    version: RuleVersion,
    run: Run,
    hits: list[Hit],
    charges: dict[tuple[str, int], Charge],
    records: Records,
    at: datetime,
) -> Iterator[Finding]:
    ahead = {p.hit.site_id: p for p in passings(version, run, hits, at)}
    muted = _muted(version, run)
    silent = is_silent(version, at)  # what is still forecast after these hours is raised then
    for site_id, passing in ahead.items():
        if site_id not in muted and not silent:
            site = passing.hit.site
            charge = charges.get(place_key(site)) if site else None
            yield _raised(version, run, passing, charge, records, at)
    deepest = {hit.site_id: hit.max_depth_m for hit in hits}
    Alarm.objects.filter(pk__in=[a.pk for s, a in muted.items() if s not in ahead]).update(
        muted=False
    )
    for alarm in _open(version, run):
        depth = deepest.get(alarm.site_id, 0.0)
        quiet = alarm.site_id not in ahead and depth < clear_level(version)
        if quiet and not _said_lately(version, run, alarm):
            yield gone(alarm, at, NEWER, value=depth)


def _said_lately(version: RuleVersion, run: Run, alarm: Alarm) -> bool:
    """Whether a forecast of the last while still said so: it must be quiet for so long."""
    since = run.base_at - timedelta(seconds=version.clear_after_s)
    before = Hit.objects.filter(
        site=alarm.site_id,
        max_depth_m__gte=clear_level(version),
        run__area=run.area_id,
        run__kind=Run.Kind.FORECAST,
        run__state=Run.State.DONE,
        run__exercise=run.exercise,
        run__base_at__gt=since,
        run__base_at__lt=run.base_at,
    )
    return bool(version.clear_after_s) and before.exists()


def passings(
    version: RuleVersion, run: Run, hits: Iterable[Hit], at: datetime
) -> Iterator[Passing]:
    """Where this forecast fulfils the rule."""
    times = [float(n * run.frame_s) for n in range(run.frames)]
    path, kinds = version.rule.region.path, set(version.site_kinds)
    for hit in hits:
        site = hit.site
        if site is None or not site.region.path.startswith(path):
            continue
        if kinds and site.kind not in kinds:
            continue
        first_s = first_passing(hit, times, version.threshold or 0.0)
        if first_s is None:
            continue
        first_at = run.base_at + timedelta(seconds=first_s)
        ahead_s = (first_at - at).total_seconds()
        if not version.within_s or ahead_s <= version.within_s:
            yield Passing(hit, first_at, ahead_s)


def clear_level(version: RuleVersion) -> float:
    threshold = version.threshold or 0.0
    return threshold if version.clear is None else version.clear


def _open(version: RuleVersion, run: Run) -> list[Alarm]:
    """Open alarms of a rule that an earlier forecast of this area raised."""
    alarms = Alarm.objects.open().filter(rule=version.rule_id, site__isnull=False)
    found = alarms.select_related("region", "site").order_by("pk")
    return [alarm for alarm in found if alarm.details.get("area_id") == run.area_id]


def _muted(version: RuleVersion, run: Run) -> dict[int, Alarm]:
    """Sites of this area where somebody cleared the rule's alarm while it still held."""
    alarms = Alarm.objects.filter(rule=version.rule_id, site__isnull=False, muted=True)
    return {
        alarm.site_id: alarm
        for alarm in alarms
        if alarm.site_id and alarm.details.get("area_id") == run.area_id
    }


def _raised(
    version: RuleVersion,
    run: Run,
    passing: Passing,
    charge: Charge | None,
    records: Records,
    at: datetime,
) -> Finding:
    hit, site = passing.hit, passing.hit.site
    assert site is not None
    return Finding(
        opened=True,
        rule_id=version.rule_id,
        series_id=None,
        site_id=site.pk,
        region_id=site.region_id,
        region_path=site.region.path,
        station_code="",
        at_ms=clock.to_epoch_ms(at),
        value=hit.max_depth_m,
        version=version,
        details=_details(version, run, passing, charge, records),
    )


def _details(
    version: RuleVersion,
    run: Run,
    passing: Passing,
    charge: Charge | None,
    records: Records,
) -> dict[str, Any]:
    """What the forecast said, who answers, and how far such forecasts could be trusted then."""
    hit = passing.hit
    lead_s = (passing.first_at - run.base_at).total_seconds()
    assert hit.site_id is not None
    record = records.at(site_id=hit.site_id, lead_s=lead_s, threshold_m=version.threshold or 0.0)
    return {
        "rule": version.rule.code,
        "rule_name": version.rule.name,
        "version": version.number,
        "quantity": version.quantity,
        "measure": version.measure,
        "threshold": version.threshold,
        "clear": clear_level(version),
        "decided_by": "forecast",
        "run_id": run.pk,
        "area_id": run.area_id,
        "area": run.area.name,
        "made_up": run.area.terrain.made_up,
        "base_at": run.base_at.isoformat(),
        "first_at": passing.first_at.isoformat(),
        "lead_s": round(lead_s),
        "ahead_s": round(passing.ahead_s),
        "max_depth_m": hit.max_depth_m,
        "max_at": hit.max_at.isoformat(),
        "duration_s": hit.duration_s,
        "depths_cm": hit.depths_cm,
        "frame_s": run.frame_s,
        "keeper": charge.keeper if charge else "",
        "post_id": charge.post_id if charge else None,
        "post": str(charge.post) if charge else "",
        "score": record.as_dict(),
    }


def gone(alarm: Alarm, at: datetime, why: str, value: float | None = None) -> Finding:
    """That an alarm on forecasts has no cause any more."""
    return Finding(
        opened=False,
        rule_id=alarm.rule_id,
        series_id=None,
        site_id=alarm.site_id,
        region_id=alarm.region_id,
        region_path=alarm.region.path,
        station_code="",
        at_ms=clock.to_epoch_ms(at),
        value=value,
        why=why,
    )
