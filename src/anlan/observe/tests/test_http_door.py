import asyncio
import json
from datetime import UTC, datetime

import httpx
import pytest
from django.db import OperationalError
from django.utils import timezone

from anlan.base import clock
from anlan.observe import writer as writer_module
from anlan.observe.doors import http as door
from anlan.observe.doors.http import app
from anlan.observe.models import Latest, Quarantined, Reading
from anlan.observe.store import Store
from anlan.observe.tests.factories import SeriesFactory, sender_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("readings_emptied")]


@pytest.fixture
def series():
    series = SeriesFactory()
    sender_for(series.station.region, token="secret")
    return series


def post(body, token="secret", path="/ingest/http", method="POST"):
    """Through the real ASGI callable, without a socket."""

    async def go():
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            content = body if isinstance(body, bytes) else json.dumps(body)
            return await client.request(method, path, content=content, headers=headers)

    return asyncio.run(go())


def now_ms():
    return clock.to_epoch_ms(timezone.now())


def reading(series, **changes):
    row = {"station": series.station.code, "quantity": "rain_5min", "at": now_ms(), "value": 1.2}
    return {**row, **changes}


def test_a_batch_is_stored_and_its_newest_reading_is_the_latest(series):
    iso = datetime.now(UTC).astimezone(timezone.get_default_timezone()).isoformat()
    answer = post(
        {"readings": [reading(series, at=now_ms() - 9000), reading(series, at=iso, value=3)]}
    )

    assert answer.status_code == 200
    assert answer.json() == {"stored": 2, "duplicate": 0, "quarantined": 0, "refused": []}
    assert Latest.objects.get().value == 3


def test_a_single_object_and_the_compact_form_are_taken_too(series):
    SeriesFactory(station=series.station, quantity="ponding_depth", unit="m")
    code = series.station.code
    compact = {"station": code, "at": now_ms(), "values": {"rain_5min": 1, "ponding_depth": 0.2}}

    assert post(reading(series, at=now_ms() - 1000)).json()["stored"] == 1
    assert post(compact).json()["stored"] == 2
    assert Reading.objects.count() == 3


def test_faulty_rows_are_named_and_the_others_stored(series):
    rows = [
        reading(series),
        reading(series, value="wet"),
        reading(series, at="2026-07-01T08:05:00"),
        reading(series, quantity=""),
        "not an object",
        reading(series, at=-5),
        {"quantity": "rain_5min", "at": 1, "value": 1},
    ]
    answer = post({"readings": rows})

    assert answer.status_code == 207
    assert answer.json()["stored"] == 1
    assert [(fault["row"], fault["code"]) for fault in answer.json()["refused"]] == [
        (1, "observe.bad_row"),
        (2, "observe.no_offset"),
        (3, "observe.bad_quantity"),
        (4, "observe.bad_row"),
        (5, "observe.bad_time"),
        (6, "observe.bad_station"),
    ]


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_what_is_no_number_is_refused_by_row(series, value):
    good, bad = json.dumps(reading(series)), json.dumps(reading(series)).replace("1.2", value)
    answer = post(f'{{"readings": [{good}, {bad}]}}'.encode())

    assert answer.json()["stored"] == 1
    assert [fault["row"] for fault in answer.json()["refused"]] == [1]


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"{", 400), (b"", 400), (b"\xff\xfe", 400), (b'{"readings": 3}', 400), (b"[" * 9999, 400)],
)
def test_what_is_not_json_is_answered_with_what_to_send(series, body, status):
    answer = post(body)

    assert answer.status_code == status
    assert answer.json()["hint"]


@pytest.mark.parametrize("token", ["", "wrong"])
def test_without_a_token_nothing_is_taken(series, token):
    assert post({"readings": [reading(series)]}, token=token).status_code == 401
    assert not Reading.objects.exists()


def test_a_gateway_of_another_region_gets_its_rows_refused(series):
    sender_for(SeriesFactory().station.region, token="theirs")
    answer = post({"readings": [reading(series)]}, token="theirs")

    assert answer.status_code == 422
    assert answer.json()["refused"][0]["code"] == "observe.not_yours"
    assert not Reading.objects.exists()


