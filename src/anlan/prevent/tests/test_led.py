"""Inspections led by principal leaders: written down once, counted where committees look."""

import pytest

from anlan.people.tests.factories import account_in
from anlan.places.tests.factories import RegionFactory
from anlan.work.led import led_below

from .test_visits import NOON, days, sent, take

pytestmark = pytest.mark.django_db


def test_the_count_beside_the_year_list_opens_to_exactly_those_visits(story, client):
    take(story, sent(story, led_by_principal=True))
    take(story, sent(story, led_by_principal=True, started_at=days(-1)), at=days(1))
    take(story, sent(story))  # nobody led it
    region, year = story.firm.site.region, NOON.year
    [led] = led_below(actor=story.inspector, regions=[region], year=year)[region.pk]
    assert led.count == 2
    [none] = led_below(actor=story.inspector, regions=[region], year=year - 1)[region.pk]
    assert none.count == 0
    client.force_login(story.inspector)
    for found in (led, none):
        shown = client.get(found.address).context["sheet"].rows
        assert len(shown) == found.count
    stranger = account_in(RegionFactory(level=3), "prevent.view")
    [theirs] = led_below(actor=stranger, regions=[region], year=year)[region.pk]
    assert theirs.count == 0
    nobody = account_in(RegionFactory(level=3), "govern.view")
    assert led_below(actor=nobody, regions=[region], year=year) == {region.pk: []}
