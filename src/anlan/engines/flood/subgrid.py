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

Every array of cells is a stack as in ``inertial``; tables have several, in planes.
Levels are above the cell's lowest point, in units of depth.
"""

from typing import Any, NamedTuple

from numba import njit
from numpy.typing import NDArray

from .hypsometry import PLACES, SAMPLES
from .inertial import MATHS, ONE, ONE_ON, QUARTER, UNITS_PER_M, ZERO, F, U, moved
from .kept import kept
from .lattice import WALL_M

Array = NDArray[Any]
WET_ON_LINE = (1, 2, 3, 4, 6, 8, 12, 16)  # samples that are wet on each line of the level
LINES = len(WET_ON_LINE)
FACE_X, FACE_Y = LINES, LINES + 5  # first plane of the faces' shift and four crests
PLANES = LINES + 10
SAMPLES_PER_LINE = tuple(F(SAMPLES / k) for k in WET_ON_LINE)
WET_PARTS = tuple(F(k / SAMPLES) for k in WET_ON_LINE)
K1, K2, K3, K4, K6, K8, K12, K16 = SAMPLES_PER_LINE
W1, W2, W3 = F(0.25**0.6), F(0.5**0.6), F(0.75**0.6)
PLACE = F(1.0 / PLACES)
CLIFF = F(0.5 * WALL_M * UNITS_PER_M)  # rise to a cell that holds no water [units]


class Sub(NamedTuple):
    """What coarse cells have beside the fine kernels' arrays.

    Planes are (planes, cells and a gap): cell c of plane p is at p x shape[1] + c. What is read a
    row at a time is (rows, planes, width), so that a row's planes lie side by side.
    """

    room: Array  # (rows, width) float32: cell's area over the part of it that is open
    grain: Array  # (rows, width) float32: what a height counts in [units]
    height: Array  # (rows, SAMPLES, width) uint16: ground above the lowest point, in grains
    place_x: Array  # (rows, SAMPLES, width) int8
    place_y: Array
    crest: Array  # (rows, 8, width) float32: four crests right, four below, above the lowest point
    along: Array  # (rows, 8, width) int8
    level: Array  # (rows, width) float32
    slope_x: Array  # (rows, width) float32: rise of the surface over one cell
    slope_y: Array
    spread: Array  # (rows, width) float32: part of the open ground that is wet
    depth: Array  # (rows, width) float32: mean depth there
    tab: Array  # PLANES planes, float32: the lines of level and of both faces
    seen: Array  # (blocks, rows of scratch x SPAN) float32: see ``lines``
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


@kept()
def level_of(volume: float, sub: Sub, c: int) -> Any:
    """Level above its lowest point of one cell that holds so much [units]."""
    v, lines, plane = volume * sub.room.ravel()[c], sub.tab.ravel(), sub.tab.shape[1]
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
