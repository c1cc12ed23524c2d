"""The moving part of coarse cells that know the fine ground under them (``hypsometry``).

The state is the volume, as whole units of mean depth over the cell, so the kernels that limit and
move water on the fine grid serve here too. What differs is how a volume becomes a level, and how
levels become the depth of flow through a face. Both are made of straight lines:

* The level of a cell holding the volume V over samples of the ground z1 <= z2 <= ... is the least
  over k of (mean of z1..zk) + V S / k: volume is a convex function of level (Casulli 2009), so
  level is the least of its tangents. No iteration.
* The depth of flow of a face with crests c1 <= ... <= c4 is the greatest over k of
  (k/4)^(3/5) (level - mean of c1..ck), and zero: the depth of a rectangle that carries as much by
  Manning as the parts together (conveyance summed over parts: Volp, van Prooijen & Stelling 2013,
  https://doi.org/10.1002/wrcr.20324). The lines are its asymptotes, which it never falls under.

The surface in a cell is a plane, not a level: it has the limited slope (van Leer 1977) of the
levels around it, as in schemes of second order (van Leer 1979). On a hillside the plane follows
the ground, so water there lies as a sheet, where a level surface would put it all into the lowest
corner; in a lake the slope is zero. Beside a cell that holds no water the slope is that of the
other side. The tables of lines belong to a slope: they are made anew once a stretch of steps.

Every array of cells is a stack as in ``inertial``; tables have planes: (planes, rows, width).
Levels are above the cell's lowest point, in units of depth.
"""

from typing import Any, NamedTuple

from numba import njit
from numpy.typing import NDArray

from .hypsometry import PLACES, SAMPLES
from .inertial import HALF, MATHS, ONE, ONE_ON, QUARTER, TWO, UNITS_PER_M, ZERO, F, U, moved
from .lattice import WALL_M

Array = NDArray[Any]
WET_ON_LINE = (1, 2, 3, 4, 6, 8, 12, 16)  # samples that are wet on each line of the level
LINES = len(WET_ON_LINE)
FACE_X, FACE_Y = LINES, LINES + 5  # first plane of the faces' shift and four crests
PLANES = LINES + 10
K1, K2, K3, K4, K6, K8, K12, K16 = (F(SAMPLES / k) for k in WET_ON_LINE)
P1, P2, P3, P4, P6, P8, P12, P16 = (F(k / SAMPLES) for k in WET_ON_LINE)
M2, M3, M4, M6, M8, M12, M16 = (F(1 / k) for k in WET_ON_LINE[1:])
W1, W2, W3 = F(0.25**0.6), F(0.5**0.6), F(0.75**0.6)
PLACE = F(1.0 / PLACES)
CLIFF = F(0.5 * WALL_M * UNITS_PER_M)  # rise to a cell that holds no water [units]


class Sub(NamedTuple):
    """What coarse cells have beside the fine kernels' arrays."""

    room: Array  # (rows, width) float32: cell's area over the part of it that is open
    height: Array  # (SAMPLES, rows, width) float32: ground above the lowest point (as all heights)
    place_x: Array  # (SAMPLES, rows, width) int8
    place_y: Array
    crest: Array  # (8, rows, width) float32: four crests right, four below, above the lowest point
    along: Array  # (8, rows, width) int8
    level: Array  # (rows, width) float32
    slope_x: Array  # (rows, width) float32: rise of the surface over one cell
    slope_y: Array
    spread: Array  # (rows, width) float32: part of the open ground that is wet
    depth: Array  # (rows, width) float32: mean depth there
    tab: Array  # (PLANES, rows, width) float32: the lines of level and of both faces
    seen: Array  # (blocks, SAMPLES, chunk x width) float32: room to sort in
    reach: Any  # float32: from a cell's middle to the middle of its last fine cells [cells]


# Arrays are not handed to small functions inside a loop: the counting of references keeps the loop
# from becoming vector code.


@njit(fastmath=MATHS, error_model="numpy")
def row_level(units: Any, room: Any, tab: Any, level: Any, at: Any, plane: Any, n: Any) -> None:
    """Levels of cells from their volumes; planes of ``tab`` are ``plane`` apart."""
    p2, p3, p4 = U(2) * plane, U(3) * plane, U(4) * plane
    p5, p6, p7 = U(5) * plane, U(6) * plane, U(7) * plane
    for i in range(n):
        c = at + U(i)
        v = F(units[c]) * room[c]
        a = min(tab[c] + v * K1, tab[c + plane] + v * K2)
        b = min(tab[c + p2] + v * K3, tab[c + p3] + v * K4)
        d = min(tab[c + p4] + v * K6, tab[c + p5] + v * K8)
        e = min(tab[c + p6] + v * K12, tab[c + p7] + v * K16)
        level[c] = min(min(a, b), min(d, e))


