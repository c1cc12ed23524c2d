"""Rain: from gauges and radar to a grid, the next hours, design storms; docs/engines/rain.md."""

from anlan.engines.errors import BadCase

from .ahead import run
from .case import (
    SOURCES,
    DesignStorm,
    Field,
    Gauges,
    IntensityFormula,
    RainAhead,
    Target,
)
from .design import depth_mm, design_storm, intensity_l_s_ha
from .field import on_grid
from .plausible import greatest_mm
from .radar import radar_ahead

__all__ = [
    "SOURCES",
    "BadCase",
    "DesignStorm",
    "Field",
    "Gauges",
    "IntensityFormula",
    "RainAhead",
    "Target",
    "depth_mm",
    "design_storm",
    "greatest_mm",
    "intensity_l_s_ha",
    "on_grid",
    "radar_ahead",
    "run",
]
