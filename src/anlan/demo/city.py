"""What the reference city has besides its divisions: grids, sites, stations, people. All made up.

Deterministic: the same call gives the same city. No database here; `load` writes it.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray

from . import shapes, storm
from .shapes import Division, Shapes

SEED = 20260703
GRIDS = 5996

# What a city of this size has of each kind; `--sites N` scales enterprises and the like up to N.
SITES = {
    "underpass": 120,
    "flood_point": 180,
    "landslide": 640,
    "reservoir": 420,
    "river_section": 80,
    "shelter": 353,
    "store": 155,
    "fire_station": 46,
    "hospital": 62,
    "helipad": 24,
    "school": 380,
    "enterprise": 1040,
    "village_office": 500,
}
SITE_NAMES = {
    "underpass": "下穿通道",
    "flood_point": "易涝点",
    "landslide": "地质灾害点",
    "reservoir": "水库",
    "river_section": "河道断面",
    "shelter": "避灾安置场所",
    "store": "防汛物资仓库",
    "fire_station": "消防救援站",
    "hospital": "卫生院",
    "helipad": "直升机起降点",
    "school": "学校",
    "enterprise": "企业",
    "village_office": "便民服务中心",
}
GROWS = ("enterprise", "landslide", "village_office", "school")
RAIN_STATIONS, RIVER_STATIONS = 620, 80  # with 300 ponding sensors: 1,000 stations
SURNAMES, GIVEN = (shapes.DATA / "names.txt").read_text(encoding="utf-8").split()


@dataclass(frozen=True, slots=True)
class SiteSpec:
    code: str
    kind: str
    name: str
    region: str  # code of its village
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class SeriesSpec:
    quantity: str
    unit: str
    interval_s: int
    datum: str = ""
    low: float | None = None
    high: float | None = None
    spike: float | None = None
    rate: float | None = None
    flat_s: int | None = None


@dataclass(frozen=True, slots=True)
class StationSpec:
    code: str
    name: str
    kind: str
    region: str
    site: str  # code of the site it watches, "" for none
    lon: float
    lat: float
    series: tuple[SeriesSpec, ...] = ()


@dataclass(frozen=True)
class City:
    divisions: Sequence[Division]
    shapes: Shapes
    sites: Sequence[SiteSpec] = field(default_factory=list)
    stations: Sequence[StationSpec] = field(default_factory=list)

    @cached_property
    def lon(self) -> NDArray[np.float64]:
        return np.array([s.lon for s in self.stations])

    @cached_property
    def lat(self) -> NDArray[np.float64]:
        return np.array([s.lat for s in self.stations])

    def of_kind(self, kind: str) -> NDArray[np.int64]:
        """Positions of the stations of a kind."""
        return np.flatnonzero([s.kind == kind for s in self.stations])


def build(sites: int | None = None) -> City:
    """The reference city with its usual sites, or with about so many."""
    divisions = shapes.read_divisions()
    places = shapes.place(divisions)
    grids = make_grids(divisions, places)
    made_sites = make_sites(divisions, places, scaled(sites))
    stations = make_stations(divisions, places, made_sites)
    return City([*divisions, *grids], places, made_sites, stations)


def scaled(total: int | None) -> dict[str, int]:
    counts = dict(SITES)
    more = (total or 0) - sum(counts.values())
    if more > 0:
        for kind, share in zip(GROWS, (0.7, 0.1, 0.15, 0.05), strict=True):
            counts[kind] += round(more * share)
    return counts


def make_grids(divisions: Sequence[Division], places: Shapes) -> list[Division]:
    """One grid for every village, a second or third for some until there are GRIDS."""
    villages = [d for d in divisions if d.level == "village"]
    extra = GRIDS - len(villages)
    draw = np.random.default_rng(SEED)
    more = Counter(draw.choice(len(villages), extra, replace=extra > len(villages)).tolist())
    found = []
    for n, village in enumerate(villages):
        lon, lat = places.points[village.code]
        count = 1 + more[n]
        for k in range(count):
            code = f"{village.code}{k + 1:03d}"
            turn = 2 * np.pi * k / count
            places.points[code] = (
                round(lon + 0.0015 * float(np.cos(turn)), 6),
                round(lat + 0.0015 * float(np.sin(turn)), 6),
            )
            name = "第" + "一二三四五六七八九"[k] + "网格"
            found.append(Division(code, name, "grid", village.code))
    return found


def make_sites(
    divisions: Sequence[Division], places: Shapes, counts: dict[str, int]
) -> list[SiteSpec]:
    """Sites near village points, inside their town's outline."""
    villages = [d for d in divisions if d.level == "village"]
    at = np.array([places.points[v.code] for v in villages])
    town = np.array([places.outlines[v.parent] for v in villages])
    draw = np.random.default_rng(SEED + 1)
    found: list[SiteSpec] = []
    for kind, count in counts.items():
        # Underpasses and flood points are where towns are dense
        chosen = _spread(draw, villages, count, urban=kind in {"underpass", "flood_point"})
        moved = at[chosen] + draw.normal(0, 0.003, (count, 2))
        ok = shapely.contains_xy(town[chosen], moved[:, 0], moved[:, 1])
        final = np.where(ok[:, None], moved, at[chosen])
        numbers: Counter[str] = Counter()
        for n, (index, (lon, lat)) in enumerate(zip(chosen.tolist(), final.tolist(), strict=True)):
            village = villages[index]
            numbers[village.code] += 1
            name = site_name(village.name, kind, numbers[village.code])
            code = f"{kind[:3].upper()}{n + 1:05d}"
            found.append(SiteSpec(code, kind, name, village.code, round(lon, 6), round(lat, 6)))
    return found


