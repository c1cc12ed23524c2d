"""The colours of water can be told apart by day and night, also by who sees fewer of them."""

from itertools import pairwise

import numpy as np
import pytest

from anlan.simulate.results.files import OUTSIDE
from anlan.simulate.results.legend import DEPTH, GROUND, LIKELY

# Machado, Oliveira & Fernandes (2009), doi:10.1109/TVCG.2009.113, severity 1.0; linear RGB.
EYES = {
    "all hues": np.eye(3),
    "no red": [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]],
    "no green": [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]],
    "no blue": [[1.256, -0.077, -0.179], [-0.078, 0.931, 0.148], [0.005, 0.691, 0.304]],
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
WHITE = np.array([0.9505, 1.0, 1.089])


def lab(colour, eye):
    """CIE L*a*b* of "#rrggbb" as this eye sees it."""
    c = np.array([int(colour[n : n + 2], 16) for n in (1, 3, 5)]) / 255
    linear = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    xyz = TO_XYZ @ np.clip(np.array(eye) @ linear, 0, 1) / WHITE
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("eye", EYES.values(), ids=EYES)
@pytest.mark.parametrize(("look", "direction"), [("day", -1), ("night", 1)])
@pytest.mark.parametrize("scale", [DEPTH, LIKELY], ids=["depth", "likely"])
def test_neighbouring_classes_differ_and_more_is_always_further_from_the_ground(
    scale, look, direction, eye
):
    seen = [lab(GROUND[look], eye), *(lab(c.colour(look), eye) for c in scale.steps)]
    steps = [np.linalg.norm(b - a) for a, b in pairwise(seen)]
    lightness = [direction * colour[0] for colour in seen]

    assert min(steps) > 12  # 2.3 is just noticeable side by side; thin streets need far more
    assert lightness == sorted(lightness)


@pytest.mark.parametrize(
    ("cm", "number"),
    [(0, 0), (4, 0), (5, 1), (14, 1), (15, 2), (30, 3), (50, 4), (99, 4), (100, 5), (65534, 5),
     (OUTSIDE, 0)],
)  # fmt: skip
def test_a_depth_falls_into_the_class_that_its_lower_end_names(cm, number):
    assert DEPTH.table[cm] == number


@pytest.mark.parametrize(
    ("percent", "number"), [(0, 0), (1, 1), (19, 1), (20, 2), (80, 5), (100, 5), (OUTSIDE, 0)]
)
def test_one_member_of_many_is_already_a_colour(percent, number):
    assert LIKELY.table[percent] == number


@pytest.mark.parametrize("scale", [DEPTH, LIKELY], ids=["depth", "likely"])
def test_the_legend_of_the_page_has_the_colours_of_the_picture(scale):
    for look in ("day", "night"):
        palette = scale.palette(look)
        pixels = ["#" + bytes(palette[n : n + 3]).hex() for n in range(3, 18, 3)]
        assert [row[look] for row in scale.rows()] == pixels
