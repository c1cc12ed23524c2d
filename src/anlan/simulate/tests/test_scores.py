"""How forecasts turned out: the table against published figures, and worked cases by hand."""

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.base import clock
from anlan.base.models import Event
from anlan.observe.models import Flag, Reading
from anlan.observe.tests.factories import SeriesFactory, StationFactory
from anlan.people.models import Account
from anlan.people.tests.factories import account_in
from anlan.places.tests.factories import RegionFactory, SiteFactory
from anlan.simulate.models import Hit, PointForecast, Run, Score, Verified
from anlan.simulate.scores import verification
from anlan.simulate.scores.contingency import (
    FALSE,
    HIT,
    LEADS_S,
    MISS,
    QUIET,
    UNKNOWN,
    Contingency,
    Stretch,
    first_passing,
    stretch_of,
    stretches,
    tally,
)
from anlan.simulate.scores.records import Records
from anlan.simulate.scores.verification import due_runs, forget_hits, score_run, score_runs

from .factories import NOON, area_in

HORIZON = 3 * 3600


# The table -------------------------------------------------------------------------------------


def test_the_table_of_the_oldest_verified_forecasts():
    """Finley's tornado forecasts of 1884: 28 hits, 72 false alarms, 23 misses, 2,680 quiet.

    Threat score 0.228, detection 0.549, false alarm ratio 0.720, bias 1.96: Wilks (2011), table
    8.1; also the example of the WMO's joint working group.
    """
    finley = Contingency(hits=28, false_alarms=72, misses=23, quiets=2680)
    assert round(finley.csi, 3) == 0.228
    assert round(finley.pod, 3) == 0.549
    assert round(finley.far, 3) == 0.720
    assert round(finley.bias, 2) == 1.96


def test_where_nothing_was_said_or_seen_there_is_no_figure():
    dry = Contingency(quiets=50, unknown=3)
    assert (dry.pod, dry.far, dry.csi, dry.bias) == (None, None, None, None)
    assert (dry.known, dry.seen, dry.said) == (50, 0, 0)
    assert Contingency(false_alarms=2).far == 1.0
    assert Contingency(misses=2).pod == 0.0


@given(st.lists(st.sampled_from([HIT, MISS, FALSE, QUIET, UNKNOWN])))
def test_every_outcome_is_counted_once_and_figures_stay_in_bounds(outcomes):
    table = tally((outcome, 1) for outcome in outcomes)
    assert table.known + table.unknown == len(outcomes)
    assert table + Contingency() == table
    for figure in (table.pod, table.far, table.csi):
        assert figure is None or 0 <= figure <= 1
    if table.csi is not None and table.pod is not None:
        assert table.csi <= table.pod  # false alarms can only take away


@pytest.mark.parametrize(
    ("said", "seen", "covered", "outcome"),
    [
        (0.27, 0.27, 1.0, HIT),
        (0.27, 0.26, 1.0, FALSE),
        (0.26, 0.27, 1.0, MISS),
        (0.26, 0.26, 1.0, QUIET),
        (0.30, 0.40, 0.1, HIT),  # one reading is enough to have been seen
        (0.30, 0.10, 0.4, UNKNOWN),  # but not for nothing to have been there
        (0.10, 0.10, 0.4, UNKNOWN),
        (0.10, None, 0.0, UNKNOWN),
    ],
)
def test_the_outcomes_of_a_stretch(said, seen, covered, outcome):
    assert Stretch(said, seen, covered).outcome(0.27) == outcome


def test_a_stretch_by_hand():
    """Frames 0, 10, 20, 30 min: 0, 0.1, 0.4, 0.2 m. Between 15 and 25 min it is 0.25 to 0.4 m."""
    frames, depth = np.array([0.0, 600, 1200, 1800]), np.array([0.0, 0.1, 0.4, 0.2])
    read = np.array([900.0, 1200, 1500])
    found = stretch_of(frames, depth, read, np.array([9.0, 0.3, 0.2]),
                       after_s=900, until_s=1500, interval_s=300)  # fmt: skip
    assert found.forecast_peak_m == pytest.approx(0.4)
    assert found.observed_peak_m == 0.3  # the reading at its very beginning belongs before it
    assert found.covered == 1.0
    late = stretch_of(frames, depth, read[:0], read[:0], after_s=0, until_s=300, interval_s=300)
    assert late.forecast_peak_m == pytest.approx(0.05)
    assert (late.observed_peak_m, late.covered) == (None, 0.0)
    assert stretches(3600) == [(0, 1800), (1800, 3600)]
    assert [b for _a, b in stretches(HORIZON)] == list(LEADS_S)


