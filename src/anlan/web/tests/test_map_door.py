"""Tiles past Django: the same bytes for the same readers, looked up once for many."""

import asyncio

import httpx
import mapbox_vector_tile
import pytest
from django.db import OperationalError

from anlan.web import map_door
from anlan.web.map_door import Known

SITE = """
from anlan.places.models import Region, Site
from anlan.places.services.revisions import touch
Site.objects.create(code="U1", kind="underpass", name="解放路下穿",
    region=Region.objects.get(code="330702"), lon=119.6, lat=29.1)
touch("sites")  # the layer was read when the process began
"""
# The tile at zoom 15 that holds the site.
TILE = "/places/tiles/sites/15/27270/13613.mvt"


def test_a_reader_gets_what_django_gives_and_nobody_else_anything(house):
    house.shell(SITE)

    def ask(session, path=TILE, **headers):
        cookies = {"sessionid": session} if session else {}
        return httpx.get(house.url + path, cookies=cookies, headers=headers, timeout=30)

    mine = ask(house.officer)
    assert mine.headers["content-encoding"] == "gzip"
    (feature,) = mapbox_vector_tile.decode(mine.content)["sites"]["features"]
    assert feature["properties"]["name"] == "解放路下穿"
    plain = ask(house.officer, **{"Accept-Encoding": "identity"})
    assert (plain.content, "content-encoding" in plain.headers) == (mine.content, False)
    again = ask(house.officer, **{"If-None-Match": mine.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    django = house.shell(
        "from django.test import Client; from anlan.people.models import Account\n"
        "c = Client(); c.force_login(Account.objects.get(username='officer'))\n"
        f"r = c.get('{TILE}'); print('etag', r['ETag'])"
    )
    assert f"etag {mine.headers['etag']}" in django.splitlines()

    theirs = ask(house.stranger)
    assert theirs.status_code == 200
    assert mapbox_vector_tile.decode(theirs.content)["sites"]["features"] == []
    assert ask("").status_code == 401
    assert ask("nobody's session").status_code == 401
    for path in ("/places/tiles/nothing/1/0/0.mvt", "/places/tiles/sites/1/9/0.mvt",
                 "/places/tiles/sites/x"):  # fmt: skip
        assert ask(house.officer, path).status_code == 404
    posted = httpx.post(house.url + TILE, cookies={"sessionid": house.officer})
    assert posted.status_code == 405


def test_many_who_ask_at_once_share_one_look_and_it_is_renewed_in_time(monkeypatch):
    now, asked = [100.0], []
    monkeypatch.setattr(map_door.time, "monotonic", lambda: now[0])
    known = Known(lambda key: asked.append(key) or key.upper(), fresh_s=5.0)

    async def story():
        first = await asyncio.gather(*(known.get("a") for _ in range(20)))
        now[0] += 4.9
        await known.get("a")
        now[0] += 0.2
        return [*first, await known.get("a"), await known.get("b")]

    assert asyncio.run(story()) == ["A"] * 21 + ["B"]
    assert asked == ["a", "a", "b"]


def test_a_fault_is_told_and_not_remembered():
    answers = [OperationalError("locked"), "fine"]

    def look(_key):
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    known = Known(look, fresh_s=60.0)

    async def story():
        with pytest.raises(OperationalError):
            await known.get("a")
        return await known.get("a")

    assert asyncio.run(story()) == "fine"


def test_where_the_database_cannot_the_tile_is_asked_for_again(monkeypatch):
    def locked(_key):
        raise OperationalError("locked")

    monkeypatch.setattr(map_door, "_rights_of", locked)
    monkeypatch.setattr(map_door, "_memory", None)
    sent = []

    async def send(message):
        sent.append(message)

    scope = {"method": "GET", "path": TILE, "headers": [], "query_string": b""}
    asyncio.run(map_door.app(scope, None, send))

    assert sent[0]["status"] == 503
    assert (b"retry-after", b"5") in sent[0]["headers"]
