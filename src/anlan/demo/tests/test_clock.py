"""Only who may move the demo's clock moves it, only in a demo, and only forwards."""

from datetime import timedelta

import pytest
from django.utils import timezone

from anlan.base import clock
from anlan.base.errors import BadInput, NotAllowed, NotFound, Refusal
from anlan.base.models import Event, ScenarioClock
from anlan.demo import services, times
from anlan.people.tests.factories import account_in
from anlan.places.tests.factories import RegionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def demo(settings):
    settings.DEMO = True
    row = ScenarioClock.objects.create(
        pk=1, scenario_at=times.OPENS, real_at=timezone.now(), rate=60
    )
    clock.forget()
    yield row
    clock.forget()


@pytest.fixture
def mover():
    return account_in(RegionFactory(level=2), "demo.control")


@pytest.mark.parametrize("rate", [0, 1, 60, 600])
def test_the_clock_goes_on_from_where_it_stood(demo, mover, rate):
    at = times.OPENS + timedelta(minutes=7)
    row = services.set_rate(rate=rate, by=mover, at=at)
    assert row.time_at(row.real_at) == at
    assert row.time_at(row.real_at + timedelta(seconds=2)) == at + timedelta(seconds=2 * rate)
    assert Event.objects.get().name == "demo.clock.set"


def test_other_speeds_are_refused(demo, mover):
    for rate in (-1, 2, 1e9, float("nan")):
        with pytest.raises(BadInput):
            services.set_rate(rate=rate, by=mover, at=times.OPENS)


def test_the_jump_goes_forwards_only(demo, mover):
    assert services.jump_to_storm(by=mover, at=times.OPENS).scenario_at == times.PEAK
    with pytest.raises(Refusal, match=r"."):
        services.jump_to_storm(by=mover, at=times.PEAK + timedelta(minutes=1))


def test_a_stranger_and_other_staff_may_not_move_it(demo):
    officer = account_in(RegionFactory(level=3), "command.lead", "warn.manage")
    with pytest.raises(NotAllowed):
        services.set_rate(rate=0, by=officer, at=times.OPENS)
    with pytest.raises(NotAllowed):
        services.jump_to_storm(by=officer, at=times.OPENS)


@pytest.mark.parametrize("is_demo", [True, False])
def test_a_real_city_has_no_clock_to_move(settings, mover, is_demo):
    settings.DEMO = is_demo  # even where somebody set it over a real database
    with pytest.raises(NotFound):
        services.set_rate(rate=600, by=mover, at=timezone.now())
    assert not ScenarioClock.objects.exists()


def test_a_clock_row_without_the_setting_does_not_help(demo, mover, settings):
    settings.DEMO = False
    with pytest.raises(NotFound):
        services.set_rate(rate=600, by=mover, at=times.OPENS)


def test_anybody_may_ask_what_time_it_is(demo, client):
    answer = client.get("/api/clock").json()
    assert answer["rate"] == 60
    assert answer["scenario"] is True


def test_programs_and_the_bar_move_it(demo, mover, client, django_capture_on_commit_callbacks):
    client.force_login(mover)
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/api/clock", {"rate": 0}, content_type="application/json")
    answer = client.get("/api/clock")
    assert (answer.status_code, answer.json()["rate"]) == (200, 0)
    answer = client.post("/demo/clock/", {"rate": "600", "next": "/alarms/"})
    assert (answer.status_code, answer["Location"]) == (302, "/alarms/")
    assert client.post("/api/clock/storm").status_code == 200
    row = ScenarioClock.objects.get()
    assert (row.rate, row.scenario_at) == (600, times.PEAK)


def test_the_bar_never_sends_people_elsewhere(demo, mover, client):
    client.force_login(mover)
    answer = client.post("/demo/clock/", {"rate": "1", "next": "https://example.org/"})
    assert answer["Location"] == "/"
    assert client.post("/demo/clock/", {"rate": "x"}).status_code == 422


def test_the_controls_show_only_to_who_may_use_them(demo, mover, client):
    client.force_login(mover)
    assert "demo/clock" in client.get("/search/").content.decode()
    client.force_login(account_in(RegionFactory(level=3), "places.view"))
    page = client.get("/search/").content.decode()
    assert "demo/clock" not in page
    assert "场景" in page
