"""Whose a row is, asked in the ways that lists ask it: they must agree at every level."""

from itertools import combinations

import pytest

from anlan.places.models import PLACE, Region, Site, overlap

from .factories import RegionFactory, SiteFactory


@pytest.fixture
def tree(db):
    """Two branches from the city down to the grid, a site in each region."""
    city = RegionFactory(level=2, path="99/9907/", code="9907")
    branches = []
    for _n in range(2):
        regions = [city]
        for _level in range(4):
            regions.append(RegionFactory(parent=regions[-1]))
        branches.append(regions)
    for region in {*branches[0], *branches[1]}:
        SiteFactory(region=region)
    return branches


def test_a_sheet_has_the_rows_of_its_subtrees_and_no_others(tree):
    regions = list(Region.objects.all())
    choices = [[], *([r.path] for r in regions), *combinations([r.path for r in regions], 2)]
    for paths in choices:
        wanted = {s.pk for s in Site.objects.all() if s.region.path.startswith(tuple(paths))}
        assert set(Site.objects.within(paths).values_list("pk", flat=True)) == wanted
        assert set(Site.objects.sheet_within(paths).values_list("pk", flat=True)) == wanted


def test_what_is_held_in_a_region_is_what_both_say(tree):
    for held in tree[0] + tree[1]:
        for asked in tree[0] + tree[1]:
            both = Site.objects.within([held.path]).filter(region__path__under=asked.path)
            assert set(Site.objects.within(overlap([held.path], asked))) == set(both)
    assert overlap(["99/"], None) == ["99/"]


def test_the_place_of_a_row_is_no_question_to_the_database(tree, django_assert_num_queries):
    grid = tree[0][-1]
    rows = list(Site.objects.select_related(f"region__{PLACE}").order_by("pk"))
    with django_assert_num_queries(0):
        places = [row.region.place() for row in rows]
    assert "".join(region.name for region in tree[0][1:]) in places
    assert grid.place() in places
    assert tree[0][0].place() == tree[0][0].name
