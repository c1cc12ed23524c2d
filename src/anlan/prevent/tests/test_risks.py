"""Dual prevention: graded by the tables, checked in time, coloured by what remains."""

import io
import itertools
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from PIL import Image

from anlan.base.errors import BadInput, NotAllowed, NotFound, Refusal
from anlan.base.events import deliver_waiting
from anlan.base.models import Event
from anlan.people.tests.factories import account_in
from anlan.places.models import Region
from anlan.places.tests.factories import RegionFactory
from anlan.prevent import grading
from anlan.prevent.grading import LEC, MATRIX
from anlan.prevent.models import (
    Check,
    Contact,
    Control,
    Enterprise,
    Grading,
    Hazard,
    MissedCheck,
    RiskPoint,
)
from anlan.prevent.queries import risks as queries
from anlan.prevent.services import controls, floor_plans, risks
from anlan.work.models import WorkItem
from anlan.work.services import advance
from anlan.work.tests.factories import proof_of

from .factories import NOON, EnterpriseFactory, StandardFactory

pytestmark = pytest.mark.django_db
C = Enterprise.Colour
DAY = timedelta(days=1)
KEEPS = ("prevent.view", "prevent.manage", "prevent.inspect", "prevent.standard")
EACH = [[value for value, _label in factor.values] for factor in LEC.factors]


def lec(likelihood, exposure, severity):
    values = {"likelihood": likelihood, "exposure": exposure, "severity": severity}
    return {name: Decimal(str(value)) for name, value in values.items()}


def matrix(likelihood, severity):
    return {"likelihood": Decimal(likelihood), "severity": Decimal(severity)}


class Works:
    """A foundry in a village, its safety officer, the bureau's keeper and a stranger."""

    def __init__(self):
        self.county = RegionFactory(level=3)
        self.village = RegionFactory(parent=RegionFactory(parent=self.county))
        self.enterprise = EnterpriseFactory(site__region=self.village, site__name="东湖铸造厂")
        self.keeper = account_in(self.county, *KEEPS)
        self.officer = account_in(RegionFactory(level=3))
        Contact.objects.create(
            enterprise=self.enterprise, role="SAFETY", name="王安", account=self.officer
        )
        self.stranger = account_in(RegionFactory(level=3), *KEEPS, "prevent.check")

    def point(self, name="1号中频炉", area="熔炼车间", at=NOON):
        return risks.add_point(
            enterprise=self.enterprise, area=area, name=name, sort="FACILITY",
            danger="炉体漏水遇铁水爆炸", accident="18", by=self.officer, at=at,
        )  # fmt: skip

    def grade(self, point, values, stage="INHERENT", at=NOON):
        return risks.grade(point=point, stage=stage, values=values, by=self.officer, at=at)

    def control(self, point, every=7, at=NOON):
        return controls.add_control(
            point=point, sort="ENGINEER", text="冷却水流量报警联锁", level="DEPT",
            checker="熔炼班长", every_days=every, by=self.officer, at=at,
        )  # fmt: skip

    def colour(self):
        return Enterprise.objects.get(pk=self.enterprise.pk).colour


@pytest.fixture
def works():
    return Works()


def put_right(hazard, by, checker, at):
    """The whole loop of a hazard."""
    advance(item=hazard.item, move="accept", by=by, at=at)
    proof = proof_of(hazard.item, by, at)
    advance(item=hazard.item, move="submit", by=by, at=at, note="已补查", submission=proof)
    advance(item=hazard.item, move="verify", by=checker, at=at)
    deliver_waiting()


