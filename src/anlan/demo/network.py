"""Roads, people and who answers for underpasses: lists as a bureau would hand them in. Made up.

Roads are the streets of the generated terrain, block by block, and a stretch through every
underpass on it: what the forecast floods is what lies there.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from anlan.people.services.charge_lists import ROAD

from . import terrain
from .city import SEED, City, SiteSpec
from .shapes import Division

ROADS_SOURCE = "由生成地形的街道生成，非真实道路"
PEOPLE_SOURCE = "按全市约705万人（第七次人口普查）随机分配到网格，非实际人口"
CITY_PEOPLE = 7_050_000
COUNTED_ON = "2020-11-01"
KEEPER_ROLE = "county.road_keeper"
UNDERPASS_M = 120.0  # either side
EVERY = {6: "主干路", 2: "次干路"}  # every so many streets; the others are lanes
COUNTIES = {"330702": "婺城区", "330703": "金东区"}


def roads(city: City) -> bytes:
    """GeoJSON of the streets of the dense city, by blocks, and of the underpasses' stretches."""
    features = [*_streets(), *_underpasses(city)]
    return json.dumps(
        {"type": "FeatureCollection", "features": features}, ensure_ascii=False
    ).encode()


def _streets() -> Iterator[dict[str, object]]:
    on = terrain.grid()
    dense = terrain.valley(on).blocked > 0
    block = round(terrain.BLOCK_M / terrain.CELL_M)
    middle = round(terrain.STREET_M / terrain.CELL_M) // 2  # of a street, in cells
    lines = range(middle, on.rows, block)
    for name, flip in (("横", False), ("纵", True)):
        for number, line in enumerate(lines, start=1):
            for part, start in enumerate(lines[:-1], start=1):
                ends = np.array([[line, start], [line, start + block]])
                row, col = (ends[:, ::-1] if flip else ends).T
                if dense[row, col].all():
                    yield _feature(
                        f"{'ZH'[not flip]}{number:02d}-{part:02d}",
                        f"{name}{number}路",
                        _class(number),
                        on.lonlat(row - 0.5, col - 0.5),
                    )


def _class(number: int) -> str:
    return next((label for every, label in EVERY.items() if number % every == 0), "支路")


def _underpasses(city: City) -> Iterator[dict[str, object]]:
    """A main road from west to east through each underpass on the terrain."""
    on = terrain.grid()
    half = UNDERPASS_M / terrain.CELL_M
    for site in on_terrain(city):
        row, col = (float(v) for v in on.cells(site.lon, site.lat))
        ends = on.lonlat(np.full(3, row), np.array([col - half, col, col + half]))
        yield _feature(f"X-{site.code}", f"{site.name}路段", "主干路", ends)


def on_terrain(city: City) -> list[SiteSpec]:
    """Underpasses where the forecast's ground is."""
    return [
        site for site, *_rest in terrain.spots(city, terrain.grid()) if site.kind == "underpass"
    ]


def _feature(
    code: str, name: str, road_class: str, at: tuple[NDArray[np.float64], NDArray[np.float64]]
) -> dict[str, object]:
    line = [[round(lon, 6), round(lat, 6)] for lon, lat in zip(*at, strict=True)]
    return {
        "type": "Feature",
        "properties": {
            "编号": code,
            "名称": name,
            "等级": road_class,
            "养护单位": "市政公用事业服务中心（虚构）",
        },
        "geometry": {"type": "LineString", "coordinates": line},
    }


def people(divisions: Sequence[Division]) -> bytes:
    """CSV of people by grid: more in towns' streets, and all together the city's number."""
    grids = [d for d in divisions if d.level == "grid"]
    draw = np.random.default_rng(SEED + 30)
    weight = draw.lognormal(0.0, 0.5, len(grids))
    # Neighbourhood committees: the code's town part below 100.
    weight *= np.array([3.0 if int(d.code[6:9]) < 100 else 1.0 for d in grids])
    counts = np.rint(weight / weight.sum() * CITY_PEOPLE).astype(int).tolist()
    rows = ([d.code, count] for d, count in zip(grids, counts, strict=True))
    return _csv(["区划代码", "人口"], rows)


def charges(city: City) -> bytes:
    """CSV of who answers: a county's road keeper for its underpasses and the roads through them."""
    rows = []
    counties = {d.code for d in city.divisions if d.level == "county"}
    for site in city.sites:
        county = site.region[:6]
        if site.kind == "underpass" and county in counties:
            owner = f"{COUNTIES.get(county, '')}市政公用事业服务中心（虚构）"
            rows.append(["下穿立交", site.code, owner, county, KEEPER_ROLE])
    for site in on_terrain(city):
        rows.append([ROAD, f"X-{site.code}", "", site.region[:6], KEEPER_ROLE])
    return _csv(["类型", "编号", "养护单位", "岗位区划代码", "岗位"], rows)


def _csv(head: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(head)
    writer.writerows(rows)
    return file.getvalue().encode()
