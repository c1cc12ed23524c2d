"""From a checked case to the arrays that the kernels work on."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .case import Culvert, FloodCase, OpenEdge, Pump, Series
from .checks import cells_of
from .edges import CULVERT, FREE, LEVEL, PUMP, Ghosts, Halos, Links, Sources, copy_halos, halo_rows
from .inertial import UNITS_PER_M
from .lattice import BAND_ROWS, FIRST_COL, GHOST_COL, HALO, TILE_COLS, WALL_M, Lattice
from .sweep import Blocks, Ground, Water, chunk_buffers

Array = NDArray[Any]
Walls = tuple[Array, Array, Array, Array, Array]  # as in ``sweep.Ground``
MM_H = 1.0 / 3.6e6  # one mm/h in m/s


class Opening(NamedTuple):
    """Computing cells along one open edge."""

    edge: int  # number of the case's edge
    rows: Array
    cols: Array
    places: Array  # of the edge's cells: which one a computing cell's level is that of


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
    ghost_edge: Array  # (ghosts,) number of the case's edge
    ghost_place: Array  # (ghosts,) which of the edge's cells its level is that of
    halos: Halos
    pinned: Array
    roof_to: Array | None  # for each cell of the ground, where its rain goes
    sub: Any = None  # tables of coarse cells (``Sub``)
    factor: int = 1  # cells of the ground along a computing cell

    @property
    def cell_m(self) -> float:
        """Width of a computing cell [m]."""
        return self.case.cell_m * self.factor

    def gather(self, field: Array, *, of_open: bool = False) -> Array:
        """A field of the ground on the computing cells: its mean over their area, or over the open
        part of it."""
        if self.factor == 1:
            return field
        shares = np.where(self.open_cells, field, 0.0) if of_open else field
        total = block_sums(shares, self.factor)
        count = block_sums(self.open_cells, self.factor) if of_open else self.factor**2
        return np.asarray(total / np.maximum(count, 1))


def block_sums(field: Array, factor: int) -> Array:
    """Sums over the coarse cells; what lies beyond the ground counts as zero."""
    rows, cols = field.shape
    whole = np.pad(field, ((0, -rows % factor), (0, -cols % factor)))
    shape = whole.shape[0] // factor, factor, whole.shape[1] // factor, factor
    return np.asarray(whole.reshape(shape).sum(axis=(1, 3)))


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
    walls = _walls(case, lattice, datum)
    return assemble(case, lattice, datum, open_cells, openings(case), z, half_n2, walls, 1)


def assemble(
    case: FloodCase,
    lattice: Lattice,
    datum: float,
    open_cells: NDArray[np.bool_],
    found: list[Opening],
    z: Array,
    half_n2: Array,
    walls: Walls,
    factor: int,
) -> Machine:
    """A machine from its ground: what both grids have in common."""
    cell_m = case.cell_m * factor
    # Weighting by the neighbours' flow acts as a viscosity, (1 - theta) dx^2 / (2 dt), which holds
    # back rivers that a coarse grid sees as two cells wide: it grows with the root of the cell.
    theta = 1.0 - (1.0 - case.theta) / factor**0.5
    water = Water(lattice.make(np.int32), lattice.make(np.float32), lattice.make(np.float32))
    ghosts, edge, place = _ghosts(case, found, lattice, cell_m, z)
    half_n2.ravel()[ghosts.ghost] = half_n2.ravel()[ghosts.cell]
    halos = halo_rows([lattice.block_slice(b) for b in range(lattice.blocks)])
    copy_halos(z, half_n2, half_n2, halos)
    low_m = lattice.take(z) / UNITS_PER_M + datum
    links, sources = (
        _links(case, lattice, datum, low_m, factor),
        _sources(case, lattice, factor),
    )
    return Machine(
        case=case,
        lattice=lattice,
        datum_m=datum,
        open_cells=open_cells,
        ground=Ground(z, half_n2, *walls, theta=np.float32(theta), dx_m=np.float32(cell_m)),
        water=water,
        blocks=blocks_of(lattice),
        sources=sources,
        links=links,
        ghosts=ghosts,
        ghost_edge=edge,
        ghost_place=place,
        halos=halos,
        pinned=_pinned(lattice, sources, links, ghosts),
        roof_to=_roofs(case, open_cells),
        factor=factor,
    )


def blocks_of(lattice: Lattice) -> Blocks:
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
        *chunk_buffers(lattice.blocks, lattice.width),
    )


def tile_count(lattice: Lattice) -> int:
    return -(-lattice.width // TILE_COLS)


def _walls(case: FloodCase, lattice: Lattice, datum: float) -> Walls:
    """Walls of every stack row, halos included, in the order of rows."""
    found = []
    for wall in case.walls:
        crest = (wall.crest_m - datum) * UNITS_PER_M
        for b in range(lattice.blocks):
            part = lattice.block_slice(b)
            row = part.start + HALO + wall.row - lattice.starts[b]
            if part.start <= row < part.stop:
                found.append((row, wall.col + FIRST_COL, wall.side == "south", crest))
    return walls_of(sorted(found), lattice)


def walls_of(found: list[tuple[int, int, bool, float]], lattice: Lattice) -> Walls:
    """Row, column, way and crest of each wall as arrays, after the first wall of each stack row."""
    rows, cols, down, crest = zip(*found, strict=True) if found else ((), (), (), ())
    row = np.array(rows, np.intp)
    start = np.searchsorted(row, np.arange(lattice.stack_rows + 1)).astype(np.intp)
    below, crests = np.array(down, np.bool_), np.array(crest, np.float32)
    return start, row, np.array(cols, np.intp), below, crests


def _sources(case: FloodCase, lattice: Lattice, factor: int) -> Sources:
    places = [
        lattice.index(np.asarray(i.rows) // factor, np.asarray(i.cols) // factor)
        for i in case.inflows
    ]
    at = np.concatenate(places) if places else np.zeros(0, np.intp)
    return Sources(at, np.zeros(at.size), np.zeros(at.size), np.zeros(at.size, np.int64))


def _links(case: FloodCase, lattice: Lattice, datum: float, low_m: Array, factor: int) -> Links:
    """Links between computing cells; a pump's depths count from the ground where it stands."""
    n = len(case.links)
    shape = np.zeros((n, 6))
    kind, source, target = np.zeros(n, np.int8), np.zeros(n, np.intp), np.full(n, -1, np.intp)
    for i, link in enumerate(case.links):
        row, col = link.source
        source[i] = lattice.index(row // factor, col // factor)[0]
        if link.target is not None:
            target[i] = lattice.index(link.target[0] // factor, link.target[1] // factor)[0]
        if isinstance(link, Culvert):
            kind[i] = CULVERT
            inverts = link.source_invert_m - datum, link.target_invert_m - datum
            shape[i] = *inverts, link.width_m, link.height_m, link.length_m, link.manning
        elif isinstance(link, Pump):
            kind[i] = PUMP
            above = 0.0
            if factor > 1:
                above = case.bed_m[row, col] - low_m[row // factor, col // factor]
            shape[i, :3] = link.flow_m3_s, link.on_depth_m + above, link.off_depth_m + above
    return Links(
        kind, source, target, shape, np.zeros(n, np.bool_), np.zeros(n), np.zeros(n, np.int64)
    )


def edge_cells(edge: OpenEdge, rows: int, cols: int) -> tuple[Array, Array]:
    """Rows and columns of the ground's cells along an open edge."""
    length = cols if edge.side in ("north", "south") else rows
    along = np.arange(edge.first, (edge.last if edge.last >= 0 else length + edge.last) + 1)
    across = np.full(
        along.size, {"north": 0, "south": rows - 1, "west": 0, "east": cols - 1}[edge.side]
    )
    return (across, along) if edge.side in ("north", "south") else (along, across)


def openings(case: FloodCase) -> list[Opening]:
    """Cells along the open edges of the fine grid, where water can be."""
    found = []
    for i, edge in enumerate(case.edges):
        r, c = edge_cells(edge, *case.bed_m.shape)
        found.append(Opening(i, r, c, np.arange(r.size)))
    return found


STEP_OUT = {"north": (-1, 0), "south": (1, 0), "west": (0, -1), "east": (0, 1)}


def _ghosts(
    case: FloodCase, found: list[Opening], lattice: Lattice, cell_m: float, z: Array
) -> tuple[Ghosts, Array, Array]:
    """Ghost cells of the open edges; for each, its edge and its place along that."""
    width, flat = lattice.width, z.ravel()
    parts: list[tuple[Array, ...]] = []
    for number, r, c, places in found:
        edge = case.edges[number]
        step_r, step_c = STEP_OUT[edge.side]
        cell, ghost = lattice.index(r, c), lattice.index(r + step_r, c + step_c)
        kept = flat[cell] < WALL_M * UNITS_PER_M * 0.5
        cell, ghost = cell[kept], ghost[kept]
        down, back = edge.side in ("north", "south"), edge.side in ("north", "west")
        stride = width if down else 1
        face, beyond = (ghost, ghost - stride) if back else (cell, ghost)
        fall = 0.0 if edge.level_m is not None else edge.slope * cell_m * UNITS_PER_M
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
                np.full(n, number),
                places[kept],
            )
        )
    whole, real = (np.int64,) * 2, (np.float64, np.int64)
    dtypes = (np.int8, *(np.intp,) * 4, np.bool_, np.int64, *real, *whole)
    columns = zip(*parts, strict=True) if parts else [[np.zeros(0)]] * len(dtypes)
    made: list[Array] = [np.concatenate(c).astype(t) for c, t in zip(columns, dtypes, strict=True)]
    return Ghosts(*made[:-2]), made[-2], made[-1]


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


def mean_over(series: Series | float, start_s: float, end_s: float) -> Any:
    """Mean of a series between two times, exactly (it is straight between its points).

    A number, or (cells,) where the series has a value for each cell.
    """
    if not isinstance(series, Series):
        return float(series)
    times, values = np.asarray(series.times_s, float), np.asarray(series.values, float)
    inner = times[(times > start_s) & (times < end_s)]
    at = np.concatenate([[start_s], inner, [end_s]])
    if values.ndim == 1:
        return float(np.trapezoid(np.interp(at, times, values), at) / (end_s - start_s))
    after = np.clip(np.searchsorted(times, at), 1, max(times.size - 1, 1)).clip(max=times.size - 1)
    span = times[after] - times[after - 1]
    part = np.clip((at - times[after - 1]) / np.where(span > 0, span, 1.0), 0.0, 1.0)[:, None]
    seen = values[after - 1] * (1.0 - part) + values[after] * part
    return np.trapezoid(seen, at, axis=0) / (end_s - start_s)
