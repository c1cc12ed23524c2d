"""How fast the flood engine is, beside landlab and plain NumPy, on cases built here.

    python benchmarks/flood.py

CPU time is the figure (other work on the machine makes wall time meaningless); the two-core figure
is wall time when the load before is under 0.3. landlab is optional: `pip install landlab`.
"""

import json
import os
import sys
import time

import numpy as np

from anlan.engines import flood
from anlan.engines.flood import FloodCase, Rain, coarse_ground, run_coarse

CELLS, CELL_M, MANNING = 1000, 5.0, 0.035
RAIN = Rain([0.0, 3600.0], [60.0])
WINDOW = (slice(600, 856), slice(400, 656))
QUIET = 0.3


def smooth(rng, sigma):
    """White noise smoothed by a Gaussian of ``sigma`` cells, to a standard deviation of one."""
    k = np.fft.fftfreq(CELLS)
    damp = np.exp(-2 * (np.pi * sigma) ** 2 * (k[:, None] ** 2 + k[None, :] ** 2))
    field = np.fft.ifft2(np.fft.fft2(rng.standard_normal((CELLS, CELLS))) * damp).real
    return field / field.std()


def city():
    """A valley city of 1000 x 1000 cells of 5 m: river, streets with kerbs, raised buildings."""
    rng = np.random.default_rng(20260401)
    y, x = np.mgrid[0:CELLS, 0:CELLS] * CELL_M
    length = CELLS * CELL_M
    far = np.abs(x - length / 2 - 400 * np.sin(2 * np.pi * y / 2500))
    bed = 20 + 0.003 * (length - y) + 0.010 * far - 2.0 * np.exp(-((far / 25) ** 2))
    bed += 0.8 * smooth(rng, 60) + 0.25 * smooth(rng, 8) + 0.02 * rng.standard_normal(bed.shape)
    ground, street = bed.copy(), np.arange(CELLS) % 20 < 2
    bed[street[:, None] | street[None, :]] -= 0.15
    for top in range(0, CELLS, 20):
        for left in range(0, CELLS, 20):
            for _ in range(rng.integers(1, 4) if rng.random() < 0.85 else 0):
                high, wide = rng.integers(3, 8, 2)
                r = slice(top + 3 + (at := rng.integers(0, 17 - high)), top + 3 + at + high)
                c = slice(left + 3 + (at := rng.integers(0, 17 - wide)), left + 3 + at + wide)
                height = 3.0 if rng.random() < 0.7 else 6.0
                bed[r, c] = np.where(far[r, c] > 60, ground[r, c] + height, bed[r, c])
    return bed


def case_of(bed):
    return FloodCase(bed_m=bed, cell_m=CELL_M, manning=MANNING, rain=RAIN)


def rate(bed, until_s, threads=1, clock=time.process_time):
    """Million cell updates per second of a whole run, forcing and records included."""
    start = clock()
    result = flood.run(case_of(bed), until_s, threads=threads)
    return result.cell_updates / (clock() - start) / 1e6


def numpy_rate(bed, steps):
    """The same scheme in plain NumPy (float64, Bates 2010 with outflow scaling)."""
    h = np.full(bed.shape, 0.02)
    qx, qy = np.zeros((bed.shape[0], bed.shape[1] - 1)), np.zeros((bed.shape[0] - 1, bed.shape[1]))
    dt, start = 0.5, time.process_time()
    for _ in range(steps):
        level = bed + h
        for q, a, b in ((qx, np.s_[:, :-1], np.s_[:, 1:]), (qy, np.s_[:-1], np.s_[1:])):
            deep = np.maximum(level[a], level[b]) - np.maximum(bed[a], bed[b])
            deep = np.maximum(deep, 1e-6)
            drag = 9.81 * dt * MANNING**2 * np.abs(q) / deep ** (7 / 3)
            q[:] = (q - 9.81 * deep * dt * (level[b] - level[a]) / CELL_M) / (1 + drag)
        out = np.zeros_like(h)
        out[:, :-1] += np.maximum(qx, 0)
        out[:, 1:] += np.maximum(-qx, 0)
        out[:-1] += np.maximum(qy, 0)
        out[1:] += np.maximum(-qy, 0)
        share = np.minimum(1, h / np.maximum(out * dt / CELL_M, 1e-30))
        qx *= np.where(qx > 0, share[:, :-1], share[:, 1:])
        qy *= np.where(qy > 0, share[:-1], share[1:])
        h[:, :-1] -= qx * dt / CELL_M
        h[:, 1:] += qx * dt / CELL_M
        h[:-1] -= qy * dt / CELL_M
        h[1:] += qy * dt / CELL_M
    return steps * bed.size / (time.process_time() - start) / 1e6


