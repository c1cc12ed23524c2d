import hashlib
import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import OperationalError

from anlan.base import clock
from anlan.people.tests.factories import account_in
from anlan.places.tests.factories import RegionFactory
from anlan.work import submissions
from anlan.work.models import Attachment, Step
from anlan.work.services import advance

from .conftest import NOON, photo

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOON)


@pytest.fixture
def as_(client):
    def sign_in(account):
        client.force_login(account)
        return client

    return sign_in


def with_proof(story):
    item, picture = story.open(kind="test.photo"), photo()
    story.send(item, "accept")
    sent = story.send(item, files=[picture], lon=119.51, lat=29.2, accuracy_m=12)
    story.attach(sent, picture)
    item.refresh_from_db()
    return item, Attachment.objects.get()


def test_each_finds_in_their_inbox_what_waits_for_them(story, as_):
    to_accept = story.open(title="巡查堤防")
    doing = story.open(title="转移住户")
    story.send(doing, "accept")
    proven, _file = with_proof(story)

    mine = as_(story.worker).get("/work/", {"box": "accept"}).content.decode()
    assert to_accept.title in mine
    assert doing.title not in mine
    assert doing.title in as_(story.worker).get("/work/").content.decode()  # doing comes first
    waiting = as_(story.officer).get("/work/", {"box": "verify"}).content.decode()
    assert f"/work/{proven.pk}/" in waiting
    stranger = as_(story.stranger).get("/work/", {"box": "open"}).content.decode()
    assert "/work/" + str(doing.pk) not in stranger


def test_overdue_work_stays_in_the_open_count(story, as_, monkeypatch):
    story.open(due=timedelta(hours=1))
    monkeypatch.setattr(clock, "now", lambda: NOON + timedelta(hours=3))

    boxes = as_(story.officer).get("/api/work/counts", {"by": "box"}).json()["boxes"]

    assert (boxes["open"], boxes["overdue"]) == (1, 1)
    row = as_(story.officer).get("/api/work/counts").json()[0]
    assert (row["open"], row["overdue"], row["closed"]) == (1, 1, 0)


def test_closed_counts_only_what_another_person_verified(story, as_):
    proven, _file = with_proof(story)
    cancelled = story.open()
    advance(item=cancelled, move="cancel", by=story.officer, at=NOON, note="误发")

    [row] = (
        as_(account_in(story.county, "work.view"))
        .get("/api/work/counts", {"region": story.county.code})
        .json()
    )
    assert (row["code"], row["submitted"], row["closed"]) == (story.town.code, 1, 0)
    assert row["cancelled"] == 1

    advance(item=proven, move="verify", by=story.officer, at=NOON)
    [row] = as_(story.officer).get("/api/work/counts").json()
    assert (row["submitted"], row["closed"], row["open"]) == (0, 1, 0)


def test_the_inbox_takes_the_same_few_queries_however_much_waits(
    story, as_, django_assert_max_num_queries
):
    for _ in range(25):
        story.open()
    client = as_(story.officer)
    client.get("/work/")
    with django_assert_max_num_queries(17):
        client.get("/work/", {"box": "open"})


def test_the_item_page_takes_the_same_few_queries_however_long_its_history(
    story, as_, django_assert_max_num_queries
):
    item, _file = with_proof(story)
    for _ in range(8):
        advance(item=item, move="return", by=story.officer, at=NOON, note="照片不清楚")
        picture = photo()
        sent = story.send(item, files=[picture], lon=119.51, lat=29.2)
        story.attach(sent, picture)
        item.refresh_from_db()
    client = as_(story.officer)
    client.get(f"/work/{item.pk}/")
    with django_assert_max_num_queries(24):
        client.get(f"/work/{item.pk}/")


def test_the_item_page_shows_proof_distance_and_a_masked_phone(story, as_):
    story.worker.phone = "13812345678"
    story.worker.save()
    item, file = with_proof(story)

    page = as_(story.officer).get(f"/work/{item.pk}/").content.decode()

    assert "138****5678" in page
    assert "12345678" not in page
    assert f"/work/files/{file.pk}/" in page
    assert "971 米" in page
    assert "核验通过，办结" in page
    assert "核验通过，办结" not in as_(story.worker).get(f"/work/{item.pk}/").content.decode()


def test_a_button_makes_the_move_and_a_refusal_changes_nothing(story, as_):
    item, _file = with_proof(story)
    client = as_(story.officer)

    assert client.post(f"/work/{item.pk}/moves/return/", {"note": ""}).status_code == 422
    sent_back = client.post(f"/work/{item.pk}/moves/return/", {"note": "照片不清楚"})
    assert sent_back.status_code == 302
    assert Step.objects.last().note == "照片不清楚"
    fragment = client.post(
        f"/work/{item.pk}/moves/cancel/", {"note": "任务已撤销"}, headers={"HX-Request": "true"}
    )
    assert b"<html" not in fragment.content
    assert client.post(f"/work/{item.pk}/moves/fly/").status_code == 409


def test_a_stranger_finds_nothing_behind_any_door(story, as_):
    item, file = with_proof(story)
    sent = file.submission
    client = as_(story.stranger)
    body = {"id": str(uuid4()), "item_id": item.pk, "move": "accept", "made_at": NOON.isoformat()}

    for path in (
        f"/work/{item.pk}/",
        f"/work/files/{file.pk}/",
        f"/work/files/{file.pk}/small/",
        f"/api/work/{item.pk}",
        f"/api/submissions/{sent.pk}",
        f"/work/regions/?region={story.town.code}",
        f"/api/work/counts?region={story.town.code}",
    ):
        assert client.get(path).status_code == 404, path
    assert client.post(f"/work/{item.pk}/moves/verify/").status_code == 404
    for path, data in (
        (f"/api/work/{item.pk}/moves/verify", {}),
        ("/api/submissions", body),
    ):
        assert client.post(path, data, "application/json").status_code == 404, path
    put = client.put(f"/api/submissions/{sent.pk}/attachments/{file.sent_digest}", photo())
    assert put.status_code == 404
    assert client.get("/api/work").json() == {"items": [], "count": 0}
    assert item.title not in client.get("/work/?box=open").content.decode()


