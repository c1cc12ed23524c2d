"""Scenarios with members: probability, the same on any workers, none lost with a worker."""

import os
import signal
from datetime import timedelta
from functools import partial

import numpy as np
import pytest

from anlan.base.errors import NotAllowed, Refusal
from anlan.engines.rain import IntensityFormula
from anlan.people.models import Account
from anlan.people.tests.factories import account_in
from anlan.places.tests.factories import RegionFactory
from anlan.simulate import queries
from anlan.simulate.ground.layers import Ground
from anlan.simulate.models import Area, Run, Terrain
from anlan.simulate.rain.field import even
from anlan.simulate.results.files import open_run
from anlan.simulate.runs import cluster, member, runner
from anlan.simulate.services.areas import make_area, switch_area
from anlan.simulate.services.runs import request_run
from anlan.simulate.services.scenarios import MOST_WAITING, Spread, Storm, request_scenario

from .factories import GRID, NOON, SAG, a_city, valley

CITY = IntensityFormula(a1_mm_min=1600 / 167, c=0.846, b_min=7.0, n=0.656)
STORM = Storm(CITY, years=20, duration_min=60)
S = Run.State
AS_IT_IS = member.Change()


@pytest.fixture
def data_dir(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    return tmp_path


@pytest.fixture
def in_this_process(monkeypatch):
    """Workers as threads of the test: the same calls, without starting processes."""
    from contextlib import contextmanager

    from distributed import Client

    @contextmanager
    def workers(*_args, **_kwargs):
        with Client(processes=False, n_workers=1, threads_per_worker=1, dashboard_address=None,
                    memory_limit=0, set_as_default=False) as client:  # fmt: skip
            yield client

    monkeypatch.setattr(cluster, "workers", workers)


def compute():
    taken = runner.take_next()
    runner.compute(taken, runner.Pulse(taken))
    taken.refresh_from_db()
    return taken


def task(change=AS_IT_IS, until_s=1800.0, mm_h=60.0):
    ground = Ground(GRID, {"bed": valley()})
    return member.Task(ground, even([0, until_s], [mm_h]), 1, until_s, change)


@pytest.mark.django_db
def test_a_scenario_with_members_tells_how_likely_a_depth_is(data_dir, in_this_process):
    area = a_city(data_dir)
    planner = account_in(area.region, "simulate.run", "simulate.view")
    stranger = account_in(RegionFactory(level=3), "simulate.run", "simulate.view")
    with pytest.raises(NotAllowed):
        request_scenario(area=area, storm=STORM, by=stranger, at=NOON)

    asked = request_scenario(
        area=area, storm=STORM, spread=Spread(rain=(0.2, 1.0, 1.5)), by=planner, at=NOON
    )
    run = compute()

    assert (run, run.state, run.error) == (asked, S.DONE, {})
    assert run.rain_source == Run.Rain.DESIGN
    assert run.members.filter(state=S.DONE).count() == run.summary["members"] == 3
    deepest = list(run.members.order_by("member").values_list("summary__deepest_m", flat=True))
    assert deepest == sorted(deepest)
    found = open_run(run)
    part = found.probability(15)
    assert set(np.unique(part[np.isfinite(part)])) <= {
        0.0,
        np.float32(1 / 3),
        np.float32(2 / 3),
        1.0,
    }
    assert (part >= found.probability(30)).all()
    assert part[SAG].max() >= 2 / 3 - 1e-6
    assert part[0, 0] == 0
    assert len(found.times) == 1 + run.horizon_s // run.frame_s
    # Members are not on the list of runs, and nobody takes them from the queue.
    assert list(queries.visible_runs(actor=planner)) == [run]
    assert list(queries.visible_runs(actor=stranger)) == []
    assert runner.take_next() is None


@pytest.mark.django_db
def test_the_rain_of_now_times_half_again_is_deeper(data_dir, in_this_process):
    area = a_city(data_dir)
    system = Account.objects.system()
    request_scenario(area=area, spread=Spread(rain=(1.0, 1.5)), by=system, at=NOON)

    run = compute()

    assert (run.state, run.rain_source) == (S.DONE, Run.Rain.GAUGES)
    calm, wetter = run.members.order_by("member")
    assert wetter.summary["deepest_m"] > calm.summary["deepest_m"] == run.summary["deepest_m"]
    assert calm.summary["error_m3"] == 0


@pytest.mark.django_db
def test_a_cancelled_scenario_leaves_no_member_waiting(data_dir, in_this_process):
    area = a_city(data_dir)
    request_scenario(
        area=area, storm=STORM, spread=Spread(drain=(1, 0.5)), by=Account.objects.system(), at=NOON
    )
    taken = runner.take_next()
    pulse = runner.Pulse(taken)
    real = pulse.beat
    pulse.beat = lambda part: pulse.stop.set() or True if part >= 0.4 else real(part)

    runner.compute(taken, pulse)

    states = set(Run.objects.values_list("kind", "state"))
    assert states == {("SCENARIO", S.CANCELLED), ("MEMBER", S.CANCELLED)}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"spread": Spread(rain=(0.01,))}, "simulate.spread"),
        ({"spread": Spread(rain=(1.0,) * 61)}, "simulate.members"),
        # 10 ** 15 members: counted, never made.
        ({"spread": Spread(*[(1.0,) * 100_000] * 3)}, "simulate.members"),
        ({"storm": Storm(CITY, years=0)}, "rain.formula"),
        ({"storm": Storm(CITY, years=5, peak_ratio=2)}, "rain.storm"),
        ({"storm": Storm(CITY, years=5, duration_min=1439)}, "simulate.storm_long"),
    ],
)
def test_scenarios_that_cannot_be_are_refused(data_dir, given, code):
    area = a_city(data_dir)
    with pytest.raises(Refusal) as refused:
        request_scenario(area=area, by=Account.objects.system(), at=NOON, **given)
    assert refused.value.code == code
    assert not Run.objects.exists()


