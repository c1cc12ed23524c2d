"""A visit made with no network, as a phone hands it in."""

import hashlib
import json
from datetime import date
from uuid import uuid4

import pytest

from anlan.base import clock
from anlan.people.models import Account
from anlan.people.tests.factories import account_in
from anlan.places.tests.factories import RegionFactory
from anlan.prevent.limits import end_of
from anlan.prevent.models import Contract, Hazard, Served, Visit, VisitFile
from anlan.prevent.queries.contracts import visits_of
from anlan.prevent.services.campaigns import make_campaign
from anlan.prevent.services.visits import finish_visit, plan_visits
from anlan.work.models import Submission
from anlan.work.services import advance
from anlan.work.tests.conftest import photo

from .conftest import NOON, days

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon(monkeypatch, settings, tmp_path):
    monkeypatch.setattr(clock, "now", lambda: NOON)
    settings.FILES_DIR = tmp_path / "files"


def digest_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def body_of(story, *, files=(), **data) -> dict:
    made = {
        "enterprise": story.firm.pk,
        "version": story.version.pk,
        "started_at": "2026-07-01T10:00:00+08:00",
        "finished_at": "2026-07-01T11:00:00+08:00",
        "replies": [{"entry": story.entries[0].pk, "result": "FINE"}],
    }
    return {
        "id": str(uuid4()),
        "handed_in": "prevent.visit",
        "made_at": "2026-07-01T11:00:00+08:00",
        "note": "整体较好",
        "lon": 119.65,
        "lat": 29.1,
        "accuracy_m": 8,
        "data": made | data,
        "attachments": [{"digest": digest_of(file), "name": "现场.jpg"} for file in files],
    }


def hand_in(client, account, body):
    client.force_login(account)
    return client.post("/api/submissions", json.dumps(body), content_type="application/json")


def attach(client, body, file):
    url = f"/api/submissions/{body['id']}/attachments/{digest_of(file)}"
    return client.put(url, file, content_type="application/octet-stream").json()


def test_a_visit_is_taken_once_all_of_it_is_there(story, client):
    picture, signature = photo("red"), photo("white", form="PNG")
    wrong = story.entries[1]
    body = body_of(
        story,
        files=[picture, signature],
        replies=[{"entry": wrong.pk, "result": "WRONG", "note": "堆放杂物"}],
        hazards=[{"what": "通道堆放杂物", "entry": wrong.pk, "files": [digest_of(picture)]}],
    )
    body["data"]["files"] = [{"digest": digest_of(signature), "role": "SIGN"}]

    first = hand_in(client, story.inspector, body).json()
    attach(client, body, picture)
    assert not Visit.objects.exists()
    last = attach(client, body, signature)
    again = hand_in(client, story.inspector, body).json()

    assert (first["state"], last["state"], again["state"]) == ("WAITING", "ACCEPTED", "ACCEPTED")
    visit = Visit.objects.get(pk=body["id"])
    assert (visit.note, visit.lon, str(visit.submission_id)) == ("整体较好", 119.65, body["id"])
    hazard = Hazard.objects.get()
    assert (hazard.what, hazard.visit_id) == ("通道堆放杂物", visit.pk)
    kept = VisitFile.objects.order_by("role")
    assert [(f.role, f.hazard_id, bool(f.attachment)) for f in kept] == [
        ("PHOTO", hazard.pk, True),
        ("SIGN", None, True),
    ]


def test_what_cannot_be_taken_is_said_row_by_row(story, client):
    other = {"what": "", "grade": "HUGE"}
    body = body_of(
        story,
        replies=[{"entry": 10**9, "result": "FINE"}],
        hazards=[{"what": "无护栏"}, other],
    )

    answer = hand_in(client, story.inspector, body).json()

    assert answer["state"] == "REFUSED"
    line, hazard = answer["reason"].splitlines()
    assert line.startswith("第 1 条")
    assert hazard.startswith("第 2 项隐患")
    assert [(row["part"], row["row"]) for row in answer["problems"]] == [
        ("replies", 0),
        ("hazards", 1),
    ]
    assert not Visit.objects.exists()


