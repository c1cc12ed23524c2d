"""How much can run over a crest, and into a culvert: what was measured in flumes.

Crests (walls, levees, curbs): a broad-crested weir, (2/3)^(3/2) g^(1/2) h^(3/2) (Chow, 1959,
Open-Channel Hydraulics, chapter 3), held back by the water behind it by Villemonte (1947), Eng.
News-Record 139, 866-869. Culverts under inlet control: FHWA, Hydraulic Design Series 5 (2012), box
with wingwalls of 90 or 15 degrees (chart 8, scale 2: K 0.061, M 0.75, c 0.0400, Y 0.80).
"""

from math import sqrt
from typing import Any

from numba import njit

G = 9.81  # gravity [m/s2]
CREST = 1.705  # critical flow over a broad crest, (2/3)^(3/2) g^(1/2) [m^(1/2)/s]
VILLEMONTE = 0.385
# HDS-5 form 1 is Q = 1.39 to 1.47 B H^1.5 for heads of 0.1 to 1.2 of the height: one number for it.
MOUTH = 1.43  # [m^(1/2)/s]
# HDS-5 submerged: H / D = c (1.811 Q / (A D^0.5))^2 + Y is an orifice 0.80 D above the invert.
THROAT = 0.623  # 1 / (1.811 (2 g c)^(1/2))
THROAT_UP = 0.80  # Y
SUBMERGED_FROM = 1.44  # head over height at which the throat rules: 16 c + Y
FREE_UP_TO = 1.20  # head over height up to which the mouth is a weir


@njit(inline="always")
def over_crest(high: Any, low: Any) -> Any:
    """Most that runs over a metre of crest [m2/s]; ``high`` and ``low`` are the water levels above
    it [m]."""
    free = CREST * high * sqrt(high)
    if low <= 0.0:
        return free
    part = low / high
    return free * max(1.0 - part * sqrt(part), 0.0) ** VILLEMONTE


@njit(inline="always")
def into_culvert(head_m: Any, width_m: Any, height_m: Any) -> Any:
    """Flow into a box culvert whose inlet rules [m3/s]; head above the invert [m]."""
    if head_m <= FREE_UP_TO * height_m:
        return MOUTH * width_m * head_m * sqrt(head_m)
    drowned = max(head_m, SUBMERGED_FROM * height_m)
    throat = THROAT * width_m * height_m * sqrt(2.0 * G * (drowned - THROAT_UP * height_m))
    if head_m >= SUBMERGED_FROM * height_m:
        return throat
    top = FREE_UP_TO * height_m
    mouth = MOUTH * width_m * top * sqrt(top)
    return mouth + (throat - mouth) * (head_m - top) / ((SUBMERGED_FROM - FREE_UP_TO) * height_m)
