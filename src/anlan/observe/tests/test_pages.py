from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from anlan.base import clock
from anlan.observe import charts
from anlan.observe.models import Quarantined, Report, Sender, Station, StationHealth, Unreadable
from anlan.observe.parcels import Parcel
from anlan.observe.store import Store
from anlan.observe.tests.factories import SeriesFactory, StationFactory, sender_for
from anlan.people.tests.factories import account_in
from anlan.places.tests.factories import RegionFactory

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)


@pytest.fixture
def county():
    return RegionFactory()


@pytest.fixture
def series(county):
    """A station that has just reported."""
    series = SeriesFactory(station__region=county)
    at = clock.to_epoch_ms(NOW)
    code = series.station.code
    times = [at - n * 300_000 for n in range(5)]
    Store().write([Parcel("http", [code] * 5, ["rain_5min"] * 5, times, [5.0, 4, 3, 2, 1])])
    return series


@pytest.fixture
def seen(client, county):
    client.force_login(account_in(county, "observe.view", "observe.manage"))
    return client


@pytest.fixture
def stranger(client):
    client.force_login(account_in(RegionFactory(), "observe.view", "observe.manage"))
    return client


@pytest.fixture
def without(client, county):
    client.force_login(account_in(county, "work.do"))
    return client


def test_the_list_shows_stations_with_their_latest_value(seen, series):
    page = seen.get("/stations/").content.decode()
    assert series.station.name in page
    assert "5.0 mm" in page


def test_the_list_is_filtered_by_kind_state_and_name(seen, series):
    silent = StationFactory(region=series.station.region, kind="river", name="安静")
    StationHealth.objects.create(station=silent, silent_since=NOW)
    for query in ("kind=river", "state=silent", "search=安静"):
        page = seen.get(f"/stations/?{query}", headers={"HX-Request": "true"}).content.decode()
        assert "安静" in page
        assert series.station.name not in page


@pytest.mark.parametrize(
    ("off_s", "said"), [(-7200, "偏慢 2小时"), (5 * 365 * 86400, "偏快 1825天")]
)
def test_a_clock_that_is_off_is_shown_in_words(seen, series, off_s, said):
    StationHealth.objects.update(clock_off_s=off_s)
    assert said in seen.get(f"/stations/{series.station_id}/").content.decode()


def test_a_thousand_stations_cost_no_more_queries_than_one(
    seen, series, django_assert_max_num_queries
):
    for _ in range(60):
        SeriesFactory(station__region=series.station.region)
    with django_assert_max_num_queries(20):
        assert seen.get("/stations/").status_code == 200


def test_a_station_shows_its_charts_health_and_what_it_sent(seen, series):
    code = series.station.code
    report = Report.objects.create(station_code=code, at=NOW, text="水位急涨", picture=b"\xff\xd8")
    page = seen.get(f"/stations/{series.station.pk}/").content.decode()

    assert f"/api/series/{series.pk}/readings" in page
    assert "水位急涨" in page
    picture = seen.get(f"/stations/pictures/{report.pk}/")
    assert picture.content == b"\xff\xd8"
    assert "sandbox" in picture.headers["Content-Security-Policy"]


@pytest.mark.parametrize("who", ["stranger", "without"])
def test_who_has_no_right_here_sees_nothing(request, who, series):
    client = request.getfixturevalue(who)
    report = Report.objects.create(station_code=series.station.code, at=NOW, picture=b"x")
    sender = sender_for(series.station.region, name="别家网关")
    waiting = {"station_code": "NEW", "quantity": "rain_5min", "at_ms": 1, "received_ms": 1}
    Quarantined.objects.create(**waiting, door="http", sender=sender)
    Unreadable.objects.create(door="mqtt", origin="秘密", received_ms=1, reason="", body=b"")

    assert series.station.name not in client.get("/stations/").content.decode()
    assert client.get(f"/stations/{series.station.pk}/").status_code == 404
    assert client.get(f"/stations/pictures/{report.pk}/").status_code == 404
    assert "NEW" not in client.get("/stations/quarantine/").content.decode()
    rows = client.get("/stations/quarantine/readings/?code=NEW").content.decode()
    assert "rain_5min" not in rows
    assert "秘密" not in client.get("/stations/quarantine/").content.decode()
    assert "别家网关" not in client.get("/stations/senders/").content.decode()
    assert client.post(f"/stations/senders/{sender.pk}/revoke/").status_code == 404
    assert client.get("/api/stations").json() == []
    assert client.get(f"/api/series/{series.pk}/readings").status_code == 404


