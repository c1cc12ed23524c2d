"""From a checked case to the arrays that the kernels work on."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .case import Culvert, FloodCase, OpenEdge, Pump, Series
from .checks import cells_of
from .edges import CULVERT, FREE, LEVEL, PUMP, Ghosts, Halos, Links, Sources, copy_halos, halo_rows
from .inertial import UNITS_PER_M
from .lattice import BAND_ROWS, GHOST_COL, HALO, TILE_COLS, WALL_M, Lattice
from .march import Blocks, Ground, Water, row_buffers

Array = NDArray[Any]
MM_H = 1.0 / 3.6e6  # one mm/h in m/s


@dataclass
class Machine:
    """A case laid out for the kernels."""

    case: FloodCase
    lattice: Lattice
    datum_m: float
    open_cells: NDArray[np.bool_]  # cells that can hold water
    ground: Ground
    water: Water
    blocks: Blocks
    sources: Sources
    links: Links
    ghosts: Ghosts
    halos: Halos
    pinned: Array
    roof_to: Array | None  # for each cell, where its rain goes


def build(case: FloodCase, threads: int) -> Machine:
    lattice = Lattice(case.bed_m.shape[0], case.bed_m.shape[1], threads)
    open_cells = ~np.isnan(case.bed_m)
    if case.blocked is not None:
        open_cells &= ~case.blocked
    datum = float(np.round(case.bed_m[open_cells].mean())) if open_cells.any() else 0.0
    bed = np.where(open_cells, case.bed_m - datum, WALL_M)
    z = lattice.make(np.float32, WALL_M * UNITS_PER_M)
    lattice.put(z, (bed * UNITS_PER_M).astype(np.float32))
    half_n2 = lattice.make(np.float32)
    lattice.put(half_n2, 0.5 * cells_of(case, case.manning, "Manning's n", 0.001, 1.0) ** 2)
    water = Water(lattice.make(np.int32), lattice.make(np.float32), lattice.make(np.float32))
    ghosts = _ghosts(case, lattice, datum, z)
    half_n2.ravel()[ghosts.ghost] = half_n2.ravel()[ghosts.cell]
    halos = halo_rows([lattice.block_slice(b) for b in range(lattice.blocks)])
    copy_halos(z, half_n2, half_n2, halos)
    ground = Ground(
        z, half_n2, *_walls(case, lattice, datum), np.float32(case.theta), np.float32(case.cell_m)
    )
    links, sources = _links(case, lattice, datum), _sources(case, lattice)
    return Machine(
        case,
        lattice,
        datum,
        open_cells,
        ground,
        water,
        _blocks(lattice),
        sources,
        links,
        ghosts,
        halos,
        _pinned(lattice, sources, links, ghosts),
        _roofs(case, open_cells),
    )


def _blocks(lattice: Lattice) -> Blocks:
    slices = [lattice.block_slice(b) for b in range(lattice.blocks)]
    bands = -(-lattice.rows // BAND_ROWS)
    tiles = tile_count(lattice)
    first = [start // BAND_ROWS for start in lattice.starts[:-1]] + [bands]
    return Blocks(
        np.array([s.start for s in slices], np.intp),
        np.array([s.stop for s in slices], np.intp),
        np.array(first, np.intp),
        np.zeros((bands, tiles, 2), np.intp),
        np.zeros(bands, np.intp),
        *row_buffers(lattice.blocks, lattice.width),
    )


def tile_count(lattice: Lattice) -> int:
    return -(-(lattice.width - 32) // TILE_COLS)


def _walls(case: FloodCase, lattice: Lattice, datum: float) -> tuple[Array, Array, Array, Array]:
    """Walls of every stack row, halos included, in the order of rows."""
    found = []
    for wall in case.walls:
        crest = (wall.crest_m - datum) * UNITS_PER_M
        for b in range(lattice.blocks):
            part = lattice.block_slice(b)
            row = part.start + HALO + wall.row - lattice.starts[b]
            if part.start <= row < part.stop:
                found.append((row, wall.col + GHOST_COL + 1, wall.side == "south", crest))
    found.sort()
    start = np.searchsorted([f[0] for f in found], np.arange(lattice.stack_rows + 1)).astype(
        np.intp
    )
    columns = list(zip(*found, strict=True)) if found else [(), (), (), ()]
    return (
        start,
        np.array(columns[1], np.intp),
        np.array(columns[2], np.bool_),
        np.array(columns[3], np.float32),
    )


def _sources(case: FloodCase, lattice: Lattice) -> Sources:
    places = [lattice.index(i.rows, i.cols) for i in case.inflows]
    at = np.concatenate(places) if places else np.zeros(0, np.intp)
    return Sources(at, np.zeros(at.size), np.zeros(at.size), np.zeros(at.size, np.int64))


def _links(case: FloodCase, lattice: Lattice, datum: float) -> Links:
    n = len(case.links)
    shape = np.zeros((n, 6))
    kind, source, target = np.zeros(n, np.int8), np.zeros(n, np.intp), np.full(n, -1, np.intp)
    for i, link in enumerate(case.links):
        source[i] = lattice.index(*link.source)[0]
        if link.target is not None:
            target[i] = lattice.index(*link.target)[0]
        if isinstance(link, Culvert):
            kind[i] = CULVERT
            inverts = link.source_invert_m - datum, link.target_invert_m - datum
            shape[i] = *inverts, link.width_m, link.height_m, link.length_m, link.manning
        elif isinstance(link, Pump):
            kind[i] = PUMP
            shape[i, :3] = link.flow_m3_s, link.on_depth_m, link.off_depth_m
    return Links(
        kind, source, target, shape, np.zeros(n, np.bool_), np.zeros(n), np.zeros(n, np.int64)
    )


def edge_cells(edge: OpenEdge, rows: int, cols: int) -> tuple[Array, Array]:
    """Rows and columns of the cells along an open edge."""
    length = cols if edge.side in ("north", "south") else rows
    along = np.arange(edge.first, (edge.last if edge.last >= 0 else length + edge.last) + 1)
    across = np.full(
        along.size, {"north": 0, "south": rows - 1, "west": 0, "east": cols - 1}[edge.side]
    )
    return (across, along) if edge.side in ("north", "south") else (along, across)


def _ghosts(case: FloodCase, lattice: Lattice, datum: float, z: Array) -> Ghosts:
    width, flat = lattice.width, z.ravel()
    parts: list[tuple[Array, ...]] = []
    for edge in case.edges:
        r, c = edge_cells(edge, *case.bed_m.shape)
        step_r, step_c = {"north": (-1, 0), "south": (1, 0), "west": (0, -1), "east": (0, 1)}[
            edge.side
        ]
        cell, ghost = lattice.index(r, c), lattice.index(r + step_r, c + step_c)
        kept = flat[cell] < WALL_M * UNITS_PER_M * 0.5
        cell, ghost = cell[kept], ghost[kept]
        down, back = edge.side in ("north", "south"), edge.side in ("north", "west")
        stride = width if down else 1
        face, beyond = (ghost, ghost - stride) if back else (cell, ghost)
        fall = 0.0 if edge.level_m is not None else edge.slope * case.cell_m * UNITS_PER_M
        flat[ghost] = flat[cell] - np.float32(fall)
        n = cell.size
        parts.append(
            (
                np.full(n, FREE if edge.level_m is None else LEVEL),
                ghost,
                cell,
                face,
                beyond,
                np.full(n, down),
                np.full(n, -1 if back else 1),
                np.zeros(n),
                np.zeros(n),
            )
        )
    dtypes = (np.int8, np.intp, np.intp, np.intp, np.intp, np.bool_, np.int64, np.float64, np.int64)
    columns = zip(*parts, strict=True) if parts else [[np.zeros(0)]] * len(dtypes)
    return Ghosts(*(np.concatenate(c).astype(t) for c, t in zip(columns, dtypes, strict=True)))


def _pinned(lattice: Lattice, sources: Sources, links: Links, ghosts: Ghosts) -> Array:
    """Tiles into which water can come from outside within a stretch."""
    pinned = np.zeros((-(-lattice.rows // BAND_ROWS), tile_count(lattice)), np.bool_)
    level = ghosts.ghost[ghosts.kind == LEVEL]
    for at in np.concatenate([sources.at, links.source, links.target[links.target >= 0], level]):
        stack_row, col = divmod(int(at), lattice.width)
        for b in range(lattice.blocks):
            part = lattice.block_slice(b)
            if part.start <= stack_row < part.stop:
                row = stack_row - part.start - HALO + lattice.starts[b]
                band = min(max(row, 0), lattice.rows - 1) // BAND_ROWS
                pinned[band, max(col - GHOST_COL, 0) // TILE_COLS] = True
    return pinned


def _roofs(case: FloodCase, open_cells: NDArray[np.bool_]) -> Array | None:
    """For blocked cells the flat index of the nearest open cell, by spreading from the open
    ones."""
    if case.blocked is None or not case.blocked.any():
        return None
    rows, cols = open_cells.shape
    to = np.where(open_cells, np.arange(rows * cols).reshape(rows, cols), -1)
    roofs = case.blocked & ~np.isnan(case.bed_m)
    while (to[roofs] < 0).any():
        before = to.copy()
        for ahead, behind in (
            ((slice(1, None), slice(None)), (slice(None, -1), slice(None))),
            ((slice(None), slice(1, None)), (slice(None), slice(None, -1))),
        ):
            for here, there in ((ahead, behind), (behind, ahead)):
                grow = (to[here] < 0) & roofs[here] & (before[there] >= 0)
                to[here][grow] = before[there][grow]
        if (to == before).all():
            break
    return to


def mean_over(series: Series | float, start_s: float, end_s: float) -> float:
    """Mean of a series between two times, exactly (it is straight between its points)."""
    if not isinstance(series, Series):
        return float(series)
    times, values = np.asarray(series.times_s, float), np.asarray(series.values, float)
    inner = times[(times > start_s) & (times < end_s)]
    at = np.concatenate([[start_s], inner, [end_s]])
    return float(np.trapezoid(np.interp(at, times, values), at) / (end_s - start_s))
