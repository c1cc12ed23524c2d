"""Lists of enterprises from Excel: previewed, taken in by parts, never twice."""

import io
from datetime import timedelta

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anlan.base import tables
from anlan.base.errors import BadInput, NotFound, Refusal
from anlan.people.tests.factories import account_in
from anlan.places.models import Site
from anlan.places.tests.factories import RegionFactory, SiteFactory
from anlan.prevent import background
from anlan.prevent.models import Change, Contact, Enterprise, ListImport
from anlan.prevent.queries import enterprises as queries
from anlan.prevent.queries import imports as import_queries
from anlan.prevent.queries.enterprises import Asked
from anlan.prevent.services import enterprise_lists as lists
from anlan.prevent.services import imports
from anlan.prevent.services.list_cells import COLUMNS, Reader

from .factories import NOON, EnterpriseFactory, StandardFactory, credit_code

pytestmark = pytest.mark.django_db
KEEPS = ("prevent.view", "prevent.manage", "people.view")


@pytest.fixture
def county():
    return RegionFactory(name="东湖区", lon=119.6, lat=29.1)


@pytest.fixture
def village(county):
    town = RegionFactory(parent=county, name="城关镇")
    return RegionFactory(parent=town, name="溪口村", lon=119.61, lat=29.11)


@pytest.fixture
def keeper(county):
    return account_in(county, *KEEPS)


def a_list(*rows):
    return tables.workbook(COLUMNS, rows)


def row(number, **cells):
    return {"credit_code": credit_code(number), "name": f"第{number}厂", **cells}


def take(content, by, region=None):
    plan = lists.plan_list(content=content, region=region, by=by)
    lists.write_plan(plan=plan, by=by, at=NOON)
    return plan


def texts(plan):
    return [(problem.row, problem.column, problem.text) for problem in plan.problems]


def test_a_list_makes_changes_and_leaves_alone(village, keeper):
    StandardFactory(code="wj", name="五金制造")
    first = [
        row(1, region=village.code, size="小型企业", employees="35人", standard="五金制造"),
        row(2, region="东湖区城关镇溪口村", officer="张三", officer_phone="13800001234"),
        row(3, region="溪口村"),
    ]
    plan = take(a_list(*first), keeper)
    assert plan.counts == {"new": 3, "changed": 0, "same": 0, "absent": 0, "bad_lines": 0}
    one = Enterprise.objects.get(credit_code=credit_code(1))
    assert (one.size, one.employees, one.standard.code, one.site.lon) == ("S", 35, "wj", 119.61)
    plan = take(a_list(*first), keeper)
    assert plan.counts | {"same": 0} == {**dict.fromkeys(plan.counts, 0)}
    assert not Change.objects.exists()
    second = [row(1, name="改名厂", size=""), row(2, officer="张三", officer_phone="13900001234")]
    plan = take(a_list(*second), keeper)
    assert plan.counts == {"new": 0, "changed": 2, "same": 0, "absent": 1, "bad_lines": 0}
    one.refresh_from_db()
    assert (Site.objects.get(pk=one.pk).name, one.size) == ("改名厂", "S")  # an empty cell: kept
    assert Contact.objects.get().phone == "13900001234"
    assert Enterprise.objects.get(credit_code=credit_code(3)).state == "OPEN"
    found = queries.list_enterprises(actor=keeper, asked=Asked(text="改名"))
    assert [e.pk for e in found] == [one.pk]
    assert Change.objects.get(enterprise=one).fields == {"name": ["第1厂", "改名厂"]}


def test_every_bad_cell_is_named_and_marked_in_red_with_what_to_do(village, keeper):
    content = a_list(
        row(1, region=village.code),
        row(2, region="无此村"),
        row(3, region=village.code, size="巨型", employees="约五十", lon="119.6"),
        {"credit_code": "9.13307E+17", "name": "甲厂", "region": village.code},
        {"credit_code": credit_code(1), "name": "乙厂", "region": village.code},
        {"credit_code": credit_code(5)[:-1] + "!", "name": "", "region": village.code},
        row(6),
        row(7, region=village.code, head="王五", head_phone="12"),
    )
    plan = take(content, keeper)
    assert plan.counts["new"] == 1
    where = [(line, column) for line, column, _text in texts(plan)]
    assert where == [
        (3, "region"),
        (4, "size"), (4, "employees"), (4, "lat"),
        (5, "credit_code"),
        (6, "credit_code"),
        (7, "credit_code"), (7, "name"),
        (8, "region"),
        (9, "head_phone"),
    ]  # fmt: skip
    assert all(text for _line, _column, text in texts(plan))
    again = tables.read(lists.error_list(plan), COLUMNS)
    assert len(again) == 7
    assert again[0]["region"] == "无此村"


