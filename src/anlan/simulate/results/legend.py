"""Classes of depth and of probability, and their colours, as every map of water shows them.

The steps are those of Chinese maps of urban flooding: 15 cm on a lane is what drains are designed
against (GB 51222-2017), cars stall at about 30 cm, nobody should wade from 50 cm. Under 5 cm is
a wet street and not drawn. The colours grow darker by day and brighter by night, so that they can
be told apart without seeing hues (`tests/test_legend.py` holds them to that).
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from .files import OUTSIDE

Look = Literal["day", "night"]
LOOKS: tuple[Look, ...] = ("day", "night")
GROUND = {
    "day": "#fbfcf9",
    "night": "#182634",
}  # the land of the house's maps (frontend/src/map.ts)


@dataclass(frozen=True)
class Step:
    """A class: what it begins with, in whole units of its scale, and its colours."""

    over: int
    day: str
    night: str

    def colour(self, look: Look) -> str:
        return self.day if look == "day" else self.night


@dataclass(frozen=True)
class Scale:
    """Classes of one quantity, the least first."""

    steps: tuple[Step, ...]
    per_label: int  # whole units in one unit of the legend: 100 cm in a metre

    @cached_property
    def table(self) -> NDArray[np.uint8]:
        """Whole units to number of the class, 0 where nothing is drawn."""
        found = np.searchsorted([s.over for s in self.steps], np.arange(65536), side="right")
        found[OUTSIDE] = 0
        return found.astype(np.uint8)

    def palette(self, look: Look) -> list[int]:
        """Red, green, blue of every class, the transparent one first."""
        colours = [GROUND[look], *(s.colour(look) for s in self.steps)]
        return [int(colour[n : n + 2], 16) for colour in colours for n in (1, 3, 5)]

    def rows(self) -> list[dict[str, Any]]:
        """For a page's legend: each class's span, and both colours."""
        ends: list[int | None] = [s.over for s in self.steps[1:]]
        found = []
        for one, end in zip(self.steps, [*ends, None], strict=True):
            first = f"{one.over / self.per_label:g}"
            span = f"{first}–{end / self.per_label:g}" if end else f"≥{first}"
            found.append({"label": span, "day": one.day, "night": one.night})
        return found


DEPTH = Scale(
    (
        Step(5, "#b5dcf0", "#24557a"),
        Step(15, "#6caede", "#2a79ab"),
        Step(30, "#2f74c0", "#4a9bdb"),
        Step(50, "#4a2a8a", "#bcc0ff"),
        Step(100, "#520726", "#fff1c9"),
    ),
    per_label=100,
)
# Of an ensemble's members, in per cent. Another hue: nobody should read it as a depth.
LIKELY = Scale(
    (
        Step(1, "#f7d9b0", "#4d3a1c"),
        Step(20, "#eaa95c", "#7f5a1f"),
        Step(40, "#cf7420", "#b98029"),
        Step(60, "#94450f", "#e6b45e"),
        Step(80, "#571c06", "#fdf0d0"),
    ),
    per_label=1,
)