@njit(inline="always")
def lower(best: Any, part: Any, line: Any, of_line: Any) -> Any:
    """The lower of two lines, and the part that is wet on it."""
    return min(best, line), of_line if line < best else part


@njit(fastmath=MATHS, error_model="numpy")
def row_spread(
    units: Any, room: Any, tab: Any, at: Any, plane: Any, n: Any, spread: Any, depth: Any
) -> None:
    """Part of the open ground that is wet, and the mean depth on it [units]."""
    p2, p3, p4 = U(2) * plane, U(3) * plane, U(4) * plane
    p5, p6, p7 = U(5) * plane, U(6) * plane, U(7) * plane
    for i in range(n):
        c = at + U(i)
        v = F(units[c]) * room[c]
        best, part = tab[c] + v * K1, P1
        best, part = lower(best, part, tab[c + plane] + v * K2, P2)
        best, part = lower(best, part, tab[c + p2] + v * K3, P3)
        best, part = lower(best, part, tab[c + p3] + v * K4, P4)
        best, part = lower(best, part, tab[c + p4] + v * K6, P6)
        best, part = lower(best, part, tab[c + p5] + v * K8, P8)
        best, part = lower(best, part, tab[c + p6] + v * K12, P12)
        best, part = lower(best, part, tab[c + p7] + v * K16, P16)
        spread[c] = part
        depth[c] = v / part


@njit(fastmath=MATHS, error_model="numpy")
def row_greatest(values: Any, at: Any, n: Any) -> Any:
    most = ZERO
    for i in range(n):
        most = max(most, values[at + U(i)])
    return most


@njit(cache=True, nogil=True)
def level_of(volume: float, sub: Sub, c: int) -> Any:
    """Level above its lowest point of one cell that holds so much [units]."""
    v, lines, plane = volume * sub.room.ravel()[c], sub.tab.ravel(), sub.room.size
    level = lines[c] + v * SAMPLES
    for k in range(1, LINES):
        level = min(level, lines[k * plane + c] + v * SAMPLES / WET_ON_LINE[k])
    return level


@njit(inline="always")
def deep_of(top: Any, c1: Any, c2: Any, c3: Any, c4: Any) -> Any:
    """Depth of the rectangle that carries as much as a face with such mean crests."""
    a = max(W1 * (top - c1), W2 * (top - c2))
    b = max(W3 * (top - c3), top - c4)
    return max(max(a, b), ZERO)


@njit(fastmath=MATHS, error_model="numpy")
def row_flows_sub(
    level: Any,
    low: Any,
    tab: Any,
    nn: Any,
    qx: Any,
    qy: Any,
    at: Any,
    wide: Any,
    plane: Any,
    n: Any,
    theta: Any,
    fr: Any,
    push: Any,
    right: Any,
    below: Any,
    to: Any,
) -> None:
    """As ``inertial.row_flows``, through faces of four parts between tilted surfaces."""
    x0, x1, x2 = U(FACE_X) * plane, U(FACE_X + 1) * plane, U(FACE_X + 2) * plane
    x3, x4 = U(FACE_X + 3) * plane, U(FACE_X + 4) * plane
    y0, y1, y2 = U(FACE_Y) * plane, U(FACE_Y + 1) * plane, U(FACE_Y + 2) * plane
    y3, y4 = U(FACE_Y + 3) * plane, U(FACE_Y + 4) * plane
    for i in range(n):
        c, o = at + U(i), to + U(i)
        e, s = c + ONE_ON, c + wide
        w, nw = c - ONE_ON, c - wide
        d, d_e, d_s = level[c], level[e], level[s]
        q, p, q_s, p_e = qx[c], qy[c], qx[s], qy[e]
        q_w, p_n = qx[w], qy[nw]
        over = d_e + tab[x0 + c]
        deep = deep_of(max(d, over), tab[x1 + c], tab[x2 + c], tab[x3 + c], tab[x4 + c])
        side = QUARTER * ((p_n + qy[nw + ONE_ON]) + (p + p_e))
        right[o] = moved(
            deep,
            (low[c] - low[e]) + (d - d_e),
            d - over,
            nn[c] + nn[e],
            q,
            q_w,
            qx[e],
            side,
            theta,
            fr,
            push,
            ONE,
        )
        over = d_s + tab[y0 + c]
        deep = deep_of(max(d, over), tab[y1 + c], tab[y2 + c], tab[y3 + c], tab[y4 + c])
        side = QUARTER * ((q_w + qx[s - ONE_ON]) + (q + q_s))
        below[o] = moved(
            deep,
            (low[c] - low[s]) + (d - d_s),
            d - over,
            nn[c] + nn[s],
            p,
            p_n,
            qy[s],
            side,
            theta,
            fr,
            push,
            ONE,
        )


