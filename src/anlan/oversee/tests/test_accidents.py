"""Accident files from the first report to the look-back a year later."""

import io
from datetime import date, datetime, timedelta
from decimal import Decimal

import docx
import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone, translation

from anlan.base.errors import BadInput, NotAllowed, NotFound, Refusal
from anlan.base.journal import verify
from anlan.base.models import Event
from anlan.oversee import accidents, queries, report_papers, word
from anlan.oversee.models import Accident, LookBack, PersonMeasure, Problem, Report
from anlan.oversee.services import accidents as service
from anlan.oversee.services import look_backs
from anlan.oversee.services.accidents import Count, Happening, PersonText, one_year_after
from anlan.people.tests.factories import account_in
from anlan.places.tests.factories import RegionFactory
from anlan.prevent.tests.conftest import firm_in
from anlan.work.carry import fetch_own_rows
from anlan.work.models import WorkItem
from anlan.work.services import advance

from .factories import MONDAY, NOON, City, noon

pytestmark = pytest.mark.django_db
RIGHTS = ("oversee.view", "oversee.investigate", "work.view", "work.do")


class Scene(City):
    """An accident in the county, an investigator, a leader who approves."""

    def __init__(self):
        super().__init__()
        self.detective = account_in(self.city, *RIGHTS)
        self.approver = account_in(self.city, "oversee.view", "oversee.approve", "work.view")
        for right in RIGHTS:
            region = self.stranger.grants.first().region
            self.stranger.grants.get_or_create(permission=right, region=region)

    def open(self, deaths=1, injured=0, loss="2000000", at=NOON, by=None, **more):
        what = {"title": "某厂坍塌事故", "kind": "COLLAPSE", "happened_at": NOON, "place": "东区"}
        return service.open_accident(
            region=self.county, what=Happening(**what | more),
            count=Count(deaths, injured, Decimal(loss)), by=by or self.detective, at=at,
        )  # fmt: skip

    def count(self, accident, deaths, at):
        return service.count_casualties(
            accident=accident, count=Count(deaths, 0, Decimal(0)), by=self.detective, at=at
        )

    def written(self, remedies=1):
        accident = self.open()
        service.add_finding(
            accident=accident, kind="DIRECT", text="违章堆载", by=self.detective, at=NOON
        )
        for n in range(remedies):
            service.add_remedy(
                accident=accident, text=f"措施{n}", organisation=self.theirs,
                due_on=date(2026, 8, 1), post=self.post, by=self.detective, at=NOON,
            )  # fmt: skip
        return accident

    def handed_in(self, remedies=1):
        return service.hand_in_report(
            accident=self.written(remedies), text="调查报告全文", by=self.detective, at=NOON
        )

    def approved(self, remedies=1, at=NOON):
        report = service.approve_report(report=self.handed_in(remedies), by=self.approver, at=at)
        return report.accident

    def looking_back(self, remedies=2):
        accident = self.approved(remedies)
        look_backs.open_due(noon(accident.look_back.opens_on))
        return accidents.get_look_back(accident=accident)


@pytest.fixture
def scene():
    return Scene()


LATER = noon(date(2027, 4, 1))


def judge(scene, look_back, remedy, result="DONE", note=""):
    return look_backs.judge(
        look_back=look_back, remedy=remedy, result=result, note=note, by=scene.detective, at=LATER
    )


def hand_out(scene, look_back, text="未落实", **more):
    return look_backs.hand_out(
        look_back=look_back, text=text, organisation=scene.theirs, due_on=date(2027, 6, 1),
        by=scene.detective, at=LATER, **more,
    )  # fmt: skip


def test_the_sixty_days_run_from_the_accident_not_from_the_file(scene):
    accident = scene.open(happened_at=NOON - timedelta(days=3))
    item = accident.item
    assert item.clock.rule == "accident.investigation"
    # 60 natural days after 8 May 2026: 7 July, to its end.
    assert item.due_at == timezone.make_aware(datetime(2026, 7, 8))


