"""Inflows, edges, walls and links: are they on the grid, and can they work?"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .case import BadCase, Culvert, FloodCase, Inflow, OpenEdge, Pump, Series, Wall
from .figures import as_array, as_reals

SIDES = ("north", "south", "west", "east")
MOST_FLOW_M3_S = 1e6  # no river carries more
LEVEL_ABOVE_BED_M = 100.0  # depth is a whole number that holds 128 m


def check_places(case: FloodCase) -> None:
    for inflow in _all(case.inflows, Inflow, "Inflows"):
        _check_inflow(case, inflow)
    _check_edges(case)
    for wall in _all(case.walls, Wall, "Walls"):
        on_ground(case, wall.row, wall.col, "A wall", built=True)
        if wall.side not in ("east", "south"):
            raise BadCase("flood.wall", f"A wall stands east or south of a cell, not {wall.side}.")
        _number(wall.crest_m, "A wall's crest [m]", -12_000.0, 10_000.0)
    for link in _all(case.links, (Culvert, Pump), "Links"):
        _check_link(case, link)


def on_ground(case: FloodCase, row: Any, col: Any, what: str, *, built: bool = False) -> None:
    """Refuse places outside the terrain, without a height or (unless ``built``) in a building."""
    r, c = _whole(row, what), _whole(col, what)
    if r.shape != c.shape or r.ndim > 1 or r.size == 0:
        raise BadCase("flood.outside", f"{what} needs as many rows as columns, and one at least.")
    r, c = np.atleast_1d(r), np.atleast_1d(c)
    rows, cols = case.bed_m.shape
    out = (r < 0) | (r >= rows) | (c < 0) | (c >= cols)
    near = r.clip(0, rows - 1), c.clip(0, cols - 1)
    void = out | np.isnan(case.bed_m[near])
    if case.blocked is not None and not built:
        void = void | case.blocked[near]
    if void.any():
        i = int(np.argmax(void))
        where = "outside the terrain" if out[i] else "where the terrain has no open ground"
        raise BadCase(
            "flood.outside",
            f"{what} lies {where}, at row {r[i]}, column {c[i]} of {rows} x {cols}.",
            hint="Check its coordinates and the CRS; move it to a cell that can hold water.",
        )


def _all(given: Any, kinds: Any, name: str) -> Any:
    if not isinstance(given, (tuple, list)) or not all(isinstance(one, kinds) for one in given):
        raise BadCase("flood.kind", f"{name} are a tuple of the kinds that the engine knows.")
    return given


def _whole(value: Any, what: str) -> NDArray[np.int64]:
    places = as_array(value, what)
    if places.dtype.kind not in "iu":
        raise BadCase("flood.outside", f"{what} needs whole numbers for its row and column.")
    return places.astype(np.int64)


def _number(value: Any, what: str, low: float, high: float) -> float:
    given = as_reals(value, what)
    if given.ndim:
        raise BadCase("flood.numbers", f"{what} is one number, not {given.size}.")
    number = float(given)
    if not low <= number <= high:
        raise BadCase(
            "flood.range",
            f"{what} is {number:g}; it must be {low:g} to {high:g}.",
            hint="Check the units.",
        )
    return number


def _series(value: Any, what: str, low: float, high: float) -> tuple[float, float]:
    """Least and greatest of a number or series."""
    if not isinstance(value, Series):
        number = _number(value, what, low, high)
        return number, number
    times, values = as_reals(value.times_s, what), as_reals(value.values, what)
    rising = times.ndim == 1 and times.size > 0 and bool((np.diff(times) > 0).all())
    if not rising or values.shape != times.shape or not np.isfinite(times).all():
        raise BadCase(
            "flood.series", f"{what} needs times that rise and as many values.", hint="Sort it."
        )
    worst = values[int(np.argmax(~((values >= low) & (values <= high))))]
    _number(worst, what, low, high)
    return float(values.min()), float(values.max())


def _check_inflow(case: FloodCase, inflow: Inflow) -> None:
    on_ground(case, inflow.rows, inflow.cols, "An inflow")
    _series(inflow.flow_m3_s, "An inflow [m3/s]", -MOST_FLOW_M3_S, MOST_FLOW_M3_S)


def _check_edges(case: FloodCase) -> None:
    rows, cols = case.bed_m.shape
    taken: set[tuple[str, int]] = set()
    for edge in _all(case.edges, OpenEdge, "Edges"):
        if edge.side not in SIDES:
            raise BadCase("flood.edge", f"An edge has no side {edge.side}.", hint=", ".join(SIDES))
        length = cols if edge.side in ("north", "south") else rows
        first, last = (int(_whole(v, "An open edge")) for v in (edge.first, edge.last))
        last = last if last >= 0 else length + last
        if not 0 <= first <= last < length:
            raise BadCase(
                "flood.edge",
                f"An open edge runs from {edge.first} to {edge.last} along {length} cells.",
                hint="Count cells from 0; -1 is the last one.",
            )
        faces = {(edge.side, along) for along in range(first, last + 1)}
        if faces & taken:
            raise BadCase(
                "flood.edge", f"Two open edges share cells of the {edge.side} side.", hint="Cut one"
            )
        taken |= faces
        _number(edge.slope, "The slope beyond an edge", 0.0, 1.0)
        _check_level(case, edge, first, last)


def _check_level(case: FloodCase, edge: OpenEdge, first: int, last: int) -> None:
    if edge.level_m is None:
        return
    along = slice(first, last + 1)
    line: dict[str, tuple[Any, Any]] = {
        "north": (0, along),
        "south": (-1, along),
        "west": (along, 0),
        "east": (along, -1),
    }
    bed = case.bed_m[line[edge.side]]
    if np.isnan(bed).all():
        return
    high = float(np.nanmin(bed)) + LEVEL_ABOVE_BED_M
    _series(edge.level_m, "The level at an edge [m]", -12_000.0, high)


def _check_link(case: FloodCase, link: Culvert | Pump) -> None:
    ends = [(link.source, "A link's first end"), (link.target, "A link's second end")]
    for end, what in ends:
        if end is None and isinstance(link, Pump):
            continue
        if not isinstance(end, (tuple, list)) or len(end) != 2:
            raise BadCase("flood.outside", f"{what} needs a row and a column.")
        on_ground(case, end[0], end[1], what)
    if link.target is not None and tuple(link.source) == tuple(link.target):
        raise BadCase("flood.link", "A link needs two different cells.", hint="Move one end.")
    if isinstance(link, Pump):
        _number(link.flow_m3_s, "A pump's flow [m3/s]", 1e-9, MOST_FLOW_M3_S)
        off = _number(link.off_depth_m, "The depth at which a pump stops [m]", 0.0, 100.0)
        on = _number(link.on_depth_m, "The depth at which a pump starts [m]", 0.0, 100.0)
        if on < off:
            raise BadCase("flood.link", f"A pump that starts at {on:g} m cannot stop at {off:g} m.")
        return
    for invert in (link.source_invert_m, link.target_invert_m):
        _number(invert, "A culvert's invert [m]", -12_000.0, 10_000.0)
    for size in (link.width_m, link.height_m):
        _number(size, "A culvert's size [m]", 1e-3, 1000.0)
    _number(link.length_m, "A culvert's length [m]", 0.0, 100_000.0)
    _number(link.manning, "A culvert's Manning n", 0.001, 1.0)
