"""The yearly refresh: a task a village, officers confirmed, the rest stale."""

from datetime import date, datetime, timedelta

import pytest
from django.utils import timezone

from anlan.base.errors import BadInput, NotAllowed, NotFound, Refusal
from anlan.govern import queries
from anlan.govern.models import RefreshTask
from anlan.govern.services import refresh as service
from anlan.people.models import Holding
from anlan.people.tests.factories import account_in, holder_of, post_in
from anlan.places.tests.factories import RegionFactory
from anlan.work.services import advance

from .factories import City

pytestmark = pytest.mark.django_db
MARCH = date(2026, 3, 1)


def noon(day):
    return timezone.make_aware(datetime(day.year, day.month, day.day, 12))


class Villages(City):
    """Two villages with officers in one town; one has a grid; a third has no posts."""

    def __init__(self):
        super().__init__()
        self.one, self.two, self.empty = (RegionFactory(parent=self.town) for _n in range(3))
        self.grid = RegionFactory(parent=self.one)
        duties = ("work.do", "work.view", "people.confirm")
        self.secretary = holder_of(post_in(self.one, "village.secretary", *duties))
        self.officer = holder_of(post_in(self.grid, "grid.grid_officer", "work.do"))
        self.other = holder_of(post_in(self.two, "village.flood_officer", *duties))
        self.leader_of_all = account_in(self.county, *duties)
        self.checker = account_in(self.town, "work.check", "work.view", "govern.view")

    def plan(self, **more):
        return service.plan_refresh(
            **{
                "region": self.city, "year": 2026, "opens_on": MARCH, "due_on": date(2026, 4, 30),
                "by": self.leader, "at": noon(date(2026, 2, 1)),
            }
            | more
        )  # fmt: skip

    def task(self, village):
        return RefreshTask.objects.select_related("item__region", "refresh").get(
            item__region=village
        )


@pytest.fixture
def city():
    return Villages()


def confirm(city, village, by, *people, day=MARCH):
    held = Holding.objects.filter(account__in=people).select_related("post__region", "account")
    return service.confirm_officers(
        task=city.task(village), holdings=list(held), by=by, at=noon(day)
    )


def test_every_village_with_officers_gets_its_task_on_the_day(city):
    refresh = city.plan()
    assert service.open_due(noon(MARCH - timedelta(days=1))) == 0
    assert service.open_due(noon(MARCH)) == 2
    assert service.open_due(noon(MARCH)) == 0
    regions = set(RefreshTask.objects.values_list("item__region", flat=True))
    assert regions == {city.one.pk, city.two.pk}
    assert city.task(city.one).item.post.role.code == "village.secretary"
    [row] = queries.progress_of(actor=city.leader, refresh=refresh, on=MARCH)
    refresh.refresh_from_db()
    assert (row.town, row.villages, row.handed_in, row.officers, row.stale) == (
        city.town, 2, 0, 3, 3,
    )  # fmt: skip


def test_confirmed_one_by_one_then_handed_in_and_verified_by_the_town(city):
    refresh = city.plan()
    service.open_due(noon(MARCH))
    refresh.refresh_from_db()
    confirm(city, city.one, city.secretary, city.secretary)
    item = city.task(city.one).item
    assert item.state == "OPEN"
    confirm(city, city.one, city.secretary, city.officer)
    item.refresh_from_db()
    assert (item.state, item.doer) == ("SUBMITTED", city.secretary)
    with pytest.raises(Refusal):
        confirm(city, city.one, city.secretary, city.officer)
    advance(item=item, move="verify", by=city.checker, at=noon(MARCH))
    [row] = queries.progress_of(actor=city.leader, refresh=refresh, on=MARCH)
    assert (row.handed_in, row.verified, row.confirmed, row.stale) == (1, 1, 2, 1)


def test_a_confirmation_of_last_year_is_stale_and_who_left_is_not_asked(city):
    refresh = city.plan()
    service.open_due(noon(MARCH))
    refresh.refresh_from_db()
    Holding.objects.update(confirmed_at=noon(date(2025, 12, 31)))
    [row] = queries.progress_of(actor=city.leader, refresh=refresh, on=MARCH)
    assert row.stale == 3
    Holding.objects.filter(account=city.officer).update(to_date=MARCH)
    [row] = queries.progress_of(actor=city.leader, refresh=refresh, on=MARCH)
    assert row.officers == 2


def test_officers_of_another_village_and_strangers_are_kept_out(city):
    refresh = city.plan()
    service.open_due(noon(MARCH))
    with pytest.raises(BadInput):
        confirm(city, city.one, city.secretary, city.other)
    with pytest.raises(NotAllowed):  # another village's secretary
        confirm(city, city.two, city.secretary, city.other)
    with pytest.raises(NotAllowed):
        city.plan(by=city.stranger, year=2027, opens_on=date(2027, 3, 1), due_on=date(2027, 4, 1))
    for ask in (
        lambda: queries.get_refresh(actor=city.stranger, refresh_id=refresh.pk),
        lambda: queries.get_refresh_task(actor=city.stranger, item_id=city.task(city.one).pk),
    ):
        with pytest.raises(NotFound):
            ask()
    assert not Holding.objects.filter(confirmed_at__gte=noon(MARCH)).exists()


def test_a_village_keeps_its_officers_when_it_is_renamed_and_moved(city):
    """Its posts hang on the row of before; the officer who leaves in the middle holds up nobody."""
    refresh = city.plan()
    elsewhere = RegionFactory(parent=city.county)
    new = RegionFactory(parent=elsewhere, name="新村")
    city.one.successor, city.one.valid_to = new, date(2026, 2, 20)
    city.one.save()
    service.open_due(noon(MARCH))
    refresh.refresh_from_db()
    task = city.task(new)
    assert task.item.post.role.code == "village.secretary"
    rows = queries.progress_of(actor=city.leader, refresh=refresh, on=MARCH)
    assert {row.town: row.officers for row in rows} == {city.town: 1, elsewhere: 2}
    confirm(city, new, city.leader_of_all, city.secretary)
    Holding.objects.filter(account=city.officer).update(to_date=MARCH)
    # Nobody is left to confirm: the village hands its part in.
    confirm(city, new, city.leader_of_all)
    task.item.refresh_from_db()
    assert task.item.state == "SUBMITTED"


def test_one_refresh_a_year_for_a_village_whoever_plans_it(city):
    city.plan()
    for wrong, error in (
        ({}, Refusal),
        ({"region": city.town}, Refusal),
        ({"region": city.one}, BadInput),
        ({"year": 2027}, BadInput),
        ({"year": 2027, "opens_on": date(2027, 3, 1), "due_on": date(2027, 2, 1)}, BadInput),
    ):
        with pytest.raises(error):
            city.plan(**wrong)