def test_one_button_adopts_a_station(seen, county):
    sender = sender_for(county)
    at = clock.to_epoch_ms(NOW)
    for n in range(3):
        Quarantined.objects.create(
            station_code="NEW",
            quantity="rain_5min",
            at_ms=at - n * 300_000,
            value=n,
            door="http",
            sender=sender,
            received_ms=at,
        )
    page = seen.get("/stations/quarantine/").content.decode()
    assert 'value="NEW"' in page
    assert f'value="{county.code}"' in page

    form = {"code": "NEW", "name": "新站", "kind": "rain", "region": county.code}
    answer = seen.post("/stations/quarantine/adopt/", {**form, "lon": 119.6, "lat": 29.1})
    assert answer.status_code == 302
    assert Station.objects.get().series.get().readings.count() == 3
    again = seen.post("/stations/quarantine/adopt/", {**form, "lon": 119.6, "lat": 29.1})
    assert again.status_code == 409
    assert "待认领区" in again.content.decode()


def test_what_nobody_knows_is_shown_with_its_raw_bytes(seen, county):
    row = {"station_code": "NEW", "quantity": "sl651:FF77", "at_ms": 1, "received_ms": 1}
    Quarantined.objects.create(**row, raw="1234ABCD", door="sl651", sender=sender_for(county))
    page = seen.get("/stations/quarantine/readings/?code=NEW").content.decode()
    assert "1234ABCD" in page


def test_a_form_with_a_fault_comes_back_with_it(seen, county):
    assert seen.post("/stations/quarantine/adopt/", {"code": "NEW"}).status_code == 422
    answer = seen.post("/stations/senders/", {"name": "网关", "region": "nowhere"})
    assert answer.status_code == 422
    assert not Sender.objects.exists()


def test_a_token_is_shown_once(seen, county):
    answer = seen.post("/stations/senders/", {"name": "城东网关", "region": county.code})
    token = answer.context["token"]

    assert token in answer.content.decode()
    assert answer.headers["Cache-Control"] == "no-store"
    assert token not in seen.get("/stations/senders/").content.decode()
    sender = Sender.objects.get()
    assert seen.post(f"/stations/senders/{sender.pk}/revoke/").status_code == 302
    sender.refresh_from_db()
    assert sender.revoked_at


def test_the_map_gets_every_station_with_values(seen, series, django_assert_max_num_queries):
    StationFactory(region=series.station.region)
    with django_assert_max_num_queries(12):
        rows = seen.get("/api/stations").json()
    assert len(rows) == 2
    assert [value["value"] for row in rows for value in row["latest"]] == [5.0]


def test_a_series_is_read_over_the_time_asked_for(seen, series):
    answer = seen.get(f"/api/series/{series.pk}/readings").json()
    assert [value for _at, value, _flag in answer["points"]] == [1, 2, 3, 4, 5]
    start = (NOW - timedelta(minutes=11)).isoformat()
    answer = seen.get(f"/api/series/{series.pk}/readings", {"from": start}).json()
    assert answer["count"] == 3


def test_an_impossible_stretch_is_refused(seen, series):
    url = f"/api/series/{series.pk}/readings"
    backwards = {"from": "2026-07-02T00:00:00Z", "to": "2026-07-01T00:00:00Z"}
    assert seen.get(url, backwards).status_code == 422
    assert seen.get(url, {"from": "0001-01-01T00:00:00Z"}).status_code == 422
    assert seen.get(url, {"from": "yesterday"}).status_code == 422


def test_a_thinned_chart_keeps_the_peaks_and_what_was_doubted():
    at = np.arange(100_000, dtype=np.int64) * 300_000
    value = np.sin(at / 1e9)
    flag = np.ones(len(at), np.int8)
    value[51_234], value[77_777] = 9, -9
    flag[99_000], value[99_000] = 4, 500
    points = charts.thinned(at, value, flag)

    assert len(points) <= 2000
    values = [v for _at, v, _flag in points]
    assert {9, -9, 500} <= set(values)
    assert [p[0] for p in points] == sorted(p[0] for p in points)