@pytest.mark.parametrize(
    ("values", "score", "grade"),
    [
        (lec(10, 6, 7), "420", C.RED),
        (lec(3, 6, 15), "270", C.ORANGE),
        (lec(3, 10, 7), "210", C.ORANGE),
        (lec(6, 6, 3), "108", C.YELLOW),
        (lec(10, 1, 7), "70", C.YELLOW),  # at the limit the graver holds
        (lec(3, 6, 3), "54", C.BLUE),
        (lec("0.1", "0.5", 1), "0.05", C.BLUE),
        (matrix(4, 5), "20", C.RED),
        (matrix(4, 4), "16", C.ORANGE),
        (matrix(3, 5), "15", C.ORANGE),
        (matrix(3, 3), "9", C.YELLOW),
        (matrix(4, 2), "8", C.BLUE),
    ],
)
def test_scores_and_colours_worked_by_hand(values, score, grade):
    method = LEC if len(values) == 3 else MATRIX
    assert grading.score(method, values) == Decimal(score)
    assert grading.grade_of(method, Decimal(score)) == grade


def test_320_is_orange_and_only_more_is_red():
    """No product of the table is 320, so the limit itself is asked."""
    assert grading.grade_of(LEC, Decimal(320)) == C.ORANGE
    assert grading.grade_of(LEC, Decimal("320.1")) == C.RED
    assert grading.grade_of(LEC, Decimal(160)) == C.ORANGE
    assert grading.grade_of(LEC, Decimal("69.9")) == C.BLUE


@pytest.mark.parametrize("factor", range(3))
def test_a_graver_factor_never_makes_a_milder_grade(factor):
    for combination in itertools.product(*EACH):
        grades = []
        for value in EACH[factor]:
            changed = [*combination[:factor], value, *combination[factor + 1 :]]
            product = changed[0] * changed[1] * changed[2]
            grades.append(grading.grade_of(LEC, product))
        assert grades == sorted(grades)  # values stand gravest first, red is 1


@pytest.mark.parametrize("values", [lec(4, 6, 15), lec(3, 6, -15), matrix(3, 3), {}])
def test_values_between_those_of_the_table_are_refused(values):
    with pytest.raises(BadInput):
        grading.score(LEC, values)


def test_a_standards_method_goes_before_that_of_the_narrowest_industry(works):
    def use(**what):
        return risks.set_method(**{"standard": None, "industry": ""} | what, by=boss, at=NOON)

    boss = account_in(works.county, *KEEPS)
    with pytest.raises(NotAllowed):  # a rule holds everywhere: one county's right is too little
        use(industry="C33", method="LS")
    for region in Region.objects.filter(parent=None):
        boss.grants.get_or_create(permission="prevent.standard", region=region)
    boss.forget_scopes()
    standard = StandardFactory()
    Enterprise.objects.update(industry="C3391", standard=standard)
    works.enterprise.refresh_from_db()
    assert queries.method_for(works.enterprise) == LEC
    use(industry="c33", method="LS")
    assert queries.method_for(works.enterprise) == MATRIX
    use(industry="C339", method="LEC")
    assert queries.method_for(works.enterprise) == LEC
    use(standard=standard, method="LS")
    assert queries.method_for(works.enterprise) == MATRIX
    use(standard=standard, method="")
    assert queries.method_for(works.enterprise) == LEC
    for wrong in ({"industry": "33"}, {"industry": "C33912"}, {"industry": "%"}, {}):
        with pytest.raises(BadInput):
            use(**wrong, method="LS")


def test_what_remains_is_graded_after_what_was_and_colours_the_enterprise(works):
    point = works.point()
    assert works.colour() == C.BLUE
    with pytest.raises(Refusal):  # nothing to compare with
        works.grade(point, lec(1, 6, 15), "RESIDUAL")
    works.grade(point, lec(6, 6, 15))
    assert works.colour() == C.RED
    with pytest.raises(Refusal):  # nothing was done yet
        works.grade(point, lec(1, 6, 15), "RESIDUAL")
    works.control(point)
    with pytest.raises(BadInput):  # measures do not make it graver
        works.grade(point, lec(10, 6, 15), "RESIDUAL")
    made = works.grade(point, lec(1, 6, 15), "RESIDUAL")
    point.refresh_from_db()
    assert (made.score, point.inherent, point.grade) == (Decimal(90), C.RED, C.YELLOW)
    assert works.colour() == C.YELLOW
    second = works.point(name="2号中频炉")
    works.grade(second, lec(3, 6, 15))
    assert works.colour() == C.ORANGE  # the gravest
    risks.close_point(point=second, why="已拆除", by=works.officer, at=NOON)
    assert works.colour() == C.YELLOW
    assert Grading.objects.count() == 3  # the history stays
    Enterprise.objects.update(colour=C.RED, colour_by_hand=True)
    works.grade(point, lec(1, 1, 1))
    assert works.colour() == C.RED


