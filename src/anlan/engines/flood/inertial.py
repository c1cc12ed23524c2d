"""The moving part: one time step of two-dimensional local-inertial flow.

Momentum: de Almeida, Bates, Freer & Souvignet (2012), Water Resources Research 48, W05528, eq. 21,
https://doi.org/10.1029/2011WR011570, on the scheme of Bates, Horritt & Fewtrell (2010), J.
Hydrology 387, 33-45, eq. 11, https://doi.org/10.1016/j.jhydrol.2010.03.027; friction by the size of
the flow vector as in de Almeida & Bates (2013), Water Resources Research 49,
https://doi.org/10.1002/wrcr.20366.

Three choices make it fast and exact at once.

* Depth is a whole number of units of 2^-24 m (60 nanometres) in an int32. Water that leaves a cell
  enters its neighbour as the same whole number, so no water is made or lost by rounding, in any
  order and on any number of threads. Fluxes, bed and everything else are float32.
* The sweep goes down the rows once. It keeps row buffers, so that fluxes, the limit on what a cell
  may give away, and the new depth are formed while the rows are in the cache: 32 bytes a cell.
* No power function: h^(7/3) and h^(3/2) come from h^(-1/6), found by a shift of the exponent and
  one polynomial (largest relative error 1e-6).

Every array has shape (rows + 6, width): three halo rows above and below, and columns as told by
``lattice.Lattice``. ``qx[r, c]`` is the flow through the face right of cell c, ``qy[r, c]`` through
the face below cell r, both in m2/s, positive rightwards and downwards.
"""

from math import sqrt
from typing import Any

import numpy as np
from numba import njit

from .weir import over_crest

F, I32, U = np.float32, np.int32, np.uintp
UNITS_PER_M = 2.0**24  # depth and bed are kept in these units
UNIT_M = 1.0 / UNITS_PER_M
ONE_ON = U(1)
HALO = 3  # rows of a neighbour that a sweep reads

G = 9.81  # gravity [m/s2]
CRITICAL = F((G / UNITS_PER_M**3) ** 0.5)  # critical flow over depth^(3/2), depth in units
ZERO, ONE, HALF, QUARTER, TWO = F(0.0), F(1.0), F(0.5), F(0.25), F(2.0)
SIXTH = F(1.0 / 6.0)
TINY = F(1e-12)  # keeps 0/0 from arising where there is no water; above what makes slow denormals
# A cell never gives away its last two units, nor the last millionth: that is the room which the
# rounding of four outflows to whole units needs.
SAFE = F(1.0 - 2.0**-20)
# h^(-1/6): exponent bits divided by -6 (constant fitted for the least error, 0.18 in 1 - h y^6),
# then one correction by a Chebyshev fit of (1 - e)^(-1/6); largest relative error 1e-6.
ROOT6_MAGIC = F(1242415000)
R0, R1, R2, R3, R4 = F(1.00000000), F(0.16665151), F(0.09720916), F(0.07210670), F(0.05721738)
# No reassociation and no approximate division: with these the order of operations, and so every bit
# of the result, stays the same in the vector body and in the remainder of a loop.
MATHS = {"contract", "nsz", "nnan", "ninf"}


@njit(inline="always")
def moved(
    deep: Any,
    drop: Any,
    fall: Any,
    nn: Any,
    q: Any,
    q_back: Any,
    q_ahead: Any,
    q_side: Any,
    theta: Any,
    fr: Any,
    push: Any,
    ahead: Any,
) -> Any:
    """New unit discharge through a face with water ``deep``, driven by ``drop`` from cell to cell.

    ``fall`` is the step of the surface right at the face. Friction is that of the old flow's size
    times the new flow (``ahead`` 0, as in Bates 2010), or of the new flow by one step of Newton
    from the old (1): where steps are long and slopes steep the first swings from step to step.
    """
    y = I32(ROOT6_MAGIC - F(F(deep).view(I32)) * SIXTH).view(F)
    y3 = y * y * y
    e = ONE - deep * y3 * y3
    y = y * (R0 + e * (R1 + e * (R2 + e * (R3 + e * R4))))  # deep^(-1/6)
    two_thirds = y * y * deep
    deep_7_3 = two_thirds * two_thirds * deep + TINY
    speedy = sqrt(q * q + q_side * q_side)
    pushed = (theta * q + (HALF - HALF * theta) * (q_back + q_ahead)) + push * deep * drop
    drag = fr * nn * speedy
    flow = (pushed * deep_7_3 + ahead * drag * q) / (deep_7_3 + (ONE + ahead) * drag)
    # A free drop (the surface falls by more than the depth) cannot draw more than critical flow.
    critical = CRITICAL * two_thirds * (deep * y)
    capped = min(max(flow, -critical), critical)
    return capped if abs(fall) >= deep else flow  # ">=": no flow at all where there is no depth


@njit(inline="always")
def face_flow(
    u_l: Any,
    u_r: Any,
    h_l: Any,
    h_r: Any,
    z_l: Any,
    z_r: Any,
    nn: Any,
    q: Any,
    q_back: Any,
    q_ahead: Any,
    q_side: Any,
    theta: Any,
    fr: Any,
    push: Any,
) -> Any:
    """New unit discharge through one face [m2/s], from the left (upper) to the right (lower) cell.

    Lengths are in units of depth. ``nn`` is the sum of both cells' half squared roughness,
    ``q_side`` the mean flow along the face. The surface difference is (z_l - z_r) + (h_l - h_r),
    whose second part is exact in whole units, so a lake at rest stays at rest to the last bit.
    """
    step = z_l - z_r
    drop = step + F(I32(u_l - u_r))
    deep = max(max(min(h_l, h_l + step), min(h_r, h_r - step)), ZERO)
    return moved(deep, drop, drop, nn, q, q_back, q_ahead, q_side, theta, fr, push, ZERO)


