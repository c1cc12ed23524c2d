"""Model towns: the town scores itself, others review, somebody else awards."""

import io
from datetime import date
from decimal import Decimal

import pytest
from PIL import Image

from anlan.base.errors import BadInput, NotAllowed, NotFound, Refusal
from anlan.people.tests.factories import account_in
from anlan.places.tests.factories import RegionFactory
from anlan.prevent.models import Assessment, Score
from anlan.prevent.queries import towns as queries
from anlan.prevent.services import towns
from anlan.prevent.services.towns import LineText

from .factories import NOON

pytestmark = pytest.mark.django_db
CITY = ("prevent.view", "prevent.standard", "prevent.campaign")
D = Decimal


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.FILES_DIR = tmp_path


class City:
    """A city with two towns, its standard of three lines, and who does what."""

    def __init__(self):
        self.city = RegionFactory(level=2)
        self.county = RegionFactory(parent=self.city)
        self.town, self.next_town = (RegionFactory(parent=self.county) for _ in range(2))
        self.writer, self.reviewer, self.leader = (account_in(self.city, *CITY) for _ in range(3))
        self.officer = account_in(self.town, "prevent.view", "prevent.manage")
        self.neighbour = account_in(self.next_town, "prevent.manage", *CITY)
        self.standard = towns.make_standard(
            region=self.city, year=2026, name="示范乡镇标准", passing=D(80),
            due_on=date(2026, 10, 31), by=self.writer, at=NOON,
        )  # fmt: skip
        for text, points, proof in (
            ("应急站建设", 40, "照片"), ("隐患整改率", 40, ""), ("宣传", 20, "")
        ):  # fmt: skip
            self.line(text, points, proof)

    def line(self, text, points, proof="", number=None):
        return towns.save_line(
            standard=self.standard, line=LineText(text, D(points), proof), number=number,
            by=self.writer, at=NOON,
        )  # fmt: skip

    def open(self):
        towns.put_in_force(standard=self.standard, by=self.leader, at=NOON)
        return self.begin()

    def begin(self):
        return towns.begin(standard=self.standard, town=self.town, by=self.officer, at=NOON)

    def claim(self, assessment, *points):
        for line, claimed in zip(queries.lines_of(self.standard), points, strict=True):
            towns.claim(
                assessment=assessment, line=line, claimed=D(claimed), note="自评",
                uploads=[("照片.png", picture())] if line.proof else [], by=self.officer, at=NOON,
            )  # fmt: skip

    def review(self, assessment, *points, note="核减", by=None):
        found = {n: (D(p), note) for n, p in enumerate(points, start=1)}
        return towns.review(assessment=assessment, found=found, by=by or self.reviewer, at=NOON)


@pytest.fixture
def city():
    return City()


def picture():
    out = io.BytesIO()
    Image.new("RGB", (20, 20), "green").save(out, "PNG")
    return out.getvalue()


def test_from_the_standard_to_the_award(city):
    with pytest.raises(Refusal):  # not before it is in force
        city.begin()
    with pytest.raises(Refusal):  # not by who wrote it
        towns.put_in_force(standard=city.standard, by=city.writer, at=NOON)
    assessment = city.open()
    with pytest.raises(Refusal):  # from now on nothing changes
        city.line("另加", 10)
    with pytest.raises(BadInput):  # every line is answered
        towns.submit(assessment=assessment, by=city.officer, at=NOON)
    city.claim(assessment, 40, "38.5", 15)
    towns.submit(assessment=assessment, by=city.officer, at=NOON)
    with pytest.raises(Refusal):  # handed in is handed in
        city.claim(assessment, 40, 40, 20)
    city.review(assessment, 35, "38.5", 15)
    assert (assessment.total, assessment.passes) == (D("88.5"), True)
    with pytest.raises(NotAllowed):  # not by who reviewed it
        towns.award(assessment=assessment, by=city.reviewer, at=NOON)
    towns.award(assessment=assessment, by=city.leader, at=NOON)
    assert assessment.is_model
    assert assessment.awarded_on == date(2026, 7, 1)
    with pytest.raises(Refusal):
        towns.award(assessment=assessment, by=city.writer, at=NOON)
    towns.withdraw(assessment=assessment, why="发生亡人事故", by=city.leader, at=NOON)
    assert not assessment.is_model
    assert assessment.awarded_on is not None  # the history keeps it
    with pytest.raises(Refusal):
        towns.withdraw(assessment=assessment, why="再次", by=city.leader, at=NOON)


