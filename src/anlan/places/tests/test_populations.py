import io
from datetime import UTC, date, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command

from anlan.base.errors import BadInput
from anlan.base.tables import read
from anlan.people.models import Account
from anlan.people.tests.factories import account_in
from anlan.places.models import Population
from anlan.places.populations import people_of
from anlan.places.services import import_populations
from anlan.places.services.populations import COLUMNS, error_list
from anlan.places.tests.factories import RegionFactory

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 7, 1, 4, tzinfo=UTC)
DAY, LATER = date(2024, 12, 31), date(2025, 12, 31)


@pytest.fixture
def county():
    return RegionFactory(level=3)


def take(text, by=None, day=DAY, source="统计年鉴"):
    return import_populations(
        content=text.encode(),
        source=source,
        counted_on=day,
        by=by or Account.objects.system(),
        at=NOON,
    )


def test_counts_come_with_source_and_day_and_twice_is_once(county):
    grid = RegionFactory(level=6, parent=RegionFactory(parent=county, level=5))
    text = f'区划代码,人口\n{county.code},"412,300"\n{grid.code},320人\n'
    first, again = take(text), take(text)

    assert (first.new, first.people, again.new, again.same) == (2, 412_620, 0, 2)
    row = Population.objects.get(region=grid)
    assert (row.people, row.counted_on, row.source) == (320, DAY, "统计年鉴")


def test_the_newest_count_holds_and_older_ones_stay(county):
    take(f"区划代码,人口\n{county.code},100\n")
    take(f"区划代码,人口,统计日期\n{county.code},120,2025/12/31\n", day=None)
    paths = [county.path]

    assert people_of(region=county, paths=paths, on=date(2026, 7, 1)).people == 120
    assert people_of(region=county, paths=paths, on=date(2025, 1, 1)).people == 100
    assert people_of(region=county, paths=paths, on=date(2024, 1, 1)) is None


def test_nobody_is_counted_twice_where_several_levels_have_counts(county):
    one, other = RegionFactory(parent=county), RegionFactory(parent=county)
    village = RegionFactory(parent=one)
    take(f"区划代码,人口\n{one.code},100\n{village.code},60\n{other.code},30\n")

    found = people_of(region=county, paths=[county.path], on=LATER)
    assert (found.people, found.parts) == (130, 2)
    mine = people_of(region=county, paths=[village.path], on=LATER)
    assert (mine.people, mine.parts) == (60, 1)
    assert people_of(region=county, paths=[RegionFactory().path], on=LATER) is None


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("nowhere,5,", "region"),
        ("{code},-5,", "people"),
        ("{code},1.5,", "people"),
        ("{code},900000000,", "people"),
        ("{code},many,", "people"),
        ("{code},²,", "people"),
        ("{code},5,yesterday", "counted_on"),
        ("{code},5,2031-01-01", "counted_on"),
    ],
)
def test_bad_cells_are_named_and_come_back_as_a_workbook(county, line, column):
    good = RegionFactory(parent=county)
    text = f"区划代码,人口,统计日期\n{good.code},7,\n" + line.format(code=county.code)
    plan = take(text)

    assert (plan.new, [p.column for p in plan.problems]) == (1, [column])
    assert len(read(error_list(plan), COLUMNS)) == 1


def test_without_a_source_or_a_day_nothing_is_taken(county):
    with pytest.raises(BadInput):
        take(f"区划代码,人口\n{county.code},5\n", source=" ")
    assert take(f"区划代码,人口\n{county.code},5\n", day=None).new == 0


def test_a_stranger_enters_no_figures_here(county):
    stranger = account_in(RegionFactory(), "places.manage")
    plan = take(f"区划代码,人口\n{county.code},5\n", by=stranger)
    assert (plan.new, plan.problems[0].column) == (0, "region")


def test_the_page_previews_takes_and_shows_the_source(county, client):
    client.force_login(account_in(county, "places.view", "places.manage"))
    text = f"区划代码,人口\n{county.code},4321\nnowhere,1\n"
    page = client.post(
        "/places/import/populations/",
        {
            "file": SimpleUploadedFile("p.csv", text.encode()),
            "source": "七普",
            "counted_on": "2020-11-01",
        },
    )
    kept = page.context["upload"]
    assert Population.objects.count() == 0
    assert client.get(f"/places/import/populations/{kept.pk}/errors.xlsx").status_code == 200
    client.post(
        f"/places/import/populations/{kept.pk}/", {"source": "七普", "counted_on": "2020-11-01"}
    )
    shown = client.get("/places/").content.decode()
    assert "4321" in shown
    assert "七普，2020年11月1日" in shown


def test_the_command(county, tmp_path):
    file, out = tmp_path / "p.csv", io.StringIO()
    file.write_text(f"区划代码,人口\n{county.code},5\n", encoding="gb18030")
    call_command("population", "import", str(file), source="年鉴", date=DAY, stdout=out)
    assert "已导入：新增 1" in out.getvalue()