def test_the_row_number_of_a_stranger_is_the_one_that_was_sent(series):
    theirs = SeriesFactory()
    compact = {"station": theirs.station.code, "at": now_ms(), "values": {"rain_5min": 1}}
    answer = post({"readings": ["?", reading(series), compact]})

    assert [fault["row"] for fault in answer.json()["refused"]] == [0, 2]


def test_too_much_at_once_is_refused(series):
    assert post(b" " * (4 * 1024 * 1024 + 1)).status_code == 413


def test_other_methods_and_paths_are_told(series):
    assert post(b"", method="GET").status_code == 405
    assert post(b"", path="/ingest/else").status_code == 404


def test_an_unknown_station_is_kept_and_not_lost(series):
    assert post(reading(series, station="新站")).json()["quarantined"] == 1
    assert Quarantined.objects.get().station_code == "新站"


@pytest.mark.parametrize(
    ("trouble", "code"),
    [("database or disk is full", "observe.disk_full"), ("database is locked", "observe.busy")],
)
def test_what_cannot_be_stored_is_not_acknowledged(series, monkeypatch, trouble, code):
    monkeypatch.setattr(writer_module, "RETRY_S", 0)

    def fail(*_args, **_more):
        raise OperationalError(trouble)

    with monkeypatch.context() as patch:
        patch.setattr(Store, "write", fail)
        answer = post({"readings": [reading(series)]})
    assert answer.status_code == 503
    assert answer.json()["code"] == code
    assert answer.json()["hint"]
    assert not Reading.objects.exists()
    assert post({"readings": [reading(series)]}).json()["stored"] == 1


def test_a_lock_that_passes_is_waited_for(series, monkeypatch):
    monkeypatch.setattr(writer_module, "RETRY_S", 0)
    real, failures = Store.write, [OperationalError("database is locked")]

    def at_first(self, parcels, **more):
        if failures:
            raise failures.pop()
        return real(self, parcels, **more)

    monkeypatch.setattr(Store, "write", at_first)
    assert post({"readings": [reading(series)]}).json()["stored"] == 1


def test_a_database_that_let_us_wait_long_is_not_asked_again_while_the_device_waits(
    series, monkeypatch
):
    asked = []

    def locked(*_args, **_more):
        asked.append("write")
        raise OperationalError("database is locked")

    monkeypatch.setattr(writer_module, "PATIENCE_S", -1)
    monkeypatch.setattr(Store, "write", locked)

    assert post({"readings": [reading(series)]}).status_code == 503
    assert asked == ["write"]


class Caller:
    """A device on a line of its own: its body comes when it is let go."""

    def __init__(self, body=None):
        self.ready, self.answers = asyncio.Event(), []
        self.body = json.dumps(body or {"readings": []}).encode()

    async def receive(self):
        await self.ready.wait()
        return {"type": "http.request", "body": self.body, "more_body": False}

    async def send(self, message):
        self.answers.append(message)

    async def call(self):
        headers = [(b"authorization", b"Bearer secret")]
        scope = {"type": "http", "path": "/ingest/http", "method": "POST", "headers": headers}
        await app(scope, self.receive, self.send)
        return self.answers[0]["status"]


def test_a_body_that_does_not_come_is_given_up_and_the_connection_closed(series, monkeypatch):
    monkeypatch.setattr(door, "BODY_WITHIN_S", 0.01)
    caller = Caller()

    assert asyncio.run(caller.call()) == 408
    assert (b"connection", b"close") in caller.answers[0]["headers"]
    assert json.loads(caller.answers[1]["body"])["code"] == "observe.too_slow"


def test_who_is_still_sending_takes_nobodys_place(series, monkeypatch):
    monkeypatch.setattr(door, "MAX_AT_ONCE", 1)

    async def go():
        slow = [Caller() for _ in range(3)]
        waiting = [asyncio.ensure_future(caller.call()) for caller in slow]
        quick = Caller(reading(series))
        quick.ready.set()
        status = await quick.call()
        for caller in slow:
            caller.ready.set()
        return status, await asyncio.gather(*waiting)

    assert asyncio.run(go()) == (200, [200, 200, 200])
    assert Reading.objects.count() == 1


def test_more_at_once_than_is_sound_is_told_to_come_again(series, monkeypatch):
    monkeypatch.setattr(door, "MAX_AT_ONCE", 0)
    answer = post(reading(series))

    assert answer.status_code == 429
    assert answer.headers["retry-after"]
    assert not Reading.objects.exists()
