"""Towns that are recoded or merged: enterprises, hazards and what runs there go along."""

from datetime import date
from decimal import Decimal

import pytest

from anlan.base import clock
from anlan.base.errors import NotFound, Refusal
from anlan.base.events import deliver_waiting
from anlan.base.models import Event
from anlan.people.models import Account
from anlan.people.tests.factories import account_in
from anlan.places.models import Region, Road
from anlan.places.services import import_divisions, recode_region
from anlan.places.tests.factories import RegionFactory, RoadFactory
from anlan.prevent.models import Assessment, Contract, Transfer, Visit
from anlan.prevent.queries import campaigns as campaign_queries
from anlan.prevent.queries import fishbones as fishbone_queries
from anlan.prevent.queries import towns as town_queries
from anlan.prevent.queries.enterprises import get_enterprise
from anlan.prevent.queries.hazards import get_hazard
from anlan.prevent.queries.inspectors import who_inspects
from anlan.prevent.services import fishbones, towns
from anlan.prevent.services.campaigns import set_quota
from anlan.prevent.services.succession import follow_regions
from anlan.prevent.services.visits import plan_visits
from anlan.work.services import advance

from .conftest import NOON, days
from .test_campaigns import make
from .test_handed_visits import body_of, hand_in

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


def test_what_a_phone_made_before_its_town_was_recoded_is_taken_afterwards(
    story, client, monkeypatch
):
    """Those who have their rights in the town alone: the sender and whom they ticked."""
    monkeypatch.setattr(clock, "now", lambda: days(3))
    sender, mate = (account_in(story.town, "prevent.view", "prevent.inspect") for _n in range(2))
    (plan,) = plan_visits(
        enterprises=[story.firm], due_on=date(2026, 7, 20), inspectors=[[sender, mate]],
        by=story.inspector, at=NOON,
    )  # fmt: skip
    advance(item=plan.item, move="accept", by=mate, at=NOON)
    body = body_of(story, plan=plan.pk, alongside=[mate.pk])
    manager = account_in(story.city, "places.manage")
    new = recode_region(
        region=story.town, code="ZZ8", name="新名镇", valid_from=date(2026, 6, 1), by=manager,
        at=days(3),
    )  # fmt: skip
    for _again in range(3):
        deliver_waiting()

    answer = hand_in(client, sender, body).json()

    assert (answer["state"], answer["reason"]) == ("ACCEPTED", "")
    visit = Visit.objects.get()
    assert (visit.item, visit.region.path.startswith(new.path)) == (plan.item, True)
    assert set(visit.inspectors.all()) == {sender, mate}
    carried = client.get("/api/phone/carry", {"region": new.code}).json()["parts"]
    offered = {row["id"]: row["paths"] for row in carried["inspectors"]["rows"]}
    assert offered[sender.pk] == offered[mate.pk] == [new.path]
    assert {sender, mate} <= set(who_inspects(visit.region, days(3)))  # at a desk and in draws too
    assert story.stranger not in who_inspects(visit.region, days(3))
    assert story.stranger.pk not in offered


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


class Counties:
    """A county and the one it is merged into, each with a fishbone, a standard and a contract."""

    def __init__(self):
        self.gone, self.heir = (RegionFactory(level=3, name=name) for name in ("并县", "存县"))
        self.town = RegionFactory(level=4, parent=self.gone)
        self.stranger = account_in(RegionFactory(level=3), "prevent.view")
        self.bones, self.standards = {}, {}
        for county in (self.gone, self.heir):
            writer, other = (account_in(county, "prevent.standard") for _n in range(2))
            self.bones[county] = fishbones.make_fishbone(
                name="铸造行业", effect="爆炸", region=county, by=writer, at=NOON
            ).fishbone
            standard = self.standards[county] = towns.make_standard(
                region=county, year=2026, name="示范乡镇标准", passing=Decimal(1),
                due_on=date(2026, 10, 1), by=writer, at=NOON,
            )  # fmt: skip
            line = towns.LineText("应急站", Decimal(10))
            towns.save_line(standard=standard, line=line, number=None, by=writer, at=NOON)
            towns.put_in_force(standard=standard, by=other, at=NOON)
        self.officer = account_in(self.gone, "prevent.view", "prevent.manage")
        self.begun = self.begin(self.standards[self.gone])

    def begin(self, standard):
        return towns.begin(standard=standard, town=self.town, by=self.officer, at=NOON)

    def merge(self):
        line = f"{self.heir.code},{self.heir.name},县,,{self.gone.code}"
        import_divisions(
            content=f"代码,名称,级别,上级代码,原代码\n{line}\n".encode(),
            valid_from=date(2026, 6, 1), by=Account.objects.system(), at=days(3),
        )  # fmt: skip
        for _again in range(2):
            deliver_waiting()
        self.officer.forget_scopes()