@pytest.mark.django_db
def test_scenarios_wait_for_forecasts_and_not_too_many_of_them(data_dir):
    area, system = a_city(data_dir), Account.objects.system()
    for _n in range(MOST_WAITING):
        request_scenario(area=area, by=system, at=NOON)
    with pytest.raises(Refusal) as refused:
        request_scenario(area=area, by=system, at=NOON)
    forecast = request_run(area=area, by=system, at=NOON + timedelta(minutes=5))

    assert refused.value.code == "simulate.scenarios_waiting"
    assert runner.take_next() == forecast  # though it was asked for last
    assert runner.take_next().kind == Run.Kind.SCENARIO


@pytest.mark.django_db
def test_nothing_is_asked_of_ground_that_was_replaced(data_dir):
    area, system = a_city(data_dir), Account.objects.system()
    Terrain.objects.update(replaced_at=NOON)
    area = Area.objects.get(pk=area.pk)
    for ask in (
        partial(request_scenario, area=area),
        partial(request_run, area=area),
        partial(switch_area, area=area, enabled=True),
        partial(make_area, terrain=area.terrain, name="新"),
    ):
        with pytest.raises(Refusal) as refused:
            ask(by=system, at=NOON)
        assert refused.value.code == "simulate.terrain_replaced"
    assert not switch_area(area=area, enabled=False, by=system, at=NOON).enabled


def test_rougher_ground_and_weaker_drains_change_the_water():
    ground = Ground(GRID, {"bed": valley(), "drain": np.full(GRID.shape, 30, np.float32)})
    changed = member.changed(ground, member.Change(manning=2, drain=0.5))

    assert changed.layers["manning"].max() == pytest.approx(0.07)
    assert changed.layers["drain"].max() == 15
    assert ground.layers["drain"].max() == 30
    rough, smooth = (
        member.run_member(task(member.Change(manning=n))).max_depth_m.mean() for n in (2, 1)
    )
    assert rough > smooth


@pytest.mark.fault
def test_a_killed_worker_loses_no_member():
    tasks = [task(member.Change(rain=1 + n / 10), until_s=7200.0) for n in range(6)]
    alone = [member.run_member(one) for one in tasks]

    with cluster.workers(most=2) as client:
        workers = client.cluster.workers
        first_pids = [w.pid for w in workers.values()]
        found = {}
        for number, result in cluster.each(client, member.run_member, tasks):
            if not found:
                os.kill(first_pids[0], signal.SIGKILL)
            assert number not in found
            found[number] = result
        assert {w.pid for w in client.cluster.workers.values()} != set(first_pids)

    assert sorted(found) == list(range(6))
    for number, result in found.items():
        np.testing.assert_array_equal(result.max_depth_m, alone[number].max_depth_m)


@pytest.mark.fault
def test_members_computed_in_other_processes_know_no_django():
    def modules(_task):
        import sys

        from anlan.simulate.runs import member

        member.run_member(_task)
        return [name for name in sys.modules if name.split(".")[0] == "django"]

    with cluster.workers(most=1) as client:
        [(_number, found)] = cluster.each(client, modules, [task(until_s=60.0)])
    assert found == []
