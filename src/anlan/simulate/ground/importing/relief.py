"""What is wrong with a terrain: voids, and hollows from which no water flows."""

from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from anlan.base.errors import BadInput

from ..grid import Grid

Heights = NDArray[np.float32]
LOWEST_M, HIGHEST_M = -430.0, 8850.0  # of the earth's dry land
FILL_CELLS = 100  # a void of so many cells is filled from its edge; a larger one stays outside
HOLLOW_M = 0.1  # shallower ones are noise of the survey
WORST = 12


def check_range(bed: Heights) -> dict[str, Any]:
    inside = bed[np.isfinite(bed)]
    if not inside.size:
        raise BadInput(
            "simulate.empty_terrain",
            _("The terrain has no height at all."),
            hint=_("Check its no-data value and the area it covers."),
        )
    low, high = float(inside.min()), float(inside.max())
    if low < LOWEST_M or high > HIGHEST_M:
        raise BadInput(
            "simulate.height_range",
            _("Heights run from %(low)g to %(high)g; on the earth they do not.")
            % {"low": low, "high": high},
            hint=_("Heights are in metres. Mark cells without a height: gdal_edit.py -a_nodata"),
        )
    return {"lowest_m": round(low, 2), "highest_m": round(high, 2)}


def fill_voids(bed: Heights) -> dict[str, Any]:
    """Fill small voids in place by GDAL's inverse-distance search; count what is left."""
    from rasterio.fill import fillnodata
    from scipy import ndimage

    void = ~np.isfinite(bed)
    if not void.any():
        return {"void_cells": 0, "filled_cells": 0, "filled_voids": 0, "outside_cells": 0}
    labels, _count = ndimage.label(void)
    sizes = np.bincount(labels.ravel())
    edge = np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))
    small = sizes <= FILL_CELLS
    small[0] = False
    small[edge] = False
    chosen = small[labels]
    filled = fillnodata(np.where(void, 0, bed), mask=~void, max_search_distance=FILL_CELLS)
    bed[chosen] = filled[chosen]
    left = void & ~chosen
    return {
        "void_cells": int(void.sum()),
        "filled_cells": int(chosen.sum()),
        "filled_voids": int(small.sum()),
        "outside_cells": int(left.sum()),
    }


def find_hollows(bed: Heights, grid: Grid) -> dict[str, Any]:
    """Closed depressions, after Wang & Liu (2006) as pyflwdir has it: real sags, or faults."""
    from pyflwdir.dem import fill_depressions
    from scipy import ndimage

    nothing = np.float32(-9999.0)
    ground = np.where(np.isfinite(bed), bed, nothing).astype(np.float32)
    full, _directions = fill_depressions(ground, nodata=nothing)
    depth = np.where(np.isfinite(bed), full - ground, 0.0)
    labels, count = ndimage.label(depth > HOLLOW_M, structure=np.ones((3, 3)))
    inside = max(int(np.isfinite(bed).sum()), 1)
    if not count:
        return {"hollows": 0, "hollow_share": 0.0, "deepest_hollow_m": 0.0, "worst": []}
    numbers = np.arange(1, count + 1)
    deepest = np.asarray(ndimage.maximum(depth, labels, numbers))
    volume = np.asarray(ndimage.sum(depth, labels, numbers)) * grid.cell_m**2
    order = np.argsort(-volume)[:WORST]
    places = ndimage.maximum_position(depth, labels, numbers[order])
    lon, lat = grid.lonlat([r for r, _c in places], [c for _r, c in places])
    return {
        "hollows": int(count),
        "hollow_share": round(float((labels > 0).sum()) / inside, 5),
        "deepest_hollow_m": round(float(deepest.max()), 2),
        "worst": [
            {
                "lon": round(float(lon[k]), 6),
                "lat": round(float(lat[k]), 6),
                "depth_m": round(float(deepest[n]), 2),
                "volume_m3": round(float(volume[n])),
            }
            for k, n in enumerate(order.tolist())
        ],
    }