def test_a_grading_is_due_anew_after_a_year_and_after_a_measure_is_gone(works):
    leap = datetime(2028, 2, 29, 4, tzinfo=UTC)
    point = works.point(at=leap)
    shown = {"actor": works.keeper, "wanted": queries.PointFilter(show="regrade")}
    assert list(queries.list_points(at=leap, **shown)) == [point]  # never graded
    works.grade(point, lec(3, 3, 3), at=leap)
    assert list(queries.list_points(at=leap, **shown)) == []
    assert list(queries.list_points(at=leap + 364 * DAY, **shown)) == []
    assert list(queries.list_points(at=leap + 365 * DAY, **shown)) == [point]  # 28 February 2029
    control = works.control(point, at=leap)
    controls.retire_control(control=control, by=works.officer, at=leap + DAY)
    assert list(queries.list_points(at=leap + DAY, **shown)) == [point]


def test_the_journal_notices_a_grading_that_was_altered(works):
    made = works.grade(works.point(), lec(3, 6, 15))
    assert list(risks.check_gradings()) == []
    Grading.objects.filter(pk=made.pk).update(likelihood=1, grade=4)
    assert len(list(risks.check_gradings())) == 1


def test_a_check_in_time_leaves_a_row_and_no_work(works):
    control = works.control(works.point())
    assert control.due_at == datetime(2026, 7, 8, 16, tzinfo=UTC)  # the end of 8 July in Beijing
    check = controls.check_control(control=control, result="FINE", by=works.officer, at=NOON + DAY)
    assert not check.late
    assert Control.objects.get().due_at == datetime(2026, 7, 9, 16, tzinfo=UTC)
    assert controls.report_missed(NOON + 8 * DAY) == 0
    assert not WorkItem.objects.exists()


def test_what_does_not_work_is_a_hazard_of_the_enterprises_own_finding(works):
    control = works.control(works.point())
    wrong = {"control": control, "result": "WRONG", "by": works.officer, "at": NOON + DAY}
    with pytest.raises(BadInput):
        controls.check_control(**wrong)
    check = controls.check_control(**wrong, note="报警器不响")
    assert check.hazard == Hazard.objects.get()
    assert check.hazard.source == Hazard.Source.SELF
    assert "报警器不响" in check.hazard.what
    assert check.hazard.item.region == works.village


def test_of_two_who_check_at_once_one_is_told(works):
    control = works.control(works.point())
    mine, yours = (Control.objects.get(pk=control.pk) for _ in range(2))
    controls.check_control(control=mine, result="FINE", by=works.officer, at=NOON + DAY)
    with pytest.raises(Refusal) as told:
        controls.check_control(control=yours, result="FINE", by=works.keeper, at=NOON + DAY)
    assert told.value.code == "prevent.checked"


