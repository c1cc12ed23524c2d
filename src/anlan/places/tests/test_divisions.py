import os
import random
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anlan.base.errors import BadInput, NotAllowed, Refusal
from anlan.base.models import Event
from anlan.base.tables import workbook
from anlan.people.models import Account
from anlan.people.tests.factories import account_in
from anlan.places import divisions
from anlan.places.divisions import COLUMNS, level_of
from anlan.places.models import Region
from anlan.places.queries import get_region, lineage
from anlan.places.services import import_divisions, plan_divisions, recode_region
from anlan.places.tests.factories import RegionFactory

pytestmark = pytest.mark.django_db

NOON = datetime(2025, 6, 1, 4, tzinfo=UTC)
LATER = date(2025, 7, 1)

# A city of another shape: a zone whose towns keep the codes of the county they were cut from, a
# city that governs a town directly, letters in a zone's code, grids of two forms.
CITY = """代码,名称,级别,上级代码
99,云岭省,省,
9905,临湖市,地级市,99
990502,东湖区,县（市、区）,9905
9905Z1,临湖经济开发区,开发区,9905
990502001,城关街道,街道,990502
990502004,开发区一街道,街道,9905Z1
990505100,直管镇,镇,9905
990502001001,湖滨社区,社区,990502001
990502004001,科技村,村,990502004
990502004002,望湖村,村,990502004
WG-0001,科技村第一网格,网格,990502004001
990502001001005,湖滨五号网格,网格,990502001001
"""


def load(text, day=None, by=None):
    content = text.encode() if isinstance(text, str) else text
    by = by or Account.objects.system()
    return import_divisions(content=content, valid_from=day, by=by, at=NOON)


def shape():
    rows = Region.objects.filter(valid_to=None).order_by("path")
    return [(r.code, r.name, r.level, r.path, r.parent and r.parent.pk) for r in rows]


def test_a_city_whose_codes_do_not_nest_is_imported_by_its_parents():
    plan = load(CITY)

    assert (len(plan.new), plan.same) == (12, 0)
    grid = get_region(code="WG-0001")
    assert grid.path == "99/9905/9905Z1/990502004/990502004001/WG-0001/"
    assert get_region(code="990505100").path == "99/9905/990505100/"
    assert not get_region(code="990502").covers(grid)
    assert grid.valid_from == date(2000, 1, 1)


def test_the_same_file_again_changes_nothing_and_tells_nobody():
    load(CITY)
    before, events = shape(), Event.objects.count()

    plan = load(CITY)

    assert plan.changes == []
    assert plan.same == 12
    assert (shape(), Event.objects.count()) == (before, events)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_every_usual_encoding_is_read(encoding):
    load(CITY.encode(encoding))
    assert get_region(code="9905").name == "临湖市"


def test_a_workbook_and_tabs_are_read_too():
    _header, *rows = [line.split(",") for line in CITY.strip().split("\n")]
    names = [c.name for c in COLUMNS]
    book = workbook(COLUMNS, [dict(zip(names, row, strict=False)) for row in rows])
    assert len(plan_divisions(content=book).new) == 12
    assert len(plan_divisions(content=CITY.replace(",", "\t").encode()).new) == 12


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(seed=st.integers(0, 10**6), cut=st.integers(0, 12))
def test_order_does_not_matter_and_twice_is_once(seed, cut):
    """Any order of rows, in one file or a part first, gives the same tree."""
    Region.objects.update(parent=None, successor=None)
    Region.objects.all().delete()
    header, *rows = CITY.strip().split("\n")
    mixed = rows[:]
    random.Random(seed).shuffle(mixed)
    if cut:
        load("\n".join([header, *rows[:cut]]))
    load("\n".join([header, *mixed]), LATER)
    mixed_tree = [row[:4] for row in shape()]
    assert load("\n".join([header, *mixed]), LATER).changes == []

    Region.objects.update(parent=None, successor=None)
    Region.objects.all().delete()
    load(CITY)
    assert mixed_tree == [row[:4] for row in shape()]


def test_a_renamed_region_gets_a_new_version_and_keeps_its_children():
    load(CITY)
    old = get_region(code="990502001")

    plan = load(CITY.replace("城关街道", "湖滨街道"), LATER)

    assert [c.code for c in plan.renamed] == ["990502001"]
    new = get_region(code="990502001")
    old.refresh_from_db()
    assert (old.name, old.valid_to, old.successor) == ("城关街道", LATER, new)
    assert (new.name, new.valid_from) == ("湖滨街道", LATER)
    child = get_region(code="990502001001")
    assert child.parent == new
    assert child.valid_from == date(2000, 1, 1)
    assert get_region(code="990502001", on=date(2025, 6, 30)) == old


