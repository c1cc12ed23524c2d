"""The made-up part of the city is the same every time and lies where it says."""

from collections import Counter

import numpy as np
import pytest
import shapely

from anlan.demo import city, shapes


@pytest.fixture(scope="module")
def jinhua():
    return city.build()


def test_towns_cover_their_county_exactly(jinhua):
    for code, outline in shapes.read_counties().items():
        towns = [jinhua.shapes.outlines[d.code] for d in jinhua.divisions if d.parent == code]
        rest = shapely.union_all(towns).symmetric_difference(outline).area
        assert rest < 1e-9 * outline.area


def test_every_village_lies_in_its_town_and_every_town_in_its_county(jinhua):
    places = jinhua.shapes
    for division in jinhua.divisions:
        if division.level in {"town", "village"}:
            point = shapely.Point(places.points[division.code])
            assert places.outlines[division.parent].distance(point) < 1e-6, division.name


def test_the_city_has_as_many_of_everything_as_it_should(jinhua):
    levels = Counter(d.level for d in jinhua.divisions)
    assert levels == {
        "province": 1, "prefecture": 1, "county": 9, "town": 146, "village": 3300, "grid": 5996,
    }  # fmt: skip
    assert Counter(s.kind for s in jinhua.sites) == city.SITES
    assert len(jinhua.stations) == 1000
    assert len(jinhua.shapes.known) == 73


def test_codes_are_unique(jinhua):
    for rows in (jinhua.divisions, jinhua.sites, jinhua.stations):
        assert len({row.code for row in rows}) == len(rows)


def test_a_second_city_is_the_same(jinhua):
    again = city.build()
    assert list(again.sites) == list(jinhua.sites)
    assert list(again.stations) == list(jinhua.stations)
    assert again.shapes.points == jinhua.shapes.points


def test_a_larger_city_has_about_as_many_sites_as_asked():
    assert sum(city.scaled(60_000).values()) == pytest.approx(60_000, abs=3)
    assert city.scaled(10) == city.SITES


def test_no_made_up_phone_can_ring():
    assert city.phone(3) == "10000000003"
    assert city.person_name(3) == city.person_name(3)


def test_warning_levels_stand_above_the_dry_level():
    warning, guarantee = city.warning_levels(80)
    assert (warning > city.reaches(80).base_m).all()
    assert (guarantee > warning).all()
    assert np.all(city.catchments(300).drain_mm_h > 0)