def test_a_missed_check_becomes_a_hazard_once_and_is_due_anew_after_it_is_closed(works):
    control = works.control(works.point(), every=1)
    due = control.due_at
    assert controls.report_missed(due - timedelta(seconds=1)) == 0
    assert controls.report_missed(due) == 1
    assert controls.report_missed(due) == 0
    assert controls.report_missed(due + 3 * DAY) == 0  # held to the first, not to each day
    hazard = Hazard.objects.get()
    assert hazard.source == Hazard.Source.CHECK
    assert "2026年7月2日" in hazard.what
    assert hazard.item.steps.get().by.is_system
    doer = account_in(works.county, "prevent.rectify")
    put_right(hazard, doer, account_in(works.county, "prevent.check"), due + 3 * DAY)
    control.refresh_from_db()
    assert control.due_at == due + 5 * DAY  # closed on the 6th, so due by the end of the 7th
    assert controls.report_missed(due + 5 * DAY) == 1
    assert Hazard.objects.count() == 2


def test_a_check_made_late_does_not_take_the_hazard_back(works):
    control = works.control(works.point())
    late = control.due_at + timedelta(hours=1)
    assert controls.report_missed(late) == 1
    check = controls.check_control(control=control, result="FINE", by=works.officer, at=late)
    assert check.late
    assert WorkItem.objects.get().is_open
    assert controls.report_missed(check.control.due_at) == 0  # the first is still open


def test_nobody_is_late_over_spring_festival_where_production_is_suspended(works):
    before = datetime(2026, 2, 10, 1, tzinfo=UTC)
    control = works.control(works.point(at=before), every=1, at=before)
    Enterprise.objects.update(state="PAUSED")
    for day in range(1, 21):  # 15 to 23 February are the holidays of 2026
        assert controls.report_missed(before + day * DAY) == 0
    Enterprise.objects.update(state="OPEN")
    back = datetime(2026, 3, 2, 2, tzinfo=UTC)
    assert controls.report_missed(back) == 0
    control.refresh_from_db()
    assert control.due_at > back
    assert controls.report_missed(control.due_at) == 1


class TestChecksInAnyOrder(TestCase):
    @settings(max_examples=25, deadline=None)
    @given(st.lists(st.tuples(st.integers(1, 60), st.sampled_from("ctr")), max_size=12))
    def test_one_open_hazard_at_most_and_one_for_a_date(self, moves):
        """Whatever happens when: checks, ticks and hazards put right, hours apart."""
        works = Works()
        control, at = works.control(works.point(), every=1), NOON
        doer = account_in(works.county, "prevent.rectify")
        checker = account_in(works.county, "prevent.check")
        for hours, move in moves:
            at += timedelta(hours=hours)
            control.refresh_from_db()
            standing = Hazard.objects.unresolved().first()
            if move == "c":
                controls.check_control(control=control, result="FINE", by=works.officer, at=at)
            elif move == "t":
                made = controls.report_missed(at)
                assert made == (control.due_at <= at and standing is None)
            elif standing:
                put_right(standing, doer, checker, at)
            assert Hazard.objects.unresolved().count() <= 1
        dates = list(MissedCheck.objects.values_list("control", "due_at"))
        assert len(dates) == len(set(dates))


def test_counts_by_region_open_to_their_rows(works):
    other = EnterpriseFactory(site__region=RegionFactory(parent=works.county))
    point = works.point()
    works.grade(point, lec(10, 6, 15))
    works.control(point, every=1)
    risks.add_point(
        enterprise=other, area="仓库", name="堆垛", sort="FACILITY", danger="倒塌", accident="10",
        by=works.keeper, at=NOON,
    )  # fmt: skip
    at = NOON + 5 * DAY
    below = [works.village.parent, other.site.region]
    rows = queries.risks_by_region(actor=works.keeper, at=at, regions=below)
    assert [(row.points, row.grades, row.ungraded, row.regrade, row.overdue) for row in rows] == [
        (1, {1: 1}, 0, 0, 1),
        (1, {}, 1, 1, 0),
    ]
    for row in rows:
        wanted = queries.PointFilter(region=row.region)
        assert queries.list_points(actor=works.keeper, at=at, wanted=wanted).count() == row.points
        late = queries.list_due_checks(actor=works.keeper, at=at, region=row.region, overdue=True)
        assert late.count() == row.overdue
    stranger = queries.risks_by_region(actor=works.stranger, at=at, regions=below)
    assert [row.points for row in stranger] == [0, 0]