@njit(inline="always")
def minmod(a: Any, b: Any) -> Any:
    """The smaller of two slopes of one sign, else none (Roe 1986)."""
    return max(min(a, b), ZERO) + min(max(a, b), ZERO)


@njit(inline="always")
def limited(a: Any, b: Any) -> Any:
    """Mean of two slopes of one sign, at most twice the smaller, else none (van Leer 1977)."""
    return minmod(TWO * minmod(a, b), HALF * (a + b))


@njit(inline="always")
def open_side(rise: Any, other: Any) -> Any:
    """A rise to a neighbour, or that on the other side where no water can be on this one."""
    return rise if abs(rise) < CLIFF else other


@njit(fastmath=MATHS, error_model="numpy")
def row_slopes(
    units: Any,
    level: Any,
    low: Any,
    at: Any,
    wide: Any,
    n: Any,
    slope_x: Any,
    slope_y: Any,
) -> None:
    """Slopes of the surface, none where it is dry."""
    for i in range(n):
        c = at + U(i)
        w, e, up, s = c - ONE_ON, c + ONE_ON, c - wide, c + wide
        here, z, mean = level[c], low[c], F(units[c])
        left, right = (z - low[w]) + (here - level[w]), (low[e] - z) + (level[e] - here)
        above, below = (z - low[up]) + (here - level[up]), (low[s] - z) + (level[s] - here)
        x = limited(open_side(left, right), open_side(right, left))
        y = limited(open_side(above, below), open_side(below, above))
        slope_x[c] = x if mean > ZERO else ZERO
        slope_y[c] = y if mean > ZERO else ZERO


@njit(fastmath=MATHS, error_model="numpy")
def row_tilted(
    height: Any,
    x: Any,
    y: Any,
    slope_x: Any,
    slope_y: Any,
    at: Any,
    first: Any,
    n: Any,
    seen: Any,
    to: Any,
) -> None:
    """One sample of the ground seen from the surface's plane; the sample begins at ``first``."""
    for i in range(n):
        c, p = at + U(i), first + at + U(i)
        seen[to + U(i)] = height[p] - (slope_x[c] * F(x[p]) + slope_y[c] * F(y[p])) * PLACE


@njit(inline="always")
def two(a: Any, b: Any) -> Any:
    return min(a, b), max(a, b)


@njit(fastmath=MATHS, error_model="numpy")
def row_sort8(seen: Any, at: Any, apart: Any, n: Any) -> None:
    """Put eight rows in order, in place (the shortest network for eight: Knuth 1998, 5.3.4)."""
    s2, s3, s4 = U(2) * apart, U(3) * apart, U(4) * apart
    s5, s6, s7 = U(5) * apart, U(6) * apart, U(7) * apart
    for i in range(n):
        o = at + U(i)
        a, c = two(seen[o], seen[o + s2])
        b, d = two(seen[o + apart], seen[o + s3])
        e, g = two(seen[o + s4], seen[o + s6])
        f, h = two(seen[o + s5], seen[o + s7])
        a, e = two(a, e)
        b, f = two(b, f)
        c, g = two(c, g)
        d, h = two(d, h)
        a, b = two(a, b)
        c, d = two(c, d)
        e, f = two(e, f)
        g, h = two(g, h)
        c, e = two(c, e)
        d, f = two(d, f)
        b, e = two(b, e)
        d, g = two(d, g)
        b, c = two(b, c)
        d, e = two(d, e)
        f, g = two(f, g)
        seen[o] = a
        seen[o + apart] = b
        seen[o + s2] = c
        seen[o + s3] = d
        seen[o + s4] = e
        seen[o + s5] = f
        seen[o + s6] = g
        seen[o + s7] = h