def test_a_later_count_changes_the_grade_for_thirty_days_and_for_fires_for_seven(scene):
    accident = scene.open(deaths=2)
    assert accident.severity == "GENERAL"
    scene.count(accident, 3, NOON + timedelta(days=30))
    assert Accident.objects.get(pk=accident.pk).severity == "LARGER"
    scene.count(accident, 10, NOON + timedelta(days=30, seconds=1))
    assert Accident.objects.get(pk=accident.pk).severity == "LARGER"
    assert [row.deaths for row in accidents.counts_of(accident)] == [2, 3, 10]
    fire = scene.open(deaths=2, kind="FIRE", title="某厂火灾")
    scene.count(fire, 3, NOON + timedelta(days=7, seconds=1))
    assert Accident.objects.get(pk=fire.pk).severity == "GENERAL"


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": " "}, {"kind": "METEOR"}, {"happened_at": NOON + timedelta(days=1)},
        {"deaths": -1}, {"loss": "-1"}, {"loss": "NaN"}, {"loss": "1e12"},
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(scene, wrong):
    with pytest.raises(BadInput):
        scene.open(**wrong)


def test_persons_are_masked_and_a_look_at_the_whole_is_recorded(scene):
    accident = scene.open()
    person = PersonText(
        name="张三丰", id_number="330702198001011234", measure="DETAINED", organ="市公安局",
        from_date=MONDAY,
    )  # fmt: skip
    made = service.add_person(accident=accident, person=person, by=scene.detective, at=NOON)
    [shown] = accidents.persons_of(accident)
    assert (shown.name, shown.id_number) == ("张**", "3307************34")
    watcher = account_in(scene.city, "oversee.view")
    with pytest.raises(NotAllowed):
        service.reveal_person(measure=made, by=watcher, at=NOON)
    service.reveal_person(measure=made, by=scene.detective, at=NOON)
    event = Event.objects.get(name="oversee.person.revealed")
    assert (event.by, event.data["measure_id"]) == (scene.detective, made.pk)
    assert not [
        e for e in Event.objects.all() if "张三丰" in str(e.data) or "3307021" in str(e.data)
    ]
    with pytest.raises(BadInput):
        service.end_measure(
            measure=made, on=MONDAY - timedelta(days=1), by=scene.detective, at=NOON
        )
    service.end_measure(measure=made, on=MONDAY, by=scene.detective, at=NOON)
    with pytest.raises(Refusal):
        service.end_measure(measure=made, on=MONDAY, by=scene.detective, at=NOON)


def test_a_report_needs_causes_and_remedies_and_is_approved_by_another(scene):
    accident = scene.open()
    with pytest.raises(Refusal) as refused:
        service.hand_in_report(accident=accident, text="x", by=scene.detective, at=NOON)
    assert refused.value.code == "oversee.report_early"
    report = scene.handed_in()
    both = scene.detective
    both.grants.create(permission="oversee.approve", region=scene.city)
    both.forget_scopes()
    with pytest.raises(Refusal) as refused:
        service.approve_report(report=report, by=both, at=NOON)
    assert refused.value.code == "oversee.own_report"
    with pytest.raises(IntegrityError), transaction.atomic():
        Report.objects.update(state="APPROVED", decided_by=both)
    with pytest.raises(Refusal):  # nothing is changed while it waits
        service.add_finding(
            accident=report.accident, kind="DIRECT", text="x", by=scene.detective, at=NOON
        )