def test_an_area_is_outlined_on_the_plan_and_keeps_its_outline_on_a_newer_picture(
    works, settings, tmp_path
):
    settings.FILES_DIR = tmp_path
    point = works.point()
    plan = floor_plans.upload_plan(
        enterprise=works.enterprise, name="一层", data=picture(400, 300), by=works.officer, at=NOON
    )
    assert (plan.width, plan.height) == (400, 300)
    outline = {"area": point.area, "plan": plan, "by": works.officer, "at": NOON}
    square = [[0.1, 0.1], [0.5, 0.1], [0.5, 0.5], [0.1, 0.5]]
    floor_plans.outline_area(**outline, corners=json.dumps(square))
    works.grade(point, lec(3, 6, 15))
    views = queries.areas_of(works.enterprise)
    drawn = queries.plans_of(works.enterprise, views)[0].outlined[0]
    assert (drawn.view.grade, drawn.x, drawn.y) == (C.ORANGE, pytest.approx(120), 90)
    assert drawn.corners.startswith("40.0,30.0 200.0,30.0")
    newer = floor_plans.upload_plan(
        enterprise=works.enterprise, name="一层", data=picture(800, 600), by=works.officer, at=NOON
    )
    views = queries.areas_of(works.enterprise)
    only = queries.plans_of(works.enterprise, views)
    assert [(view.plan, view.outlined[0].x) for view in only] == [(newer, pytest.approx(240))]
    with pytest.raises(BadInput):  # the old picture is history
        floor_plans.outline_area(**outline, corners=json.dumps(square))
    floor_plans.outline_area(**outline | {"plan": newer}, corners="")
    assert queries.plans_of(works.enterprise, queries.areas_of(works.enterprise))[0].outlined == []


@pytest.mark.parametrize(
    "corners",
    [
        "[[0,0],[1,1]]",
        "[[0,0],[1,1],[1,0],[0,1]]",  # crosses itself
        "[[0,0],[0.5,0.5],[1,1]]",
        "[[0,0],[2,0],[2,2]]",
        "[[0,0],[NaN,0],[1,1]]",
        '{"a": 1}',
        "[" * 5000,
        "<svg onload=alert(1)>",
        json.dumps([[i / 100, (i % 2) / 2] for i in range(61)]),
        "7",
    ],
)
def test_corners_that_enclose_nothing_are_refused(corners):
    with pytest.raises(BadInput):
        floor_plans.read_corners(corners)


def test_a_floor_plan_is_a_picture_and_nothing_else(works, settings, tmp_path):
    settings.FILES_DIR = tmp_path
    for data in (b"", b"%PDF-1.4\n%%EOF", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"MZ"):
        with pytest.raises(BadInput) as refused:
            floor_plans.upload_plan(
                enterprise=works.enterprise, name="一层", data=data, by=works.officer, at=NOON
            )
        assert refused.value.code == "prevent.plan_picture"


def test_strangers_neither_read_nor_write(works):
    point = works.point()
    control, by = works.control(point), {"by": works.stranger, "at": NOON}
    for ask in (
        lambda: queries.get_enterprise(actor=works.stranger, enterprise_id=works.enterprise.pk),
        lambda: queries.get_point(actor=works.stranger, point_id=point.pk),
        lambda: queries.get_control(actor=works.stranger, control_id=control.pk),
        lambda: queries.get_area(actor=works.stranger, area_id=point.area_id),
    ):
        with pytest.raises(NotFound):
            ask()
    for do in (
        lambda: risks.grade(point=point, stage="INHERENT", values=lec(1, 1, 1), **by),
        lambda: risks.close_point(point=point, why="x", **by),
        lambda: controls.check_control(control=control, result="FINE", **by),
        lambda: controls.retire_control(control=control, **by),
        lambda: risks.add_area(enterprise=works.enterprise, name="x", **by),
    ):
        with pytest.raises(NotAllowed):
            do()
    assert list(queries.list_due_checks(actor=works.stranger, at=NOON)) == []
    assert list(queries.list_due_checks(actor=works.officer, at=NOON)) == [control]
    told = Event.objects.filter(name__startswith="prevent.")
    assert {event.region_path for event in told} == {works.village.path}


