"""Culverts, underpasses and pumps from JSON: positions in WGS 84 become cells."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from anlan.base.errors import BadInput
from anlan.engines.flood import FloodCase
from anlan.engines.flood.siting import check_places

from ...runs.solver import link_of
from ...words import in_our_words
from ..grid import Grid
from ..layers import DEFAULT_MANNING
from .cover import UNREADABLE

NUMBERS = {
    "culvert": ("source_invert_m", "target_invert_m", "width_m", "height_m", "length_m"),
    "pump": ("flow_m3_s", "on_depth_m", "off_depth_m"),
}


def read_links(
    path: Path, grid: Grid, bed: NDArray[np.floating[Any]], blocked: NDArray[Any] | None
) -> list[dict[str, Any]]:
    """Each link with the rows and columns of its ends."""
    try:
        given = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(given, list):
            raise TypeError(_("not a list"))
        found = [_link(n, link, grid, bed, blocked) for n, link in enumerate(given, 1)]
    except UNREADABLE as error:
        raise BadInput(
            "simulate.links",
            _("Cannot read links from %(file)s: %(why)s") % {"file": path, "why": repr(error)},
            hint=_("It is a list of culverts and pumps: see the guide (docs/guide/flood.md)."),
        ) from error
    with in_our_words():  # now, and not when the first forecast fails
        check_places(
            FloodCase(
                bed_m=np.asarray(bed, float),
                cell_m=grid.cell_m,
                manning=DEFAULT_MANNING,
                links=tuple(link_of(link) for link in found),
            )
        )
    return found


def _link(
    n: int, link: dict[str, Any], grid: Grid, bed: NDArray[Any], blocked: NDArray[Any] | None
) -> dict[str, Any]:
    kind = link["kind"]
    numbers = {name: float(link[name]) for name in NUMBERS[kind]}
    found: dict[str, Any] = {"kind": kind, "name": str(link.get("name", "")), **numbers}
    if kind == "culvert" and "manning" in link:
        found["manning"] = float(link["manning"])
    ends = {"source": link["from"], "target": link.get("to")}
    if kind == "culvert" and ends["target"] is None:
        raise KeyError("to")
    for name, end in ends.items():
        found[name] = None if end is None else _cell(n, end, grid, bed, blocked)
    if found["source"] == found["target"]:
        raise BadInput(
            "simulate.link_short",
            _("Both ends of link %(n)d lie in one cell of %(cell)g m.")
            % {"n": n, "cell": grid.cell_m},
            hint=_("Leave it out: on this grid the cell is its own connection."),
        )
    return found


def _cell(
    n: int, end: list[float], grid: Grid, bed: NDArray[Any], blocked: NDArray[Any] | None
) -> list[int]:
    lon, lat = float(end[0]), float(end[1])
    row, col = (int(v) for v in grid.cells(lon, lat))
    inside = bool(grid.holds(row, col)) and bool(np.isfinite(bed[row, col]))
    if not inside or (blocked is not None and blocked[row, col]):
        raise BadInput(
            "simulate.link_outside",
            _("An end of link %(n)d (%(lon)g, %(lat)g) lies outside the terrain or in a building.")
            % {"n": n, "lon": lon, "lat": lat},
            hint=_("Check its position and the order of longitude and latitude."),
        )
    return [row, col]
