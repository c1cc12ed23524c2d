"""The QR code at the gate: what the public reads and reports, and what only officers see."""

from datetime import timedelta

import pytest
from django.test import Client

from anlan.base.errors import BadInput, NotFound, Refusal
from anlan.people.tests.factories import account_in, holder_of, post_in
from anlan.places.tests.factories import RegionFactory
from anlan.prevent.models import Contact, Enterprise, Hazard, PublicReport
from anlan.prevent.queries import gate as queries
from anlan.prevent.services import enterprises, gate

from .factories import NOON, EnterpriseFactory, StandardFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def grid():
    county = RegionFactory(name="东湖区")
    village = RegionFactory(parent=RegionFactory(parent=county))
    return RegionFactory(parent=village, name="第一网格")


@pytest.fixture
def mill(grid):
    standard = StandardFactory(name="五金制造", notice="请佩戴护目镜")
    made = EnterpriseFactory(
        site__region=grid,
        site__name="甲厂",
        standard=standard,
        legal_person="王小明",
        address="路1号",
    )
    Contact.objects.create(enterprise=made, role="SAFETY", name="张三", phone="13800001234")
    return made


def send(client, mill, text="东侧楼梯堆放货物", **more):
    return client.post(f"/e/{mill.token}/report/", {"text": text, **more})


def test_the_public_reads_no_person_and_no_number(client, mill):
    page = client.get(f"/e/{mill.token}/").content.decode()
    for told in ("甲厂", "五金制造", "请佩戴护目镜"):
        assert told in page
    for kept in ("王小明", "张三", "1380000", mill.credit_code, "路1号", "/prevent/enterprises/"):
        assert kept not in page
    client.force_login(account_in(RegionFactory(), "prevent.view", "prevent.manage"))
    assert "/prevent/enterprises/" not in client.get(f"/e/{mill.token}/").content.decode()


def test_a_browser_may_send_the_form(mill):
    """With its token, from a page that lets it say where it comes from."""
    phone = Client(enforce_csrf_checks=True)
    page = phone.get(f"/e/{mill.token}/")
    assert page["Referrer-Policy"] == "same-origin"
    sent = {"text": "东侧楼梯堆放货物", "csrfmiddlewaretoken": phone.cookies["csrftoken"].value}
    answer = phone.post(f"/e/{mill.token}/report/", sent, headers={"Origin": "http://testserver"})
    assert answer.status_code == 302


def test_a_report_becomes_work_of_the_grid_s_officer(client, mill, grid):
    post = post_in(grid, "grid.grid_officer", "prevent.inspect", "prevent.view")
    officer = holder_of(post)
    answer = send(client, mill)
    assert answer.status_code == 302
    report = PublicReport.objects.get()
    assert (report.item.post, report.enterprise, report.outcome) == (post, mill, "")
    assert not Hazard.objects.exists()  # nobody has confirmed it
    client.force_login(officer)
    page = client.get(f"/e/{mill.token}/").content.decode()
    assert f"/prevent/enterprises/{mill.pk}/" in page
    assert "东侧楼梯堆放货物" in client.get(f"/prevent/reports/{report.pk}/").content.decode()
    client.force_login(account_in(grid, "prevent.view"))
    assert "/visit/" not in client.get(f"/e/{mill.token}/").content.decode()  # may not inspect
    client.force_login(account_in(grid, "prevent.view", "prevent.inspect"))
    begins = f"/prevent/enterprises/{mill.pk}/visit/"
    assert begins in client.get(f"/e/{mill.token}/").content.decode()
    assert client.post(begins, {"visit_kind": "INSPECT"}).status_code == 302


def test_without_a_grid_officer_the_nearest_held_post_above_gets_it(mill, grid):
    post_in(grid, "grid.grid_officer")
    town = grid.parent.parent
    post = post_in(town, "town.emergency_officer")
    assert gate.post_for(mill.site, NOON) is None
    holder_of(post)
    assert gate.post_for(mill.site, NOON) == post


def report(mill, n=0, address="10.0.0.1", after=timedelta()):
    return gate.report_at_gate(
        enterprise=mill, what=f"第{n}处隐患", address=address, machine_at=NOON + after, at=NOON
    )


def test_many_reports_from_one_sender_or_at_one_gate_are_too_many(mill):
    for n in range(gate.FROM_ONE_SENDER):
        report(mill, n)
    with pytest.raises(gate.TooMany):
        report(mill, 99)
    report(mill, address="10.0.0.2")
    report(mill, after=timedelta(hours=1))
    for n in range(gate.AT_ONE_GATE - PublicReport.objects.count()):
        report(mill, n, address=f"10.0.1.{n}")
    with pytest.raises(gate.TooMany):
        report(mill, address="10.0.9.9")
    assert PublicReport.objects.count() == gate.AT_ONE_GATE


def test_who_sent_it_is_forgotten_after_a_day(mill):
    report(mill)
    kept = PublicReport.objects.get()
    assert "10.0.0.1" not in kept.sender
    assert gate.forget_senders(at=NOON + timedelta(days=2)) == 1
    kept.refresh_from_db()
    assert kept.sender == ""


@pytest.mark.parametrize("text", ["", "  短 ", "长" * 481])
def test_a_report_that_says_nothing_or_too_much_is_not_taken(mill, text):
    with pytest.raises(BadInput):
        gate.report_at_gate(enterprise=mill, what=text, address="a", machine_at=NOON, at=NOON)


def test_machines_closed_enterprises_and_old_codes_get_nowhere(client, mill, grid):
    assert send(client, mill, website="http://x").status_code == 422
    Enterprise.objects.update(state="CLOSED")
    mill.refresh_from_db()
    with pytest.raises(Refusal):
        report(mill)
    assert send(client, mill).status_code == 409
    old = mill.token
    keeper = account_in(grid, "prevent.manage")
    enterprises.renew_token(enterprise=mill, by=keeper, at=NOON)
    assert client.get(f"/e/{old}/").status_code == 404
    with pytest.raises(NotFound):
        queries.enterprise_at(token=old)
    assert not PublicReport.objects.exists()


def test_text_is_shown_as_text(client, mill, grid):
    send(client, mill, "<script>alert(1)</script> 在门口")
    report = PublicReport.objects.get()
    client.force_login(account_in(grid, "prevent.view", "prevent.inspect", "prevent.check"))
    for address in ("/prevent/reports/", f"/prevent/reports/{report.pk}/"):
        page = client.get(address).content.decode()
        assert "在门口" in page
        assert "<script>alert" not in page


def test_sheets_of_codes_are_a_pdf_of_one_s_own_enterprises(client, mill, grid):
    client.force_login(account_in(grid, "prevent.view"))
    answer = client.get("/prevent/enterprises/codes/")
    assert answer.content[:5] == b"%PDF-"
    assert len(answer.content) > 5000
    client.force_login(account_in(RegionFactory(), "prevent.view"))
    assert len(client.get("/prevent/enterprises/codes/").content) < len(answer.content)
