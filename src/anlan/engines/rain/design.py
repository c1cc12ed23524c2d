"""Design storms: a city's intensity formula in the Chicago pattern (Keifer & Chu, 1957)."""

from math import log10

import numpy as np

from anlan.engines.errors import BadCase

from .case import DesignStorm, IntensityFormula, Numbers


def check_formula(formula: IntensityFormula, years: float) -> None:
    limits = (
        ("a1 [mm/min]", formula.a1_mm_min, 0.1, 500.0),
        ("c", formula.c, 0.0, 5.0),
        ("b [min]", formula.b_min, 0.0, 200.0),
        ("n", formula.n, 0.1, 1.5),
        ("The return period [years]", years, 0.1, 10_000.0),
    )
    for name, value, low, high in limits:
        if not low <= value <= high:
            raise BadCase(
                "rain.formula",
                f"{name} is {value:g}; it must be {low:g} to {high:g}.",
                hint="Take the constants from the city's published formula; a1 is the printed "
                "number divided by 167.",
            )


def intensity_l_s_ha(formula: IntensityFormula, years: float, duration_min: float) -> float:
    """The formula as it is printed: mean rain of a duration [L/(s ha)], with its factor 167."""
    check_formula(formula, years)
    return float(167.0 * _factor(formula, years) / (duration_min + formula.b_min) ** formula.n)


def depth_mm(formula: IntensityFormula, years: float, duration_min: Numbers | float) -> Numbers:
    """Rain of a duration [mm]; 167 L/(s ha) are one millimetre a minute."""
    t = np.asarray(duration_min, np.float64)
    longer = np.maximum(t + formula.b_min, 1e-9)
    return np.asarray(_factor(formula, years) * t * longer**-formula.n)


def _factor(formula: IntensityFormula, years: float) -> float:
    return formula.a1_mm_min * (1.0 + formula.c * log10(years))


def design_storm(
    formula: IntensityFormula,
    *,
    years: float,
    duration_min: float = 120.0,
    peak_ratio: float = 0.4,
    step_min: float = 5.0,
) -> DesignStorm:
    """A storm in which every duration around the peak has the depth of the formula.

    Keifer & Chu's curves are integrated over each interval, so the whole storm has the formula's
    depth to rounding, whatever the step: ``r D(t / r)`` falls within ``t`` before the peak and
    ``(1 - r) D(t / (1 - r))`` after it, D being the formula's depth.

    Parameters
    ----------
    formula : IntensityFormula
        Of the city; constants as published.
    years : float
        Return period [years].
    duration_min, step_min : float
        Length of the storm and of its intervals [min].
    peak_ratio : float
        Share of the duration that lies before the peak (r), 0 to 1.
    """
    check_formula(formula, years)
    if not (0.0 <= peak_ratio <= 1.0 and 1.0 <= step_min <= duration_min <= 4320.0):
        raise BadCase(
            "rain.storm",
            f"A storm of {duration_min:g} min in steps of {step_min:g} with its peak at "
            f"{peak_ratio:g} cannot be made.",
            hint="Up to three days, steps of a minute or more, the peak's ratio between 0 and 1.",
        )
    _check_reach(formula, duration_min)
    steps = int(np.ceil(duration_min / step_min - 1e-9))
    edges = np.minimum(np.arange(steps + 1) * step_min, duration_min)
    peak = peak_ratio * duration_min
    fallen = _fallen(formula, years, edges, peak, peak_ratio)
    return DesignStorm(
        edges_s=edges * 60.0,
        rate_mm_h=np.maximum(np.diff(fallen), 0.0) / np.diff(edges) * 60.0,
        depth_mm=float(depth_mm(formula, years, duration_min)),
        years=years,
        peak_s=peak * 60.0,
    )


def _check_reach(formula: IntensityFormula, duration_min: float) -> None:
    """Where n is above 1 the formula's depth falls again with time: it is valid only before."""
    if formula.n > 1.0 and duration_min > formula.b_min / (formula.n - 1.0):
        raise BadCase(
            "rain.formula",
            f"By this formula less falls in {duration_min:g} min than in "
            f"{formula.b_min / (formula.n - 1.0):.0f} min.",
            hint="Use the durations for which the formula was published.",
        )


def _fallen(
    formula: IntensityFormula, years: float, at_min: Numbers, peak_min: float, r: float
) -> Numbers:
    """Rain from the start to each time [mm], less what falls before the peak."""
    before, after = np.maximum(peak_min - at_min, 0.0), np.maximum(at_min - peak_min, 0.0)
    out = np.zeros(at_min.shape)
    if r > 0.0:
        out -= r * depth_mm(formula, years, before / r)
    if r < 1.0:
        out += (1.0 - r) * depth_mm(formula, years, after / (1.0 - r))
    return out