def test_what_belongs_to_other_offices_is_neither_changed_nor_named(village, county, keeper):
    theirs = RegionFactory(name="西湖区", lon=118.0, lat=28.0)
    EnterpriseFactory(site__region=theirs, site__name="他县厂", credit_code=credit_code(1))
    SiteFactory(region=theirs, kind="enterprise", code=credit_code(2))
    here, there = {"region": village.code}, {"region": theirs.code}
    content = a_list(row(1, **here), row(2, **here), row(3, **there))
    before = list(Site.objects.order_by("pk").values())
    plan = take(content, keeper)
    assert [(line, column) for line, column, _t in texts(plan)] == [
        (2, "credit_code"),
        (3, "credit_code"),
        (4, "region"),
    ]
    assert plan.absent == []
    assert "他县厂" not in str(texts(plan))
    assert list(Site.objects.order_by("pk").values()) == before


def test_all_of_it_in_one_region_means_just_that(village, county, keeper):
    other = RegionFactory(parent=county, name="北镇", lon=119.0, lat=29.0)
    EnterpriseFactory(site__region=other, site__name="北厂")
    plan = take(a_list(row(1, region=other.code), row(2, region=village.code)), keeper, village)
    assert (plan.counts["new"], plan.counts["absent"]) == (1, 0)
    assert texts(plan)[0][:2] == (2, "region")


def test_who_has_edited_a_file_meanwhile_keeps_what_they_wrote(village, keeper):
    take(a_list(row(1, region=village.code)), keeper)
    plan = lists.plan_list(content=a_list(row(1, name="名单厂")), by=keeper)
    Enterprise.objects.update(address="新地址", changed_at=NOON + timedelta(minutes=1))
    lists.write_plan(plan=plan, by=keeper, at=NOON + timedelta(minutes=2))
    found = Enterprise.objects.get()
    assert (found.address, found.site.name) == ("新地址", "第1厂")


def test_a_site_on_the_map_gets_its_file_from_the_list(village, keeper):
    site = SiteFactory(region=village, kind="enterprise", code="ENT00001", name="旧名")
    plan = take(a_list(row(1, site="ENT00001"), row(2, site="ENT09999")), keeper)
    assert texts(plan)[0][:2] == (3, "site")
    assert Enterprise.objects.get().pk == site.pk
    assert take(a_list(row(1, site="ENT00001")), keeper).counts["same"] == 1


