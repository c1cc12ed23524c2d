"""What water runs over: layers on one grid, and what joins cells that do not touch.

No database: a member of an ensemble computes with it on another machine.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .grid import Grid

# Layers of a terrain and their units; only `bed` must be there.
LAYERS = {
    "bed": "m",
    "manning": "s/m^(1/3)",
    "blocked": "",  # buildings and what no water crosses
    "drain": "mm/h",  # what the storm drains take
    "conductivity": "mm/h",  # Green & Ampt
    "suction": "mm",
    "deficit": "1",
}
DEFAULT_MANNING = 0.035  # mixed urban ground, Chow (1959)


@dataclass(frozen=True)
class Ground:
    """A window of a terrain in memory."""

    grid: Grid
    layers: dict[str, NDArray[Any]] = field(repr=False)
    links: list[dict[str, Any]] = field(default_factory=list, repr=False)

    @property
    def bed_m(self) -> NDArray[np.float32]:
        return self.layers["bed"]