def landlab_rate(bed, steps):
    """landlab's OverlandFlow on the same ground; None where it is not installed."""
    try:
        from landlab import RasterModelGrid
        from landlab.components import OverlandFlow
    except (ImportError, SyntaxError):  # a dependency of landlab 2.11 needs Python 3.12
        return None
    grid = RasterModelGrid(bed.shape, xy_spacing=CELL_M)
    grid.add_field("topographic__elevation", bed[::-1].ravel().copy(), at="node")
    grid.add_full("surface_water__depth", 0.02, at="node")
    grid.set_closed_boundaries_at_grid_edges(True, True, True, True)
    flow = OverlandFlow(grid, mannings_n=MANNING, steep_slopes=True, rainfall_intensity=60 / 3.6e6)
    start = time.process_time()
    for _ in range(steps):
        flow.overland_flow(dt=flow.calc_time_step())
    return steps * bed.size / (time.process_time() - start) / 1e6


def row(name, value, unit, comparison, ratio=None):
    return {
        "name": name,
        "value": None if value is None else round(value, 2),
        "unit": unit,
        "comparison": comparison,
        "ratio": None if ratio is None else round(ratio, 2),
    }


def two_cores(bed, load):
    """By wall time; on a busy machine by CPU time, without one's waiting for the other."""
    if (os.cpu_count() or 1) < 2:
        return row("flood.mcups_2core", None, "M cells/s", "not counted: one core")
    if load < QUIET:
        value, by = rate(bed, 1800.0, threads=2, clock=time.perf_counter), "wall time"
    else:
        value, by = 2 * rate(bed, 1800.0, threads=2), f"CPU time of both, load {load:.1f}"
    return row("flood.mcups_2core", value, "M cells/s", f"aim 600; {by}", value / 600)


def coarse_row(bed, until_s):
    """The terrain's tables included; what a second run on kept tables takes is told as well.

    Three coarse runs and two fine ones in turns: the middle of three, the mean of two.
    """
    case, clock = case_of(bed), time.process_time
    tables, quick, slow = [], [], []

    def coarse_run():
        times = [clock()]
        ground = coarse_ground(case)
        times.append(clock())
        found = run_coarse(case, until_s, ground=ground)
        times.append(clock())
        tables.append(times[1] - times[0])
        quick.append(times[2] - times[1])
        return found

    def fine_run():
        start = clock()
        found = flood.run(case, until_s)
        slow.append(clock() - start)
        return found

    coarse_run()
    fine_run()
    coarse_run()
    fine, coarse = fine_run(), coarse_run()
    took = float(np.mean(slow))
    deep = fine.max_depth_m > 0.1
    off = float(np.median(np.abs(coarse.max_depth_m - fine.max_depth_m)[deep]))
    faster = took / float(np.median(np.add(quick, tables)))
    text = (
        f"aim 30; {took / np.median(quick):.1f} with the terrain's tables kept from before; "
        f"median depth error {off * 100:.1f} cm where fine is over 10 cm (aim 5)"
    )
    return row("flood.subgrid_speedup", faster, "x", text, faster / 30)


def run_all(whole=True):
    load = os.getloadavg()[0]
    bed = city()
    window = bed[WINDOW].copy()
    flood.run(case_of(window), 5.0)
    run_coarse(case_of(window), 5.0)
    flood.run(case_of(window), 5.0, threads=2)
    rows = [two_cores(bed, load)]
    one = rate(bed, 1800.0)
    rows.append(row("flood.mcups_1core", one, "M cells/s (CPU)", "aim 350", one / 350))
    small = rate(window, 7200.0)
    plain = numpy_rate(window, 60)
    rows.append(
        row(
            "flood.vs_numpy",
            plain,
            "M cells/s (CPU)",
            f"ours {small:.0f} on 256 x 256",
            small / plain,
        )
    )
    other = landlab_rate(window, 60)
    text = (
        "landlab is missing or does not load"
        if other is None
        else f"ours {small:.0f} on 256 x 256, 60 steps"
    )
    rows.append(row("flood.vs_landlab", other, "M cells/s (CPU)", text, other and small / other))
    rows.append(coarse_row(bed if whole else window, 7200.0))
    return rows


def run():
    """Every row, printed as it is known to the bench runner."""
    rows = run_all(whole="--quick" not in sys.argv)
    for found in rows:
        print(json.dumps(found, ensure_ascii=False))
    return rows


if __name__ == "__main__":
    run()