def test_who_had_a_part_in_the_towns_own_score_does_not_review_it(city):
    assessment = city.open()
    both = account_in(city.city, *CITY, "prevent.manage")
    city.claim(assessment, 40, 40, 20)
    line = queries.get_line(standard=city.standard, number=3)
    towns.claim(assessment=assessment, line=line, claimed=D(19), note="", by=both, at=NOON)
    towns.submit(assessment=assessment, by=city.officer, at=NOON)
    with pytest.raises(NotAllowed):
        city.review(assessment, 40, 40, 19, by=both)
    with pytest.raises(NotAllowed):
        towns.send_back(assessment=assessment, why="改", by=both, at=NOON)
    # A neighbouring town reviews nobody although it may do so at home.
    with pytest.raises(NotAllowed):
        city.review(assessment, 40, 40, 19, by=city.neighbour)


def test_points_stay_within_a_line_and_a_difference_needs_a_reason(city):
    assessment = city.open()
    for wrong in ("40.1", "-1", "NaN", "Infinity"):
        with pytest.raises(BadInput, match="0至40分"):
            city.claim(assessment, wrong, 40, 20)
    line = queries.get_line(standard=city.standard, number=1)
    towns.claim(assessment=assessment, line=line, claimed=D(40), note="", by=city.officer, at=NOON)
    for number in (2, 3):
        other = queries.get_line(standard=city.standard, number=number)
        towns.claim(
            assessment=assessment, line=other, claimed=D(0), note="", by=city.officer, at=NOON
        )
    with pytest.raises(BadInput) as told:  # claimed, and nothing shows it
        towns.submit(assessment=assessment, by=city.officer, at=NOON)
    assert told.value.code == "prevent.town_unproven"
    city.claim(assessment, 40, 0, 0)
    towns.submit(assessment=assessment, by=city.officer, at=NOON)
    with pytest.raises(BadInput):
        city.review(assessment, 39, 0, 0, note="")
    with pytest.raises(BadInput):
        city.review(assessment, 40, 0)
    assert set(Score.objects.values_list("reviewed", flat=True)) == {None}  # all or nothing
    city.review(assessment, 40, 0, 0, note="")
    with pytest.raises(Refusal):  # 40 of 80
        towns.award(assessment=assessment, by=city.leader, at=NOON)


def test_sent_back_it_is_written_anew(city):
    assessment = city.open()
    city.claim(assessment, 40, 40, 20)
    towns.submit(assessment=assessment, by=city.officer, at=NOON)
    seen = Assessment.objects.get()
    towns.send_back(assessment=assessment, why="佐证不足", by=city.reviewer, at=NOON)
    with pytest.raises(Refusal):  # the other reviewer looked at what is no longer there
        city.review(seen, 40, 40, 20, by=city.leader)
    city.claim(assessment, 30, 40, 20)
    towns.submit(assessment=assessment, by=city.officer, at=NOON)
    assert Assessment.objects.get().returned_why == ""


def test_a_standard_cannot_ask_for_more_than_it_is_worth(city):
    city.line("改为10分", 10, number=1)
    with pytest.raises(BadInput):
        towns.put_in_force(standard=city.standard, by=city.leader, at=NOON)
    with pytest.raises(Refusal):  # one a year
        towns.make_standard(
            region=city.city, year=2026, name="又一个", passing=D(1), due_on=date(2026, 1, 1),
            by=city.writer, at=NOON,
        )  # fmt: skip