def test_sheets_as_offices_make_them(village, keeper):
    """A title above, the village merged over rows, full-width digits, a formula, a lost code."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet("台账")
    sheet.merge_range("A1:D1", "城关镇企业台账（2026年）")
    sheet.write_row("A2", ["所属村社", "*企业名称", "社会信用代码", "从业人员"])
    sheet.merge_range("A3:A5", "溪口村")
    wide = "".join(chr(ord(c) + 0xFEE0) for c in credit_code(1))
    for n, (name, code) in enumerate([("甲厂", wide), ("乙厂", credit_code(2)), ("丙厂", "")]):
        sheet.write_string(2 + n, 1, name)
        sheet.write_string(2 + n, 2, code)
    sheet.write_number("C5", 913307000000000000)
    sheet.write_string("D3", "３５")
    sheet.write_formula("D4", "=20+1", None, 21)
    book.close()
    plan = take(out.getvalue(), keeper)
    assert [(line, column) for line, column, _t in texts(plan)] == [(5, "credit_code")]
    assert "Excel" in texts(plan)[0][2]
    assert list(Enterprise.objects.order_by("pk").values_list("employees", flat=True)) == [35, 21]


CELL = st.one_of(
    st.text("甲乙19A=+-.E %°人", max_size=20),
    st.sampled_from(["", "=1+1", "9.13307E+17", "nan", "１２", "溪口村", "小型", "-1", "1e400"]),
    st.integers(0, 50).map(credit_code),
)


@given(st.dictionaries(st.sampled_from([c.name for c in COLUMNS]), CELL))
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_stands_in_a_line_is_either_taken_or_said_to_be_wrong(cells):
    line = tables.Line(2, {"credit_code": "", "name": "", **cells})
    given_, problems = Reader([]).read(line)
    said = set(given_) | {problem.column for problem in problems}
    assert {name for name, text in line.cells.items() if text} <= said
    assert all(problem.text for problem in problems)


def test_a_list_goes_its_way_in_the_background(client, village, keeper, county):
    client.force_login(keeper)
    file = SimpleUploadedFile("台账.xlsx", a_list(row(1, region=village.code), row(2)))
    page = client.post("/prevent/enterprises/import/", {"file": file})
    where = page["Location"]
    assert 'hx-trigger="every 1s"' in client.get(where).content.decode()
    assert background.run_next()
    shown = client.get(where).content.decode()
    assert "第1厂" in shown
    assert not Enterprise.objects.exists()
    assert client.get(f"{where}errors/").status_code == 200
    client.force_login(account_in(county, *KEEPS))
    assert client.get(where).status_code == 404
    assert client.post(f"{where}confirm/").status_code == 404
    client.force_login(keeper)
    assert client.post(f"{where}confirm/").status_code == 302
    assert background.run_next()
    assert Enterprise.objects.count() == 1
    assert client.post(f"{where}confirm/").status_code == 409
    assert not background.run_next()


def test_a_list_whose_worker_was_killed_is_taken_up_again(village, keeper):
    content = a_list(*(row(n, region=village.code) for n in range(5)))
    kept = imports.hand_in(name="a.xlsx", content=content, region=None, by=keeper, at=NOON)
    assert imports.take_next(at=NOON).pk == kept.pk
    assert imports.take_next(at=NOON + timedelta(seconds=10)) is None
    again = imports.take_next(at=NOON + timedelta(seconds=100))
    imports.carry_out(row=again, beat=lambda done, total: None, at=NOON)
    assert import_queries.get_import(actor=keeper, import_id=kept.pk).state == "CHECKED"
    assert imports.discard_old(at=NOON + timedelta(days=2)) == 1


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04x", b"name\n1\n"])
def test_a_file_that_is_no_list_is_refused_with_what_to_do(content, keeper):
    kept = imports.hand_in(name="a", content=content, region=None, by=keeper, at=NOON)
    imports.carry_out(row=imports.take_next(at=NOON), beat=lambda d, t: None, at=NOON)
    kept.refresh_from_db()
    assert (kept.state, bool(kept.why)) == ("REFUSED", True)


def test_a_file_that_is_too_large_is_refused(keeper, settings):
    settings.MAX_UPLOAD_BYTES = 100
    with pytest.raises(BadInput):
        imports.hand_in(name="a", content=b"x" * 101, region=None, by=keeper, at=NOON)


def test_the_terminal_takes_a_list_and_writes_the_bad_lines(village, tmp_path, capsys):
    file, errors = tmp_path / "a.xlsx", tmp_path / "bad.xlsx"
    file.write_bytes(a_list(row(1, region=village.code), row(2)))
    call_command("enterprises", "import", file, region=village.parent.code, errors=errors)
    assert Enterprise.objects.count() == 1
    assert len(tables.read(errors.read_bytes(), COLUMNS)) == 1


def test_the_workbook_of_the_list_masks_and_can_be_taken_in_again(client, village, keeper):
    take(a_list(row(1, region=village.code, officer="张三", officer_phone="13800001234")), keeper)
    client.force_login(keeper)
    content = client.get("/prevent/enterprises/export/").content
    assert take(content, keeper).counts["same"] == 1
    lines = tables.read(content, (tables.Column("contacts", ("联系人",)),))
    assert lines[0]["contacts"] == "安全管理员 张三 138****1234"
    client.force_login(account_in(RegionFactory(), *KEEPS))
    stranger = client.get("/prevent/enterprises/export/").content
    assert tables.read(stranger, COLUMNS) == []
    only_files = account_in(village, "prevent.view")
    client.force_login(only_files)
    content = client.get("/prevent/enterprises/export/").content
    assert "张三" not in str(tables.read(content, (tables.Column("contacts", ("联系人",)),)))


def test_only_who_handed_a_list_in_may_confirm_it(keeper, county):
    kept = imports.hand_in(name="a", content=b"x", region=None, by=keeper, at=NOON)
    other = account_in(county, *KEEPS)
    with pytest.raises(NotFound):
        import_queries.get_import(actor=other, import_id=kept.pk)
    with pytest.raises(Refusal):
        imports.confirm(row=kept, by=other, at=NOON)
    assert ListImport.objects.get().state == "TO_CHECK"


def test_many_lines_take_few_statements(village, keeper, django_assert_max_num_queries):
    rows = [row(n, region=village.code, head="李四", head_phone="13800001234") for n in range(60)]
    plan = lists.plan_list(content=a_list(*rows), by=keeper)
    with django_assert_max_num_queries(20):
        lists.write_plan(plan=plan, by=keeper, at=NOON)
    changed = [one | {"name": f"{one['name']}改"} for one in rows]
    plan = lists.plan_list(content=a_list(*changed), by=keeper)
    with django_assert_max_num_queries(20):
        lists.write_plan(plan=plan, by=keeper, at=NOON)
    assert Change.objects.count() == 60
