"""A storm as 134 citizens' gauges recorded it: every drop stored once, the right alarms."""

import asyncio
import csv
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import numpy as np
import pytest
from django.db import connection
from django.db.models import Count, Sum
from django.utils import timezone

from anlan.base import clock
from anlan.observe import intake
from anlan.observe.doors.http import app
from anlan.observe.models import Reading, Sender, Series, Station
from anlan.observe.registry import token_hash
from anlan.places.tests.factories import RegionFactory
from anlan.warn.evaluate import Evaluator
from anlan.warn.models import Alarm
from anlan.warn.sweep import Sweeper

from .factories import rule_in

GOLDEN = os.environ.get("ANLAN_GOLDEN")
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not GOLDEN, reason="the storm's data may not be shipped; set ANLAN_GOLDEN"),
]


@pytest.fixture(autouse=True)
def emptied(transactional_db):
    """The readings' table is not Django's, so its flush leaves it alone."""
    yield
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM observe_reading")


HOUR = 12  # readings of five minutes
HEAVY_MM = 12.0


def storm() -> tuple[list[str], np.ndarray]:
    """Names of the gauges, and their rain: (steps, gauges) [mm], NaN where nothing was said."""
    with (Path(GOLDEN) / "rain/ams_pws_5min_20170908.csv").open() as file:
        rows = list(csv.reader(file))
    return rows[0][1:], np.array([[float(v) if v else np.nan for v in r[1:]] for r in rows[1:]])


def sent(names: list[str], rain: np.ndarray, first: datetime) -> dict[str, int]:
    """Every step one batch, as a gateway sends them, and the rules' clock after each; the sums."""
    sweeper, total = Sweeper(Evaluator()), {"stored": 0, "duplicate": 0}
    transport = httpx.ASGITransport(app=app)
    headers = {"Authorization": "Bearer storm"}

    async def post(readings: list[dict]) -> dict[str, int]:
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            body = json.dumps({"readings": readings})
            return (await client.post("/ingest/http", content=body, headers=headers)).json()

    for step, values in enumerate(rain):
        at = first + timedelta(minutes=5 * step)
        heard = np.flatnonzero(np.isfinite(values)).tolist()
        common = {"quantity": "rain_5min", "at": clock.to_epoch_ms(at)}
        readings = [{"station": names[n], "value": values[n], **common} for n in heard]
        answer = asyncio.run(post(readings))
        total = {name: total[name] + answer[name] for name in total}
        sweeper.sweep(at)
    intake.stop()
    return total


def test_every_drop_of_a_real_storm_is_stored_once_and_only_heavy_hours_raise_alarms():
    names, rain = storm()
    city, elsewhere = RegionFactory(), RegionFactory()
    Sender.objects.create(name="网关", token_hash=token_hash("storm"), region=city)
    stations = Station.objects.bulk_create(
        Station(code=name, name=name, kind="rain", region=city, lon=119.6, lat=29.1)
        for name in names
    )
    Series.objects.bulk_create(
        Series(station=s, quantity="rain_5min", unit="mm", interval_s=300) for s in stations
    )
    text = {"quantity": "rain_5min", "measure": "SUM", "window_s": 3600, "threshold": HEAVY_MM}
    heavy = rule_in(city, name="一小时雨量", **text)
    rule_in(elsewhere, name="别处", **text)
    first = (timezone.now() - timedelta(days=2)).replace(hour=0, minute=0, second=0, microsecond=0)
    first = first.astimezone(UTC)

    once, again = sent(names, rain, first), sent(names, rain, first)

    assert int(np.isfinite(rain).sum()) == 27_971
    assert once == {"stored": 27_971, "duplicate": 0}
    assert again == {"stored": 0, "duplicate": 27_971}
    stored = Reading.objects.values("series__station__code").annotate(n=Count("*"), mm=Sum("value"))
    totals = {row["series__station__code"]: (row["n"], row["mm"]) for row in stored}
    expected = dict(
        zip(names, zip(np.isfinite(rain).sum(0), np.nansum(rain, 0), strict=True), strict=True)
    )
    assert {name: count for name, (count, _mm) in expected.items() if count} == {
        name: count for name, (count, _mm) in totals.items()
    }
    for name, (_count, mm) in totals.items():
        assert mm == pytest.approx(expected[name][1], abs=1e-6)
    hours = np.lib.stride_tricks.sliding_window_view(np.nan_to_num(rain), HOUR, axis=0).sum(axis=2)
    passed = {names[n] for n in np.flatnonzero((hours >= HEAVY_MM).any(axis=0)).tolist()}
    raised = set(Alarm.objects.filter(rule=heavy).values_list("series__station__code", flat=True))
    assert raised == passed
    assert len(passed) > 10
    assert not Alarm.objects.exclude(rule=heavy).exists()
