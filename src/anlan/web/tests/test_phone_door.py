"""What the phone's page asks for: only one's own, only what has changed."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from anlan.base import clock
from anlan.people.models import Account, Grant
from anlan.people.tests.factories import account_in, holder_of, post_in
from anlan.places.tests.factories import RegionFactory, SiteFactory
from anlan.prevent.models import Contact, Enterprise, Entry, Hazard, Standard, StandardVersion
from anlan.prevent.queries import carry
from anlan.web import built
from anlan.work import kinds
from anlan.work.services import advance, open_item

NOON = datetime(2026, 7, 1, 4, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def village(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOON)
    monkeypatch.setattr(kinds, "_kinds", dict(kinds._kinds))
    kinds.register(kinds.Kind("test.task", "任务", "work:item", "work.do", "work.check"))
    county = RegionFactory(level=3)
    return RegionFactory(parent=RegionFactory(parent=county))


@pytest.fixture
def worker(village):
    rights = ("work.view", "work.do", "prevent.view", "prevent.inspect")
    return holder_of(post_in(village, "village.grid_worker", *rights))


def enterprise_in(region, name="兰溪化工", code="91330702MA2EXAMPL1"):
    standard, _made = Standard.objects.get_or_create(code="demo", defaults={"name": "小微企业"})
    site = SiteFactory(region=region, name=name, kind="enterprise")
    found = Enterprise.objects.create(
        site=site, credit_code=code, standard=standard, changed_at=NOON
    )
    Contact.objects.create(enterprise=found, role="SAFETY", name="李四", phone="13800001234")
    return found


def hazard_at(enterprise, by):
    item = open_item(
        kind="test.task", title="无护栏", region=enterprise.site.region, by=by, at=NOON
    )
    return Hazard.objects.create(
        item=item,
        site=enterprise.site,
        grade="MAJOR",
        what="无护栏",
        found_at=NOON,
        found_by=by,
    )


def ask(client, account, path, **query):
    client.force_login(account)
    return client.get(f"/api/phone/{path}", query)


def test_a_region_comes_along_with_its_hazards_and_the_checklists_in_force(village, worker, client):
    found = enterprise_in(village)
    hazard = hazard_at(found, worker)
    version = StandardVersion.objects.create(
        standard=found.standard, number=1, state="IN_FORCE", made_at=NOON, author=worker
    )
    Entry.objects.create(version=version, number=1, text="通道畅通")

    size = ask(client, worker, "size", region=village.code).json()
    parts = ask(client, worker, "carry", region=village.code).json()["parts"]

    assert (size["enterprises"], size["hazards"], size["checklists"]) == (1, 1, 1)
    own = {"tasks", "plans"}  # come along anyway
    assert size["bytes"] == sum(part["bytes"] for name, part in parts.items() if name not in own)
    assert [row["id"] for row in parts["enterprises"]["rows"]] == [found.pk]
    assert parts["hazards"]["rows"][0]["id"] == hazard.pk
    assert parts["checklists"]["rows"][0]["entries"][0]["text"] == "通道畅通"
    # Names go along, telephones do not.
    assert "李四" in json.dumps(parts, ensure_ascii=False)
    assert "13800001234" not in json.dumps(parts)


def test_who_may_go_along_comes_with_the_region_for_whoever_inspects_there(village, worker, client):
    county, rights = village.parent.parent, ("prevent.view", "prevent.inspect")
    beside, above = account_in(village, *rights), account_in(county, *rights)
    next_door = account_in(RegionFactory(parent=village.parent), *rights)
    for nobody in (
        account_in(village, "prevent.view"),
        account_in(county, "prevent.inspect", "people.manage"),
        account_in(RegionFactory(level=3), *rights),
        holder_of(post_in(county, "administrator", "prevent.inspect", "people.manage")),
    ):
        Account.objects.filter(pk=nobody.pk).update(name="不同行")
    gone = account_in(village, *rights)
    Account.objects.filter(pk=gone.pk).update(is_active=False)
    enterprise_in(village)

    parts = ask(client, worker, "carry", region=village.code).json()["parts"]
    found = {row["id"]: row["paths"] for row in parts["inspectors"]["rows"]}
    assert found == {
        worker.pk: [village.path], beside.pk: [village.path], above.pk: [county.path],
    }  # fmt: skip
    assert parts["enterprises"]["rows"][0]["path"] == village.path
    # Of the county: everybody, with where they may; only in the regions where the reader inspects.
    parts = ask(client, above, "carry", region=county.code).json()["parts"]
    found = {row["id"]: row["paths"] for row in parts["inspectors"]["rows"]}
    assert found[next_door.pk] == next_door.regions_for("prevent.inspect")
    assert set(found) == {worker.pk, beside.pk, above.pk, next_door.pk}
    onlooker = account_in(county, "prevent.view")
    Grant.objects.create(account=onlooker, permission="prevent.inspect", region=village)
    parts = ask(client, onlooker, "carry", region=county.code).json()["parts"]
    assert next_door.pk not in {row["id"] for row in parts["inspectors"]["rows"]}
    parts = ask(client, account_in(county, "prevent.view"), "carry", region=county.code).json()
    assert parts["parts"]["inspectors"]["rows"] == []


def test_what_the_phone_has_already_is_not_sent_again(village, worker, client):
    found = enterprise_in(village)
    parts = ask(client, worker, "carry", region=village.code).json()["parts"]
    have = ",".join(f"{name}:{part['revision']}" for name, part in parts.items())

    again = ask(client, worker, "carry", region=village.code, have=have).json()
    Enterprise.objects.filter(pk=found.pk).update(address="工业路9号")
    changed = ask(client, worker, "carry", region=village.code, have=have).json()

    assert again["parts"] == {}
    assert sorted(again["same"]) == sorted(parts)
    assert list(changed["parts"]) == ["enterprises"]


def test_a_stranger_takes_nothing_of_ours_along(village, worker, client):
    enterprise_in(village)
    stranger = account_in(RegionFactory(level=3), "prevent.view", "work.do", "work.view")

    assert ask(client, stranger, "carry", region=village.code).status_code == 404
    assert ask(client, stranger, "size", region=village.code).status_code == 404
    offered = ask(client, stranger, "regions", q="").json()
    assert village.code not in [row["code"] for row in offered]
    assert ask(client, stranger, "carry").json()["parts"]["tasks"]["rows"] == []


def test_too_many_enterprises_are_refused_with_what_to_do(village, worker, client, monkeypatch):
    enterprise_in(village)
    monkeypatch.setattr(carry, "MOST_ENTERPRISES", 0)

    answer = ask(client, worker, "size", region=village.code)

    assert answer.status_code == 409
    assert answer.json()["hint"] == "请选择其下的乡镇或村。"


def test_a_task_that_was_sent_back_says_why(village, worker, client):
    officer = account_in(village.parent, "work.check", "work.view")
    post = worker.holdings.get().post
    due = NOON + timedelta(hours=1)
    item = open_item(
        kind="test.task", title="巡查", region=village, post=post, due_at=due, by=officer, at=NOON
    )
    for move, by, note in (
        ("accept", worker, ""),
        ("submit", worker, ""),
        ("return", officer, "照片不清"),
    ):
        advance(item=item, move=move, by=by, at=NOON, note=note)

    rows = ask(client, worker, "carry").json()["parts"]["tasks"]["rows"]

    assert [(row["id"], row["state"], row["returned"]) for row in rows] == [
        (item.pk, "DOING", "照片不清")
    ]


def test_the_shell_is_the_same_for_everybody(worker, client):
    if not built.manifest():
        pytest.skip("the front end is not built")
    nobody = client.get("/phone/").content
    script = client.get("/phone/sw.js").content
    client.force_login(worker)

    assert client.get("/phone/").content == nobody
    assert client.get("/phone/sw.js").content == script
    assert client.get("/phone/manifest.webmanifest").json()["start_url"] == "/phone/"
    shell = json.loads(script.decode().splitlines()[0].removeprefix("const SHELL = ").rstrip(";"))
    for path in shell["files"]:
        kept = client.get(path)
        assert kept.status_code == 200, path
        assert b"".join(kept)  # read to the end, so that its file is closed
