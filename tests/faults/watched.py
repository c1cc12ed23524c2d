"""A county whose stations are watched by rules, on a scenario's clock, and what is found there."""

from collections import Counter
from datetime import UTC, datetime

from django.core.management import call_command
from django.utils import timezone

from anlan.base import journal
from anlan.base.models import Delivery, Event, ScenarioClock
from anlan.observe.models import Flag, Reading
from anlan.observe.services import add_series, make_sender, register_station
from anlan.people.models import Account, Grant
from anlan.places.models import Region
from anlan.warn.models import Alarm
from anlan.warn.services.rules import RuleText, define_rule
from anlan.work.models import Reminder
from tests.inside import session_of

from .inside import officer_of, region_in, tasks_for

STATIONS, VILLAGES = 20, 30
INTERVAL_S = 60  # how often a station reports; silent after twice that
ASTRAY = "0099000001"  # the station whose clock goes wrong, in a county of its own


def prepare() -> dict[str, object]:
    call_command("migrate", verbosity=0)
    at, system = datetime.now(UTC), Account.objects.system()
    ScenarioClock.objects.create(pk=1, scenario_at=at, real_at=at, rate=0)
    county, other = (
        Region.objects.create(code=code, name=name, level=3, path=f"99/{code}/")
        for code, name in (("990101", "试验县"), ("990102", "邻县"))
    )
    town = region_in("990101001", "试验镇", 4, county)
    codes = [f"00{n:08d}" for n in range(STATIONS)]
    for code in codes:
        ponding(code, town, at)
    ponding(ASTRAY, other, at)
    rules(county, other, at)
    villages = [region_in(f"990101001{n:03d}", f"试验村{n}", 5, town) for n in range(VILLAGES)]
    officer, items = officer_of(villages), tasks_for(county, at, minutes=20)
    reader = Account.objects.create_account("reader", "x", name="值班员")
    Grant.objects.create(account=reader, permission="observe.view", region=other)
    tokens = [
        make_sender(name=region.code, region=region, by=system, at=at)[1]
        for region in (county, other)
    ]
    return {
        "stations": codes,
        "astray": ASTRAY,
        "token": tokens[0],
        "token_astray": tokens[1],
        "reader": session_of(reader),
        "officer": officer,
        "items": items,
    }


def set_rate(rate: str) -> dict[str, object]:
    """So many times as fast as real time; 0 stops it: a slow machine must not look silent."""
    now, row = timezone.now(), ScenarioClock.objects.get()
    row.scenario_at, row.real_at, row.rate = row.time_at(now), now, float(rate)
    row.save()
    return {}


def ponding(code: str, region: Region, at: datetime) -> None:
    system = Account.objects.system()
    station = register_station(
        code=code, name=code, kind="ponding", region=region, lon=119.6, lat=29.1, by=system, at=at
    )
    series = add_series(station=station, quantity="ponding_depth", by=system, at=at)
    series.interval_s = INTERVAL_S
    series.save()
    add_series(station=station, quantity="battery_voltage", by=system, at=at)


def rules(county: Region, other: Region, at: datetime) -> None:
    silence = RuleText(
        severity=3, quantity="ponding_depth", measure="SILENCE", threshold=2 * INTERVAL_S
    )
    deep = RuleText(severity=2, quantity="ponding_depth", threshold=0.27, clear=0.2)
    for code, region, text in (
        ("silent", county, silence),
        ("deep", county, deep),
        ("deep-other", other, deep),
    ):
        define_rule(
            code=code, name=code, region=region, text=text, by=Account.objects.system(), at=at
        )


def found() -> dict[str, object]:
    """What two workers made of it: alarms, reminders, events and their deliveries."""
    journal.seal_new_events()
    alarms = Alarm.objects.values_list("rule__code", "series__station__code", "cleared_at")
    heard = Event.objects.filter(name__in=["observe.station.silent", "observe.station.back"])
    of_station = sorted((e.data["station_id"], e.pk, e.name) for e in heard)
    return {
        "opened": sorted([rule, station] for rule, station, _cleared in alarms),
        "still_open": sorted(
            [rule, station] for rule, station, cleared in alarms if cleared is None
        ),
        "events": Counter(Event.objects.values_list("name", flat=True)),
        "heard": [(station, name) for station, _pk, name in of_station],
        "deliveries": sorted(Delivery.objects.values_list("event__name", "state", "attempts")),
        "reminders": sorted(
            Reminder.objects.values_list("item_id", "escalation", "to_id").order_by()
        ),
        "findings": [finding.text for finding in journal.verify()],
    }


def astray() -> dict[str, object]:
    """What became of the station whose clock goes wrong."""
    readings = Reading.objects.filter(series__station__code=ASTRAY)
    alarms = Alarm.objects.filter(series__station__code=ASTRAY)
    station = readings[0].series.station
    latest = getattr(station.series.get(quantity="ponding_depth"), "latest", None)
    return {
        "page": f"/stations/{station.pk}/",
        "values": sorted(readings.values_list("series__quantity", "value", "flag")),
        "bad": int(Flag.BAD),
        "latest": latest and latest.value,
        "clock_off_s": station.health.clock_off_s,
        "alarms": alarms.count(),
    }
