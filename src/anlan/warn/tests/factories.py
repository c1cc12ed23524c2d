"""Rules, series and readings for tests."""

from datetime import UTC, datetime, timedelta

import numpy as np
from django.db import connection

from anlan.base import clock
from anlan.observe.models import Flag, Latest, Series, Station
from anlan.observe.taps import Batch
from anlan.people.models import Account
from anlan.places.models import Region, Site
from anlan.places.tests.factories import RegionFactory
from anlan.simulate.hits.exposure import facts_of
from anlan.simulate.models import Area, Hit, Run, Terrain
from anlan.warn import table
from anlan.warn.models import Alarm, Rule, RuleVersion

NOON = datetime(2025, 7, 3, 12, tzinfo=UTC)


def minutes(count: float) -> datetime:
    """So many minutes after noon."""
    return NOON + timedelta(minutes=count)


def series_in(
    region: Region | None = None,
    quantity: str = "ponding_depth",
    *,
    unit: str = "m",
    kind: str = "ponding",
    interval_s: int = 300,
) -> Series:
    number = Station.objects.count() + 1
    station = Station.objects.create(
        code=f"T{number:04d}",
        name=f"测站{number}",
        kind=kind,
        region=region or RegionFactory(),
        lon=119.6,
        lat=29.1,
    )
    return Series.objects.create(
        station=station, quantity=quantity, unit=unit, interval_s=interval_s
    )


def rule_in(region: Region, *, name: str = "积水", enabled: bool = True, **text: object) -> Rule:
    """A rule with one version: ponding at 0.27 m, orange, where nothing else is said."""
    rule = Rule.objects.create(
        code=f"R{Rule.objects.count() + 1}", name=name, region=region, enabled=enabled, number=1
    )
    given = {"severity": 2, "quantity": "ponding_depth", "threshold": 0.27, **text}
    if given.get("level"):
        given["threshold"] = text.get("threshold")
    RuleVersion.objects.create(
        rule=rule, number=1, made_at=NOON, author=Account.objects.system(), **given
    )
    table.mark_changed()
    return rule


def alarm_of(rule: Rule, series: Series, value: float = 0.5) -> Alarm:
    """An open alarm, without the story that leads to it."""
    return Alarm.objects.create(
        rule=rule,
        version=rule.versions.get(),
        series=series,
        region=series.station.region,
        severity=2,
        opened_at=NOON,
        value=value,
    )


def batch_of(*rows: tuple[Series, float, float], flag: int = Flag.GOOD, late: float = 0) -> Batch:
    """Readings as (series, minutes after noon, value), received `late` minutes after the last."""
    newest = max(row[1] for row in rows)
    return Batch(
        series_id=np.array([row[0].pk for row in rows], np.int64),
        at_ms=np.array([clock.to_epoch_ms(minutes(row[1])) for row in rows], np.int64),
        value=np.array([row[2] for row in rows], np.float64),
        flag=np.full(len(rows), flag, np.int8),
        received_at=minutes(newest + late),
    )


def latest(series: Series, minute: float, value: float | None) -> None:
    """What observe keeps of the newest reading."""
    at_ms = clock.to_epoch_ms(minutes(minute))
    Latest.objects.update_or_create(
        series=series,
        defaults={"at_ms": at_ms, "value": value, "flag": Flag.GOOD, "received_ms": at_ms},
    )


def stored(series: Series, *rows: tuple[float, float | None], flag: int = Flag.GOOD) -> None:
    """Readings in the store, as (minutes after noon, value), without telling any rule."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO observe_reading (at_ms, series_id, value, flag) VALUES (%s, %s, %s, %s)",
            [(clock.to_epoch_ms(minutes(at)), series.pk, value, flag) for at, value in rows],
        )
    latest(series, *max(rows, key=lambda row: row[0]))


def area_in(region: Region, **fields: object) -> Area:
    """A forecast area without ground: for what is made of forecasts, not for making them."""
    terrain = Terrain.objects.create(
        name=f"城区{Terrain.objects.count()}",
        region=region,
        source="试验",
        epsg=32650,
        cell_m=10,
        rows=10,
        cols=10,
        west_m=0,
        north_m=0,
        imported_at=NOON,
        imported_by=Account.objects.system(),
    )
    given = {"name": "城区", "rows": 10, "cols": 10, **fields}
    return Area.objects.create(region=region, terrain=terrain, **given)


def forecast_of(
    area: Area, *said: tuple[Site, list[int]], at: float = 0, state: str = "DONE", **fields: object
) -> Run:
    """A forecast from so many minutes after noon; what it says of sites: centimetres by frame."""
    base_at = minutes(at)
    run = Run.objects.create(
        area=area,
        base_at=base_at,
        horizon_s=10800,
        frame_s=600,
        requested_at=base_at,
        requested_by=Account.objects.system(),
        state=state,
        **fields,
    )
    times = np.arange(19) * 600.0
    for site, depths in said:
        whole = np.array([*depths, *[depths[-1]] * (19 - len(depths))], np.uint16)
        facts = facts_of(whole[:, None], times)
        if facts.hit[0]:
            Hit.objects.create(
                run=run,
                region=site.region,
                site=site,
                lon=site.lon,
                lat=site.lat,
                first_at=base_at + timedelta(seconds=float(facts.first_s[0])),
                max_at=base_at + timedelta(seconds=float(facts.max_s[0])),
                max_depth_m=int(facts.max_cm[0]) / 100,
                duration_s=int(facts.duration_s[0]),
                depths_cm=whole.tolist(),
            )
    return run


def forecast_rule_in(region: Region, **text: object) -> Rule:
    """Underpasses that will pass 27 cm within an hour; cleared below 20 cm."""
    given = {"measure": "FORECAST", "clear": 0.2, "site_kinds": ["underpass"], "within_s": 3600}
    return rule_in(region, **{"name": "预报断路", **given, **text})
