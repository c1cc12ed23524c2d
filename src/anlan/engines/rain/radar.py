"""Rain ahead from radar, by pysteps: motion by Proesmans, evolution by S-PROG (Seed, 2003).

S-PROG carries the field along and lets each scale fade at its own rate, small ones first.
"""

import io
from contextlib import redirect_stdout
from typing import Any

import numpy as np

from anlan.engines.errors import BadCase

from .case import Field, Numbers, reals
from .plausible import greatest_mm

LEAST_MM_H = 0.1  # less is dry
DRY_DB = -15.0
LEVELS = 6  # scales
NEEDED = 3  # fields that S-PROG learns from
SMALLEST = 32  # cells a side


def pysteps_parts() -> tuple[Any, Any]:
    """Its motion and forecast functions, or how to get them."""
    try:
        with redirect_stdout(io.StringIO()):  # it greets on import
            from pysteps import motion, nowcasts
    except ImportError as error:
        raise BadCase(
            "rain.no_nowcast",
            "pysteps is not installed on this machine.",
            hint="Install it with `pip install anlan[nowcast]`, or forecast from gauges alone.",
        ) from error
    return motion.get_method("proesmans"), nowcasts.get_method("sprog")


def radar_ahead(rate_mm_h: Numbers, *, step_s: float = 300.0, leads: int = 12) -> Field:
    """The next fields of a radar.

    Parameters
    ----------
    rate_mm_h : (times, rows, cols) float64
        The last fields, three at least, equally far apart in time, the latest last; NaN is out of
        sight and counts as dry. Cells of 1 to 2 km.
    step_s : float
        Time between fields [s].
    leads : int
        Number of steps ahead.

    Returns
    -------
    Field
        ``edges_s`` counted from the latest field; each interval has the mean of the fields at its
        ends.
    """
    fields = checked(rate_mm_h, step_s, leads)
    motion, sprog = pysteps_parts()
    edges: Numbers = np.arange(leads + 1, dtype=np.float64) * step_s
    if (fields >= LEAST_MM_H).mean() == 0.0 or not (fields[-1] >= LEAST_MM_H).any():
        return Field(edges, np.zeros((leads, *fields.shape[1:])))
    decibels = _decibels(fields)
    with redirect_stdout(io.StringIO()):  # it reports on every step
        velocity = motion(decibels[-2:])
        told = sprog(
            decibels,
            velocity,
            leads,
            n_cascade_levels=LEVELS,
            precip_thr=10.0 * np.log10(LEAST_MM_H),
        )
    ends = np.concatenate([fields[-1:], _rates(np.asarray(told))])
    return Field(edges, 0.5 * (ends[1:] + ends[:-1]))


def checked(rate_mm_h: Numbers, step_s: float, leads: int) -> Numbers:
    """The last three fields, dry where nothing is seen, or ``BadCase``."""
    fields = reals(rate_mm_h, "The radar fields", 3)
    if fields.shape[0] < NEEDED or min(fields.shape[1:]) < SMALLEST:
        raise BadCase(
            "rain.radar_shape",
            f"Radar fields of shape {fields.shape} are too few or too small.",
            hint=f"Give the last {NEEDED} fields, {SMALLEST} cells a side at least.",
        )
    if not (60.0 <= step_s <= 3600.0 and 1 <= leads <= 72):
        raise BadCase("rain.radar_time", f"{leads} steps of {step_s:g} s cannot be forecast.")
    fields = np.nan_to_num(fields[-NEEDED:], nan=0.0, posinf=np.inf)
    most = float(greatest_mm(step_s)) * 3600.0 / max(step_s, 300.0)
    if fields.min() < 0.0 or fields.max() > most:
        raise BadCase(
            "rain.value",
            f"Radar rain of {fields.min():g} to {fields.max():g} mm/h is not plausible.",
            hint="Give rates in mm/h, with what is out of sight as missing.",
        )
    return fields


def _decibels(rate: Numbers) -> Numbers:
    wet = rate >= LEAST_MM_H
    return np.where(wet, 10.0 * np.log10(np.where(wet, rate, 1.0)), DRY_DB)


def _rates(decibels: Numbers) -> Numbers:
    wet = decibels >= 10.0 * np.log10(LEAST_MM_H)
    return np.where(wet, 10.0 ** (np.nan_to_num(decibels, nan=DRY_DB) / 10.0), 0.0)
