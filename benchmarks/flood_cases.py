"""The UK Environment Agency's benchmark cases at several cell sizes, with what they cost.

    python benchmarks/flood_cases.py

What each case has from the published description is said in `anlan.engines.flood.tests.ea`.
"""

import sys
import time
from pathlib import Path

import numpy as np

from anlan.engines.flood.tests import ea

sys.path.insert(0, str(Path(__file__).parent))
from flood import WINDOW, city


def ended(test):
    """The end of a case and its CPU time [s]."""
    before = time.process_time()
    end = ea.history(test, test.until_s)[2]
    assert end.balance.error_m3 == 0.0
    return end, time.process_time() - before


def row(name, value, unit, comparison, ratio=None):
    return {
        "name": f"flood_cases.{name}",
        "value": float(value),
        "unit": unit,
        "comparison": comparison,
        "ratio": ratio,
    }


def pond():
    test = ea.disconnected_water_body()
    end, cpu = ended(test)
    left = max(float(end.level_m[point]) for point in test.points)
    return row("ea1", left, "m", f"published 10.25 m left at 20 h; {cpu:.1f} s CPU")


def hollows(cell_m):
    test = ea.floodplain_depressions(cell_m)
    end, cpu = ended(test)
    wet = [i + 1 for i, point in enumerate(test.points) if end.depth_m[point] > 0.02]
    deepest = max(float(end.depth_m[point]) for point in test.points)
    return row(f"ea2_{cell_m:g}m", deepest, "m", f"hollows wet: {wet}; {cpu:.1f} s CPU")


def spread(cell_m):
    test = ea.extended_floodplain(cell_m)
    end, cpu = ended(test)
    greatest = np.array([end.max_depth_m[point] for point in test.points])
    dg2, acc = (np.abs(greatest - peer).max() for peer in (ea.TEST4_DG2_M, ea.TEST4_ACC_M))
    told = f"worst of 6 points to LISFLOOD-FP DG2 5 m; ACC 1 m {acc * 1000:.1f} mm; {cpu:.1f} s CPU"
    return row(f"ea4_{cell_m:g}m", dg2 * 1000, "mm", told)


def valley():
    test = ea.valley()
    end, cpu = ended(test)
    arrivals = [round(float(end.arrival_s[point]) / 60) for point in test.points]
    told = f"pool at the end of our valley (9.408 by volume); arrivals {arrivals} min; {cpu:.1f} s"
    return row("ea5", end.level_m[test.points[-1]], "m", told)


def town():
    """Test 8A's rain and inflow over our city, because its lidar ground is not public."""
    bed = city()[WINDOW]
    row_at = int(np.argmin(bed[128]))
    test = ea.urban_rain(bed, 2.0, (128, row_at))
    end, cpu = ended(test)
    return row(
        "ea8a_ours",
        end.balance.stored_m3,
        "m3",
        f"rain {end.balance.rain_m3:.0f} and inflow {end.balance.inflow_m3:.0f} m3, error "
        f"{end.balance.error_m3:g}; deepest {np.nanmax(end.max_depth_m):.2f} m; {cpu:.1f} s CPU",
    )


def run():
    return [
        pond(),
        *(hollows(cell) for cell in (20.0, 10.0)),
        *(spread(cell) for cell in (10.0, 5.0, 2.0)),
        valley(),
        town(),
    ]


if __name__ == "__main__":
    for figure in run():
        value, unit = figure["value"], figure["unit"]
        print(f"{figure['name']:24} {value:10.4g} {unit:4} {figure['comparison']}")
