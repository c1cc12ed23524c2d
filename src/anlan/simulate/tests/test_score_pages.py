"""The page of how forecasts turned out: whose figures, and what is behind each."""

import re
from datetime import timedelta

import pytest

from anlan.base.errors import NotFound
from anlan.observe.tests.factories import SeriesFactory, StationFactory
from anlan.people.tests.factories import account_in
from anlan.places.tests.factories import RegionFactory
from anlan.simulate.scores import reliability
from anlan.simulate.scores.contingency import Contingency
from anlan.simulate.scores.reliability import Asked, LeadRow, trust
from anlan.simulate.scores.verification import score_run

from .factories import NOON, area_in
from .test_scores import forecast, read, rising

pytestmark = pytest.mark.django_db
NOW = NOON + timedelta(days=1)
ASKED = Asked()


class Storm:
    """Two towns with a gauge each; of three forecasts two were right in the first town."""

    def __init__(self, data_dir):
        self.county = RegionFactory(level=3)
        self.area = area_in(self.county, data_dir, horizon_s=3 * 3600)
        self.towns = [RegionFactory(parent=self.county) for _n in range(2)]
        self.gauges = [self.gauge(town, f"第{n}点") for n, town in enumerate(self.towns)]
        self.runs = []
        for n in range(3):
            base = NOON + timedelta(hours=4 * n)
            wet, dry = self.gauges
            run = forecast(self.area, (wet, rising(0.4, 0)), (dry, rising(0.0, 0)), base=base)
            read(wet, [0.0] + [0.5 if n < 2 else 0.0] * 36, base=base)
            read(dry, [0.0] * 37, base=base)
            score_run(run=run, at=base + timedelta(hours=4))
            self.runs.append(run)

    def gauge(self, town, name):
        station = StationFactory(region=town, kind="ponding", name=name)
        return SeriesFactory(station=station, quantity="ponding_depth", interval_s=300)


@pytest.fixture
def storm(settings, tmp_path, monkeypatch):
    settings.DATA_DIR = tmp_path
    settings.CACHE_DIR = tmp_path / "cache"
    monkeypatch.setattr("anlan.base.clock.now", lambda: NOW)
    return Storm(tmp_path)


def report(actor, **asked):
    return reliability.report(actor=actor, at=NOW, asked=Asked(**asked))


def test_everybody_sees_the_figures_of_their_own_gauges(storm):
    leader = account_in(storm.county, "simulate.view")
    found = report(leader)
    assert [row.table for row in found.leads] == [Contingency(hits=2, false_alarms=1, quiets=3)] * 4
    assert (found.runs, found.waiting) == (3, 0)
    assert [row.series for row in found.points] == [storm.gauges[0]]
    assert found.points[0].table == Contingency(hits=8, false_alarms=4)
    assert found.leads[0].peak_m == pytest.approx(-0.1)

    in_dry_town = report(account_in(storm.towns[1], "simulate.view"))
    assert in_dry_town.leads[0].table == Contingency(quiets=3)
    assert in_dry_town.points == []
    stranger = report(account_in(RegionFactory(level=3), "simulate.view"))
    assert (stranger.leads[0].table, stranger.runs) == (Contingency(), 0)


def test_only_what_lies_in_the_period_and_of_that_depth_counts(storm):
    leader = account_in(storm.county, "simulate.view")
    later = NOON + timedelta(days=7, hours=5)
    found = reliability.report(actor=leader, at=later, asked=Asked(days=7))
    assert found.leads[0].table == Contingency(false_alarms=1, quiets=1)
    assert report(leader, threshold_m=0.15).leads[0].table.hits == 2
    assert report(leader, threshold_m=0.99).leads[0].table == Contingency(quiets=3)


def test_a_forecast_whose_time_is_not_over_is_counted_as_waiting(storm):
    forecast(storm.area, (storm.gauges[0], rising(0.4, 0)), base=NOON + timedelta(hours=23))
    assert report(account_in(storm.county, "simulate.view")).waiting == 1


def test_every_number_opens_to_as_many_forecasts(storm, client):
    client.force_login(account_in(storm.county, "simulate.view", "observe.view"))
    page = client.get("/forecasts/scores/").content.decode()
    links = re.findall(r'href="(/forecasts/scores/list/\?[^"]+)">(\d+)<', page)
    assert len(links) >= 12
    for link, count in links:
        listed = client.get(link.replace("&amp;", "&")).context
        behind = listed["page"].paginator.count + sum(dry.gauges for dry in listed["dry"])
        assert behind == int(count), link


def test_the_page_in_words(storm, client):
    client.force_login(account_in(storm.county, "simulate.view", "observe.view"))
    page = client.get("/forecasts/scores/").content.decode()
    assert (
        "预见期0–30分钟：27厘米以上积水实测出现2次，报出2次，漏报0次；共预报3次，其中空报1次。"
        in page
    )
    assert "样本太少" in page
    assert "第0点" in page
    assert client.get("/forecasts/scores/?days=x&depth=-1").status_code == 200
    client.force_login(account_in(storm.county))
    assert client.get("/forecasts/scores/").status_code == 403


def test_one_forecast_of_one_gauge_and_never_a_stranger_s(storm, client):
    run, series = storm.runs[0], storm.gauges[0]
    url = f"/forecasts/scores/{run.pk}/{series.pk}/"
    client.force_login(account_in(storm.county, "simulate.view"))
    page = client.get(url).content.decode()
    assert "forecast-chart" in page
    assert page.count("命中") >= 8
    stranger = account_in(RegionFactory(level=3), "simulate.view")
    client.force_login(stranger)
    assert client.get(url).status_code == 404
    page = client.get("/forecasts/scores/list/").content.decode()
    assert "第0点" not in page
    with pytest.raises(NotFound):
        reliability.get_story(actor=stranger, run_id=run.pk, series_id=series.pk)
    assert reliability.recent(actor=stranger) == []
    other_town = account_in(storm.towns[1], "simulate.view")
    assert reliability.recent(actor=other_town) == []


def test_the_last_forecasts_with_water_come_as_pictures(storm):
    leader = account_in(storm.county, "simulate.view")
    pictures = reliability.recent(actor=leader)
    assert [(point.run, point.series) for point in pictures] == [
        (run, storm.gauges[0]) for run in storm.runs[::-1]
    ]


@pytest.mark.parametrize(
    ("table", "word"),
    [
        (Contingency(hits=6, misses=3, false_alarms=3), "good"),
        (Contingency(hits=3, misses=4, false_alarms=4), "fair"),
        (Contingency(hits=1, misses=6, false_alarms=6), "poor"),
        (Contingency(hits=2, misses=1, false_alarms=1), ""),
        (Contingency(quiets=900), ""),
    ],
)
def test_how_far_to_trust_in_a_word(table, word):
    assert trust(LeadRow(1800, table, None, None)) == word


def test_times_read_as_late_or_early():
    assert reliability.minutes_text(310) == "晚5分钟"
    assert reliability.minutes_text(-600) == "早10分钟"
    assert reliability.minutes_text(20) == "准时"
    assert reliability.minutes_text(None) == "–"
