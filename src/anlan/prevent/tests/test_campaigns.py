"""Campaigns: whom they reach, what counts to them, how far each region is."""

from datetime import date
from decimal import Decimal

import pytest

from anlan.base.errors import BadInput, NotAllowed, NotFound, Refusal
from anlan.people.tests.factories import account_in
from anlan.places.tests.factories import RegionFactory
from anlan.prevent.models import Answer
from anlan.prevent.queries.campaigns import get_campaign, list_campaigns, progress, scope
from anlan.prevent.queries.rates import rates_by_region
from anlan.prevent.services.campaigns import close_campaign, make_campaign, set_quota
from anlan.prevent.services.visits import answer, finish_visit

from .conftest import NOON, days, firm_in

pytestmark = pytest.mark.django_db


def make(story, **more):
    fields = {
        "title": "金属粉尘专项整治", "region": story.county, "starts_on": date(2026, 6, 1),
        "ends_on": date(2026, 9, 30), "by": story.inspector, "at": NOON,
    }  # fmt: skip
    return make_campaign(**(fields | more))


def test_the_scope_is_every_condition_together(story):
    by_colour = firm_in(story.village, "2", colour=1, industry="C3311")
    firm_in(story.village, "3", story.version.standard, state="CLOSED")
    firm_in(RegionFactory(), "4", story.version.standard)
    everything = make(story)
    assert set(scope(everything)) == {story.firm, by_colour}
    assert set(scope(make(story, standards=[story.version.standard]))) == {story.firm}
    assert set(scope(make(story, industries=["c33"], colours=[1]))) == {by_colour}
    assert set(scope(make(story, industries=["C26"], colours=[1]))) == set()


def test_inspections_count_to_the_campaign_that_is_held_there(story):
    campaign = make(story, standards=[story.version.standard])
    town = RegionFactory(parent=story.county)
    set_quota(campaign=campaign, region=story.town, visits=4, by=story.inspector, at=NOON)
    set_quota(campaign=campaign, region=town, visits=2, by=story.inspector, at=NOON)
    visit = story.visit()
    answer(
        visit=visit, entry=story.entries[0], result=Answer.Result.WRONG, by=story.inspector, at=NOON
    )
    answer(
        visit=visit, entry=story.entries[1], result=Answer.Result.WRONG, by=story.inspector, at=NOON
    )
    finish_visit(visit=visit, by=story.inspector, at=NOON)
    story.close(visit.hazards.get(entry=story.entries[0]))
    finish_visit(visit=story.visit(at=days(3)), by=story.inspector, at=days(3))
    story.visit()  # not finished
    finish_visit(visit=story.visit(kind="RECHECK"), by=story.inspector, at=NOON)
    other = firm_in(story.village, "2")  # not in its scope
    assert story.visit(enterprise=other).campaign is None
    assert story.visit(at=days(200)).campaign is None  # it is over by then

    rows = {row.region: row for row in progress(actor=story.colleague, campaign=campaign)}
    done = rows[story.town]
    assert (done.targets, done.quota, done.visits, done.enterprises) == (1, 4, 2, 1)
    assert (done.found, done.closed) == (2, 1)
    assert (done.percent, done.closed_percent) == (Decimal("50.00"), Decimal("50.00"))
    assert (rows[town].visits, rows[town].percent) == (0, Decimal("0.00"))
    (rate,) = rates_by_region(actor=story.inspector, at=NOON, campaign=campaign)
    assert rate.number() == 2
    assert progress(actor=story.stranger, campaign=campaign) == []


def test_who_may_hold_it_and_who_sees_it(story):
    for wrong in ({"title": " "}, {"ends_on": date(2026, 5, 1)}):
        with pytest.raises(BadInput):
            make(story, **wrong)
    with pytest.raises(NotAllowed):
        make(story, region=story.city)
    campaign = make(story)
    for wrong in ({"region": story.city}, {"visits": -1}, {"by": story.stranger}):
        with pytest.raises((BadInput, NotAllowed)):
            set_quota(
                **{"campaign": campaign, "region": story.town, "visits": 3, "by": story.inspector,
                   "at": NOON} | wrong
            )  # fmt: skip
    village = account_in(story.village, "prevent.view")
    assert list(list_campaigns(actor=village)) == [campaign]  # held above them
    with pytest.raises(NotFound):
        get_campaign(actor=story.stranger, campaign_id=campaign.pk)
    close_campaign(campaign=campaign, by=story.colleague, at=days(1))
    with pytest.raises(Refusal):
        close_campaign(campaign=campaign, by=story.colleague, at=days(1))
    with pytest.raises(Refusal):
        set_quota(campaign=campaign, region=story.town, visits=3, by=story.inspector, at=days(1))
    assert story.visit(at=days(2)).campaign is None
    assert list(list_campaigns(actor=village, over=True)) == [campaign]