def test_every_recheck_that_cannot_be_taken_is_said_at_once(story, client):
    first, second = story.report(), story.report("配电箱无门")
    rechecks = [{"hazard": one.pk, "passed": False} for one in (first, second)]

    answer = hand_in(client, story.inspector, body_of(story, rechecks=rechecks)).json()

    assert [(row["part"], row["row"]) for row in answer["problems"]] == [
        ("rechecks", 0),
        ("rechecks", 1),
    ]
    assert not Visit.objects.exists()


def test_a_refused_visit_stays_refused_and_is_linked_to_its_correction(story, client):
    refused = body_of(story, hazards=[{"what": ""}])
    assert hand_in(client, story.inspector, refused).json()["state"] == "REFUSED"
    again = body_of(story) | {"replaces": refused["id"]}

    assert hand_in(client, story.inspector, again).json()["state"] == "ACCEPTED"
    assert hand_in(client, story.inspector, refused).json()["state"] == "REFUSED"

    assert str(Visit.objects.get().pk) == again["id"]
    page = client.get("/prevent/edits/").content.decode()
    assert f'<a href="/prevent/visits/{again["id"]}/">已更正重报</a>' in page
    # Somebody else's word on it changes nothing.
    other = body_of(story) | {"replaces": refused["id"]}
    hand_in(client, story.stranger, other)
    client.force_login(story.stranger)
    assert refused["id"] not in client.get("/prevent/edits/").content.decode()


def test_a_stranger_neither_hands_in_nor_sees(story, client):
    picture = photo()
    body = body_of(story, files=[picture])
    assert hand_in(client, story.stranger, body).status_code == 404
    assert not Submission.objects.exists()

    hand_in(client, story.inspector, body)
    attach(client, body, picture)
    kept = Submission.objects.get().attachments.get()
    assert b"".join(client.get(f"/work/files/{kept.pk}/"))
    for stranger in (story.stranger, account_in(RegionFactory(level=3), "prevent.view")):
        client.force_login(stranger)
        assert client.get(f"/work/files/{kept.pk}/").status_code == 404
        assert client.get(f"/api/submissions/{body['id']}").status_code == 404


def test_the_answer_that_was_lost_is_given_again_though_the_firm_has_moved_away(story, client):
    body = body_of(story)
    hand_in(client, story.inspector, body)
    story.firm.site.region = RegionFactory(level=3)
    story.firm.site.save()

    assert hand_in(client, story.inspector, body).json()["state"] == "ACCEPTED"
    assert Visit.objects.count() == 1


def test_it_fulfils_the_planned_visit(story, client):
    plan = plan_visits(
        enterprises=[story.firm], due_on=days(3).date(), by=story.inspector, at=NOON
    )[0]

    hand_in(client, story.inspector, body_of(story, plan=plan.pk))

    plan.item.refresh_from_db()
    assert plan.item.state == "CLOSED"


def plan_of(story, kind, enterprise=None):
    people = [story.inspector, story.colleague, story.stranger]
    (plan,) = plan_visits(
        enterprises=[enterprise or story.firm], due_on=days(3).date(), kind=kind,
        inspectors=[people], by=story.inspector, at=NOON,
    )  # fmt: skip
    return plan


def test_a_planned_service_visit_counts_under_its_contract_though_an_old_phone_names_no_kind(
    story, client
):
    first, last = days(-90).date(), days(90).date()
    make_campaign(
        title="专项整治", region=story.county, starts_on=first, ends_on=last, by=story.inspector,
        at=NOON,
    )  # fmt: skip
    contract = Contract.objects.create(
        number="1", provider="安泰技术服务公司", provider_code="x", region=story.county,
        from_date=first, to_date=last, visits_a_year=4, made_at=NOON, by=story.inspector,
    )  # fmt: skip
    Served.objects.create(contract=contract, enterprise=story.firm)
    plan = plan_of(story, "SERVICE")

    hand_in(client, story.inspector, body_of(story, plan=plan.pk))

    visit = Visit.objects.get()
    assert (visit.kind, visit.campaign, visit.item) == ("SERVICE", None, plan.item)
    assert visit.number == "（婺）应急服记〔2026〕1号"
    assert list(visits_of(actor=story.inspector, contract=contract)) == [visit]
    # Those whom the plan names together; not who may not inspect there (any more).
    assert set(visit.inspectors.all()) == {story.inspector, story.colleague}