def _spread(
    draw: np.random.Generator, villages: Sequence[Division], count: int, *, urban: bool
) -> NDArray[np.int64]:
    weight = np.ones(len(villages))
    if urban:
        # Neighbourhood committees and the old towns' streets: code's town part below 100.
        weight = np.array([12.0 if int(v.code[6:9]) < 100 else 1.0 for v in villages])
    again = count > len(villages)
    return np.asarray(draw.choice(len(villages), count, replace=again, p=weight / weight.sum()))


def short(name: str) -> str:
    """A village's name without the words that say what it is."""
    for ending in ("居民委员会", "村民委员会", "居委会", "村委会", "社区", "村"):
        if name.endswith(ending) and len(name) > len(ending) + 1:
            return name.removesuffix(ending)
    return name


def site_name(village: str, kind: str, number: int) -> str:
    order = "" if number == 1 else f"{number}号"
    return f"{short(village)}{order}{SITE_NAMES[kind]}"


RAIN = (
    SeriesSpec("rain_5min", "mm", 300, high=25.0),
    SeriesSpec("rain_1h", "mm", 3600, high=120.0),
)
PONDING = (SeriesSpec("ponding_depth", "m", 300, low=0.0, high=4.0),)
RIVER = (SeriesSpec("water_level", "m", 300, datum="1985国家高程基准", spike=1.5, rate=3.0),)


def make_stations(
    divisions: Sequence[Division], places: Shapes, sites: Sequence[SiteSpec]
) -> list[StationSpec]:
    """Rain gauges in towns and villages, a sensor at every ponding spot, a gauge at every reach."""
    found = [
        StationSpec(f"P{site.code}", f"{site.name}积水监测点", "ponding", site.region, site.code,
                    site.lon, site.lat, PONDING)
        for site in sites
        if site.kind in {"underpass", "flood_point"}
    ]  # fmt: skip
    found += [
        StationSpec(river_code(n), f"{short_site(site)}水位站", "river", site.region, site.code,
                    site.lon, site.lat, RIVER)
        for n, site in enumerate(s for s in sites if s.kind == "river_section")
    ]  # fmt: skip
    villages = [d for d in divisions if d.level == "village"]
    chosen = np.linspace(0, len(villages) - 1, RAIN_STATIONS).astype(int)
    for n, index in enumerate(chosen.tolist()):
        village = villages[index]
        lon, lat = places.points[village.code]
        name = f"{short(village.name)}雨量站"
        found.append(StationSpec(f"R{n + 1:05d}", name, "rain", village.code, "", lon, lat, RAIN))
    return found


def river_code(n: int) -> str:
    """Ten hexadecimal digits, as SL 651 addresses a station."""
    return f"33070{n + 1:05d}"


def short_site(site: SiteSpec) -> str:
    return site.name.removesuffix(SITE_NAMES[site.kind])


def person_name(n: int) -> str:
    """A made-up name, the same for the same number."""
    draw = np.random.default_rng([SEED, n])
    family = SURNAMES[int(draw.integers(len(SURNAMES)))]
    given = "".join(GIVEN[int(k)] for k in draw.integers(len(GIVEN), size=draw.integers(1, 3)))
    return family + given


def phone(n: int) -> str:
    """Eleven digits that no operator gives out (100 0…), so that nobody is rung by accident."""
    return f"1000{n:07d}"


def catchments(count: int) -> storm.Catchments:
    """What drains to each ponding spot: most drains take 28 to 58 mm/h, some far less."""
    draw = np.random.default_rng(SEED + 2)
    drain = np.where(
        draw.random(count) < 0.2, draw.uniform(12, 28, count), draw.uniform(28, 58, count)
    )
    return storm.Catchments(
        area_ha=draw.uniform(0.8, 3.0, count),
        runoff=draw.uniform(0.7, 0.9, count),
        lag_h=draw.uniform(0.15, 0.5, count),
        drain_mm_h=drain,
        sag_m3_m2=draw.uniform(300, 900, count),
    )


def reaches(count: int) -> storm.Reaches:
    draw = np.random.default_rng(SEED + 3)
    return storm.Reaches(
        base_m=np.round(draw.uniform(32, 120, count), 2),
        lag_h=draw.uniform(1.5, 5.0, count),
        rise=draw.uniform(0.35, 0.75, count),
        runoff=draw.uniform(0.45, 0.7, count),
    )


def warning_levels(count: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Warning level (警戒水位) and guarantee level (保证水位) of each reach, m."""
    base = reaches(count).base_m
    draw = np.random.default_rng(SEED + 4)
    warning = base + draw.uniform(1.5, 3.2, count)
    return np.round(warning, 2), np.round(warning + draw.uniform(0.5, 1.2, count), 2)