def test_when_a_series_first_passes():
    at = np.array([0.0, 300, 600])
    assert first_passing(at, np.array([0.0, 0.2, 0.4]), 0.27) == pytest.approx(405)
    assert first_passing(at, np.array([0.3, 0.4, 0.5]), 0.27) is None  # it was there already
    assert first_passing(at, np.array([0.0, 0.1, 0.2]), 0.27) is None


# From rows to scores ---------------------------------------------------------------------------


@pytest.fixture
def area(settings, tmp_path, db):
    settings.DATA_DIR = tmp_path
    return area_in(RegionFactory(level=3), tmp_path, horizon_s=HORIZON)


def gauge(area, **fields):
    station = StationFactory(region=RegionFactory(parent=area.region), kind="ponding", **fields)
    return SeriesFactory(station=station, quantity="ponding_depth", interval_s=300)


def forecast(area, *said, base=NOON, **fields):
    """A finished forecast with what it said of gauges: (series, depths by ten minutes)."""
    run = Run.objects.create(
        area=area,
        base_at=base,
        horizon_s=HORIZON,
        frame_s=600,
        requested_at=base,
        requested_by=Account.objects.system(),
        state=fields.pop("state", Run.State.DONE),
        **fields,
    )
    for series, depths in said:
        PointForecast.objects.create(run=run, series=series, depths_m=depths)
    return run


def rising(to_m, at_frame, frames=19):
    """Dry until the frame before, then this deep to the end."""
    return [0.0] * at_frame + [to_m] * (frames - at_frame)


def read(series, depths, *, base=NOON, every_s=300, flag=Flag.GOOD, first=0):
    Reading.objects.bulk_create(
        Reading(
            at_ms=clock.to_epoch_ms(base + timedelta(seconds=every_s * (n + first))),
            series_id=series.pk,
            value=value,
            flag=flag,
        )
        for n, value in enumerate(depths)
    )


AFTER = NOON + timedelta(seconds=HORIZON) + timedelta(minutes=16)


def outcomes(series, threshold=0.27):
    rows = Score.objects.filter(series=series, threshold_m=threshold).order_by("lead_s")
    return list(rows.values_list("outcome", flat=True))


def test_a_forecast_by_hand(area):
    """Said: 0.4 m from 70 min on. Seen: 0.5 m from 40 min to 100 min.

    0–30: neither. 30–60: seen, not said. 60–120: both. 120–180: said, not seen.
    Said to pass 0.27 m at 60 + 10 * 0.27 / 0.4 = 66 min 45 s, seen at 35 + 5 * 0.27 / 0.5 = 37 min
    42 s: 29 min 3 s late, told where it was seen.
    """
    series = gauge(area)
    run = forecast(area, (series, rising(0.4, 7)))
    read(series, [0.0] * 8 + [0.5] * 13 + [0.1] * 16)

    assert score_runs(AFTER) == 1
    assert outcomes(series) == [QUIET, MISS, HIT, FALSE]
    by_lead = {score.lead_s: score for score in run.scores.filter(threshold_m=0.27)}
    assert by_lead[3600].timing_error_s == 29 * 60 + 3
    assert [by_lead[lead].timing_error_s for lead in (1800, 7200, 10800)] == [None] * 3
    assert (by_lead[7200].forecast_peak_m, by_lead[7200].observed_peak_m) == (0.4, 0.5)
    assert Event.objects.get(name="simulate.run.scored").data["scores"] == 8


def test_a_forecast_is_scored_once_and_not_before_its_time(area):
    series = gauge(area)
    forecast(area, (series, rising(0.4, 7)))
    read(series, [0.0] * 37)
    early = NOON + timedelta(seconds=HORIZON) + timedelta(minutes=14)
    assert score_runs(early) == 0
    assert score_runs(AFTER) == 1
    read(series, [9.0] * 4, first=40)
    assert score_runs(AFTER) == 0
    assert outcomes(series) == [QUIET, QUIET, FALSE, FALSE]


