"""Service contracts from Excel: what offices hand in, taken once, every bad cell named."""

import io

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from anlan.base import tables
from anlan.people.tests.factories import account_in
from anlan.places.tests.factories import RegionFactory
from anlan.prevent.background import run_next
from anlan.prevent.models import Contract, ListImport, Served
from anlan.prevent.services import contract_lists as lists
from anlan.prevent.services import contracts

from .factories import NOON, EnterpriseFactory, credit_code

pytestmark = pytest.mark.django_db
AGENCY = credit_code(900)


@pytest.fixture
def county():
    return RegionFactory(level=3, name="婺城区")


@pytest.fixture
def keeper(county):
    return account_in(county, "prevent.view", "prevent.manage")


@pytest.fixture
def firms(county):
    village = RegionFactory(parent=RegionFactory(parent=county))
    return [EnterpriseFactory(site__region=village) for _ in range(3)]


def row(firm, county, **cells):
    return {
        "number": "2026-1", "provider": "安泰公司", "provider_code": AGENCY, "region": county.code,
        "from_date": "2026-01-01", "to_date": "2026年12月31日", "visits_a_year": "4次",
        "credit_code": firm if isinstance(firm, str) else firm.credit_code,
    } | cells  # fmt: skip


def plan(rows, by):
    content = rows if isinstance(rows, bytes) else tables.workbook(lists.COLUMNS, rows)
    return lists.plan_list(content=content, by=by, at=NOON)


def take(rows, by):
    found = plan(rows, by)
    lists.write_plan(plan=found, by=by, at=NOON)
    return found.counts


def test_a_list_enters_contracts_adds_enterprises_and_takes_none_away(county, keeper, firms):
    first = [row(firm, county) for firm in firms[:2]]
    assert take(first, keeper) == {"new": 1, "changed": 0, "same": 0, "bad_lines": 0}
    contract = Contract.objects.get()
    assert (contract.region, contract.visits_a_year, str(contract.to_date)) == (
        county, 4, "2026-12-31",
    )  # fmt: skip
    assert take(first, keeper) == {"new": 0, "changed": 0, "same": 1, "bad_lines": 0}
    assert take([row(firms[2], county)], keeper)["changed"] == 1
    assert Served.objects.filter(contract=contract).count() == 3


def test_merged_cells_wide_digits_and_dates_as_excel_keeps_them(county, keeper, firms):
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet()
    day = book.add_format({"num_format": "yyyy/m/d"})
    sheet.merge_range("A1:H1", "社会化服务合同台账")
    sheet.write_row(1, 0, [c.headers[0] for c in lists.COLUMNS[:8]])
    for column, value in enumerate(["２０２６—1", "安泰公司", AGENCY, county.code]):
        sheet.merge_range(2, column, 3, column, value)
    for at, serial in ((4, 46023), (5, 46387)):  # 2026-01-01, 2026-12-31
        sheet.merge_range(2, at, 3, at, serial, day)
    sheet.merge_range(2, 6, 3, 6, "=2+2")
    for n, firm in enumerate(firms[:2]):
        sheet.write_string(2 + n, 7, firm.credit_code)
    sheet.write_formula(2, 6, "=2+2", None, 4)
    book.close()
    assert take(out.getvalue(), keeper)["new"] == 1
    contract = Contract.objects.get()
    assert (contract.number, str(contract.from_date), str(contract.to_date)) == (
        "2026—1", "2026-01-01", "2026-12-31",
    )  # fmt: skip
    assert (contract.visits_a_year, contract.served.count()) == (4, 2)


def test_every_bad_cell_is_named_and_nothing_of_a_stranger_is(county, keeper, firms):
    theirs = EnterpriseFactory(site__region=RegionFactory(level=3), site__name="他县厂")
    contracts.make_contract(
        number="旧", provider="安泰公司", provider_code=AGENCY, region=county, visits_a_year=2,
        from_date=NOON.date(), to_date=NOON.date(), by=keeper, at=NOON,
    )  # fmt: skip
    one = firms[0]
    found = plan(
        [
            row(one, county, from_date="2026-02-30", visits_a_year="四"),
            row(one, county, number="2", to_date="2025-12-31"),
            row(one, county, number="3", to_date="2026-03-01"),
            row(theirs, county, number="4"),
            row(one, theirs.site.region, number="5"),
            row(one, county, number="旧"),
            row(one, county, number="6", provider=""),
            row(one, county),
            row(firms[1], county, provider="另一家公司"),
        ],
        keeper,
    )
    assert [(p.row, p.column) for p in found.problems] == [
        (2, "from_date"), (2, "visits_a_year"), (3, "to_date"), (4, "to_date"),
        (5, "credit_code"), (6, "region"), (7, "from_date"), (8, "provider"), (10, "provider"),
    ]  # fmt: skip
    assert "他县厂" not in "".join(p.text for p in found.problems)
    assert found.counts == {"new": 1, "changed": 0, "same": 0, "bad_lines": 8}
    stranger = account_in(RegionFactory(level=3), "prevent.manage")
    assert plan([row(one, county)], stranger).problems[0].column == "region"


def test_it_goes_the_way_of_all_lists_and_is_seen_by_who_handed_it_in(
    county, keeper, firms, client
):
    sheet = [row(firms[0], county), row(firms[1], county, visits_a_year="0")]
    file = SimpleUploadedFile("合同.xlsx", tables.workbook(lists.COLUMNS, sheet))
    stranger = account_in(RegionFactory(level=3), "prevent.view", "prevent.manage")
    client.force_login(keeper)
    sent = {"file": file, "region": ""}
    page = client.post(reverse("prevent:import_contracts"), sent).url
    assert run_next()
    text = client.get(page).content.decode()
    assert "2026-1 安泰公司" in text
    assert "年服务次数" in text
    assert not Contract.objects.exists()
    errors = client.get(f"{page}errors/")
    assert tables.read(errors.content, lists.COLUMNS)[0]["visits_a_year"] == "0"
    client.force_login(stranger)
    assert client.get(page).status_code == client.post(f"{page}confirm/").status_code == 404
    client.force_login(keeper)
    client.post(f"{page}confirm/")
    assert run_next()
    assert ListImport.objects.get().state == "DONE"
    assert Contract.objects.get().served.count() == 1
    assert client.get(reverse("prevent:contract_template")).content[:2] == b"PK"
    empty = SimpleUploadedFile("空.xlsx", b"")
    answer = client.post(reverse("prevent:import_contracts"), {"file": empty, "region": ""})
    assert answer.status_code in {302, 422}
    while run_next():
        pass
    assert Contract.objects.count() == 1
