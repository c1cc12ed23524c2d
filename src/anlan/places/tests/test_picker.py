"""Choosing a region by name or code: only the reader's own, with and without scripts."""

import pytest
from django import forms
from django.template import Context, Template

from anlan.base.errors import NotFound
from anlan.people.tests.factories import account_in
from anlan.places.forms import RegionField, region_asked
from anlan.places.models import Region
from anlan.places.tests.factories import RegionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def county():
    return RegionFactory(level=3, name="兰溪市", parent=RegionFactory(level=2, name="金华市"))


@pytest.fixture
def town(county):
    return RegionFactory(parent=county, name="兰江街道")


def form_of(actor, data=None, **more):
    class Form(forms.Form):
        region = RegionField(permission="places.manage", **more)

    form = Form(data)
    form.fields["region"].paths = actor.regions_for("places.manage")
    return form


def test_the_likeliest_region_comes_first_and_a_stranger_is_offered_nothing(client, county, town):
    village = RegionFactory(parent=town, name="上兰江村")
    client.force_login(account_in(county, "places.view"))

    def offered(**query):
        return [row["full_name"] for row in client.get("/api/regions", query).json()]

    # Two characters are enough, which full-text indexes do not find.
    assert offered(q="兰江") == ["兰溪市兰江街道", "兰溪市兰江街道上兰江村"]
    assert offered(q=town.code) == ["兰溪市兰江街道"]
    assert offered(q="兰江", deepest=4) == ["兰溪市兰江街道"]
    assert offered() == ["兰溪市", "兰溪市兰江街道"]
    # Where the permission asked for is not held, nothing.
    assert offered(q="兰江", permission="places.manage") == []
    client.force_login(account_in(RegionFactory(), "places.view"))
    assert offered(q="兰江") == []
    assert village.name not in str(offered())


def test_a_field_takes_the_chosen_code_or_what_was_typed(county, town):
    keeper = account_in(county, "places.manage")

    for data in (
        {"region": town.code},
        {"region": "", "region-text": town.code},
        {"region": "", "region-text": "兰江街道"},
    ):
        form = form_of(keeper, data)
        assert form.is_valid(), form.errors
        assert form.cleaned_data["region"] == town


@pytest.mark.parametrize("typed", ["", "无此处", "同名村"])
def test_nothing_unknown_or_ambiguous_is_taken(typed, county, town):
    for _ in range(2):
        RegionFactory(parent=town, name="同名村")
    form = form_of(account_in(county, "places.manage"), {"region": "", "region-text": typed})

    assert not form.is_valid()
    assert typed in str(form["region"])  # comes back as it was typed


def test_a_stranger_and_a_level_too_deep_are_refused(county, town):
    stranger = account_in(RegionFactory(), "places.manage")
    assert not form_of(stranger, {"region": town.code}).is_valid()
    keeper = account_in(county, "places.manage")
    assert not form_of(keeper, {"region": town.code}, deepest=Region.Level.COUNTY).is_valid()


def test_a_filter_names_a_region_of_the_reader_s_or_none(county, town):
    paths = account_in(county, "places.view").regions_for("places.view")
    assert region_asked({"region": town.code}, paths=paths) == town
    assert region_asked({"region-text": "兰江街道"}, paths=paths) == town
    assert region_asked({}, paths=paths) is None
    with pytest.raises(NotFound):
        region_asked({"region": RegionFactory().code}, paths=paths)


def test_the_tag_shows_the_chosen_place(town):
    template = Template("{% load places %}{% region_picker 'region' 'places.view' region %}")
    html = template.render(Context({"region": town}))
    assert 'value="兰溪市兰江街道"' in html
    assert f'name="region" value="{town.code}"' in html
