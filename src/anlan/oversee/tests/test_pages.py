"""Letters and the ladder in the browser's words."""

from datetime import timedelta

import pytest
from django.urls import reverse

from anlan.oversee.models import Ladder, Letter, Proposal, Rung
from anlan.oversee.services import ladders
from anlan.people.tests.factories import account_in
from anlan.places.models import Region
from anlan.prevent.services.hazards import Finding, report_hazard
from anlan.prevent.tests.conftest import firm_in
from anlan.work.services import advance

from .factories import NOON, OVERSEES
from .test_letters import one

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _an_hour_later(monkeypatch):
    monkeypatch.setattr("anlan.base.clock.now", lambda: NOON + timedelta(hours=2))


def text_of(client, page, /, *args, **query):
    response = client.get(reverse(f"oversee:{page}", args=args), query)
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def send(client, page, /, *args, status=302, query="", **data):
    response = client.post(reverse(f"oversee:{page}", args=args) + query, data)
    assert response.status_code == status, response.content.decode()[:3000]
    return response


def test_a_letter_about_a_task_from_the_form_to_the_paper(city, client):
    item = city.late()
    client.force_login(city.office)
    query = f"?about={item.pk}"
    assert "山塘除险" in text_of(client, "write", about=item.pk)
    wrong = {"kind": "URGE", "to": city.theirs.pk, "title": "督办", "text": "请办理"}
    send(client, "write", query=query, status=422, **wrong)
    send(client, "write", query=query, status=422, reply_by="2020-01-01", **wrong)
    send(client, "write", query=query, reply_by="2026-12-31", post=city.post.pk, **wrong)
    letter = Letter.objects.get()
    assert letter.about == item
    for page in ("letters", "letter"):
        args = [letter.pk] if page == "letter" else []
        assert "应急管理局督办函〔2026〕1号" in text_of(client, page, *args)
    assert "没有符合条件的函件" in text_of(client, "letters", state="overdue")
    assert letter.number in text_of(client, "letters", kind="URGE", q="督办", state="OPEN")
    paper = client.get(reverse("oversee:letter_pdf", args=[letter.pk]))
    assert paper.content[:5] == b"%PDF-"
    assert client.get(reverse("oversee:letter_docx", args=[letter.pk])).content[:2] == b"PK"
    client.force_login(city.doer)
    assert letter.number in text_of(client, "letter", letter.pk)
    client.force_login(city.stranger)
    for page in ("letter", "letter_pdf", "letter_docx"):
        assert client.get(reverse(f"oversee:{page}", args=[letter.pk])).status_code == 404


def test_a_letter_is_begun_on_the_page_of_the_task_or_hazard_it_is_about(city, client):
    task = city.late()
    firm = firm_in(city.county, "00000000000017")
    inspector = account_in(city.county, "prevent.view", "prevent.inspect", "work.view")
    hazard = report_hazard(
        site=firm.site, finding=Finding(what="未设警示标志"), by=inspector, at=NOON
    )
    both = account_in(city.city, *OVERSEES, "prevent.view")
    pages = {task.pk: "work:item", hazard.pk: "prevent:hazard"}

    def begun(account, pk):
        client.force_login(account)
        response = client.get(reverse(pages[pk], args=[pk]))
        assert response.status_code == (404 if account == city.stranger else 200)
        return f'href="{reverse("oversee:write")}?about={pk}"' in response.content.decode()

    assert begun(both, task.pk)
    assert begun(both, hazard.pk)
    assert not begun(city.doer, task.pk)  # it is theirs to do
    assert not begun(inspector, hazard.pk)
    assert not begun(city.stranger, task.pk)
    form = begin(client, both, task.pk)
    assert (form["post"].value(), form["to"].value()) == (city.post.pk, None)
    city.doer.organisation = city.theirs
    city.doer.save()
    assert begin(client, both, task.pk)["to"].value() == city.theirs.pk
    advance(item=task, move="cancel", by=city.office, at=NOON, note="重复下达")
    assert not begun(both, task.pk)


def begin(client, account, about):
    client.force_login(account)
    return client.get(reverse("oversee:write"), {"about": about}).context["form"]


def test_a_proposal_is_looked_at_dropped_and_the_next_confirmed(city, client):
    proposal = one(city)
    client.force_login(city.office)
    assert "提醒函" in text_of(client, "proposals")
    shown = text_of(client, "proposal", proposal.pk)
    assert "市安委办〔2026〕3号" in shown
    send(client, "drop", proposal.pk, reason="", status=422)
    send(client, "drop", proposal.pk, reason="待核实")
    assert "待核实" in text_of(client, "proposals", decided="1")
    ladders.propose_due(NOON + timedelta(hours=3))
    again = Proposal.objects.latest("pk")
    data = {"to": city.theirs.pk, "title": "提醒", "text": "请办理", "reply_by": "2026-12-31"}
    send(client, "confirm", again.pk, status=422, **data | {"to": 0})
    send(client, "confirm", again.pk, **data)
    assert Letter.objects.get().proposal == again
    assert "已确认" in text_of(client, "proposal", again.pk)


def test_odd_filters_and_bytes_are_no_faults(city, client):
    proposal = one(city)
    client.force_login(city.office)
    text_of(client, "letters", page="9999", q="\x00%", kind="x" * 50, state="nothing")
    text_of(client, "accidents", year="99999999999999999999", severity="?")
    text_of(client, "accidents", year="12345")
    send(client, "drop", proposal.pk, reason="\x00", status=422)
    send(client, "drop", proposal.pk, reason="待\x00核")
    assert client.get(reverse("oversee:write"), {"about": "9" * 30}).status_code == 200


def test_who_may_not_sanction_sees_the_proposal_and_no_form(city, client):
    proposal = one(city, Rung.SANCTION)
    client.force_login(city.office)
    assert "您无权办理此建议" in text_of(client, "proposal", proposal.pk)
    client.force_login(city.leader)
    assert "通报批评" in text_of(client, "proposal", proposal.pk)


def test_an_interview_is_recorded_on_its_letter_s_page(city, client):
    client.force_login(city.office)
    data = {"kind": "INTERVIEW", "to": city.theirs.pk, "title": "约谈", "text": "请到场",
            "reply_by": "2026-12-31"}  # fmt: skip
    send(client, "write", query=f"?region={city.county.code}", **data)
    letter = Letter.objects.get()
    talk = {
        "held_on": "2026-05-11",
        "held_by": "王副市长",
        "with_whom": "李局长",
        "minutes": "说明",
    }
    send(client, "interview", letter.pk, status=422, **talk | {"held_on": "2026-05-12"})
    send(client, "interview", letter.pk, **talk)
    assert "王副市长" in text_of(client, "letter", letter.pk)


def test_the_ladder_s_next_version_is_written_by_whoever_may_everywhere(city, client):
    client.force_login(city.office)
    assert "督办阶梯" in text_of(client, "ladder")
    for top in Region.objects.filter(parent=None):
        city.office.grants.create(permission="oversee.ladder", region=top)
    data = {"remind_days": 1, "urge_days": 3, "since": "2026-06-01", "source": "市安委办文件"}
    send(client, "ladder", **data)
    send(client, "ladder", status=422, **data | {"since": "2026-05-01"})
    assert Ladder.objects.get().rungs == [("REMIND", 1), ("URGE", 3)]
    assert "市安委办文件" in text_of(client, "ladder")
