"""Rules, series and readings for tests."""

from datetime import UTC, datetime, timedelta

import numpy as np
from django.db import connection

from anlan.base import clock
from anlan.observe.models import Flag, Latest, Series, Station
from anlan.observe.taps import Batch
from anlan.people.models import Account
from anlan.places.models import Region
from anlan.places.tests.factories import RegionFactory
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
