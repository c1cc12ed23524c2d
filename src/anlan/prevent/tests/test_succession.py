"""Towns that are recoded or merged: enterprises, hazards and what runs there go along."""

from datetime import date

import pytest

from anlan.base.errors import NotFound
from anlan.base.events import deliver_waiting
from anlan.people.models import Account
from anlan.people.tests.factories import account_in
from anlan.places.models import Road
from anlan.places.services import import_divisions, recode_region
from anlan.places.tests.factories import RegionFactory, RoadFactory
from anlan.prevent.models import Transfer
from anlan.prevent.queries import campaigns as campaign_queries
from anlan.prevent.queries.enterprises import get_enterprise
from anlan.prevent.queries.hazards import get_hazard
from anlan.prevent.services.campaigns import set_quota

from .conftest import NOON, days
from .test_campaigns import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign(story):
    """With a quota for the town, a hazard that was closed and one that is open at its firm."""
    made = make(story, region=story.town)
    set_quota(campaign=made, region=story.town, visits=4, by=story.inspector, at=NOON)
    story.closed, story.open = story.report("已整改"), story.report("未整改")
    story.close(story.closed)
    return made


def test_a_recoded_town_s_enterprises_hazards_and_campaign_go_along(story, campaign):
    old, road = story.village, RoadFactory(region=story.village)
    manager = account_in(story.city, "places.manage")
    new = recode_region(
        region=story.town, code="ZZ9", name="新名镇", valid_from=date(2026, 6, 1), by=manager,
        at=days(3),
    )  # fmt: skip
    for _again in range(3):
        deliver_waiting()

    officer = account_in(new, "prevent.view")
    firm = get_enterprise(actor=officer, enterprise_id=story.firm.pk)
    village = firm.site.region
    assert (village.code, village.path.startswith(new.path)) == (old.code, True)
    assert Road.objects.get(pk=road.pk).region == village
    assert firm.changes.get().why == "区划调整"
    # What is still to be put right belongs to the village of today, once; what is over stays.
    assert get_hazard(actor=officer, hazard_id=story.open.pk, at=days(3)).item.region == village
    story.closed.item.refresh_from_db()
    assert story.closed.item.region == old
    assert Transfer.objects.get().hazard == story.open
    campaign.refresh_from_db()
    assert campaign.region == campaign.quotas.get().region == new
    assert list(campaign_queries.scope(campaign)) == [firm]
    with pytest.raises(NotFound):
        get_enterprise(actor=story.stranger, enterprise_id=story.firm.pk)


def test_a_merged_town_s_quota_is_added_to_that_of_the_town_that_takes_over(story, campaign):
    wide = make(story, region=story.county)
    other = RegionFactory(parent=story.county, name="并入镇")
    for region, visits in ((story.town, 4), (other, 3)):
        set_quota(campaign=wide, region=region, visits=visits, by=story.inspector, at=NOON)
    town = story.town
    line = f"{town.code},{town.name},镇,{story.county.code},{other.code}"
    import_divisions(
        content=f"代码,名称,级别,上级代码,原代码\n{line}\n".encode(), valid_from=date(2026, 6, 1),
        by=Account.objects.system(), at=days(3),
    )  # fmt: skip
    for _again in range(2):
        deliver_waiting()
    assert [(quota.region, quota.visits) for quota in wide.quotas.all()] == [(town, 7)]
    assert not Transfer.objects.exists()  # nothing stood in the town that was merged
