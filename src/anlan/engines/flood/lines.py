"""The tables of lines of coarse cells for a slope of the water surface, row by row.

The samples of the ground are seen from the surface's plane, put in order, and their means are
taken. Rows are cut into spans so short that all of this stays in the level-1 cache. What a span
needs lies in a scratch of rows ``ROW`` apart (a number that the compiler knows, so that it sees
that they do not overlap): the samples as seen, the samples in order, the eight lines of the level.
"""

from typing import Any

from numba import njit

from .hypsometry import SAMPLES
from .inertial import HALF, I32, MATHS, ONE_ON, QUARTER, TWO, ZERO, F, U
from .subgrid import CLIFF, LINES, PLACE, SAMPLES_PER_LINE, WET_PARTS

SPAN = 256  # cells
ROW = U(SPAN + 16)  # apart, so that rows do not fall on one cache set
IN_ORDER, LINED = U(SAMPLES) * ROW, U(2 * SAMPLES) * ROW  # where these parts of a scratch begin
SCRATCH = int(ROW) * (2 * SAMPLES + LINES)
K1, K2, K3, K4, K6, K8, K12, K16 = SAMPLES_PER_LINE
P1, P2, P3, P4, P6, P8, P12, P16 = WET_PARTS
M2, M3, M4, M6, M8, M12, M16 = (F(1 / k) for k in (2, 3, 4, 6, 8, 12, 16))


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


@njit(inline="always")
def tilted(height: Any, grain: Any, x: Any, y: Any, slope_x: Any, slope_y: Any) -> Any:
    """Height of a sample of the ground seen from the surface's plane."""
    return F(height) * grain - (slope_x * F(x) + slope_y * F(y)) * PLACE


@njit(inline="always")
def two(a: Any, b: Any) -> Any:
    return min(a, b), max(a, b)


@njit(inline="always")
def in_order_8(a: Any, b: Any, c: Any, d: Any, e: Any, f: Any, g: Any, h: Any) -> Any:
    """Eight numbers in order (the shortest network for eight: Knuth 1998, 5.3.4)."""
    a, c = two(a, c)
    b, d = two(b, d)
    e, g = two(e, g)
    f, h = two(f, h)
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
    return a, b, c, d, e, f, g, h


@njit(fastmath=MATHS, error_model="numpy")
def row_tilted(
    height: Any,
    x: Any,
    y: Any,
    grain: Any,
    slope_x: Any,
    slope_y: Any,
    at: Any,
    first: Any,
    plane: Any,
    n: Any,
    scratch: Any,
    to: Any,
) -> None:
    """Eight samples of the ground as seen, and in order; the first begins at ``first``."""
    p2, p3, p4 = U(2) * plane, U(3) * plane, U(4) * plane
    p5, p6, p7 = U(5) * plane, U(6) * plane, U(7) * plane
    for i in range(n):
        c, p, o = at + U(i), first + at + U(i), to + U(i)
        g, s, t = grain[c], slope_x[c], slope_y[c]
        v0 = tilted(height[p], g, x[p], y[p], s, t)
        v1 = tilted(height[p + plane], g, x[p + plane], y[p + plane], s, t)
        v2 = tilted(height[p + p2], g, x[p + p2], y[p + p2], s, t)
        v3 = tilted(height[p + p3], g, x[p + p3], y[p + p3], s, t)
        v4 = tilted(height[p + p4], g, x[p + p4], y[p + p4], s, t)
        v5 = tilted(height[p + p5], g, x[p + p5], y[p + p5], s, t)
        v6 = tilted(height[p + p6], g, x[p + p6], y[p + p6], s, t)
        v7 = tilted(height[p + p7], g, x[p + p7], y[p + p7], s, t)
        scratch[o] = v0
        scratch[o + ROW] = v1
        scratch[o + U(2) * ROW] = v2
        scratch[o + U(3) * ROW] = v3
        scratch[o + U(4) * ROW] = v4
        scratch[o + U(5) * ROW] = v5
        scratch[o + U(6) * ROW] = v6
        scratch[o + U(7) * ROW] = v7
        v0, v1, v2, v3, v4, v5, v6, v7 = in_order_8(v0, v1, v2, v3, v4, v5, v6, v7)
        o += IN_ORDER
        scratch[o] = v0
        scratch[o + ROW] = v1
        scratch[o + U(2) * ROW] = v2
        scratch[o + U(3) * ROW] = v3
        scratch[o + U(4) * ROW] = v4
        scratch[o + U(5) * ROW] = v5
        scratch[o + U(6) * ROW] = v6
        scratch[o + U(7) * ROW] = v7


