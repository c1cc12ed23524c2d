"""The head's sheet: every number opens a list with exactly so many rows."""

import io
from datetime import date

import pytest
from django.urls import reverse
from python_calamine import CalamineWorkbook

from anlan.govern.services.committees import found_committee
from anlan.oversee.services import letters, look_backs
from anlan.people.models import Account
from anlan.people.tests.factories import account_in
from anlan.places.tests.factories import RegionFactory

from .factories import NOON, noon
from .test_accidents import Scene

pytestmark = pytest.mark.django_db
LOOKS = ("govern.view", "people.view", "prevent.view", "oversee.view")


@pytest.fixture
def scene(monkeypatch):
    monkeypatch.setattr("anlan.base.clock.now", lambda: noon(date(2027, 4, 1)))
    return Scene()


def test_every_number_of_the_sheet_opens_its_rows(scene, client, django_assert_max_num_queries):
    for region in (scene.city, scene.county):
        found_committee(
            kind="SAFETY", name="安委会", region=region, founded_on=date(2020, 1, 1),
            by=Account.objects.system(), at=NOON,
        )  # fmt: skip
    RegionFactory(parent=scene.county)  # a town without a committee
    look_backs.open_due(noon(scene.approved(2).look_back.opens_on))
    scene.open(title="另一起", at=NOON)
    for kind in ("URGE", "INTERVIEW"):
        letters.issue_letter(letter=scene.text(kind), by=scene.office, at=NOON)
    client.force_login(account_in(scene.city, *LOOKS))
    with django_assert_max_num_queries(60):
        page = client.get(reverse("oversee:figures"), {"year": 2026})
    total, county = page.context["rows"]
    found = {str(cell.label): cell.count for cell in total.cells}
    expected = {
        "安委会（个）": 2, "未设安委会": 1, "空缺的主任岗位": 4, "未明确职责的成员单位": 0,
        "应开未开的会议": 8, "年度清单未印发": 2,
        "发出函件": 2, "逾期未复": 2, "约谈": 1, "问责": 0, "事故（起）": 2,
        "整改未完成的事故": 1, "回头看进行中": 1,
    }  # fmt: skip
    assert found | expected == found
    assert county.cells[0].count == 1
    for cell in (*total.cells, *county.cells):
        assert _rows_of(client.get(cell.address), str(cell.label)) == cell.count, cell
    book = client.get(reverse("oversee:figures_file"), {"year": 2026})
    rows = CalamineWorkbook.from_filelike(io.BytesIO(book.content)).get_sheet_by_index(0)
    assert rows.to_python()[1][1:] == [cell.count for cell in total.cells]


GAPS = {
    "未设安委会": "regions", "未明确职责的成员单位": "members", "空缺的主任岗位": "chairs",
    "无人担责的职责": "duties", "应开未开的会议": "meetings",
    "年度清单未印发": "lists",
}  # fmt: skip


def _rows_of(response, label):
    """How many rows the list at a number's address has."""
    assert response.status_code == 200, label
    context = response.context
    if label in GAPS:
        return len(getattr(context["gaps"], GAPS[label]))
    for name in ("awards", "page", "stale" if "确认" in label else "vacant"):
        if name in context:
            rows = context[name]
            return rows.paginator.count if name == "page" else len(rows)
    return len(context["sheet"].rows if "sheet" in context else context["rows"])


def test_a_stranger_s_sheet_has_none_of_our_numbers(scene, client):
    scene.open()
    stranger = account_in(scene.stranger.grants.first().region, *LOOKS)
    client.force_login(stranger)
    for page in ("figures", "figures_file"):
        asked = {"region": scene.county.code, "year": 2026}
        shown = client.get(reverse(f"oversee:{page}"), asked)
        assert scene.county.name not in shown.content.decode(errors="replace")
    [own] = client.get(reverse("oversee:figures"), {"year": 2026}).context["rows"]
    # Of the stranger's own region: it has no committee, and nothing else.
    assert {str(cell.label) for cell in own.cells if cell.count} == {"未设安委会"}
