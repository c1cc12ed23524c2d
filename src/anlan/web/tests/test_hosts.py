"""Host names that are answered to, and what browsers are told to keep to."""

import asyncio

import pytest
from django.core.checks import run_checks

from anlan.people.tests.factories import account_in
from anlan.places.tests.factories import RegionFactory
from anlan.web import asgi, hosts


@pytest.mark.parametrize(
    "host",
    ["", "localhost:8000", "127.0.0.1", "[::1]:8000", "192.168.1.20:8000", "[fd00::7]", "Box:8000"],
)
def test_addresses_and_this_machine_s_names_are_served_by_default(host, settings, monkeypatch):
    settings.HOSTS = []
    monkeypatch.setattr("socket.gethostname", lambda: "box")
    assert hosts.is_served(host)


@pytest.mark.parametrize(
    "host", ["evil.example", "box.evil.example", "a/b", "1.2.3.4.evil.example"]
)
def test_a_borrowed_name_is_not_served(host, settings, monkeypatch):
    settings.HOSTS = []
    monkeypatch.setattr("socket.gethostname", lambda: "box")
    assert not hosts.is_served(host)


def test_a_city_s_list_is_the_whole_list_but_for_this_machine_itself(settings):
    settings.HOSTS = ["anlan.city.gov", ".yj.city.gov"]
    served = ["anlan.city.gov:443", "a.yj.city.gov", "localhost", "127.0.0.1:8000"]
    assert [host for host in served if not hosts.is_served(host)] == []
    assert not hosts.is_served("10.1.1.1")
    assert not hosts.is_served("city.gov")


@pytest.mark.parametrize("path", ["/sign-in/", "/feed/", "/ingest/http"])
def test_every_door_refuses_a_borrowed_name_before_anything_else(path, settings):
    settings.HOSTS = []
    sent = []

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        sent.append(message)

    headers = [(b"host", b"evil.example")]
    scope = {"type": "http", "method": "GET", "path": path, "headers": headers, "query_string": b""}
    asyncio.run(asgi.application(scope, receive, send))

    assert sent[0]["status"] == 400
    assert "ANLAN_HOSTS" in sent[1]["body"].decode()


def test_a_list_of_everything_is_told_as_unsafe(settings):
    settings.HOSTS, settings.DEBUG, settings.DEMO = ["*"], False, False
    assert [found.id for found in run_checks() if found.id == "anlan.W001"] == ["anlan.W001"]
    settings.HOSTS = []
    assert [found for found in run_checks() if found.id == "anlan.W001"] == []


@pytest.mark.django_db
def test_every_answer_tells_the_browser_what_our_pages_may_do(client):
    client.force_login(account_in(RegionFactory(), "warn.view"))

    for path in ("/board/", "/sign-in/", "/nothing/", "/api/board"):
        headers = client.get(path, follow=True).headers
        policy = dict(
            part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";")
        )
        assert policy["default-src"] == "'self'"
        assert policy["script-src"] == policy["style-src"] == "'self'"
        assert policy["frame-ancestors"] == "'none'"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert "geolocation=(self)" in headers["Permissions-Policy"]
