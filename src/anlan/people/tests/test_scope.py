from datetime import date

import pytest

from anlan.base.errors import NotAllowed
from anlan.people.models import Holding
from anlan.people.tests.factories import account_in, holder_of, post_in
from anlan.places.models import Site
from anlan.places.tests.factories import RegionFactory, SiteFactory

pytestmark = pytest.mark.django_db


def test_a_grant_reaches_the_subtree_and_nothing_else():
    county, elsewhere = RegionFactory(), RegionFactory()
    town = RegionFactory(parent=county)
    mine, theirs = SiteFactory(region=town), SiteFactory(region=elsewhere)
    account = account_in(county, "places.view")

    seen = Site.objects.within(account.regions_for("places.view"))
    assert list(seen) == [mine]
    assert theirs not in seen
    assert list(Site.objects.within(account.regions_for("places.edit"))) == []
    with pytest.raises(NotAllowed, match="您不能"):
        account.require("places.view", region=elsewhere)


def test_a_code_that_begins_like_another_is_not_inside_it():
    short = RegionFactory(code="12", path="99/12/")
    longer = SiteFactory(region=RegionFactory(code="123", path="99/123/"))

    assert list(Site.objects.within([short.path])) == []
    assert list(Site.objects.within([longer.region.path])) == [longer]


def test_a_post_gives_its_permissions_only_while_it_is_held():
    village = RegionFactory(level=5)
    post = post_in(village, "village.flood_officer", "work.do")
    holder = holder_of(post)
    assert holder.regions_for("work.do") == [village.path]

    Holding.objects.update(to_date=date(2021, 1, 1))
    holder.forget_scopes()
    assert holder.regions_for("work.do") == []


def test_who_answers_for_a_region_also_sees_what_was_kept_under_its_old_code():
    new = RegionFactory()
    old = RegionFactory(successor=new, valid_to=date(2024, 1, 1))
    kept = SiteFactory(region=RegionFactory(parent=old))
    account = account_in(new, "places.view")

    assert list(Site.objects.within(account.regions_for("places.view"))) == [kept]
