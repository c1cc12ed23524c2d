"""What a coarse cell knows of the fine ground under it; made once for a terrain, and kept.

The open fine cells of a coarse cell are put in order of height and cut into ``SAMPLES`` equal
parts: each part's mean height and mean place stand for it. With a factor of 4 a part is one
fine cell. A face between two coarse cells keeps four crests, in order of height: each fine row
that crosses it has the mean crest of its fine faces from one cell's middle to the other's (a fine
face's crest is the higher of its two cells), and none lies under the saddle between the two cells'
lowest points.
Sub-grid volume after Casulli (2009), Int. J. Numer. Meth. Fluids 60, 391-408,
https://doi.org/10.1002/fld.1896.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .case import FloodCase, Wall
from .kept import kept

Array = NDArray[Any]
SAMPLES = 16  # heights kept of a cell
CRESTS = 4  # heights kept of a face
PLACES = 256  # places inside a coarse cell are in this part of its width, from its middle
CLOSED_M = 1.0e9  # a crest that no level reaches, not even that of cells that hold no water [m]


@dataclass(frozen=True)
class CoarseGround:
    """Tables of a terrain for coarse cells of ``factor`` x ``factor`` fine cells.

    Heights are above the lowest point of their cell, those of a face above that of the cell left
    of it or over it. Plain arrays: they may be saved and used by any number of runs.
    """

    factor: int
    rows: int  # of the fine grid
    cols: int
    low_m: Array = field(repr=False)  # lowest point of a cell; NaN where no water can be
    open_part: Array = field(repr=False)  # of the cell's area that can hold water [1]
    height_m: Array = field(repr=False)  # (SAMPLES, rows, cols)
    place: Array = field(repr=False)  # (2, SAMPLES, rows, cols) int8, along columns and rows
    crest_m: Array = field(repr=False)  # (2, CRESTS, rows, cols), right of and below a cell
    crest_place: Array = field(repr=False)  # (2, CRESTS, rows, cols) int8, along the face
    sample: Array = field(repr=False)  # of each fine cell, padded to whole coarse cells; uint8


def coarse_ground(case: FloodCase, factor: int) -> CoarseGround:
    """Tables of a case's terrain, buildings and walls."""
    bed = padded(closed_ground(case), factor, np.inf)
    shape = bed.shape[0] // factor, bed.shape[1] // factor
    low, part = np.full(shape, np.inf), np.zeros(shape, np.float32)
    height = np.zeros((SAMPLES, *shape), np.float32)
    place = np.zeros((2, SAMPLES, *shape), np.int8)
    sample = np.full(bed.shape, SAMPLES, np.uint8)
    sample_cells(bed, factor, low, part, height, place, sample)
    crest = np.full((2, CRESTS, *shape), CLOSED_M, np.float32)
    along = np.zeros((2, CRESTS, *shape), np.int8)
    sample_faces(bed, factor, low, crest[0], along[0])
    turned = (np.ascontiguousarray(a) for a in (bed.T, low.T))
    crest_y = np.ascontiguousarray(crest[1].swapaxes(1, 2))
    along_y = np.ascontiguousarray(along[1].swapaxes(1, 2))
    sample_faces(next(turned), factor, next(turned), crest_y, along_y)
    crest[1], along[1] = crest_y.swapaxes(1, 2), along_y.swapaxes(1, 2)
    raise_walls(case.walls, factor, low, crest)
    low[np.isinf(low)] = np.nan
    rows, cols = case.bed_m.shape
    return CoarseGround(factor, rows, cols, low, part, height, place, crest, along, sample)


def closed_ground(case: FloodCase) -> Array:
    """The bed, infinite where no water can be."""
    closed = np.isnan(case.bed_m)
    if case.blocked is not None:
        closed = closed | case.blocked
    return np.where(closed, np.inf, case.bed_m)