def test_sent_back_with_a_reason_it_is_written_again(scene):
    report = scene.handed_in()
    with pytest.raises(BadInput):
        service.return_report(report=report, note=" ", by=scene.approver, at=NOON)
    service.return_report(report=report, note="原因不清", by=scene.approver, at=NOON)
    assert report.accident.item.state == "DOING"
    accident = accidents.get_accident(actor=scene.detective, accident_id=report.accident_id)
    again = service.hand_in_report(accident=accident, text="二稿", by=scene.detective, at=NOON)
    assert again.number == 2
    service.approve_report(report=again, by=scene.approver, at=NOON)
    assert WorkItem.objects.get(pk=accident.pk).state == "CLOSED"
    with pytest.raises(Refusal):
        service.approve_report(report=again, by=scene.approver, at=NOON)


def test_approved_the_list_becomes_work_and_the_look_back_is_set_within_a_year(scene):
    accident = scene.approved(remedies=3)
    remedies = list(accidents.remedies_of(accident))
    assert {remedy.item.kind for remedy in remedies} == {"oversee.remedy"}
    assert {remedy.item.parent_id for remedy in remedies} == {accident.pk}
    look_back = LookBack.objects.get()
    assert look_back.due_on == date(2027, 5, 11)
    assert look_backs.open_due(noon(look_back.opens_on - timedelta(days=1))) == 0
    assert look_backs.open_due(noon(look_back.opens_on)) == 1
    assert look_backs.open_due(noon(look_back.opens_on)) == 0


def test_an_altered_report_is_found_by_the_journal(scene):
    report = scene.handed_in()
    assert [finding for finding in verify() if finding.kind == "content"] == []
    Report.objects.filter(pk=report.pk).update(text="无责。")
    assert len([finding for finding in verify() if finding.kind == "content"]) == 1


def test_a_year_after_the_last_of_february():
    assert one_year_after(date(2028, 2, 29)) == date(2029, 2, 28)
    assert one_year_after(date(2027, 2, 28)) == date(2028, 2, 28)


def test_the_look_back_walks_the_list_and_hands_fifteen_problems_out(scene):
    look_back = scene.looking_back()
    first, second = accidents.remedies_of(look_back.accident)
    judge(scene, look_back, first)
    with pytest.raises(Refusal) as refused:
        look_backs.finish(look_back=look_back, by=scene.detective, at=LATER)
    assert refused.value.code == "oversee.not_judged"
    with pytest.raises(BadInput):
        judge(scene, look_back, second, "NOT_DONE")
    judge(scene, look_back, second, "NOT_DONE", "仍未安装")
    with pytest.raises(Refusal) as refused:
        look_backs.finish(look_back=look_back, by=scene.detective, at=LATER)
    assert refused.value.code == "oversee.no_problem"
    for n in range(15):
        hand_out(scene, look_back, f"问题{n}", remedy=second if n == 0 else None)
    look_backs.finish(look_back=look_back, by=scene.detective, at=LATER)
    assert Problem.objects.count() == 15
    assert set(Problem.objects.values_list("item__parent", flat=True)) == {look_back.item_id}
    with pytest.raises(Refusal):
        hand_out(scene, look_back)
    item = WorkItem.objects.get(pk=look_back.item_id)
    advance(item=item, move="verify", by=scene.approver, at=LATER)
    assert item.state == "CLOSED"