def test_a_moved_town_takes_its_villages_and_grids_along():
    load(CITY)
    old = get_region(code="WG-0001")

    plan = load(
        CITY.replace("990502004,开发区一街道,街道,9905Z1", "990502004,一街道,街道,990502"), LATER
    )

    assert {c.code for c in plan.moved} == {
        "990502004",
        "990502004001",
        "990502004002",
        "WG-0001",
    }
    grid = get_region(code="WG-0001")
    assert grid.path == "99/9905/990502/990502004/990502004001/WG-0001/"
    assert grid.parent == get_region(code="990502004001")
    old.refresh_from_db()
    assert old.successor == grid
    # Whoever answers for the county now also sees what was kept under the zone's path.
    assert old.path.startswith(tuple(lineage([get_region(code="990502").path])))


def test_absence_closes_nothing_and_is_shown():
    load(CITY)
    shorter = CITY.replace("990502004002,望湖村,村,990502004\n", "")

    plan = load(shorter, LATER)

    assert plan.changes == []
    assert [known.code for known in plan.missing] == ["990502004002"]
    assert get_region(code="990502004002").valid_to is None


def test_a_list_of_grids_alone_hangs_them_on_the_villages_that_stand():
    load(CITY)
    plan = load("code,name,level,parent\nWG-0002,科技村第二网格,grid,990502004001\n", LATER)

    assert [c.code for c in plan.new] == ["WG-0002"]
    assert [known.code for known in plan.missing] == ["WG-0001"]
    assert get_region(code="WG-0002").valid_from == LATER


def test_bad_cells_are_named_by_row_and_column_and_nothing_is_imported():
    bad = CITY + "9905 99,坏代码,县,9905\n990599,,县,9905\n990598,错级,星球,9905\n9905,重复,市,99\n"
    problems = plan_divisions(content=bad.encode()).problems
    assert [(p.row, p.column) for p in problems] == [
        (14, "code"),
        (15, "name"),
        (16, "level"),
        (17, "code"),
    ]
    with pytest.raises(BadInput, match="第14行“代码”（9905 99）"):
        load(bad)
    assert not Region.objects.exists()


def test_a_parent_that_is_nowhere_or_not_above_is_named():
    text = "代码,名称,级别,上级代码\n1,甲,省,\n2,乙,县,7\n3,丙,省,1\n"
    problems = plan_divisions(content=text.encode()).problems
    assert [(p.row, p.column) for p in problems] == [(3, "parent"), (4, "parent")]


def test_a_file_without_its_columns_says_which():
    with pytest.raises(BadInput, match="级别、上级代码"):
        plan_divisions(content="代码,名称\n1,甲\n".encode())


@pytest.mark.parametrize("content", [b"PK\x03\x04 not a zip", b"\xff\xfe\xfd", b"", b"\n\n"])
def test_a_file_that_is_no_table_is_refused(content):
    with pytest.raises(BadInput):
        plan_divisions(content=content)


def test_a_change_cannot_hold_from_before_the_version_it_ends():
    load(CITY, LATER)
    with pytest.raises(Refusal, match="不能在2025年6月1日终止"):
        load(CITY.replace("城关街道", "湖滨街道"), date(2025, 6, 1))
    assert get_region(code="990502001").name == "城关街道"


def test_somebody_from_another_region_cannot_import_here():
    load(CITY)
    zone, stranger = get_region(code="9905Z1"), account_in(RegionFactory(), "places.manage")
    renamed = CITY.replace("科技村,村", "科创村,村")
    with pytest.raises(NotAllowed, match="科创村"):
        load(renamed, LATER, by=stranger)
    with pytest.raises(NotAllowed):
        load(renamed, LATER, by=account_in(zone, "places.view"))

    load(renamed, LATER, by=account_in(zone, "places.manage"))
    assert get_region(code="990502004001").name == "科创村"


def test_a_plan_that_is_no_longer_what_was_looked_at_is_shown_again():
    load(CITY)
    renamed = CITY.replace("城关街道", "湖滨街道").encode()
    seen = plan_divisions(content=renamed).digest
    load(CITY.replace("湖滨社区", "湖东社区"), LATER)
    with pytest.raises(Refusal, match="预览之后"):
        import_divisions(content=renamed, expect=seen, by=Account.objects.system(), at=NOON)


def test_a_recoded_region_names_its_successor_and_its_children_follow():
    load(CITY)
    old, clerk = get_region(code="990502"), account_in(get_region(code="9905"), "places.manage")

    new = recode_region(region=old, code="990512", valid_from=LATER, by=clerk, at=NOON)

    old.refresh_from_db()
    assert (old.successor, old.valid_to) == (new, LATER)
    child = get_region(code="990502001001")
    assert child.path == "99/9905/990512/990502001/990502001001/"
    assert set(lineage([new.path])) == {new.path, "99/9905/990502/"}
    assert get_region(code="990502", on=date(2025, 1, 1)) == old
    with pytest.raises(Refusal, match="不再有效"):
        recode_region(region=old, code="990513", valid_from=LATER, by=clerk, at=NOON)