def test_who_came_stands_on_the_record_named_by_a_plan_or_not_and_who_did_not_does_not(
    story, client
):
    other = account_in(story.county, "prevent.inspect")
    for came in ([], [other], [story.colleague, other, story.inspector]):
        ids = [one.pk for one in came]
        for plan in (plan_of(story, "SERVICE").pk, None):
            body = body_of(story, plan=plan, alongside=ids)
            assert hand_in(client, story.inspector, body).json()["state"] == "ACCEPTED"
            visit = Visit.objects.get(pk=body["id"])
            assert set(visit.inspectors.all()) == {story.inspector, *came}
    page = client.get(f"/prevent/visits/{visit.pk}/").content.decode()
    assert all(str(one) in page for one in came)


def test_who_may_not_inspect_there_is_refused_at_its_row_and_nobodys_name_is_told(story, client):
    gone = account_in(story.county, "prevent.inspect")
    gone.is_active = False
    gone.save()
    named = [10**9, story.colleague.pk, gone.pk, story.stranger.pk]
    body = body_of(story, alongside=named, hazards=[{"what": ""}])

    answer = hand_in(client, story.inspector, body).json()

    assert [(row["part"], row["row"]) for row in answer["problems"]] == [
        ("alongside", 0), ("alongside", 2), ("alongside", 3), ("hazards", 0),
    ]  # fmt: skip
    assert answer["problems"][2]["text"].startswith("第 4 名同行检查人不能在")
    assert not any(str(one) in answer["reason"] for one in (story.colleague, gone, story.stranger))
    # A firm that inspects itself names no inspector.
    own = body_of(story, kind="SELF", alongside=[story.colleague.pk])
    assert hand_in(client, story.boss, own).json()["problems"][0]["part"] == "alongside"
    assert not Visit.objects.exists()


def test_whoever_made_a_planned_visit_fulfils_it_whoever_had_accepted_it(story, client):
    """The accepted one hands it in where they came; where not, it was done in their place."""
    third = account_in(story.county, "prevent.inspect")
    system = Account.objects.system()
    cases = [
        (story.colleague, [story.inspector], [("submit", story.inspector)]),
        (story.colleague, [], [("takeover", story.colleague), ("submit", story.colleague)]),
        (third, [], [("takeover", third), ("submit", third)]),  # whom the plan does not name
    ]
    for by, came, steps in cases:
        for paused in (False, True):
            plan = plan_of(story, "INSPECT")
            advance(item=plan.item, move="accept", by=story.inspector, at=NOON)
            if paused:
                advance(item=plan.item, move="pause", by=story.colleague, at=NOON, note="停电")
            before = plan.item.steps.count() + paused
            body = body_of(story, plan=plan.pk, alongside=[one.pk for one in came])
            answer = hand_in(client, by, body).json()

            assert (answer["state"], answer["reason"]) == ("ACCEPTED", "")
            visit = Visit.objects.get(pk=body["id"])
            plan.item.refresh_from_db()
            assert (visit.item, plan.item.state) == (plan.item, "CLOSED")
            assert set(visit.inspectors.all()) == {by, *came}
            made = [(step.move, step.by) for step in plan.item.steps.order_by("pk")][before:]
            assert made == [*steps, ("verify", system)]


@pytest.mark.parametrize("first", ["accepted", "colleague"])
def test_of_two_phones_for_one_plan_the_first_fulfils_it_and_the_second_stands_beside_it(
    story, client, first
):
    plan = plan_of(story, "INSPECT")
    advance(item=plan.item, move="accept", by=story.inspector, at=NOON)
    pair = [story.inspector, story.colleague]
    one, two = pair if first == "accepted" else pair[::-1]
    early, late = body_of(story, plan=plan.pk, alongside=[]), body_of(story, plan=plan.pk)
    hand_in(client, one, early)

    answer = hand_in(client, two, late).json()

    told = f"计划检查 #{plan.pk} 此前已由{one}完成。本次检查单独成立，内容均已保留。"
    assert (answer["state"], answer["reason"]) == ("ACCEPTED", told)
    assert hand_in(client, two, late).json() == answer  # the answer that was lost on the way
    made = {str(visit.pk): visit.item_id for visit in Visit.objects.all()}
    assert made == {early["id"]: plan.pk, late["id"]: None}
    assert plan.item.steps.filter(move="verify").count() == 1
    # Side by side, each with the other's address; a stranger reads neither.
    for here, other in ((early, late), (late, early)):
        page = client.get(f"/prevent/visits/{here['id']}/").content.decode()
        assert f'<a href="/prevent/visits/{other["id"]}/">' in page
    assert told in client.get(f"/prevent/visits/{late['id']}/").content.decode()
    client.force_login(story.stranger)
    assert client.get(f"/prevent/visits/{early['id']}/").status_code == 404


