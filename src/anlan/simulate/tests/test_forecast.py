"""From a request to the files: what a forecast does, and what it does where something is wrong."""

from datetime import timedelta

import numpy as np
import pytest

from anlan.base.errors import NotAllowed, NotFound
from anlan.base.models import Event
from anlan.observe.models import Flag, Reading
from anlan.people.models import Account
from anlan.people.tests.factories import account_in
from anlan.places.tests.factories import RegionFactory
from anlan.simulate import queries
from anlan.simulate.models import Run
from anlan.simulate.results.files import open_run
from anlan.simulate.runs import flood, runner, states
from anlan.simulate.services.runs import cancel_run, plan_runs, request_run

from .factories import NOON, SAG, a_city, gauge_at, rain

pytestmark = pytest.mark.django_db
S = Run.State


@pytest.fixture(autouse=True)
def data_dir(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    return tmp_path


def compute(run=None):
    """As `anlan simulate` does it, without its thread."""
    taken = runner.take_next()
    assert taken is not None
    assert run is None or taken == run
    runner.compute(taken, runner.Pulse(taken))
    taken.refresh_from_db()
    return taken


def test_a_forecast_shows_the_underpass_under_water_to_those_who_may_see_it(data_dir):
    area = a_city(data_dir)
    officer = account_in(area.region, "simulate.run", "simulate.view")
    stranger = account_in(RegionFactory(level=3), "simulate.run", "simulate.view")

    asked = request_run(area=area, reason="演练", by=officer, at=NOON)
    run = compute(asked)

    assert (run.state, run.error) == (S.DONE, {})
    assert run.inputs["rain_past"]["gauges"] == 1
    found = open_run(run)
    assert found.times[-1] == NOON + timedelta(hours=1)
    now, later = found.depth_cm(0), found.depth_cm(6)
    assert now[SAG].mean() > 10  # an hour of rain has run into it
    assert later[SAG].mean() > now[SAG].mean()
    assert found.max_depth_m()[SAG].min() > 100 * now[0, 0]
    assert found.arrival_s()[34, 30] < 120  # its lower end was wet from the start
    assert abs(run.summary["balance_m3"]["error"]) == 0.0
    assert found.made_up
    assert queries.latest_run(area=area, actor=officer) == run
    assert queries.latest_run(area=area, actor=stranger) is None
    with pytest.raises(NotFound):
        queries.get_run(actor=stranger, run_id=run.pk)
    with pytest.raises(NotAllowed):
        request_run(area=area, by=stranger, at=NOON)
    told = Event.objects.filter(name__startswith="simulate.run").order_by("pk")
    assert [e.name for e in told] == ["simulate.run.requested", "simulate.run.done"]
    assert {e.region_path for e in told} == {area.region.path}


def test_an_officer_of_a_town_sees_the_citys_forecast_and_one_of_the_next_county_does_not(data_dir):
    area = a_city(data_dir)
    in_town = account_in(RegionFactory(parent=area.region), "simulate.view")
    beside = account_in(RegionFactory(level=3), "simulate.view")

    assert list(queries.visible_areas(actor=in_town)) == [area]
    assert list(queries.visible_areas(actor=beside)) == []


def test_the_clock_asks_once_a_slot_and_a_second_request_joins_the_first(data_dir):
    area = a_city(data_dir)
    at = NOON + timedelta(minutes=3, seconds=20)

    assert [plan_runs(at), plan_runs(at), plan_runs(at + timedelta(minutes=5))] == [1, 0, 0]
    planned = Run.objects.get()
    assert planned.base_at == NOON
    joined = request_run(area=area, reason="雨强超限", by=Account.objects.system(), at=at)
    assert joined == planned

    compute()
    assert plan_runs(NOON + timedelta(minutes=9)) == 0
    assert plan_runs(NOON + timedelta(minutes=10)) == 1


def test_a_failed_run_says_why_and_the_last_good_one_stays_with_its_age(data_dir):
    area = a_city(data_dir)
    officer = account_in(area.region, "simulate.view")
    request_run(area=area, by=Account.objects.system(), at=NOON)
    good = compute()
    Reading.objects.update(flag=Flag.BAD)
    later = NOON + timedelta(minutes=30)
    plan_runs(later)

    failed = compute()

    assert failed.state == S.FAILED
    assert failed.error["code"] == "simulate.no_rain"
    assert "anlan rain import" in failed.error["hint"]
    health = queries.run_health(area=area, actor=officer, at=later)
    assert (health.latest, health.failed) == (good, failed)
    assert health.age == timedelta(minutes=30)
    assert health.late
    assert plan_runs(later) == 0  # not again before the next slot
    assert plan_runs(later + timedelta(minutes=10)) == 1


def test_a_run_goes_on_from_the_last_analysis_and_shows_the_same_water(data_dir):
    area = a_city(data_dir)
    request_run(area=area, by=Account.objects.system(), at=NOON)
    first = compute()
    series = Reading.objects.get(at_ms=Reading.objects.order_by("-at_ms")[0].at_ms).series
    rain(series, [40 / 12] * 6, until=NOON + timedelta(minutes=30))
    warm_at = NOON + timedelta(minutes=30)

    request_run(area=area, by=Account.objects.system(), at=warm_at)
    warm = compute()
    for path in (data_dir / "simulate" / "states").iterdir():
        path.unlink()
    Run.objects.filter(pk=warm.pk).update(base_at=NOON - timedelta(days=1))
    request_run(area=area, by=Account.objects.system(), at=warm_at)
    cold = compute()

    assert [r.summary["warm"] for r in (first, warm, cold)] == [False, True, False]
    assert warm.summary["analysis_s"] == 45 * 60
    np.testing.assert_allclose(
        open_run(warm).depth_cm(0).astype(int), open_run(cold).depth_cm(0).astype(int), atol=2
    )


def test_a_kept_analysis_of_other_ground_or_damaged_is_not_used(data_dir):
    area = a_city(data_dir)
    request_run(area=area, by=Account.objects.system(), at=NOON)
    compute()
    assert states.recall(area) is not None

    area.factor = 2
    assert states.recall(area) is None
    area.factor = 1
    (data_dir / "simulate" / "states" / f"{area.pk}.npz").write_bytes(b"PK\x03\x04broken")
    assert states.recall(area) is None


def test_of_two_processes_one_takes_a_run_and_a_lost_run_is_taken_three_times_at_most(data_dir):
    area = a_city(data_dir)
    request_run(area=area, by=Account.objects.system(), at=NOON)
    first, second = runner.take_next(), runner.take_next()
    assert (first is not None, second) == (True, None)

    for attempt in (1, 2, 3):
        Run.objects.update(heard_at=first.heard_at - timedelta(minutes=2))
        assert runner.put_back_lost(NOON) == 1
        taken = runner.take_next()
        assert (taken.attempts if taken else None) == (attempt + 1 if attempt < 3 else None)
    run = Run.objects.get()
    assert (run.state, run.error["code"]) == (S.FAILED, "simulate.lost")


def test_a_process_that_lost_its_run_does_not_write_over_the_one_that_has_it(data_dir):
    area = a_city(data_dir)
    request_run(area=area, by=Account.objects.system(), at=NOON)
    slow = runner.take_next()
    Run.objects.update(heard_at=slow.heard_at - timedelta(minutes=2))
    runner.put_back_lost(NOON)
    quick = runner.take_next()
    pulse = runner.Pulse(slow)

    pulse.tell()

    assert pulse.beat(0.5)  # it is told to stop
    runner.compute(slow, pulse)
    quick.refresh_from_db()
    assert (quick.state, quick.attempts) == (S.RUNNING, 2)
    assert not Event.objects.filter(name="simulate.run.done").exists()


def test_a_run_can_be_cancelled_while_it_waits_and_while_it_computes(data_dir):
    area = a_city(data_dir)
    officer = account_in(area.region, "simulate.run")
    stranger = account_in(RegionFactory(level=3), "simulate.run")
    waiting = request_run(area=area, by=officer, at=NOON)
    with pytest.raises(NotAllowed):
        cancel_run(run=waiting, by=stranger, at=NOON)
    assert cancel_run(run=waiting, by=officer, at=NOON).state == S.CANCELLED

    request_run(area=area, by=officer, at=NOON + timedelta(minutes=1))
    taken = runner.take_next()
    cancel_run(run=taken, by=officer, at=NOON)
    pulse = runner.Pulse(taken)
    pulse.tell()
    runner.compute(taken, pulse)

    taken.refresh_from_db()
    assert taken.state == S.CANCELLED
    assert not (data_dir / "simulate" / "runs" / str(taken.pk)).exists()


def test_a_process_that_is_told_to_end_puts_its_run_back(data_dir):
    area = a_city(data_dir)
    request_run(area=area, by=Account.objects.system(), at=NOON)
    taken = runner.take_next()
    pulse = runner.Pulse(taken)
    pulse.leave.set()

    runner.compute(taken, pulse)

    taken.refresh_from_db()
    assert taken.state == S.QUEUED


def test_what_breaks_is_written_into_the_run(data_dir, monkeypatch):
    area = a_city(data_dir)
    request_run(area=area, by=Account.objects.system(), at=NOON)
    monkeypatch.setattr(flood, "_begin", lambda run: 1 / 0)

    run = compute()

    assert (run.state, run.error["code"]) == (S.FAILED, "simulate.failed")
    assert "ZeroDivisionError" in run.error["message"]


def test_a_terrain_whose_files_are_gone_is_said(data_dir):
    area = a_city(data_dir)
    gauge_at(area.region, code="R2")
    (data_dir / area.terrain.folder / "bed.tif").unlink()
    request_run(area=area, by=Account.objects.system(), at=NOON)

    run = compute()

    assert (run.state, run.error["code"]) == (S.FAILED, "simulate.no_terrain_files")