def test_a_list_can_recode_too_and_twice_is_once():
    load(CITY)
    lines = CITY.replace("代码,名称,级别,上级代码", "代码,名称,级别,上级代码,原代码")
    lines = lines.replace("990502,东湖区,县（市、区）,9905", "990512,东湖区,区,9905,990502")
    lines = lines.replace("街道,990502\n", "街道,990512\n")
    plan = load(lines, LATER)
    assert [(c.old.code, c.code) for c in plan.recoded] == [("990502", "990512")]
    assert load(lines, LATER).changes == []


MERGER = """代码,名称,级别,上级代码,原代码
990502004,科创街道,街道,9905Z1,990505100、990502001
"""


def test_towns_that_merge_end_and_what_lies_in_them_goes_along():
    load(CITY)
    zone = get_region(code="9905Z1")
    gone, kept = get_region(code="990502001"), get_region(code="990502004")
    plan = plan_divisions(content=MERGER.encode())
    assert {merger.old.name for merger in plan.mergers} == {"直管镇", "城关街道"}
    assert plan.missing == []
    with pytest.raises(NotAllowed):  # the zone's clerk, not the city's
        load(MERGER, LATER, account_in(zone, "places.manage"))
    load(MERGER, LATER)

    gone.refresh_from_db()
    new = get_region(code="990502004")
    assert (gone.successor, gone.valid_to) == (new, LATER)
    assert (new.name, new.parent) == ("科创街道", zone)
    grid = get_region(code="990502001001005")
    assert grid.path == "99/9905/9905Z1/990502004/990502001001/990502001001005/"
    assert set(lineage([new.path])) == {new.path, gone.path, "99/9905/990505100/"}
    assert get_region(code="990502001", on=date(2025, 6, 30)) == gone
    kept.refresh_from_db()
    assert kept.successor == new  # renamed by the same row
    event = Event.objects.filter(name="places.divisions.imported").latest("pk")
    assert event.data["merged"] == [["990505100", "990502004"], ["990502001", "990502004"]]
    assert load(MERGER, date(2025, 8, 1)).is_empty


def test_a_new_town_takes_the_place_of_the_first_and_the_others_merge_into_it():
    load(CITY)
    text = MERGER.replace("990502004,科创", "990502009,科创").replace("9905Z1", "990502")
    plan = load(text, LATER)
    assert [(c.old.code, c.code) for c in plan.recoded] == [("990505100", "990502009")]
    assert [merger.old.code for merger in plan.mergers] == ["990502001"]
    new = get_region(code="990502009")
    assert {old.code for old in new.predecessors.all()} == {"990505100", "990502001"}
    assert get_region(code="990502001001").parent == new


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("990502002,东街道,街道,990502,990505100", "直管镇已被另一行取代"),
        ("990502004001,科技村,村,990502004,9905Z1", "临湖经济开发区的级别不同"),
        ("990502004001,科技村,村,990502004,x y!", "1至20位"),
    ],
)
def test_a_region_ends_in_one_other_of_its_level(row, why):
    load(CITY)
    [problem] = plan_divisions(content=(MERGER + row).encode()).problems[:1]
    assert (problem.column, why in problem.text) == ("replaces", True)
    assert Region.objects.filter(valid_to=None).count() == 12


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("省", 1),
        ("prefecture", 2),
        ("县（市、区）", 3),
        ("乡镇（街道）", 4),
        ("村（社区）", 5),
        ("网格", 6),
        ("?", None),
    ],
)
def test_levels_are_known_by_the_names_that_people_write(text, level):
    assert level_of(text) == level


def test_the_real_jinhua_is_imported_whole_and_fast():
    golden = os.environ.get("ANLAN_GOLDEN")
    if not golden:
        pytest.skip("ANLAN_GOLDEN is not set")
    plan = load((Path(golden) / "admin/jinhua_divisions_2023.csv").read_bytes())
    assert len(plan.new) == 3457
    for code, towns, villages in [("330702", 26, 436), ("330781", 16, 360), ("330784", 14, 452)]:
        inside = Region.objects.within([get_region(code=code).path])
        assert inside.filter(level=4).count() == towns
        assert inside.filter(level=5).count() == villages


def test_the_largest_tree_is_compared_without_quadratic_work():
    tree = {
        code: divisions.Known(n, code, code, 5, "", f"{code}/")
        for n, code in enumerate(f"{n:06d}" for n in range(20_000))
    }
    listed = [divisions.Division(n, code, code, 5, "") for n, code in enumerate(tree)]
    assert divisions.compare(listed, tree).changes == []