def test_pages_from_the_register_to_the_check(client, works, settings, tmp_path):
    settings.FILES_DIR = tmp_path
    client.force_login(works.officer)
    register = f"/prevent/enterprises/{works.enterprise.pk}/risks/"
    sent = {
        "area": "熔炼车间",
        "name": "1号炉",
        "sort": "FACILITY",
        "danger": "爆炸",
        "accident": "18",
    }
    made = client.post(register, sent)
    point = RiskPoint.objects.get()
    assert made["Location"] == f"/prevent/risks/points/{point.pk}/"
    assert client.post(register, sent).status_code == 422  # known by this name
    page = made["Location"]
    assert client.post(f"{page}grade/", lec(3, 6, 15) | {"stage": "INHERENT"}).status_code == 302
    assert client.post(f"{page}grade/", lec(4, 6, 15) | {"stage": "INHERENT"}).status_code == 422
    assert client.post(f"{page}grade/", lec(3, 6, 15) | {"stage": "?"}).status_code == 422
    control = {
        "text": "报警",
        "sort": "ENGINEER",
        "level": "DEPT",
        "every_days": 7,
        "checker": "班长",
    }
    assert client.post(f"{page}controls/", control).status_code == 302
    assert client.post(f"{page}controls/", control | {"every_days": 2}).status_code == 422
    check = f"/prevent/risks/controls/{Control.objects.get().pk}/check/"
    assert client.post(check, {"result": "FINE"}).status_code == 302
    assert Check.objects.count() == 1
    file = io.BytesIO(picture(40, 30))
    file.name = "p.png"
    sent = {"name": "一层", "file": file}
    plan = client.post(f"/prevent/enterprises/{works.enterprise.pk}/floor-plans/", sent)["Location"]
    area = {"plan_area": point.area_id, "corners": "[[0,0],[1,0],[1,1]]"}
    assert client.post(f"{plan}outline/", area).status_code == 302
    shown = client.get(plan).content.decode()
    assert "polygon" in shown
    assert "橙色" in shown
    sent_back = client.get(f"{plan}picture/")
    assert b"".join(sent_back)[:4] == b"\x89PNG"
    assert sent_back.headers["Content-Type"] == "image/png"
    for url in (register, page, "/prevent/risks/checks/", "/prevent/risks/"):
        assert client.get(url).status_code == 200, url
    client.force_login(works.keeper)
    for url in ("/prevent/risks/", "/prevent/risks/points/", "/prevent/risks/methods/"):
        assert client.get(url).status_code == 200, url
    assert "东湖铸造厂" in client.get("/prevent/risks/points/").content.decode()
    client.force_login(works.stranger)
    for url in (register, page, plan, f"{plan}picture/"):
        assert client.get(url).status_code == 404, url
    assert client.post(check, {"result": "FINE"}).status_code == 404


def test_lists_ask_little_of_the_database(client, works, django_assert_max_num_queries):
    for number in range(12):
        point = works.point(name=f"{number}号炉")
        works.grade(point, lec(3, 6, 15))
        works.control(point)
    client.force_login(works.keeper)
    for url, most in (
        ("/prevent/risks/", 12),
        ("/prevent/risks/points/", 9),
        ("/prevent/risks/checks/", 9),
        (f"/prevent/enterprises/{works.enterprise.pk}/risks/", 16),
    ):
        with django_assert_max_num_queries(most):
            client.get(url)


def picture(width, height):
    out = io.BytesIO()
    Image.new("RGB", (width, height), "white").save(out, "PNG")
    return out.getvalue()