@njit(fastmath=MATHS, error_model="numpy")
def row_merged(scratch: Any, n: Any) -> None:
    """From two times eight rows in order to the means of the lowest 1, 2, 3, 4, 6, 8, 12 and 16
    (Batcher 1968, odd-even merge)."""
    for i in range(n):
        o = U(i) + IN_ORDER
        v0, v8 = two(scratch[o], scratch[o + U(8) * ROW])
        v4, v12 = two(scratch[o + U(4) * ROW], scratch[o + U(12) * ROW])
        v4, v8 = two(v4, v8)
        v2, v10 = two(scratch[o + U(2) * ROW], scratch[o + U(10) * ROW])
        v6, v14 = two(scratch[o + U(6) * ROW], scratch[o + U(14) * ROW])
        v6, v10 = two(v6, v10)
        v2, v4 = two(v2, v4)
        v6, v8 = two(v6, v8)
        v10, v12 = two(v10, v12)
        v1, v9 = two(scratch[o + ROW], scratch[o + U(9) * ROW])
        v5, v13 = two(scratch[o + U(5) * ROW], scratch[o + U(13) * ROW])
        v5, v9 = two(v5, v9)
        v3, v11 = two(scratch[o + U(3) * ROW], scratch[o + U(11) * ROW])
        v7, v15 = two(scratch[o + U(7) * ROW], scratch[o + U(15) * ROW])
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
        o = U(i) + LINED
        total = v0 + v1
        scratch[o] = v0
        scratch[o + ROW] = total * M2
        total += v2
        scratch[o + U(2) * ROW] = total * M3
        total += v3
        scratch[o + U(3) * ROW] = total * M4
        total += v4 + v5
        scratch[o + U(4) * ROW] = total * M6
        total += v6 + v7
        scratch[o + U(5) * ROW] = total * M8
        total += (v8 + v9) + (v10 + v11)
        scratch[o + U(6) * ROW] = total * M12
        total += (v12 + v13) + (v14 + v15)
        scratch[o + U(7) * ROW] = total * M16


@njit(inline="always")
def lower(best: Any, part: Any, line: Any, of_line: Any) -> Any:
    """The lower of two lines, and the part that is wet on it."""
    return min(best, line), of_line if line < best else part


@njit(inline="always")
def standing(v: Any, a: Any, b: Any, c: Any, d: Any, e: Any, f: Any, g: Any, h: Any) -> Any:
    """Level of so much water by the eight lines, and the part of the open ground that is wet."""
    best, part = a + v * K1, P1
    best, part = lower(best, part, b + v * K2, P2)
    best, part = lower(best, part, c + v * K3, P3)
    best, part = lower(best, part, d + v * K4, P4)
    best, part = lower(best, part, e + v * K6, P6)
    best, part = lower(best, part, f + v * K8, P8)
    best, part = lower(best, part, g + v * K12, P12)
    return lower(best, part, h + v * K16, P16)


@njit(fastmath=MATHS, error_model="numpy")
def row_standing(
    units: Any, room: Any, scratch: Any, at: Any, n: Any, level: Any, spread: Any, depth: Any
) -> None:
    """Level by the lines of the scratch, part of the open ground that is wet, mean depth on it."""
    for i in range(n):
        c, o = at + U(i), U(i) + LINED
        v = F(units[c]) * room[c]
        level[c], part = standing(
            v,
            scratch[o],
            scratch[o + ROW],
            scratch[o + U(2) * ROW],
            scratch[o + U(3) * ROW],
            scratch[o + U(4) * ROW],
            scratch[o + U(5) * ROW],
            scratch[o + U(6) * ROW],
            scratch[o + U(7) * ROW],
        )
        spread[c] = part
        depth[c] = v / part


