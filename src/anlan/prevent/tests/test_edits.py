"""A file changed on a phone with no network, while the office changes it too."""

import json
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from anlan.base import clock
from anlan.people.tests.factories import account_in
from anlan.places.tests.factories import RegionFactory
from anlan.prevent.models import Edit
from anlan.prevent.models.edits import current
from anlan.prevent.services.enterprises import OF_FILE, OF_SITE, Particulars, change_enterprise
from anlan.work.models import Submission

from .conftest import NOON
from .factories import credit_code

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(story):
    return account_in(story.county, "prevent.view", "prevent.manage")


@pytest.fixture
def keeper(story):
    """Somebody who may keep files, with a phone."""
    return account_in(story.town, "prevent.view", "prevent.manage", "prevent.inspect")


@pytest.fixture(autouse=True)
def file(story, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOON)
    firm = story.firm
    firm.credit_code, firm.address, firm.legal_person = credit_code(77), "老街1号", "王五"
    firm.save()
    return firm


def by_office(firm, office, **wanted):
    now = {n: getattr(firm.site, n) for n in OF_SITE} | {n: getattr(firm, n) for n in OF_FILE}
    at = NOON + timedelta(minutes=5)
    given = replace(Particulars(**now), **wanted)
    change_enterprise(enterprise=firm, given=given, by=office, at=at)


def hand_in(client, account, firm, *, after=None, sid=None, **fields):
    body = {
        "id": sid or str(uuid4()),
        "handed_in": "prevent.edit",
        "made_at": "2026-07-01T10:00:00+08:00",
        "after": after,
        "data": {
            "enterprise": firm.pk,
            "seen_at": NOON.isoformat(),
            "fields": {n: {"seen": seen, "wanted": want} for n, (seen, want) in fields.items()},
        },
        "attachments": [],
    }
    client.force_login(account)
    answer = client.post("/api/submissions", json.dumps(body), content_type="application/json")
    return body["id"], answer


def file_of(firm):
    return current(type(firm).objects.select_related("site").get(pk=firm.pk))


def test_what_nobody_else_touched_is_taken_over(client, file, office, keeper):
    by_office(file, office, legal_person="赵六")

    sid, answer = hand_in(
        client, keeper, file, address=("老街1号", "新街8号"), employees=(None, 40)
    )

    assert answer.json()["state"] == "ACCEPTED"
    found = file_of(file)
    assert (found["address"], found["employees"]) == ("新街8号", 40)
    assert found["legal_person"] == "赵六"  # the office's stays
    assert Edit.objects.get(pk=sid).state == "APPLIED"


def test_what_two_changed_differently_waits_for_a_choice_and_neither_is_lost(
    client, file, office, keeper
):
    by_office(file, office, address="工业区2号")
    sid, answer = hand_in(
        client,
        keeper,
        file,
        address=("老街1号", "新街8号"),
        legal_person=("王五", "钱七"),
    )
    assert answer.json()["state"] == "ACCEPTED"
    assert file_of(file)["address"] == "工业区2号"
    assert file_of(file)["legal_person"] == "钱七"

    client.force_login(office)
    page = client.get(f"/prevent/edits/{sid}/").content.decode()
    assert page.index("老街1号") < page.index("新街8号") < page.index("工业区2号")
    assert sid in client.get("/prevent/edits/").content.decode()
    refused = client.post(f"/prevent/edits/{sid}/settle/", {})
    assert refused.status_code == 422
    client.post(f"/prevent/edits/{sid}/settle/", {"address": "PHONE"})
    again = client.post(f"/prevent/edits/{sid}/settle/", {"address": "OFFICE"})

    assert again.status_code == 409
    assert file_of(file)["address"] == "新街8号"
    edit = Edit.objects.get(pk=sid)
    assert (edit.state, edit.settled_by) == ("SETTLED", office)
    assert edit.choices == {"address": ["工业区2号", "新街8号", "PHONE"]}  # the other stays too


def test_who_may_not_keep_files_proposes(client, file, office, story):
    sid, _answer = hand_in(client, story.inspector, file, address=("老街1号", "新街8号"))

    assert file_of(file)["address"] == "老街1号"
    client.force_login(story.inspector)
    assert client.post(f"/prevent/edits/{sid}/settle/", {"address": "PHONE"}).status_code == 403
    client.force_login(office)
    client.post(f"/prevent/edits/{sid}/settle/", {"address": "PHONE"})
    assert file_of(file)["address"] == "新街8号"


def test_a_choice_made_on_an_old_page_is_refused(client, file, office, story):
    sid, _answer = hand_in(client, story.inspector, file, address=("老街1号", "新街8号"))
    by_office(file, office, address="工业区2号")

    client.force_login(office)
    chosen = {"address": "PHONE", "version": NOON.isoformat()}
    answer = client.post(f"/prevent/edits/{sid}/settle/", chosen)

    assert answer.status_code == 409
    assert Edit.objects.get(pk=sid).state == "OPEN"
    assert file_of(file)["address"] == "工业区2号"


def test_a_second_change_that_comes_first_waits_and_is_shown(client, file, keeper, office):
    first = str(uuid4())
    late, answer = hand_in(client, keeper, file, after=first, address=("新街8号", "新街9号"))
    assert answer.json()["state"] == "WAITING"
    client.force_login(office)
    assert late in client.get("/prevent/edits/").content.decode()

    hand_in(client, keeper, file, sid=first, address=("老街1号", "新街8号"))

    assert file_of(file)["address"] == "新街9号"
    assert not Submission.objects.exclude(state="ACCEPTED").exists()


def test_a_stranger_changes_and_sees_nothing(client, file, keeper, story):
    rights = ("prevent.view", "prevent.manage", "prevent.inspect")
    stranger = account_in(RegionFactory(level=3), *rights)
    _sid, answer = hand_in(client, stranger, file, address=("老街1号", "新街8号"))
    assert answer.status_code == 404

    sid, _answer = hand_in(client, keeper, file, address=("别处", "新街8号"))
    client.force_login(stranger)
    assert client.get(f"/prevent/edits/{sid}/").status_code == 404
    assert client.post(f"/prevent/edits/{sid}/settle/", {"address": "PHONE"}).status_code == 404
    assert sid not in client.get("/prevent/edits/").content.decode()


@pytest.mark.parametrize(
    "fields",
    [{"credit_code": ("a", "b")}, {"employees": (1, -5)}, {"lon": (119.0, 999.0)}, {}],
    ids=str,
)
def test_what_a_phone_may_not_change_is_refused(client, file, keeper, fields):
    before = file_of(file)
    _sid, answer = hand_in(client, keeper, file, **fields)

    assert answer.status_code == 422 or answer.json()["state"] == "REFUSED"
    assert file_of(file) == before