def padded(cells: Array, factor: int, fill: float) -> Array:
    """Fine cells up to whole coarse cells."""
    rows, cols = cells.shape
    return np.pad(cells, ((0, -rows % factor), (0, -cols % factor)), constant_values=fill)


def raise_walls(walls: tuple[Wall, ...], factor: int, low: Array, crest: Array) -> None:
    """Raise the coarse faces nearest to each wall.

    The ends of a wall's piece move to the nearest corners of coarse cells. Pieces whose ends meet
    vanish, others become whole faces: so a line of walls without gaps stays one.
    """
    rows, cols = low.shape
    for wall in walls:
        south = wall.side == "south"
        top, left = wall.row + south, wall.col + (not south)
        bottom, right = wall.row + 1, wall.col + 1
        (r0, c0), (r1, c1) = (
            ((2 * r + factor) // (2 * factor), (2 * c + factor) // (2 * factor))
            for r, c in ((top, left), (bottom, right))
        )
        if (r0, c0) == (r1, c1):
            continue
        r, c, way = (r0 - 1, c0, 1) if south else (r0, c0 - 1, 0)
        if 0 <= r < rows - south and 0 <= c < cols - (not south):
            face = crest[way, :, r, c]
            np.maximum(face, wall.crest_m - low[r, c], out=face)


@kept()
def sort_by(values: Any, places: Any, count: int) -> None:
    """Put the first ``count`` values, and their places, in order of value (by insertion)."""
    for i in range(1, count):
        value, place = values[i], places[i]
        j = i
        while j > 0 and values[j - 1] > value:
            values[j], places[j] = values[j - 1], places[j - 1]
            j -= 1
        values[j], places[j] = value, place


@kept()
def middle(place: Any, factor: int) -> Any:
    """Middle of fine cell ``place`` of a coarse one, from the coarse cell's middle [1/PLACES]."""
    return (place + 0.5) / factor * PLACES - PLACES // 2


@kept()
def sample_cells(
    bed: Any, factor: int, low: Any, part: Any, height: Any, place: Any, sample: Any
) -> None:
    """Fill a terrain's cells' tables; see ``CoarseGround``.

    Parameters
    ----------
    bed : (rows x factor, cols x factor) float64
        Fine ground [m], infinite where closed.
    """
    z, at = np.empty(factor * factor), np.empty(factor * factor, np.intp)
    for r in range(low.shape[0]):
        for c in range(low.shape[1]):
            count = 0
            for i in range(factor * factor):
                here = bed[r * factor + i // factor, c * factor + i % factor]
                if here < np.inf:
                    z[count], at[count] = here, i
                    count += 1
            if count == 0:
                continue
            sort_by(z, at, count)
            low[r, c], part[r, c] = z[0], count / (factor * factor)
            for i in range(count):
                here = (2 * i + 1) * SAMPLES // (2 * count)
                sample[r * factor + at[i] // factor, c * factor + at[i] % factor] = here
            fill_parts(z, at, count, factor, height[:, r, c], place[:, :, r, c])


@kept()
def fill_parts(z: Any, at: Any, count: int, factor: int, height: Any, place: Any) -> None:
    """Mean height over the lowest point, and mean place, of the parts of a cell in order."""
    if count == SAMPLES:  # each part is one fine cell
        for s in range(SAMPLES):
            height[s] = z[s] - z[0]
            place[0, s] = np.rint(middle(at[s] % factor, factor))
            place[1, s] = np.rint(middle(at[s] // factor, factor))
        return
    for s in range(SAMPLES):
        first, last = s * count / SAMPLES, (s + 1) * count / SAMPLES
        mean, x, y = 0.0, 0.0, 0.0
        for i in range(int(first), min(int(np.ceil(last)), count)):
            share = (min(last, i + 1.0) - max(first, float(i))) * SAMPLES / count
            mean += share * (z[i] - z[0])
            x += share * middle(at[i] % factor, factor)
            y += share * middle(at[i] // factor, factor)
        height[s] = mean
        place[0, s], place[1, s] = np.rint(x), np.rint(y)


@kept()
def sample_faces(bed: Any, factor: int, low: Any, crest: Any, along: Any) -> None:
    """Fill the tables of the faces right of each cell.

    Parameters
    ----------
    bed, low : (rows x factor, cols x factor) float64, (rows, cols) float64
    crest, along : (CRESTS, rows, cols) float32, int8, written
    """
    z, at = np.empty(factor), np.empty(factor, np.intp)
    reach = np.empty((factor, 2 * factor))
    for r in range(low.shape[0]):
        for c in range(low.shape[1] - 1):
            if low[r, c] == np.inf or low[r, c + 1] == np.inf:
                continue
            top, left = r * factor, c * factor
            pair = bed[top : top + factor, left : left + 2 * factor]
            sill = saddle_of(pair, reach)
            for i in range(factor):
                z[i], at[i] = max(mean_crest(pair[i], factor), sill), i
            sort_by(z, at, factor)
            crest_parts(z, at, factor, low[r, c], crest[:, r, c], along[:, r, c])


@kept()
def mean_crest(line: Any, factor: int) -> Any:
    """Mean crest on the straight way from the middle of a cell to that of the next; infinite where
    the face between them is closed. ``line`` is the ground along both cells."""
    total, weight = 0.0, 0.0
    for k in range(-factor // 2, factor // 2 + 1):
        here = max(line[factor - 1 + k], line[factor + k])
        share = 0.5 if abs(k) == factor // 2 else 1.0
        if here < np.inf:
            total, weight = total + share * here, weight + share
        elif k == 0:
            return np.inf
    return total / weight


@kept()
def lowest(ground: Any, first: Any, last: Any) -> Any:
    """Row and column of the lowest point of columns ``first`` to ``last``."""
    row, col = 0, first
    for r in range(ground.shape[0]):
        for c in range(first, last):
            if ground[r, c] < ground[row, col]:
                row, col = r, c
    return row, col


@kept()
def saddle_of(ground: Any, reach: Any) -> Any:
    """Lowest height at which water passes between the lowest points of two halves of a window.

    The least, over all ways between them, of the highest point of the way: a cell's surface knows
    nothing of the ridges inside the cell, so no crest may lie under it.

    Parameters
    ----------
    ground : (rows, cols) float64
        Fine ground of two neighbouring cells, side by side.
    reach : (rows, cols) float64
        Room to work in.
    """
    rows, cols = ground.shape
    reach[:] = np.inf
    row, col = lowest(ground, 0, cols // 2)
    end_row, end_col = lowest(ground, cols // 2, cols)
    reach[row, col] = ground[row, col]
    moved, back = True, False
    while moved:  # forwards and backwards in turns: few ways need more than two
        moved = False
        for i in range(rows):
            r = rows - 1 - i if back else i
            for j in range(cols):
                c = cols - 1 - j if back else j
                near = reach[r, c]
                near = min(near, reach[r - 1, c]) if r > 0 else near
                near = min(near, reach[r + 1, c]) if r < rows - 1 else near
                near = min(near, reach[r, c - 1]) if c > 0 else near
                near = min(near, reach[r, c + 1]) if c < cols - 1 else near
                new = max(near, ground[r, c])
                if new < reach[r, c]:
                    reach[r, c] = new
                    moved = True
        back = not back
    return reach[end_row, end_col]


@kept()
def crest_parts(z: Any, at: Any, factor: int, low: float, crest: Any, along: Any) -> None:
    """Means of the crests of a face in four parts; a part that is mostly closed is closed."""
    for p in range(CRESTS):
        first = p * factor // CRESTS
        last = max((p + 1) * factor // CRESTS, first + 1)
        mean, place, count = 0.0, 0.0, 0
        for i in range(first, last):
            if z[i] < np.inf:
                mean, place, count = mean + z[i] - low, place + middle(at[i], factor), count + 1
        if 2 * count > last - first:
            crest[p], along[p] = mean / count, np.rint(place / count)
