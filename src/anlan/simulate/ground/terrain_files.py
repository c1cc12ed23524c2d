"""A terrain's files: one GeoTIFF a layer, and its links and pumps."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from anlan.base.errors import NotFound, Refusal

from ..models import Area, Terrain
from .layers import LAYERS, Ground
from .rasters import read_raster

logger = logging.getLogger(__name__)

LINKS = "links.json"


def terrain_folder(terrain: Terrain) -> Path:
    return Path(settings.DATA_DIR) / terrain.folder


def missing_files(terrain: Terrain) -> Refusal | None:
    """Why a terrain cannot be read, for the page that would show it."""
    try:
        require_files(terrain)
    except Refusal as refusal:
        return refusal
    return None


@contextmanager
def readable(terrain: Terrain) -> Iterator[None]:
    """Files that a failing disk has cut short are said as such."""
    try:
        yield
    except (OSError, ValueError) as error:
        logger.warning("a terrain's files cannot be read", exc_info=error)
        raise Refusal(
            "simulate.damaged_terrain",
            _("The files of terrain “%(name)s” are damaged.") % {"name": terrain.name},
            hint=_("Import it again with “anlan terrain import”."),
        ) from error


def require_files(terrain: Terrain) -> None:
    """NotFound where somebody has moved or lost them."""
    if not (terrain_folder(terrain) / "bed.tif").is_file():
        raise NotFound(
            "simulate.no_terrain_files",
            _("The files of terrain “%(name)s” are missing.") % {"name": terrain.name},
            hint=_("Import it again with “anlan terrain import”."),
        )


def read_ground(area: Area) -> Ground:
    """What lies in an area's window."""
    terrain = area.terrain
    folder = terrain_folder(terrain)
    window = (area.first_row, area.first_col, area.rows, area.cols)
    require_files(terrain)
    with readable(terrain):
        layers = {
            name: read_raster(folder / f"{name}.tif", window)
            for name in terrain.layers
            if name in LAYERS
        }
        return Ground(area.grid, layers, read_links(folder, window))


def read_links(folder: Path, window: tuple[int, int, int, int]) -> list[dict[str, Any]]:
    """Links with both ends in a window, counted from its corner."""
    path = folder / LINKS
    if not path.is_file():
        return []
    row, col, rows, cols = window
    found = []
    for link in json.loads(path.read_text(encoding="utf-8")):
        ends = [link["source"], *([link["target"]] if link.get("target") else [])]
        if all(row <= r < row + rows and col <= c < col + cols for r, c in ends):
            moved = [[r - row, c - col] for r, c in ends]
            target = moved[1] if len(moved) > 1 else None
            found.append({**link, "source": moved[0], "target": target})
    return found
