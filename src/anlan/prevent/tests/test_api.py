"""The JSON API of the room; and what an enterprise's own people reach."""

import pytest
from django.urls import reverse

from anlan.people.tests.factories import account_in
from anlan.prevent.models import Area, Enterprise, RiskPoint
from anlan.prevent.services import haves
from anlan.prevent.services.wordings import keep_wording

from .conftest import NOON

pytestmark = pytest.mark.django_db
LISTS = ("enterprises", "hazards", "visits", "risk-points")


def rows(client, name, **asked):
    answer = client.get(f"/api/{name}", asked)
    assert answer.status_code == 200, answer.content
    found = answer.json()
    assert found["count"] == len(found["items"])
    return found["items"]


def filled(story, firm):
    area = Area.objects.create(enterprise=firm, name="抛光间")
    RiskPoint.objects.create(enterprise=firm, area=area, name="除尘器", made_at=NOON)
    story.report("除尘停用", site=firm.site, grade="MAJOR")
    story.visit(enterprise=firm)


def test_programs_read_their_own_regions_page_by_page(story, client, django_assert_max_num_queries):
    filled(story, story.firm)
    client.force_login(story.inspector)
    assert [[row["region_code"] for row in rows(client, name)] for name in LISTS] == [
        [story.village.code]
    ] * 4
    (hazard,) = rows(client, "hazards", grade="MAJOR", enterprise=story.firm.pk)
    assert (hazard["standing"], hazard["enterprise"]) == ("overdue", "企业1")
    assert client.get(f"/api/hazards/{hazard['id']}").json() == hazard
    (visit,) = rows(client, "visits", visit_kind="INSPECT", region=story.town.code)
    assert client.get(f"/api/visits/{visit['id']}").json() == visit
    (point,) = rows(client, "risk-points")
    assert client.get(f"/api/risk-points/{point['id']}").json() == point
    assert rows(client, "hazards", standing="closed") == []
    assert client.get("/api/hazards", {"standing": "nearly"}).status_code == 422
    assert client.get("/api/hazards", {"limit": 5000}).status_code == 422
    for n in range(2, 6):
        filled(story, story.another_firm(str(n)))
    Enterprise.objects.filter(pk=story.firm.pk).update(standard=None)
    for name in LISTS:
        with django_assert_max_num_queries(12):
            assert len(rows(client, name)) == 5
        assert len(client.get(f"/api/{name}", {"limit": 2, "offset": 4}).json()["items"]) == 1
    ones = [f"/api/enterprises/{story.firm.pk}", f"/api/hazards/{hazard['id']}",
            f"/api/visits/{visit['id']}", f"/api/risk-points/{point['id']}"]  # fmt: skip
    client.force_login(story.stranger)
    assert [rows(client, name) for name in LISTS] == [[]] * 4
    assert client.get("/api/hazards", {"region": story.village.code}).status_code == 404
    assert [client.get(one).status_code for one in ones] == [404] * 4


def test_an_enterprise_reaches_all_of_its_own_from_its_home_page_and_nothing_else(story, client):
    keeper = account_in(story.county, "prevent.view", "prevent.manage")
    have = haves.confirm_have(
        enterprise=story.firm, what="STAFF", note="",
        uploads=[("任命.txt.pdf", b"%PDF-1.4\n%%EOF\n")], by=keeper, at=NOON,
    )  # fmt: skip
    filled(story, story.firm)
    other = story.another_firm("2")
    filled(story, other)
    client.force_login(story.boss)
    home = client.get("/", follow=True).content.decode()
    at, asked = story.firm.pk, f"?enterprise={story.firm.pk}"
    addresses = [
        reverse("prevent:enterprise", args=[at]),
        reverse("prevent:risk_register", args=[at]),
        reverse("prevent:due_checks"),
        f"{reverse('prevent:hazards')}{asked}&amp;standing=",
        f"{reverse('prevent:visits')}{asked}&amp;visit_kind=SELF",
        f"{reverse('prevent:visits')}{asked}",
    ]
    for address in addresses:
        assert f'href="{address}"' in home
        page = client.get(address.replace("&amp;", "&"))
        assert page.status_code == 200, address
        text = page.content.decode()
        assert "企业2" not in text
        # No way from there into what they may not open.
        for closed in ("rates", "moved_away", "risks", "enterprises", "campaigns"):
            assert f'href="{reverse(f"prevent:{closed}")}"' not in text, (address, closed)
    file = client.get(addresses[0]).content.decode()
    evidence = reverse("prevent:evidence", args=[have.evidence.get().pk])
    assert evidence in file
    assert b"".join(client.get(evidence)).startswith(b"%PDF")
    assert "<form" not in file.split("<main")[1].split("</main>")[0]
    for door in ("enterprise", "risk_register"):
        assert client.get(reverse(f"prevent:{door}", args=[other.pk])).status_code == 404
    assert client.get(reverse("prevent:hazards"), {"enterprise": other.pk}).status_code == 404
    assert client.get(f"/api/enterprises/{other.pk}").status_code == 404


def test_an_enterprise_is_chosen_by_words_of_its_name_among_ones_own(story, client):
    other = story.another_firm("2")
    for firm in (story.firm, other):
        keep_wording(firm)

    def offered(account, words):
        client.force_login(account)
        return [row["code"] for row in client.get("/api/enterprise-names", {"q": words}).json()]

    assert offered(story.inspector, "企业2") == [other.credit_code]
    assert offered(story.inspector, "企业") == [story.firm.credit_code, other.credit_code]
    assert offered(story.stranger, "企业") == []