def test_towns_stand_by_their_points_and_strangers_see_none(city):
    assessment = city.open()
    city.claim(assessment, 40, 40, 20)
    rows = queries.towns_of(actor=city.reviewer, standard=city.standard)
    assert [(row.town, row.claimed) for row in rows] == [(city.town, 100), (city.next_town, None)]
    assert [row.town for row in queries.towns_of(actor=city.officer, standard=city.standard)] == [
        city.town
    ]
    stranger = account_in(RegionFactory(level=2), *CITY, "prevent.manage")
    file = Score.objects.get(line__number=1).files.get()
    for ask in (
        lambda: queries.get_standard(actor=stranger, town_standard_id=city.standard.pk),
        lambda: queries.get_assessment(actor=stranger, assessment_id=assessment.pk),
        lambda: queries.get_assessment(actor=city.neighbour, assessment_id=assessment.pk),
        lambda: queries.get_file(actor=stranger, score_file_id=file.pk),
    ):
        with pytest.raises(NotFound):
            ask()
    with pytest.raises(NotAllowed):
        towns.submit(assessment=assessment, by=stranger, at=NOON)


def test_pages_from_the_standard_to_the_award(client, city):
    client.force_login(city.writer)
    sent = {
        "name": "县标准", "year": 2027, "region": city.county.code, "passing": 5,
        "due_on": "2027-10-31",
    }  # fmt: skip
    page = client.post("/prevent/towns/", sent)["Location"]
    assert client.post("/prevent/towns/", sent).status_code == 422
    line = {"text": "机构", "points": "10", "proof": ""}
    assert client.post(f"{page}lines/", line).status_code == 302
    assert client.post(f"{page}lines/", line | {"points": "0"}).status_code == 422
    client.force_login(city.leader)
    assert client.post(f"{page}in-force/").status_code == 302
    client.force_login(city.officer)
    offered = client.get(page).content.decode()
    assert f'value="{city.town.code}"' in offered
    assert f'value="{city.next_town.code}"' not in offered
    own = client.post(f"{page}begin/", {"region": city.town.code})["Location"]
    assert client.post(f"{own}lines/1/", {"claimed": "9.5", "note": "已建"}).status_code == 302
    begun = client.get(page).content.decode()
    assert f'value="{city.town.code}"' not in begun
    assert client.post(f"{own}lines/1/", {"claimed": "x"}).status_code == 422
    wrong = client.post(f"{own}lines/1/", {"claimed": "99", "note": "写了很久"})
    assert wrong.status_code == 422
    assert "写了很久" in wrong.content.decode()
    assert client.post(f"{own}lines/9/", {"claimed": "1"}).status_code == 404
    assert client.post(f"{own}submit/").status_code == 302
    city.officer.grants.create(permission="prevent.campaign", region=city.county)
    assert "points-1" not in client.get(own).content.decode()  # not what one scored oneself
    client.force_login(city.reviewer)
    assert "points-1" in client.get(own).content.decode()
    assert client.post(f"{own}review/", {"points-1": "9", "note-1": ""}).status_code == 422
    assert client.post(f"{own}review/", {"points-1": "9", "note-1": "缺一"}).status_code == 302
    reviewed = client.get(own).content.decode()
    assert ("award/" in reviewed, "须由其他有权限的人员命名" in reviewed) == (False, True)
    client.force_login(city.leader)
    assert "award/" in client.get(own).content.decode()
    assert client.post(f"{own}award/").status_code == 302
    assert client.get(own).status_code == 200
    assert client.get(page).status_code == 200
    assert own in client.get("/prevent/towns/").content.decode()
    client.force_login(city.neighbour)
    assert client.get(own).status_code == 404
    assert own not in client.get("/prevent/towns/").content.decode()
