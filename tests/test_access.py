"""For every page, endpoint, file and export: without the right, nothing is read or changed."""

import ast
import gzip
import re
import shutil
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from types import SimpleNamespace

import pytest
from django import forms
from django.apps import apps
from django.db import connection, transaction
from django.db.models import ForeignKey
from django.test import override_settings
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils.http import urlencode

from anlan.base.models import Ticked
from anlan.people.models import Role
from anlan.people.tests.factories import account_in
from anlan.places.models import Revision
from anlan.places.tests.factories import RegionFactory
from anlan.web import asgi
from anlan.web.api import api
from anlan.web.feed.audience import identify
from anlan.web.feed.hub import missed
from anlan.web.feed.reader import events_after
from anlan.work.models import Attachment

from .access import ASKED_WITH, BEFORE_DJANGO, NEUTRAL, OTHER, OWN, PUBLIC, fields, naming
from .world import World

pytestmark = pytest.mark.django_db
SRC = Path(__file__).parent.parent / "src/anlan"
TILE = "/places/tiles/<slug:layer>/<int:z>/<int:x>/<int:y>.mvt"
REFUSED = {403, 404, 405}
OF_THE_FRAMEWORK = {"django_session", "django_content_type", "auth_permission"}
THEIRS = "戊己庚辛"


def routes(resolver=None, prefix="/"):
    for pattern in (resolver or get_resolver()).url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern, route)
        elif isinstance(pattern, URLPattern):
            yield route


ROUTES = sorted(set(routes()) - set(PUBLIC))
OTHERS = [route for route in ROUTES if route not in OWN]


def address(route, ids):
    """The route with these ids in it."""

    def value(match):
        name = match[1].split(":")[-1]
        if name not in ids:
            pytest.fail(f"tests/world.py knows no {name} for {route}")
        return str(ids[name])

    return re.sub(r"<([^>]+)>", value, route) + ASKED_WITH.get(route, "")


def stored():
    """All rows of our own tables: what a refused request must leave as it was."""
    return {
        (model._meta.label, row[0]): repr(row)
        for model in apps.get_models()
        if model._meta.app_config.name.startswith("anlan.")
        and model not in {Ticked}
        and model._meta.db_table not in OF_THE_FRAMEWORK
        for row in model._base_manager.values_list("pk", *columns(model))
    }


@contextmanager
def watched():
    """The statements in here that may have changed rows; without one, `stored()` is as it was."""
    statements = []

    def look(execute, sql, params, many, context):
        if not sql.lstrip().startswith(READS):
            statements.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(look):
        yield statements


READS = ("SELECT", "SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT")


def columns(model):
    return [field.attname for field in model._meta.concrete_fields]


def text_of(response):
    body = b"".join(response) if response.streaming else response.content
    if response.headers.get("Content-Encoding") == "gzip":
        body = gzip.decompress(body)
    return body.decode(errors="replace")


@pytest.fixture
def files(settings, tmp_path):
    settings.FILES_DIR = settings.DATA_DIR = tmp_path
    settings.CACHE_DIR = tmp_path / "cache"


@pytest.fixture(scope="module")
def made(module_rows, tmp_path_factory):
    """Two worlds, made once; our rows as they were before there was another."""
    folder = tmp_path_factory.mktemp("files")
    nobodys = {Role._meta.label, Revision._meta.label}
    with override_settings(FILES_DIR=folder, DATA_DIR=folder, CACHE_DIR=folder / "cache"):
        ours = World()
        rows = {key: row for key, row in stored().items() if key[0] not in nobodys}
        return SimpleNamespace(folder=folder, ours=ours, rows=rows, theirs=World(THEIRS, 2))


@pytest.fixture
def worlds(made, files, tmp_path):
    shutil.copytree(made.folder, tmp_path, dirs_exist_ok=True)
    return deepcopy((made.ours, made.theirs))


@pytest.fixture
def ours(worlds):
    return worlds[0]


@pytest.fixture
def theirs(worlds):
    """Another county, whose people have no business in ours."""
    return worlds[1]