def test_a_merged_county_s_fishbone_stands_beside_that_of_who_takes_over():
    counties = Counties()
    counties.merge()
    ours, theirs = (counties.bones[c] for c in (counties.heir, counties.gone))
    reader = account_in(counties.heir, "prevent.view")
    shown = [shelf.fishbone for shelf in fishbone_queries.list_fishbones(actor=reader)]
    assert [(f.pk, f.name, f.region) for f in shown] == [
        (ours.pk, "铸造行业", counties.heir), (theirs.pk, "铸造行业（并县）", counties.heir)
    ]  # fmt: skip
    assert [f.versions.get().number for f in shown] == [1, 1]
    assert fishbone_queries.list_fishbones(actor=counties.stranger) == []
    told = Event.objects.get(name="prevent.fishbone.went_along")
    assert (told.data["fishbone_id"], told.data["from_path"]) == (theirs.pk, counties.gone.path)


def test_a_merged_county_s_contract_of_the_same_number_stands_beside_the_other(story):
    gone, heir = (RegionFactory(level=3, name=name) for name in ("并县", "存县"))
    for county in (gone, heir):
        Contract.objects.create(
            number="2026-1", provider="某公司", provider_code="91330702MA2AAAAA1X", region=county,
            from_date=date(2026, 1, 1), to_date=date(2026, 12, 31), visits_a_year=2, made_at=NOON,
            by=story.inspector,
        )  # fmt: skip
    gone.valid_to, gone.successor = date(2026, 6, 1), heir
    gone.save()
    for _again in range(2):
        follow_regions(by=None, at=NOON)
    assert sorted(Contract.objects.filter(region=heir).values_list("number", flat=True)) == [
        "2026-1", "2026-1（并县）"
    ]  # fmt: skip


def test_by_a_merged_county_s_standard_what_was_begun_is_ended_and_nothing_more_begun():
    counties = Counties()
    counties.merge()
    old, new = (counties.standards[c] for c in (counties.gone, counties.heir))
    for standard in (old, new):
        standard.refresh_from_db()
    assert (old.region, new.region) == (counties.gone, counties.heir)
    town = Region.objects.get(code=counties.town.code, valid_to=None)
    with pytest.raises(Refusal, match="存县"):
        towns.begin(standard=old, town=town, by=counties.officer, at=NOON)
    # What the town has begun hangs on it as it is today, and is handed in and reviewed there.
    counties.begun.refresh_from_db()
    assert counties.begun.town == town
    officer = account_in(town, "prevent.view", "prevent.manage")
    towns.claim(
        assessment=counties.begun, line=old.lines.get(), claimed=Decimal(9), note="", by=officer,
        at=NOON,
    )  # fmt: skip
    towns.submit(assessment=counties.begun, by=officer, at=NOON)
    reviewer = account_in(counties.heir, "prevent.view", "prevent.campaign")
    found = {1: (Decimal(9), "")}
    towns.review(assessment=counties.begun, found=found, by=reviewer, at=NOON)
    rows = town_queries.towns_of(actor=reviewer, standard=old)
    assert [(row.town, row.assessment) for row in rows] == [(town, counties.begun)]
    with pytest.raises(NotFound):
        town_queries.get_assessment(actor=counties.stranger, assessment_id=counties.begun.pk)


def test_a_town_s_award_goes_with_its_new_code_and_ends_with_a_merger():
    """A town that goes on is a model town still; the one that takes another over is not by that."""
    counties = Counties()
    county = counties.gone
    merged, heir = (RegionFactory(level=4, parent=county) for _n in range(2))
    standard = counties.standards[county]
    for town in (counties.town, merged):
        Assessment.objects.update_or_create(
            standard=standard, town=town,
            defaults={"state": "REVIEWED", "total": Decimal(9), "awarded_on": date(2026, 5, 1)},
        )  # fmt: skip
    lines = [
        f"ZZ8,新名镇,镇,{county.code},{counties.town.code}",
        f"{heir.code},{heir.name},镇,{county.code},{merged.code}",
    ]
    text = "\n".join(["代码,名称,级别,上级代码,原代码", *lines])
    import_divisions(
        content=text.encode(), valid_from=date(2026, 6, 1), by=Account.objects.system(), at=days(3)
    )
    for _again in range(2):
        deliver_waiting()
    held = town_queries.list_awards(actor=counties.officer, region=county, year=2026)
    assert {(row.town.code, row.town.valid_to) for row in held} == {
        ("ZZ8", None), (merged.code, date(2026, 6, 1))
    }  # fmt: skip
    assert not Assessment.objects.filter(town=heir).exists()
