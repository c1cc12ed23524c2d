"""For every page, endpoint, file and export: without the right, nothing is read or changed."""

import gzip
import re

import pytest
from django.apps import apps
from django.urls import URLPattern, URLResolver, get_resolver

from anlan.base.models import Ticked

from .access import ASKED_WITH, MARK, NEUTRAL, OWN, PUBLIC, World

pytestmark = pytest.mark.django_db
TILE = "/places/tiles/<slug:layer>/<int:z>/<int:x>/<int:y>.mvt"
REFUSED = {403, 404, 405}
OF_THE_FRAMEWORK = {"django_session", "django_content_type", "auth_permission"}


def routes(resolver=None, prefix="/"):
    for pattern in (resolver or get_resolver()).url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern, route)
        elif isinstance(pattern, URLPattern):
            yield route


ROUTES = sorted(set(routes()) - set(PUBLIC))


def address(route, ids):
    """The route with our region's ids in it."""

    def value(match):
        name = match[1].split(":")[-1]
        if name not in ids:
            pytest.fail(f"tests/access.py knows no {name} for {route}")
        return str(ids[name])

    return re.sub(r"<([^>]+)>", value, route) + ASKED_WITH.get(route, "")


def everything_stored():
    """All rows of our own tables: what a refused request must leave as it was."""
    return {
        model._meta.label: sorted(map(repr, model._base_manager.values_list()))
        for model in apps.get_models()
        if model._meta.app_config.name.startswith("anlan.")
        and model not in {Ticked}
        and model._meta.db_table not in OF_THE_FRAMEWORK
    }


def text_of(response):
    body = b"".join(response) if response.streaming else response.content
    if response.headers.get("Content-Encoding") == "gzip":
        body = gzip.decompress(body)
    return body.decode(errors="replace")


@pytest.fixture
def world(settings, tmp_path):
    settings.FILES_DIR = settings.DATA_DIR = tmp_path
    settings.CACHE_DIR = tmp_path / "cache"
    return World()


def test_no_door_is_listed_that_does_not_exist():
    assert (set(PUBLIC) | OWN) - set(routes()) == set()


@pytest.mark.parametrize("route", ROUTES)
def test_who_has_not_signed_in_gets_nothing(route, world, client):
    for method in ("get", "post", "put", "delete"):
        response = getattr(client, method)(address(route, world.ids))
        assert response.status_code in {302, 401, *REFUSED}, method
        if response.status_code == 302:
            assert "/sign-in/" in response["Location"]


@pytest.mark.parametrize("who", ["stranger", "nobody"])
@pytest.mark.parametrize("route", [route for route in ROUTES if route not in OWN])
def test_who_has_no_right_here_reads_and_changes_nothing(route, who, world, client):
    client.force_login(getattr(world, who))
    before = everything_stored()

    for method in ("get", "post", "put", "delete"):
        response = getattr(client, method)(address(route, world.ids), data={})
        assert MARK not in text_of(response), method
        if set(re.findall(r"(\w+)>", route)) - NEUTRAL:
            allowed = REFUSED | {302} if method == "get" else REFUSED | {400, 422, 401}
            assert response.status_code in allowed, method
    assert everything_stored() == before


def test_who_has_every_right_here_is_not_refused(world, client):
    """Otherwise the tests above would pass on a house that refuses everybody."""
    client.force_login(world.insider)
    opened = 0
    for route in ROUTES:
        response = client.get(address(route, world.ids))
        opened += response.status_code == 200
        text_of(response)  # read to the end, so that its file is closed

    assert opened > len(ROUTES) / 3
    for route in ("/incidents/<int:incident_id>/", "/work/<int:item_id>/", "/stations/"):
        assert MARK in text_of(client.get(address(route, world.ids)))
    assert MARK in text_of(client.get(address(TILE, world.ids)))