@pytest.fixture
def each(subtests):
    """One route after the other, each as if the others had not been tried."""

    @contextmanager
    def try_route(route):
        with subtests.test(route=route), transaction.atomic():
            yield
            transaction.set_rollback(True)

    return try_route


def test_no_door_is_listed_that_does_not_exist():
    assert (set(PUBLIC) | OWN) - set(routes()) == set()
    assert set(asgi.PREFIXES) == set(BEFORE_DJANGO)


def test_who_has_not_signed_in_gets_nothing(ours, client, each):
    for route in ROUTES:
        with each(route):
            for method in ("get", "post", "put", "delete"):
                response = getattr(client, method)(address(route, ours.ids))
                assert response.status_code in {302, 401, *REFUSED}, method
                if response.status_code == 302:
                    assert "/sign-in/" in response["Location"]


@pytest.mark.parametrize("who", ["stranger", "nobody"])
def test_who_has_no_right_here_reads_and_changes_nothing(who, ours, theirs, client, each):
    nobody = account_in(RegionFactory(level=3))
    client.force_login(theirs.insider if who == "stranger" else nobody)
    before = stored()
    for route in OTHERS:
        with each(route), watched() as statements:
            for method in ("get", "post", "put", "delete"):
                response = getattr(client, method)(address(route, ours.ids), data={})
                assert ours.mark not in text_of(response), method
                if set(re.findall(r"(\w+)>", route)) - NEUTRAL:
                    allowed = REFUSED | {302} if method == "get" else REFUSED | {400, 422, 401}
                    assert response.status_code in allowed, method
            assert not statements or stored() == before


def test_naming_our_records_in_a_query_shows_a_stranger_nothing(ours, theirs, client, each):
    """At their own addresses, where they are let in."""
    client.force_login(theirs.insider)
    named = naming(ours)
    for route in OTHERS:
        with each(route):
            # Regions are named by code here and by path there.
            for region in (ours.county.code, ours.county.path, ours.village.code):
                asked = {**named, "region": region, "parent": region}
                response = client.get(address(route, theirs.ids), asked)
                assert ours.mark not in text_of(response), region


def test_naming_our_records_in_what_a_stranger_sends_changes_nothing_of_ours(
    made, ours, theirs, client, each
):
    our_rows, before, taken = made.rows, stored(), {}
    for who, where in (("stranger", theirs), ("insider", ours)):
        client.force_login(where.insider)
        taken[who] = 0
        for route in OTHERS:
            with each(route), watched() as statements:
                for response in send(client, route, where.ids, fields(ours)):
                    taken[who] += response.status_code < 400
                    assert who == "insider" or ours.mark not in text_of(response)
                if who == "stranger" and statements:
                    after = stored()
                    assert {key: after.get(key) for key in our_rows} == our_rows
                    new = {key for key, row in after.items() if before.get(key) != row}
                    assert [found for key in new for found in references(key, our_rows)] == []
    # To those whose records they are, much of the same makes sense.
    assert taken["insider"] > taken["stranger"] > 15


def send(client, route, ids, sent):
    body = json_body(route, sent)
    how = {"data": urlencode(sent, doseq=True), **AS_FORM}
    if body is not None:
        how = {"data": body, **AS_JSON}
    for method in ("post", "put"):
        yield getattr(client, method)(address(route, ids), **how)


AS_FORM = {"content_type": "application/x-www-form-urlencoded"}  # parsed far faster than in parts
AS_JSON = {"content_type": "application/json"}
API = api.get_openapi_schema()


def json_body(route, sent):
    """What the API's operation at this route takes, of what is sent; none for a page."""
    path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route)
    operation = API["paths"].get(path, {}).get("post")
    if operation is None:
        return None
    return {name: sent[name] for name in body_fields(operation) if name in sent}


def body_fields(operation):
    content = operation.get("requestBody", {}).get("content", {})
    for kind in content.values():
        name = kind["schema"].get("$ref", "/").rpartition("/")[2]
        yield from API["components"]["schemas"].get(name, {}).get("properties", {})