def test_the_reports_on_paper_say_what_the_file_says(scene, django_assert_num_queries):
    look_back = scene.looking_back()
    first, second = accidents.remedies_of(look_back.accident)
    advance(item=first.item, move="accept", by=scene.doer, at=NOON)
    advance(item=first.item, move="submit", note="已加装三处", by=scene.doer, at=NOON)
    person = PersonText("赵大有", "DETAINED", "市公安局", MONDAY)
    service.add_person(accident=look_back.accident, person=person, by=scene.detective, at=NOON)
    judge(scene, look_back, first)
    judge(scene, look_back, second, "PARTLY", "仍差一处")
    hand_out(scene, look_back, "尚差一处", remedy=second)
    items = list(WorkItem.objects.order_by("pk"))
    fetch_own_rows(items)
    with django_assert_num_queries(0):  # on a phone, for many tasks at once
        said = [item.kind_of.describe(item) for item in items]
    assert [line for [line] in said] == ["事故：某厂坍塌事故"] * 5
    accident = look_back.accident
    version = accidents.get_report(accident=accident, number=1)
    with translation.override("en"):  # official Chinese whatever the reader's language
        report = report_papers.investigation(accident, version)
        later = report_papers.look_back_report(look_back, LATER)
    document = docx.Document(io.BytesIO(word.report_paper(report)))
    said = "\n".join(paragraph.text for paragraph in document.paragraphs)
    for words in (
        "某厂坍塌事故调查报告", "坍塌类事故", "一般事故", "1人死亡", "直接经济损失200万元",
        "直接原因：违章堆载。", "赵**", "市公安局采取刑事拘留措施", "调查报告全文",
    ):  # fmt: skip
        assert words in said
    assert "赵大有" not in said
    cells = [[cell.text for cell in row.cells] for row in document.tables[0].rows]
    assert cells[1][1:4] == ["措施0", "水利局", "2026.8.1"]
    assert "已加装三处" in cells[1][5]
    blocks = str(later["blocks"])
    for words in (
        "已落实1项，部分落实1项，未落实0项",
        "部分落实：仍差一处",
        "发现问题1个，已办结0个",
    ):
        assert words in blocks
    assert later["status"] == "（评估中）"


def test_a_stranger_neither_reads_nor_writes_a_file(scene):
    look_back, who = scene.looking_back(), scene.stranger
    accident = look_back.accident
    remedy = accident.remedies.first()
    measure = service.add_person(
        accident=accident, person=PersonText("李四", "BAILED", "公安局", MONDAY),
        by=scene.detective, at=NOON,
    )  # fmt: skip
    assert not accidents.list_accidents(actor=who, region=scene.city)
    with pytest.raises(NotFound):
        accidents.get_accident(actor=who, accident_id=accident.pk)
    with pytest.raises(NotFound):
        accidents.accident_of_item(actor=who, item_id=look_back.item_id)
    for do in (
        lambda: scene.open(by=who),
        lambda: service.reveal_person(measure=measure, by=who, at=NOON),
        lambda: service.add_finding(accident=accident, kind="DIRECT", text="x", by=who, at=NOON),
        lambda: look_backs.judge(
            look_back=look_back, remedy=remedy, result="DONE", by=who, at=LATER
        ),
        lambda: look_backs.finish(look_back=look_back, by=who, at=LATER),
    ):
        with pytest.raises(NotAllowed):
            do()


def test_the_first_count_gave_the_grade_however_late_the_file_was_opened(scene, client):
    late = NOON + timedelta(days=40)
    accident = scene.open(at=late)
    page = reverse("oversee:accident", args=[accident.pk])
    client.force_login(scene.detective)
    assert "超出等级认定期限" not in client.get(page).content.decode()
    scene.count(accident, 3, late + timedelta(hours=1))
    assert client.get(page).content.decode().count("超出等级认定期限") == 1
    accident.refresh_from_db()
    assert accident.severity == "GENERAL"


def test_a_letter_about_a_line_of_the_list_goes_to_the_office_that_it_names(scene):
    [remedy] = accidents.remedies_of(scene.approved())
    assert queries.office_for(remedy.item) == remedy.organisation_id


