"""The health page tells the truth, and details only to whom they concern."""

from datetime import timedelta

import pytest
from django.utils import timezone

from anlan.base.models import Delivery, Event, Ticked
from anlan.observe import meters
from anlan.observe.parcels import Receipt
from anlan.people.tests.factories import account_in
from anlan.places.tests.factories import RegionFactory
from anlan.web import ops

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_doors(settings):
    settings.SL651_PORT, settings.MQTT_URL = 0, ""


def worker_seen(ago: timedelta, error: str = "") -> None:
    at = timezone.now() - ago
    Ticked.objects.update_or_create(name="base.seal", defaults={"last_at": at, "error": error})


def state_of(name: str) -> str:
    return next(check.state for check in ops.checks() if check.name == name)


def test_a_worker_that_has_gone_is_a_failure(client):
    worker_seen(timedelta(seconds=3))
    assert state_of("worker") == ops.OK
    assert client.get("/health/").status_code == 200
    worker_seen(timedelta(minutes=5))
    assert state_of("worker") == ops.FAILED
    assert client.get("/health/").status_code == 503


def test_a_duty_that_fails_is_named():
    worker_seen(timedelta(), error="ValueError: x")
    check = next(check for check in ops.checks() if check.name == "worker")
    assert check.state == ops.WARN
    assert "base.seal" in check.detail


def test_events_that_nobody_seals_are_a_failure():
    assert state_of("seal") == ops.OK
    Event.objects.create(name="x", at=timezone.now(), data={})
    assert state_of("seal") == ops.FAILED


def test_failed_deliveries_want_a_look():
    event = Event.objects.create(name="x", at=timezone.now(), data={})
    Delivery.objects.create(event=event, subscriber="s", next_at=timezone.now(), state="FAILED")
    assert state_of("deliveries") == ops.WARN


def test_a_listener_that_does_not_answer_is_a_failure(settings, unused_port):
    settings.SL651_PORT = unused_port
    assert state_of("sl651") == ops.FAILED


@pytest.fixture
def unused_port():
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_strangers_hear_one_word(client, settings):
    worker_seen(timedelta())
    assert set(client.get("/health/", REMOTE_ADDR="10.1.2.3").json()) == {"status"}
    proxied = client.get("/health/", headers={"X-Forwarded-For": "10.1.2.3"})
    assert set(proxied.json()) == {"status"}
    assert "checks" in client.get("/health/").json()
    assert client.get("/metrics", REMOTE_ADDR="10.1.2.3").status_code == 404
    settings.METRICS_TOKEN = "long-token"
    for token, status in (("long-token", 200), ("wrong", 404), ("", 404)):
        answer = client.get(
            "/metrics", REMOTE_ADDR="10.1.2.3", headers={"Authorization": f"Bearer {token}"}
        )
        assert answer.status_code == status


def test_the_page_is_for_who_operates(client):
    worker_seen(timedelta())
    client.force_login(account_in(RegionFactory(level=3), "people.manage"))
    assert client.get("/health/page/").status_code == 403
    client.force_login(account_in(RegionFactory(level=2), "web.operate"))
    page = client.get("/health/page/").content.decode()
    assert "数据库" in page


def test_live_does_not_ask_the_database(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert client.get("/health/live").content == b"ok"


def test_metrics_count_readings_by_door(client):
    worker_seen(timedelta())
    meters.count("http", Receipt(stored=7, duplicate=2))
    text = client.get("/metrics").content.decode()
    line = 'anlan_readings_total{door="http",outcome="stored"} '
    assert line in text
    assert "anlan_feed_clients 0.0" in text
    assert 'anlan_outbox{state="WAITING"} 0.0' in text
    assert 'anlan_duty_lag_seconds{duty="base.seal"}' in text