def test_without_signing_in_there_is_only_the_way_to_sign_in(story, client):
    item, file = with_proof(story)

    for path in (f"/work/{item.pk}/", f"/work/files/{file.pk}/", "/work/", "/work/regions/"):
        assert client.get(path).status_code == 302, path
    for path in (f"/api/work/{item.pk}", "/api/work", f"/api/submissions/{file.submission_id}"):
        assert client.get(path).status_code == 401, path


def test_who_may_see_but_not_do_gets_no_buttons_and_no_moves(story, as_):
    item = story.open()
    client = as_(account_in(story.village, "work.view"))

    assert client.get(f"/api/work/{item.pk}").json()["moves"] == []
    refused = client.post(f"/api/work/{item.pk}/moves/accept", {}, "application/json")
    assert refused.status_code == 403


def test_files_are_served_so_that_nothing_in_them_runs(story, as_):
    _item, file = with_proof(story)

    for path in (f"/work/files/{file.pk}/", f"/work/files/{file.pk}/small/"):
        answer = as_(story.officer).get(path)
        assert b"".join(answer.streaming_content)[:2] == b"\xff\xd8"
        assert answer["Content-Type"] == "image/jpeg"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer["Content-Security-Policy"]
        assert answer["Content-Disposition"].startswith("inline; filename*=UTF-8''")
        for close in answer._resource_closers:  # close() would end the test's transaction too
            close()


def test_a_phone_submits_through_the_api(story, as_):
    item, picture = story.open(kind="test.photo"), photo()
    client, sid = as_(story.worker), uuid4()
    digest = hashlib.sha256(picture).hexdigest()
    accept = {"id": str(uuid4()), "item_id": item.pk, "move": "accept"}
    accept["made_at"] = NOON.isoformat()
    assert client.post("/api/submissions", accept, "application/json").json()["state"] == "ACCEPTED"
    body = json.dumps(
        {
            "id": str(sid),
            "item_id": item.pk,
            "move": "submit",
            "made_at": "2026-07-01T12:00:00+08:00",
            "note": "好",
            "lon": 119.5,
            "lat": 29.2,
            "accuracy_m": 5,
            "attachments": [{"digest": digest, "name": "a.jpg"}],
        }
    )

    first = client.post("/api/submissions", body, "application/json").json()
    assert (first["state"], first["missing"]) == ("WAITING", [digest])
    put = f"/api/submissions/{sid}/attachments/{digest}?name=a.jpg"
    done = client.put(put, picture, "application/octet-stream").json()
    assert (done["state"], done["item_state"]) == ("ACCEPTED", "SUBMITTED")
    assert client.put(put, picture, "application/octet-stream").json() == done
    assert client.post("/api/submissions", body, "application/json").json() == done
    other = client.post("/api/submissions", body + " ", "application/json")
    assert (other.status_code, other.json()["code"]) == (409, "work.other_bytes")


@pytest.mark.parametrize(
    "change",
    [
        {"id": "x"},
        {"item_id": 10**30},
        {"move": "fly"},
        {"made_at": "2026-07-01T12:00:00"},
        {"lat": 91},
        {"lon": float("nan")},
        {"note": "a\x00b"},
        {"attachments": [{"digest": "../../etc"}]},
    ],
)
def test_nonsense_is_refused_as_such(story, as_, change):
    item = story.open()
    body = {"id": str(uuid4()), "item_id": item.pk, "move": "accept", "made_at": NOON.isoformat()}
    sent = json.dumps(body | change)
    assert as_(story.worker).post("/api/submissions", sent, "application/json").status_code == 422


def test_a_locked_database_answers_503_and_when_to_come_back(story, as_, monkeypatch):
    item = story.open()
    body = {"id": str(uuid4()), "item_id": item.pk, "move": "accept", "made_at": NOON.isoformat()}

    def locked(**_):
        raise OperationalError("database is locked")

    monkeypatch.setattr(submissions, "receive", locked)
    answer = as_(story.worker).post("/api/submissions", body, "application/json")
    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0


def test_a_file_too_large_is_refused_by_its_length(story, as_, settings):
    sent = story.send(story.open(), files=[photo()])
    settings.MAX_UPLOAD_BYTES = 100
    path = f"/api/submissions/{sent.pk}/attachments/{sent.announced[0]}"
    answer = as_(story.worker).put(path, photo(), "application/octet-stream")
    assert (answer.status_code, answer.json()["code"]) == (413, "work.file_too_large")


def test_the_api_asks_for_the_csrf_token(story):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(story.worker)
    assert client.post("/api/submissions", {}, "application/json").status_code == 403


def test_counts_by_region_open_downwards(story, as_):
    other = RegionFactory(parent=story.county)
    story.open()
    story.open(region=other, post=None)
    client = as_(account_in(story.county, "work.check", "work.view"))

    page = client.get("/work/regions/").content.decode()  # the only region opens by itself
    assert story.town.name in page
    assert other.name in page
    rows = client.get("/api/work/counts", {"region": story.town.code}).json()
    assert [(row["name"], row["open"]) for row in rows] == [(story.village.name, 1)]