def test_of_dry_gauges_only_their_number_is_kept(area):
    dry, silent, wet = gauge(area), gauge(area), gauge(area)
    run = forecast(area, *((s, rising(0.0, 0)) for s in (dry, silent, wet)))
    read(dry, [0.05] * 37)
    read(wet, [0.05] * 20 + [0.2] * 17)
    score_run(run=run, at=AFTER)

    verified = Verified.objects.get()
    assert (verified.quiet, verified.unknown) == ([dry.pk], [silent.pk])
    assert set(Score.objects.values_list("series", flat=True)) == {wet.pk}
    assert [point.series for point in run.points.all()] == [wet]
    assert outcomes(wet, 0.15) == [QUIET, QUIET, MISS, MISS]
    assert outcomes(wet, 0.27) == [QUIET] * 4


def test_readings_that_are_not_believed_were_not_seen(area):
    series = gauge(area)
    forecast(area, (series, rising(0.4, 0)))
    read(series, [0.5] * 37, flag=Flag.BAD)
    score_runs(AFTER)
    assert outcomes(series) == [UNKNOWN] * 4


def test_a_rule_s_own_threshold_is_scored_too(area, monkeypatch):
    monkeypatch.setattr(verification, "_more", [lambda: [0.4, 0.15]])
    series = gauge(area)
    forecast(area, (series, rising(0.4, 0)))
    read(series, [0.39] * 37)
    score_runs(AFTER)
    assert outcomes(series, 0.4) == [FALSE] * 4
    assert Score.objects.count() == 3 * 4


def test_what_is_no_forecast_is_not_scored(area):
    series = gauge(area)
    said = (series, rising(0.4, 0))
    forecast(area, said, kind=Run.Kind.SCENARIO)
    forecast(area, said, exercise=True)
    forecast(area, said, state=Run.State.FAILED)
    forecast(area, base=NOON + timedelta(hours=1))  # said nothing of any gauge
    assert due_runs(NOON + timedelta(days=1)) == []


def test_the_record_of_a_place_and_where_it_has_none_of_the_area(area):
    site, bare = (SiteFactory(region=RegionFactory(parent=area.region)) for _n in range(2))
    series, other = gauge(area, site=site), gauge(area)
    for n in range(3):
        base = NOON + timedelta(hours=4 * n)
        run = forecast(area, (series, rising(0.4, 0)), (other, rising(0.0, 0)), base=base)
        read(series, [0.5 if n < 2 else 0.0] * 37, base=base)
        read(other, [0.0] * 37, base=base)
        score_run(run=run, at=base + timedelta(hours=4))
    later = NOON + timedelta(days=1)

    records = Records(area=area, before=later)
    here = records.at(site_id=site.pk, lead_s=2400, threshold_m=0.27)
    assert (here.of, here.lead_s) == ("point", 3600)
    assert here.table == Contingency(hits=2, false_alarms=1)
    there = records.at(site_id=bare.pk, lead_s=60, threshold_m=0.27)
    assert (there.of, there.lead_s) == ("area", 1800)
    assert there.table == Contingency(hits=2, false_alarms=1, quiets=3)
    # Nothing that became known later counts.
    first = Records(area=area, before=NOON + timedelta(hours=5))
    assert first.at(site_id=site.pk, lead_s=0, threshold_m=0.27).table == Contingency(hits=1)
    nothing = Records(area=area, before=NOON).at(site_id=site.pk, lead_s=0, threshold_m=0.27)
    assert (nothing.of, nothing.table) == ("", Contingency())


def test_old_hits_are_forgotten_and_scores_are_not(area):
    series = gauge(area)
    site = SiteFactory(region=RegionFactory(parent=area.region))
    run, scenario = forecast(area, (series, rising(0.4, 0))), forecast(area, kind="SCENARIO")
    for one in (run, scenario):
        Hit.objects.create(
            run=one, region=site.region, site=site, lon=119, lat=29, first_at=NOON,
            max_at=NOON, max_depth_m=0.3, duration_s=60,
        )  # fmt: skip
    read(series, [0.5] * 37)
    score_runs(AFTER)
    forget_hits(NOON + timedelta(days=13))
    assert Hit.objects.count() == 2
    forget_hits(NOON + timedelta(days=15))
    assert [hit.run for hit in Hit.objects.all()] == [scenario]
    assert Score.objects.count() == 8
    stranger = account_in(RegionFactory(level=3), "simulate.view")
    assert not Score.objects.within(stranger.regions_for("simulate.view")).exists()