def test_a_plan_that_is_being_written_at_a_desk_or_was_handed_in_there_refuses_no_phone(
    story, client
):
    begun, handed = plan_of(story, "INSPECT"), plan_of(story, "INSPECT")
    desk = story.visit(plan=begun)
    for move, note in (("accept", ""), ("submit", "已检查")):
        advance(item=handed.item, move=move, by=story.inspector, at=NOON, note=note)
    answers = [
        hand_in(client, story.colleague, body_of(story, plan=plan.pk)).json()
        for plan in (begun, handed)
    ]
    assert [answer["state"] for answer in answers] == ["ACCEPTED", "ACCEPTED"]
    assert answers[0]["reason"].startswith(f"计划检查 #{begun.pk} 已由{story.inspector}、")
    assert set(Visit.objects.values_list("item", flat=True)) == {begun.pk, handed.pk, None}
    finish_visit(visit=desk, by=story.inspector, at=NOON)
    for plan in (begun, handed):
        plan.item.refresh_from_db()
        assert plan.item.state == "CLOSED"


def test_a_plan_called_off_meanwhile_still_says_what_was_made_but_not_another_firms(story, client):
    own, other = plan_of(story, "RECHECK"), plan_of(story, "RECHECK", story.another_firm("2"))
    for plan in (own, other):
        advance(item=plan.item, move="cancel", by=story.colleague, at=NOON, note="停产")
        hand_in(client, story.inspector, body_of(story, plan=plan.pk))

    made = Visit.objects.order_by("number").values_list("number", "item")
    assert set(made) == {("（婺）应急复查〔2026〕1号", None), ("（婺）应急检记〔2026〕1号", None)}


def test_basis_last_day_and_who_led_come_along_and_a_bad_day_is_said_at_its_row(story, client):
    # Half past six on the 1st in Beijing: the days are the city's, not the phone's or UTC's.
    early = {"started_at": "2026-06-30T22:00:00Z", "finished_at": "2026-06-30T22:30:00Z"}
    days_off = ("2026-06-30", "2027-07-02", "2026-07-01", "2027-07-01", None)
    hazards = [{"what": f"隐患{day}", "due_on": day} for day in days_off]
    answer = hand_in(client, story.inspector, body_of(story, hazards=hazards, **early)).json()
    assert [(row["part"], row["row"]) for row in answer["problems"]] == [
        ("hazards", 0), ("hazards", 1),
    ]  # fmt: skip
    assert answer["problems"][0]["text"] == "第 1 项隐患的整改期限应在检查当日起一年以内。"

    good = [row | {"basis": "消防法第二十八条"} for row in hazards[2:]]
    hand_in(client, story.inspector, body_of(story, hazards=good, led_by_principal=True, **early))

    assert Visit.objects.get().led_by_principal
    found = Hazard.objects.select_related("item").order_by("pk")
    assert {hazard.basis for hazard in found} == {"消防法第二十八条"}
    assert [hazard.item.due_at for hazard in found[:2]] == [
        end_of(date(2026, 7, 1)), end_of(date(2027, 7, 1)),
    ]  # fmt: skip
    assert found[2].item.due_at > end_of(date(2026, 7, 1))  # by the bureau's rule


def test_what_must_come_after_waits_for_what_is_still_on_its_way(story, client):
    picture = photo()
    early, late = body_of(story, files=[picture]), body_of(story)
    late["after"] = early["id"]

    assert hand_in(client, story.inspector, late).json()["state"] == "WAITING"
    hand_in(client, story.inspector, early)
    assert not Visit.objects.exists()
    attach(client, early, picture)

    assert Visit.objects.count() == 2


@pytest.mark.parametrize(
    "data",
    [{"enterprise": "x"}, {"started_at": "yesterday"}, {"surprise": 1}, {"kind": "PARTY"}],
    ids=str,
)
def test_what_cannot_be_read_is_not_kept(story, client, data):
    answer = hand_in(client, story.inspector, body_of(story, **data))

    assert answer.status_code == 422
    assert not Submission.objects.exists()
