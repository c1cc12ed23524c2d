"""An accident's enterprise: named later, put right, until the report is approved."""

import pytest
from django.urls import reverse

from anlan.base.errors import BadInput, NotAllowed, Refusal
from anlan.oversee import accidents
from anlan.oversee.services import accidents as service
from anlan.oversee.services.accident_sites import change_site
from anlan.people.tests.factories import account_in
from anlan.places.tests.factories import RegionFactory
from anlan.prevent.tests.conftest import firm_in

from .factories import NOON
from .test_accidents import Scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(monkeypatch):
    monkeypatch.setattr("anlan.base.clock.now", lambda: NOON)
    scene = Scene()
    scene.firm, scene.right = (firm_in(scene.county, number) for number in ("17", "18"))
    for investigator in (scene.detective, scene.approver):
        investigator.grants.create(permission="prevent.view", region=scene.city)
    return scene


def test_it_is_named_later_put_right_and_stands_until_the_report_is_approved(scene, client):
    report = scene.handed_in()
    accident = report.accident
    change = {"accident": accident, "at": NOON}
    for stranger in (scene.stranger, scene.approver):
        with pytest.raises(NotAllowed):
            change_site(**change, site=scene.firm.site, why="漏填", by=stranger)
    with pytest.raises(BadInput):
        change_site(**change, site=firm_in(RegionFactory(level=3), "19").site, why="漏填",
                    by=scene.detective)  # fmt: skip
    with pytest.raises(BadInput):
        change_site(**change, site=scene.firm.site, why=" ", by=scene.detective)
    change_site(**change, site=scene.firm.site, why="漏填", by=scene.detective)
    with pytest.raises(Refusal):  # a form that was sent twice
        change_site(**change, site=scene.firm.site, why="漏填", by=scene.detective)
    change_site(**change, site=scene.right.site, why="填错", by=scene.detective)
    kept = [(row.before, row.after, row.why, row.by, row.at)
            for row in accidents.site_changes_of(accident)]  # fmt: skip
    assert kept == [
        (None, scene.firm.site, "漏填", scene.detective, NOON),
        (scene.firm.site, scene.right.site, "填错", scene.detective, NOON),
    ]
    for firm, rows in ((scene.firm, None), (scene.right, {"rows": [accident]})):
        assert accidents.accidents_of_enterprise(scene.office, firm, NOON) == rows
    client.force_login(scene.office)
    detail = client.get(f"/api/accidents/{accident.pk}").json()
    assert (detail["site_id"], detail["site"]) == (scene.right.pk, scene.right.site.name)

    service.approve_report(report=report, by=scene.approver, at=NOON)
    with pytest.raises(Refusal, match="报告已批复") as refused:
        change_site(**change, site=None, why="不在厂内", by=scene.detective)
    assert refused.value.code == "oversee.site_settled"


def test_on_the_page_by_who_investigates_only(scene, client):
    accident = scene.open()
    page = reverse("oversee:accident", args=[accident.pk])
    door = reverse("oversee:site", args=[accident.pk])
    client.force_login(scene.detective)
    assert "填报企业" in client.get(page).content.decode()
    assert client.post(door, {"enterprise-text": "无此企业", "why": "漏填"}).status_code == 422
    sent = client.post(door, {"enterprise": scene.firm.credit_code, "why": "漏填"})
    assert sent.status_code == 302
    shown = client.get(page).content.decode()
    assert "更正企业" in shown
    assert f"— → {scene.firm.site.name}" in shown
    client.force_login(account_in(scene.county, "oversee.view"))
    assert "更正企业" not in client.get(page).content.decode()
    client.force_login(scene.stranger)
    assert client.post(door, {"why": "x"}).status_code == 404
