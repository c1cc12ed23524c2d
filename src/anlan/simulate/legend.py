"""Classes of depth and their colours, as every map of water shows them.

The steps are those of Chinese maps of urban flooding: 15 cm on a lane is what drains are designed
against (GB 51222-2017), cars stall at about 30 cm, nobody should wade from 50 cm. Under 5 cm is
a wet street and not drawn. The colours grow darker by day and brighter by night, so that they can
be told apart without seeing hues (`tests/test_legend.py` holds them to that).
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from .results import OUTSIDE

Look = Literal["day", "night"]
LOOKS: tuple[Look, ...] = ("day", "night")
GROUND = {
    "day": "#fbfcf9",
    "night": "#182634",
}  # the land of the house's maps (frontend/src/map.ts)


@dataclass(frozen=True)
class DepthClass:
    over_cm: int
    day: str
    night: str

    def colour(self, look: Look) -> str:
        return self.day if look == "day" else self.night


CLASSES = (
    DepthClass(5, "#b5dcf0", "#24557a"),
    DepthClass(15, "#6caede", "#2a79ab"),
    DepthClass(30, "#2f74c0", "#4a9bdb"),
    DepthClass(50, "#4a2a8a", "#bcc0ff"),
    DepthClass(100, "#520726", "#fff1c9"),
)


def _table() -> NDArray[np.uint8]:
    """Centimetres to number of the class, 0 where nothing is drawn."""
    table = np.searchsorted([c.over_cm for c in CLASSES], np.arange(65536), side="right")
    table[OUTSIDE] = 0
    return table.astype(np.uint8)


TABLE = _table()


def palette(look: Look) -> list[int]:
    """Red, green, blue of every class, the transparent one first."""
    colours = [GROUND[look], *(c.colour(look) for c in CLASSES)]
    return [int(colour[n : n + 2], 16) for colour in colours for n in (1, 3, 5)]


def rows() -> list[dict[str, Any]]:
    """For a page's legend: each class's depths in metres, and both colours."""
    ends: list[int | None] = [c.over_cm for c in CLASSES[1:]]
    found = []
    for one, end in zip(CLASSES, [*ends, None], strict=True):
        span = f"{one.over_cm / 100:g}–{end / 100:g}" if end else f"≥{one.over_cm / 100:g}"
        found.append({"label": span, "day": one.day, "night": one.night})
    return found
