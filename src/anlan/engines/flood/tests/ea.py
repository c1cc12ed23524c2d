"""Cases of the UK Environment Agency's 2D benchmark, made from its published description.

Neelz & Pender (2013), Benchmarking the latest generation of 2D hydraulic modelling packages,
Environment Agency, SC120002. What each case has from there, and what is ours, is said beside it.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anlan.engines.flood import FloodCase, FloodResult, Inflow, OpenEdge, Rain, Series, run

Array = NDArray[Any]
HOUR = 3600.0


@dataclass(frozen=True)
class Benchmark:
    """A case, until when it runs, and where it is looked at (row, column of each point)."""

    case: FloodCase
    until_s: float
    points: tuple[tuple[int, int], ...]


def history(test: Benchmark, every_s: float) -> tuple[Array, Array, FloodResult]:
    """Times and depths at the points, and the end."""
    end, times, depths = None, [], []
    for until in np.arange(every_s, test.until_s + 0.5 * every_s, every_s):
        end = run(test.case, float(until), state=end.state if end else None)
        times.append(until)
        depths.append([end.depth_m[point] for point in test.points])
    assert end is not None
    return np.array(times), np.array(depths), end


CREST_M, LOW_M, HIGH_M = 10.25, 9.7, 10.35


def disconnected_water_body() -> Benchmark:
    """Test 1: a pond behind a crest is filled over it and keeps what lies below the crest.

    Published: 700 m by 100 m, cells of 10 m, n 0.03, water at 9.7 m at first, level at one end
    raised to 10.35 m and back to 9.7 m, 20 h, crest at 10.25 m. Ours: the heights between (a
    straight rise to the crest at 300 m, a hollow at 500 m, rising ground) and the times of the
    rise (0 to 1 h) and of the fall (11 to 12 h).
    """
    x = (np.arange(70) + 0.5) * 10.0
    bed = np.interp(x, [0, 295, 305, 500, 700], [9.3, CREST_M, CREST_M, 9.6, 10.6])
    bed = np.tile(bed, (10, 1))
    level = Series(np.array([0, 1, 11, 12]) * HOUR, [LOW_M, HIGH_M, HIGH_M, LOW_M])
    connected = np.where(x < 300, np.maximum(LOW_M - bed, 0.0), 0.0)
    case = FloodCase(
        bed_m=bed,
        cell_m=10.0,
        manning=0.03,
        depth_m=connected,
        edges=(OpenEdge("west", level_m=level),),
    )
    return Benchmark(case, 20 * HOUR, ((5, 40), (5, 60)))


def egg_box(x: Array, y: Array) -> Array:
    """The ground of test 2 [m]: sinusoids multiplied, on a plane falling 1:2000 east, 1:1500 south.

    The constants were fitted to rows of the published grid and give them back to 0.1 mm: crests
    0.125 m above the saddles, hollows 0.5 m below them, one every 500 m.
    """
    east, north = np.cos(2 * np.pi * x / 500), np.cos(2 * np.pi * y / 500)
    plane = 10.0 - x / 2000 - (2000 - y) / 1500
    return np.asarray(plane + 0.15625 * (east + north) - 0.09375 * (1 + east * north))


def floodplain_depressions(cell_m: float = 20.0) -> Benchmark:
    """Test 2: sixteen hollows fill and spill one into the other from the north-west corner.

    Published: 2000 m square, cells of 20 m, n 0.03, closed, dry; 20 m3/s from 10 to 86 min along
    100 m of the western side (rising from 5 min, over at 91 min: 97,200 m3), 48 h; points at the
    hollows' middles, counted northwards and then eastwards.
    """
    n = round(2000 / cell_m)
    x = (np.arange(n) + 0.5) * cell_m
    y = 2000 - x
    bed = egg_box(x[None, :], y[:, None])
    inlet = np.arange(round(100 / cell_m))
    flow = Series(np.array([0, 5, 10, 86, 91]) * 60.0, [0, 0, 20, 20, 0])
    case = FloodCase(
        bed_m=bed, cell_m=cell_m, manning=0.03, inflows=(Inflow(inlet, inlet * 0, flow),)
    )
    middles = [250.0, 750.0, 1250.0, 1750.0]
    points = tuple((int((2000 - y) // cell_m), int(x // cell_m)) for x in middles for y in middles)
    return Benchmark(case, 48 * HOUR, points)


def extended_floodplain(cell_m: float = 5.0) -> Benchmark:
    """Test 4: water from a breach spreads over a level floodplain.

    Published: 1000 m by 2000 m, level, n 0.05, dry; 20 m3/s through 20 m in the middle of the
    western side from 1 to 4 h (rising from 5 min, over at 5 h), cells of 5 m, 5 h, six points.
    """
    rows, cols = round(2000 / cell_m), round(1000 / cell_m)
    middle = rows // 2
    half = max(1, round(10 / cell_m))
    inlet = np.arange(middle - half, middle + half)
    flow = Series([0, 300, 3600, 14400, 18000], [0, 0, 20, 20, 0])
    case = FloodCase(
        bed_m=np.zeros((rows, cols)),
        cell_m=cell_m,
        manning=0.05,
        inflows=(Inflow(inlet, inlet * 0, flow),),
    )
    places = [(50, 1000), (100, 1000), (200, 1000), (300, 1000), (400, 1000), (300, 1300)]
    points = tuple((int((2000 - y) // cell_m), int(x // cell_m)) for x, y in places)
    return Benchmark(case, 5 * HOUR, points)


# Greatest depths at the six points [m]: LISFLOOD-FP 8.0 by full equations (DG2, 5 m) and by local
# inertia (ACC, 1 m), Shaw et al. (2021), Geosci. Model Dev. 14, 3577-3602, results at
# doi:10.5281/zenodo.4066824 (CC BY 4.0), as quoted from there to 0.1 mm.
TEST4_DG2_M = np.array([0.3251, 0.2745, 0.2275, 0.2002, 0.1800, 0.1755])
TEST4_ACC_M = np.array([0.3293, 0.2771, 0.2288, 0.2010, 0.1805, 0.1761])


def valley(cell_m: float = 50.0) -> Benchmark:
    """Test 5: a dam fails above a valley of 17 km.

    Published: valley about 0.8 km by 17 km, slope about 0.01 at first and 0.001 later, n 0.04,
    cells of 50 m, 3000 m3/s from 600 to 1200 s (rising from 300 s, over at 6000 s: 9.45 million
    m3), 30 h, closed. The ground itself is a real one that is not public: ours is a bent trough
    with those slopes, a flat floor of 150 m and sides of 1:10.
    """
    rows, cols = round(1500 / cell_m), round(17_000 / cell_m)
    x = (np.arange(cols) + 0.5) * cell_m
    y = (np.arange(rows) + 0.5) * cell_m - 750.0
    floor = np.interp(x, [0, 5000, 17_000], [62.0, 12.0, 0.0])
    axis = 200.0 * np.sin(2 * np.pi * x / 6000)
    away = np.maximum(np.abs(y[:, None] - axis) - 75.0, 0.0)
    bed = floor + np.minimum(away / 10.0, 40.0)
    flow = Series([0, 300, 600, 1200, 6000], [0, 0, 3000, 3000, 0])
    inlet = np.arange(rows // 2 - 2, rows // 2 + 2)
    case = FloodCase(
        bed_m=bed, cell_m=cell_m, manning=0.04, inflows=(Inflow(inlet, inlet * 0, flow),)
    )
    mid = lambda at: int(np.argmin(bed[:, int(at // cell_m)]))  # noqa: E731
    places = (1000.0, 3000.0, 5000.0, 9000.0, 13_000.0, 16_900.0)
    return Benchmark(case, 30 * HOUR, tuple((mid(at), int(at // cell_m)) for at in places))


def urban_rain(bed: Array, cell_m: float, at: tuple[int, int]) -> Benchmark:
    """Test 8A's rain and point inflow over another town's ground.

    Published: 400 mm/h from 1 to 4 min over about 0.4 km2 of lidar ground at 2 m, n 0.02 on roads
    and 0.05 elsewhere, and a manhole that gives 5 m3/s at 37 to 39 min, 5 h. The lidar ground is
    not public, so the published levels cannot be met or missed; n is 0.035 here.
    """
    minutes = [20, 23, 25, 27, 29, 31, 33, 35, 37, 39, 41, 43, 45, 47, 49, 51, 53, 55]
    rise = [0, 0.0625, 0.25, 0.625, 1.3125, 2.4375, 3.5625, 4.625]
    flow = Series(np.array(minutes) * 60.0, [*rise, 5.0, 5.0, *rise[::-1]])
    case = FloodCase(
        bed_m=bed,
        cell_m=cell_m,
        manning=0.035,
        rain=Rain([60.0, 240.0], [400.0]),
        inflows=(Inflow([at[0]], [at[1]], flow),),
    )
    return Benchmark(case, 5 * HOUR, (at,))