@njit(inline="always")
def whole(x: Any) -> Any:
    return I32(x + np.copysign(HALF, x))


# The row functions take flat arrays and the index ``at`` of their first cell: unsigned, so that
# numba leaves out its test for negative indices and the loops become vector code. ``wide`` is the
# width of a row, ``n`` the number of cells.


@njit(fastmath=MATHS, error_model="numpy")
def row_flows(
    units: Any,
    z: Any,
    nn: Any,
    qx: Any,
    qy: Any,
    at: Any,
    wide: Any,
    n: Any,
    theta: Any,
    fr: Any,
    push: Any,
    right: Any,
    below: Any,
    to: Any,
) -> None:
    """New flow right of and below the cells of one row, into the row buffers ``right`` and
    ``below``."""
    for i in range(n):
        c, o = at + U(i), to + U(i)
        e, s = c + ONE_ON, c + wide
        w, nw = c - ONE_ON, c - wide
        u, h = units[c], F(units[c])
        u_e, u_s = units[e], units[s]
        q, p, q_s, p_e = qx[c], qy[c], qx[s], qy[e]
        q_w, p_n = qx[w], qy[nw]
        side = QUARTER * ((p_n + qy[nw + ONE_ON]) + (p + p_e))
        right[o] = face_flow(
            u,
            u_e,
            h,
            F(u_e),
            z[c],
            z[e],
            nn[c] + nn[e],
            q,
            q_w,
            qx[e],
            side,
            theta,
            fr,
            push,
        )
        side = QUARTER * ((q_w + qx[s - ONE_ON]) + (q + q_s))
        below[o] = face_flow(
            u,
            u_s,
            h,
            F(u_s),
            z[c],
            z[s],
            nn[c] + nn[s],
            p,
            p_n,
            qy[s],
            side,
            theta,
            fr,
            push,
        )


@njit(fastmath=MATHS, error_model="numpy")
def row_share(
    units: Any,
    at: Any,
    wide: Any,
    n: Any,
    right: Any,
    below: Any,
    per_flow: Any,
    to: Any,
    share: Any,
) -> None:
    """The part of its outflow that each cell can really give: 1, or less where it would run dry."""
    for i in range(n):
        o = to + U(i)
        x = max(right[o], ZERO) + max(-right[o - ONE_ON], ZERO)
        y = max(below[o], ZERO) + max(-below[o - wide], ZERO)
        leaving = (x + y) * per_flow
        there = max(F(units[at + U(i)]) * SAFE - TWO, ZERO)
        share[o] = there / max(max(leaving, there), TINY)


@njit(fastmath=MATHS, error_model="numpy")
def row_settle(
    qx: Any,
    qy: Any,
    at: Any,
    wide: Any,
    n: Any,
    right: Any,
    below: Any,
    share: Any,
    per_flow: Any,
    to: Any,
    fx: Any,
    fy: Any,
) -> None:
    """Limit the flows right of the cells and above them by the donors' shares.

    ``fx`` takes the whole units through the faces right, ``fy`` those through the faces above.
    """
    for i in range(n):
        o, c = to + U(i), at + U(i)
        up = o - wide
        s = share[o]
        q = max(right[o], ZERO) * s + min(right[o], ZERO) * share[o + ONE_ON]
        qx[c] = q
        fx[o] = whole(q * per_flow)
        p = max(below[up], ZERO) * share[up] + min(below[up], ZERO) * s
        qy[c - wide] = p
        fy[o] = whole(p * per_flow)


@njit(fastmath=MATHS, error_model="numpy")
def row_fill(units: Any, at: Any, wide: Any, n: Any, fx: Any, fy: Any, to: Any) -> None:
    """Give the cells above what their four faces brought."""
    for i in range(n):
        o, c = to + U(i), at + U(i) - wide
        up = o - wide
        across = I32(fx[up - ONE_ON] - fx[up])
        units[c] = I32(units[c] + I32(across + I32(fy[up] - fy[o])))


@njit(fastmath=MATHS, error_model="numpy")
def flow_over_wall(
    units: Any,
    z: Any,
    nn: Any,
    qx: Any,
    qy: Any,
    at: Any,
    wide: Any,
    down: Any,
    crest: Any,
    theta: Any,
    fr: Any,
    push: Any,
    right: Any,
    below: Any,
    to: Any,
) -> None:
    """Replace the flow through one face by the flow over its crest: both beds are raised to it,
    and it takes no more than a weir (``weir.over_crest``)."""
    other = at + wide if down else at + ONE_ON
    z_l, z_r = max(z[at], crest), max(z[other], crest)
    h_l = max(F(units[at]) - (z_l - z[at]), ZERO)
    h_r = max(F(units[other]) - (z_r - z[other]), ZERO)
    q = qy[at] if down else qx[at]
    flow = face_flow(
        I32(h_l), I32(h_r), h_l, h_r, z_l, z_r, nn[at] + nn[other], q, q, q, ZERO, theta, fr, push
    )
    if crest > max(z[at], z[other]):  # no more than a weir lets over
        high, low = max(h_l, h_r) * UNIT_M, min(h_l, h_r) * UNIT_M
        most = F(over_crest(high, low))
        flow = min(max(flow, -most), most)
    if down:
        below[to] = flow
    else:
        right[to] = flow
