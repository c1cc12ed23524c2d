"""A terrain as a hill-shaded picture, for the eye that finds what no check does."""

import io

import numpy as np
from django.conf import settings
from numpy.typing import NDArray
from PIL import Image

from ..models import Terrain
from .rasters import read_raster
from .terrain_files import readable, require_files, terrain_folder

LONGEST = 900  # pixels
SUN = (-1.0, 1.0)  # from the north-west, as maps have it
STEEP = 12.0  # how strongly a slope shows
HOUSE, OUTSIDE = (148, 132, 120), (255, 255, 255)
LOW, HIGH = np.array([196, 214, 186.0]), np.array([224, 205, 170.0])


def picture(terrain: Terrain) -> bytes:
    """PNG of the ground and its buildings; made once."""
    key = f"{terrain.pk}-{str(terrain.layers.get('bed', ''))[:16]}.png"
    path = settings.CACHE_DIR / "shade" / key
    try:
        return bytes(path.read_bytes())
    except FileNotFoundError:
        body = draw(terrain)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_bytes(body)
        part.replace(path)
        return body


def draw(terrain: Terrain) -> bytes:
    require_files(terrain)
    folder = terrain_folder(terrain)
    step = max(1, -(-max(terrain.rows, terrain.cols) // LONGEST))
    with readable(terrain):
        bed = np.asarray(read_raster(folder / "bed.tif"), float)[::step, ::step]
        colours = shaded(bed, terrain.cell_m * step)
        if "blocked" in terrain.layers:
            colours[read_raster(folder / "blocked.tif")[::step, ::step] > 0.5] = HOUSE
    file = io.BytesIO()
    Image.fromarray(colours).quantize(128).save(file, "PNG", optimize=True)
    return file.getvalue()


def shaded(bed_m: NDArray[np.float64], cell_m: float) -> NDArray[np.uint8]:
    """Colours by height, darker where the ground turns from the light."""
    inside = np.isfinite(bed_m)
    ground = np.where(inside, bed_m, np.nanmedian(bed_m))
    down, right = np.gradient(ground, cell_m)
    light = np.clip(0.86 + STEEP * (SUN[0] * -right + SUN[1] * -down) / 2, 0.45, 1.1)
    low, high = np.percentile(ground[inside], [2, 98])
    part = np.clip((ground - low) / max(high - low, 1e-6), 0, 1)[..., None]
    lit = np.clip((LOW + part * (HIGH - LOW)) * light[..., None], 0, 255)
    colours: NDArray[np.uint8] = lit.astype(np.uint8)
    colours[~inside] = OUTSIDE
    return colours