@njit(fastmath=MATHS, error_model="numpy")
def row_merge(seen: Any, apart: Any, n: Any) -> None:
    """From two times eight rows in order to the means of the lowest 1, 2, 3, 4, 6, 8, 12 and 16, in
    the first eight rows (Batcher 1968, odd-even merge)."""
    s2, s3, s4, s5 = U(2) * apart, U(3) * apart, U(4) * apart, U(5) * apart
    s6, s7, s8, s9 = U(6) * apart, U(7) * apart, U(8) * apart, U(9) * apart
    s10, s11, s12 = U(10) * apart, U(11) * apart, U(12) * apart
    s13, s14, s15 = U(13) * apart, U(14) * apart, U(15) * apart
    for i in range(n):
        o = U(i)
        v0, v8 = two(seen[o], seen[o + s8])
        v4, v12 = two(seen[o + s4], seen[o + s12])
        v4, v8 = two(v4, v8)
        v2, v10 = two(seen[o + s2], seen[o + s10])
        v6, v14 = two(seen[o + s6], seen[o + s14])
        v6, v10 = two(v6, v10)
        v2, v4 = two(v2, v4)
        v6, v8 = two(v6, v8)
        v10, v12 = two(v10, v12)
        v1, v9 = two(seen[o + apart], seen[o + s9])
        v5, v13 = two(seen[o + s5], seen[o + s13])
        v5, v9 = two(v5, v9)
        v3, v11 = two(seen[o + s3], seen[o + s11])
        v7, v15 = two(seen[o + s7], seen[o + s15])
        v7, v11 = two(v7, v11)
        v3, v5 = two(v3, v5)
        v7, v9 = two(v7, v9)
        v11, v13 = two(v11, v13)
        v1, v2 = two(v1, v2)
        v3, v4 = two(v3, v4)
        v5, v6 = two(v5, v6)
        v7, v8 = two(v7, v8)
        v9, v10 = two(v9, v10)
        v11, v12 = two(v11, v12)
        v13, v14 = two(v13, v14)
        total = v0 + v1
        seen[o] = v0
        seen[o + apart] = total * M2
        total += v2
        seen[o + s2] = total * M3
        total += v3
        seen[o + s3] = total * M4
        total += v4 + v5
        seen[o + s4] = total * M6
        total += v6 + v7
        seen[o + s5] = total * M8
        total += (v8 + v9) + (v10 + v11)
        seen[o + s6] = total * M12
        total += (v12 + v13) + (v14 + v15)
        seen[o + s7] = total * M16


@njit(fastmath=MATHS, error_model="numpy")
def row_copy(source: Any, at: Any, n: Any, target: Any, to: Any) -> None:
    for i in range(n):
        target[to + U(i)] = source[at + U(i)]


@njit(inline="always")
def in_order(a: Any, b: Any, c: Any, d: Any) -> Any:
    a, b = min(a, b), max(a, b)
    c, d = min(c, d), max(c, d)
    a, c = min(a, c), max(a, c)
    b, d = min(b, d), max(b, d)
    return a, min(b, c), max(b, c), d


@njit(fastmath=MATHS, error_model="numpy")
def row_face_lines(
    low: Any,
    slope: Any,
    across: Any,
    crest: Any,
    along: Any,
    at: Any,
    other: Any,
    first: Any,
    plane: Any,
    n: Any,
    reach: Any,
    tab: Any,
    table: Any,
) -> None:
    """Shift of the far level and four mean crests of the faces to the cells ``other`` further on.

    ``slope`` is the surface's slope through the face, ``across`` that along it. A level counts at
    the middle of the last fine cells before the face. Crests begin at ``first``, lines at
    ``table``.
    """
    p2, p3, p4 = U(2) * plane, U(3) * plane, U(4) * plane
    for i in range(n):
        c = at + U(i)
        o, p, t = c + other, c + first, c + table
        near = reach * slope[c]
        tilt = HALF * PLACE * (across[c] + across[o])
        a, b, d, e = in_order(
            crest[p] - tilt * F(along[p]),
            crest[p + plane] - tilt * F(along[p + plane]),
            crest[p + p2] - tilt * F(along[p + p2]),
            crest[p + p3] - tilt * F(along[p + p3]),
        )
        tab[t] = (low[o] - low[c]) - reach * slope[o] - near
        tab[t + plane] = a - near
        b = a + b
        tab[t + p2] = b * HALF - near
        d = b + d
        tab[t + p3] = d * M3 - near
        tab[t + p4] = (d + e) * QUARTER - near