@njit(fastmath=MATHS, error_model="numpy")
def row_depths(
    units: Any, room: Any, tab: Any, at: Any, plane: Any, n: Any, spread: Any, depth: Any
) -> None:
    """Part of the open ground that is wet and mean depth on it, by the lines of the tables."""
    p2, p3, p4 = U(2) * plane, U(3) * plane, U(4) * plane
    p5, p6, p7 = U(5) * plane, U(6) * plane, U(7) * plane
    for i in range(n):
        c = at + U(i)
        v = F(units[c]) * room[c]
        _, part = standing(
            v,
            tab[c],
            tab[c + plane],
            tab[c + p2],
            tab[c + p3],
            tab[c + p4],
            tab[c + p5],
            tab[c + p6],
            tab[c + p7],
        )
        spread[c] = part
        depth[c] = v / part


@njit(inline="always")
def mark(above: Any, bit: Any) -> Any:
    return bit if above >= ZERO else I32(0)


@njit(fastmath=MATHS, error_model="numpy")
def row_marks(units: Any, level: Any, scratch: Any, at: Any, n: Any, wet: Any, marks: Any) -> None:
    """A bit for each sample that lies ``wet`` or more under the surface."""
    for i in range(n):
        c, o = at + U(i), U(i)
        top = level[c] - wet
        found = mark(top - scratch[o], I32(1))
        found |= mark(top - scratch[o + ROW], I32(2))
        found |= mark(top - scratch[o + U(2) * ROW], I32(4))
        found |= mark(top - scratch[o + U(3) * ROW], I32(8))
        found |= mark(top - scratch[o + U(4) * ROW], I32(16))
        found |= mark(top - scratch[o + U(5) * ROW], I32(32))
        found |= mark(top - scratch[o + U(6) * ROW], I32(64))
        found |= mark(top - scratch[o + U(7) * ROW], I32(128))
        found |= mark(top - scratch[o + U(8) * ROW], I32(256))
        found |= mark(top - scratch[o + U(9) * ROW], I32(512))
        found |= mark(top - scratch[o + U(10) * ROW], I32(1024))
        found |= mark(top - scratch[o + U(11) * ROW], I32(2048))
        found |= mark(top - scratch[o + U(12) * ROW], I32(4096))
        found |= mark(top - scratch[o + U(13) * ROW], I32(8192))
        found |= mark(top - scratch[o + U(14) * ROW], I32(16384))
        found |= mark(top - scratch[o + U(15) * ROW], I32(32768))
        marks[U(i)] = found if units[c] > 0 else I32(0)


@njit(fastmath=MATHS, error_model="numpy")
def row_greatest(values: Any, at: Any, n: Any) -> Any:
    most = ZERO
    for i in range(n):
        most = max(most, values[at + U(i)])
    return most


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
    wide: Any,
    n: Any,
    reach: Any,
    tab: Any,
    table: Any,
    plane: Any,
) -> None:
    """Shift of the far level and four mean crests of the faces to the cells ``other`` further on.

    ``slope`` is the surface's slope through the face, ``across`` that along it. A level counts at
    the middle of the last fine cells before the face. Crests begin at ``first`` and are ``wide``
    apart, lines at ``table`` and ``plane``.
    """
    p2, p3, p4 = U(2) * plane, U(3) * plane, U(4) * plane
    w2, w3 = U(2) * wide, U(3) * wide
    for i in range(n):
        c = at + U(i)
        o, p, t = c + other, c + first, c + table
        near = reach * slope[c]
        tilt = HALF * PLACE * (across[c] + across[o])
        a, b, d, e = in_order(
            crest[p] - tilt * F(along[p]),
            crest[p + wide] - tilt * F(along[p + wide]),
            crest[p + w2] - tilt * F(along[p + w2]),
            crest[p + w3] - tilt * F(along[p + w3]),
        )
        tab[t] = (low[o] - low[c]) - reach * slope[o] - near
        tab[t + plane] = a - near
        b = a + b
        tab[t + p2] = b * HALF - near
        d = b + d
        tab[t + p3] = d * M3 - near
        tab[t + p4] = (d + e) * QUARTER - near