def references(key, our_rows):
    """Which of our rows this row points to."""
    model = apps.get_model(key[0])
    row = model._base_manager.get(pk=key[1])
    for field in model._meta.concrete_fields:
        if isinstance(field, ForeignKey):
            target = (field.related_model._meta.label, getattr(row, field.attname))
            if target in our_rows:
                yield f"{key}.{field.name} → {target}"


def taken_by_pages():
    """Names that pages look up in what was sent, and fields of forms."""
    for path in SRC.rglob("*.py"):
        takes = path.name.endswith(("pages.py", "forms.py")) or path.parent.name in SURFACES
        if path.parent.name == "tests" or not takes:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ASKED:
                yield from literals(node.args[0])
            if isinstance(node, ast.DictComp):  # {name: request.GET.get(name) for name in (…)}
                yield from literals(node.generators[0].iter)
    for form in subclasses(forms.Form):
        if form.__module__.startswith("anlan."):
            yield from form.base_fields


SURFACES = {"pages", "forms"}  # rooms with a file for each subject
ASKED = {
    f"{where}.{how}"
    for where in ("request.GET", "request.POST", "request.FILES", "values")
    for how in ("get", "getlist")
}


def literals(node):
    """A name, or the names of a tuple."""
    found = [node] if isinstance(node, ast.Constant) else getattr(node, "elts", [])
    return [one.value for one in found if isinstance(one, ast.Constant)]


def subclasses(kind):
    for one in kind.__subclasses__():
        yield one
        yield from subclasses(one)


def taken_by_the_api():
    for path, operations in API["paths"].items():
        if path.startswith("/api/"):
            for operation in operations.values():
                asked = operation.get("parameters", [])
                yield from (one["name"] for one in asked if one["in"] == "query")
                yield from body_fields(operation)


def test_every_field_that_a_door_takes_is_one_that_strangers_tried(ours):
    taken = {*taken_by_pages(), *taken_by_the_api()}
    assert sorted(taken - set(OTHER) - set(naming(ours))) == []


def test_the_live_feed_tells_a_stranger_nothing_of_all_that_happened_here(ours, theirs, client):
    """Every event of both worlds, as a board hears it that was away."""
    happened = events_after(0, 100_000)

    def heard(account):
        client.force_login(account)
        return missed(happened, identify(client.session.session_key).audience)

    paths = {event.id: event.path for event in happened}
    here, there = heard(ours.insider), heard(theirs.insider)
    assert len(here) > 5
    assert len(there) > 5
    assert set(here) & set(there) == set()
    told = b"".join(there).decode()
    for event_id, path in paths.items():
        assert not path.startswith(ours.county.path) or f"id: {event_id}\n" not in told


@pytest.mark.parametrize(
    "guess",
    ["/{path}", "/files/{path}", "/media/{path}", "/static/{path}", "/static/../files/{path}"],
)
def test_a_file_is_not_served_to_who_guesses_its_name(guess, ours, client):
    """Not even to who may see it: the only way is the page that asks."""
    client.force_login(ours.insider)
    kept = Attachment.objects.get(pk=ours.ids["attachment_id"])
    assert text_of(client.get(f"/work/files/{kept.pk}/"))
    for name in (kept.path, kept.thumb, f"{kept.path}%00", f"%2e%2e/{kept.path}"):
        assert client.get(guess.format(path=name)).status_code == 404


def test_who_has_every_right_here_is_not_refused(ours, client):
    """Otherwise the tests above would pass on a house that refuses everybody."""
    client.force_login(ours.insider)
    opened = 0
    for route in ROUTES:
        response = client.get(address(route, ours.ids))
        opened += response.status_code == 200
        text_of(response)  # read to the end, so that its file is closed

    assert opened > len(ROUTES) / 3
    for route in ("/incidents/<int:incident_id>/", "/work/<int:item_id>/", "/stations/"):
        assert ours.mark in text_of(client.get(address(route, ours.ids)))
    assert ours.mark in text_of(client.get(address(TILE, ours.ids)))
