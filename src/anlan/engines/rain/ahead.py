"""Rain of the next hours from gauges alone: it moves, blurs and fades into the mean.

The rain of the last minutes is carried along by one motion for all gauges (the one that would have
forecast the last 45 minutes best) and loses its detail with time: weight exp(-lead / 40 min), the
rest is the mean of the last hour. See docs/engines/rain.md for how much that is worth.
"""

from collections.abc import Iterator
from itertools import product

import numpy as np

from .case import Field, Gauges, Numbers, RainAhead, Target
from .field import CELLS_AT_ONCE, checked, places, real_rain, spread, weights

FADES_S = 2400.0  # lead time after which detail counts 1/e [s]
LOOK_BACK = 9  # intervals over which the motion is judged
CARRY = 3  # intervals over which it carries when it is judged
SPEEDS_M_S = (3.0, 6.0, 9.0, 12.0, 15.0, 18.0, 22.0)
DIRECTIONS = 16
MEAN_S = 3600.0


def motions() -> Iterator[tuple[float, float]]:
    """Rest, and seven speeds in sixteen directions, eastwards and northwards [m/s]."""
    yield 0.0, 0.0
    for speed, angle in product(SPEEDS_M_S, np.arange(DIRECTIONS) * 2 * np.pi / DIRECTIONS):
        yield float(speed * np.cos(angle)), float(speed * np.sin(angle))


def motion_of(x: Numbers, y: Numbers, rate: Numbers, step_s: float) -> tuple[float, float]:
    """The motion that would have forecast the last intervals best [m/s].

    Parameters
    ----------
    x, y : (gauges,) float64
        Places [m].
    rate : (intervals, gauges) float64
        Rain [mm/h], NaN where missing; the latest last.
    step_s : float
        Length of an interval [s].
    """
    recent = rate[-(LOOK_BACK + CARRY) :]
    if recent.shape[0] <= CARRY or np.nansum(recent) <= 0.0:
        return 0.0, 0.0
    lead = CARRY * step_s
    best, least = (0.0, 0.0), np.inf
    for east, north in motions():
        told = spread(weights(x, y, x - east * lead, y - north * lead), recent[:-CARRY])
        miss = float(np.nanmean((told - recent[CARRY:]) ** 2))
        if miss < least:
            best, least = (east, north), miss
    return best


def run(
    gauges: Gauges, target: Target, *, lead_s: float = 10_800.0, step_s: float = 300.0
) -> RainAhead:
    """What the gauges say of the next hours, on a grid.

    Parameters
    ----------
    gauges : Gauges
        The last hour or more, in equal intervals; readings that cannot be real are left out.
    target : Target
        The grid; a kilometre is fine enough for gauges.
    lead_s, step_s : float
        How far ahead, and in which steps [s].
    """
    x, y, edges, depth = checked(gauges)
    depth, left_out = real_rain(depth, edges)
    rate = depth / (np.diff(edges) / 3600.0)[:, None]
    width = float(np.median(np.diff(edges)))
    motion = motion_of(x, y, rate, width)
    last_hour = rate[-max(1, round(MEAN_S / width)) :]
    mean = 0.0 if np.isnan(last_hour).all() else float(np.nanmean(last_hour))
    east, north, shape = places(target)
    leads = np.arange(step_s, lead_s + 0.5 * step_s, step_s)
    fields = np.stack(
        [carried(x, y, rate[-1:], east, north, motion, lead - 0.5 * step_s, mean) for lead in leads]
    )
    field = Field(edges[-1] + np.concatenate([[0.0], leads]), fields.reshape(-1, *shape))
    return RainAhead(field, motion, mean, left_out)


def carried(
    x: Numbers,
    y: Numbers,
    now: Numbers,
    to_x: Numbers,
    to_y: Numbers,
    motion: tuple[float, float],
    lead_s: float,
    mean: float,
) -> Numbers:
    """Rain at places after a lead time [mm/h], (places,); ``now`` is (1, gauges) [mm/h]."""
    out = np.empty(to_x.size)
    for i in range(0, to_x.size, CELLS_AT_ONCE):
        part = slice(i, i + CELLS_AT_ONCE)
        from_x, from_y = to_x[part] - motion[0] * lead_s, to_y[part] - motion[1] * lead_s
        out[part] = spread(weights(x, y, from_x, from_y), now)[0]
    kept = np.exp(-lead_s / FADES_S)
    return np.asarray(kept * np.where(np.isnan(out), mean, out) + (1.0 - kept) * mean)