def test_a_file_in_the_browser_from_the_first_count_to_the_look_back(scene, client, monkeypatch):
    moment = [NOON + timedelta(hours=1)]
    monkeypatch.setattr("anlan.base.clock.now", lambda: moment[0])

    def send(page, *args, status=302, **data):
        response = client.post(reverse(f"oversee:{page}", args=args), data)
        assert response.status_code == status, response.content.decode()[:2000]
        return response.content.decode()

    def shown(page, *args):
        response = client.get(reverse(f"oversee:{page}", args=args))
        assert response.status_code == 200
        return response.content.decode()

    client.force_login(scene.detective)
    first = {
        "title": "东区坍塌事故", "kind": "COLLAPSE", "region": scene.county.code,
        "happened_at": "2026-05-11T11:00", "place": "东区", "deaths": 3, "injured": 0, "loss": 0,
    }  # fmt: skip
    send("open_accident", status=422, **first | {"happened_at": "2026-06-11T11:00"})
    firm, far = firm_in(scene.county, "17"), firm_in(RegionFactory(level=3), "18")
    scene.detective.grants.create(permission="prevent.view", region=scene.city)
    for unknown in (far.credit_code, "无此企业"):
        send("open_accident", status=422, **first | {"enterprise-text": unknown})
    next_county = RegionFactory(level=3, parent=scene.city)
    beyond = send("open_accident", status=422, **first | {
        "enterprise": firm.credit_code, "region": next_county.code
    })  # fmt: skip
    assert f"“企业17”不在{next_county.name}" in beyond
    send("open_accident", **first, **{"enterprise-text": "企业17"})
    pk = Accident.objects.get().pk
    file = reverse("prevent:enterprise", args=[firm.pk])
    assert file in shown("accident", pk)
    assert "东区坍塌事故" in client.get(file).content.decode()
    client.force_login(account_in(scene.county, "prevent.view"))  # sees the file, no accidents
    assert "东区坍塌事故" not in client.get(file).content.decode()
    client.force_login(scene.detective)
    assert "较大事故" in shown("accident", pk)
    send("count", pk, deaths=3, injured=1, loss="120000.50", source="县政府")
    send("person", pk, name="张三丰", measure="BAILED", organ="公安局", from_date="2026-05-11")
    page = shown("accident", pk)
    assert "120,000.50" in page
    assert "张**" in page
    assert "张三丰" not in page
    measure = PersonMeasure.objects.get().pk
    assert "张三丰" in send("reveal", pk, measure, status=200)
    send("end_measure", pk, measure)
    send("finding", pk, kind="DIRECT", text="违章堆载")
    send("finding", pk, kind="DIRECT", text="多余")
    send("drop_finding", pk, Accident.objects.get().findings.get(text="多余").pk)
    send("remedy", pk, text="加装监测", organisation=scene.theirs.pk, due_on="2026-08-01")
    send("remedy", pk, text="早了", organisation=scene.theirs.pk, due_on="2026-05-01", status=422)
    send("report", pk, text="调查报告全文")
    client.force_login(scene.approver)
    assert "批复报告" in shown("accident", pk)
    send("send_back", pk, note="补充")
    client.force_login(scene.detective)
    send("report", pk, text="二稿")
    client.force_login(scene.approver)
    send("approve", pk)
    moment[0] = LATER
    look_backs.open_due(LATER)
    client.force_login(scene.detective)
    remedy = Accident.objects.get().remedies.get().pk
    send("judge", pk, remedy, result="PARTLY", note="一处未装")
    send("finish", pk, status=409)
    send("problem", pk, text="一处未装", organisation=scene.theirs.pk, due_on="2027-06-01",
         remedy=remedy)  # fmt: skip
    send("finish", pk)
    assert "部分落实" in shown("accident", pk)
    assert "东区坍塌事故" in shown("accidents")
    item = LookBack.objects.get().item_id
    assert client.get(reverse("oversee:of_item", args=[item])).status_code == 302
    papers = [
        reverse("oversee:report_file", args=[pk, 2, "pdf"]),
        reverse("oversee:report_file", args=[pk, 2, "docx"]),
        reverse("oversee:look_back_file", args=[pk, "pdf"]),
    ]
    begins = [client.get(paper).content[:4] for paper in papers]
    assert begins == [b"%PDF", b"PK\x03\x04", b"%PDF"]
    client.force_login(scene.stranger)
    for paper in papers:
        assert client.get(paper).status_code == 404
    assert client.get(reverse("oversee:accident", args=[pk])).status_code == 404
