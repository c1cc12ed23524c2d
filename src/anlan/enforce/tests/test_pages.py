"""Pages: the list, a case, each thing to do, documents, lists, for insiders and strangers."""

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from anlan.enforce import acts
from anlan.enforce.known import Known
from anlan.enforce.models import Case, Certificate, DiscretionTable, Organ, Paper
from anlan.enforce.services import cases, decisions, notices, publicity
from anlan.enforce.stages import Stage
from anlan.people.tests.factories import account_in, holder_of, post_in
from anlan.places.tests.factories import RegionFactory
from anlan.prevent.services.hazards import Finding, report_hazard
from anlan.prevent.services.visits import finish_visit, start_visit
from anlan.prevent.tests.conftest import firm_in
from anlan.work import beside, further

from .factories import FINDING, NOON, days

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at_noon(monkeypatch):
    monkeypatch.setattr("anlan.base.clock.now", lambda: NOON)


def as_(client, account):
    client.force_login(account)
    return client


def test_a_case_is_filed_from_the_form_and_decided_on_by_the_head(bureau, client):
    page = as_(client, bureau.officer).get(reverse("enforce:new"))
    assert page.status_code == 200
    sent = {
        "organ": bureau.organ.pk,
        "region": bureau.town.code,
        "cause": "未培训",
        "source": "VISIT",
        "summary": "检查发现未培训",
        "kind": "ORG",
        "name": "测试机械厂",
        "first_officer": bureau.certificates[0].pk,
        "second_officer": bureau.certificates[0].pk,
    }
    twice = client.post(reverse("enforce:new"), sent)
    assert twice.status_code == 422
    assert "执法人员不得少于两人" in twice.content.decode()
    made = client.post(reverse("enforce:new"), sent | {"second_officer": bureau.certificates[1].pk})
    case = Case.objects.get()
    assert made.url == reverse("enforce:case", args=[case.pk])
    assert "提请立案" in client.get(made.url).content.decode()
    # Who asked does not decide; the form is not there for them.
    decide = reverse("enforce:act", args=[case.pk, "decide"])
    assert client.get(decide).status_code == 404
    as_(client, bureau.head)
    assert "检查发现未培训" in client.get(decide).content.decode()
    asked = case.approvals.get().pk
    client.post(decide, {"agree": "1", "opinion": "同意立案", "approval": asked})
    case.refresh_from_db()
    assert case.stage == Stage.INQUIRY


def test_who_may_lead_a_hearing_by_post_is_offered_and_the_case_shows_when_it_is(bureau, client):
    case = bureau.noticed(finding=replace(FINDING, fine=Decimal(50000)))
    by_post = holder_of(post_in(bureau.county, "county.legal", "enforce.review"))
    elsewhere = holder_of(post_in(RegionFactory(level=3), "far.legal", "enforce.review"))
    notices.request_hearing(case=case, asked_at=NOON, by=bureau.officer, at=NOON)
    url = reverse("enforce:act", args=[case.pk, "hearing"])
    form = as_(client, bureau.officer).get(url).context["form"]
    offered = {pk for pk, _name in form.fields["host"].choices}
    assert str(by_post.pk) in offered
    assert not offered & {str(elsewhere.pk), str(bureau.officer.pk), str(bureau.second.pk)}
    sent = {
        "meets_at": "2026-07-20T09:00", "place": "三楼会议室", "host": by_post.pk,
        "clerk": bureau.spare.pk,
    }  # fmt: skip
    assert client.post(url, sent).status_code == 302
    page = reverse("enforce:case", args=[case.pk])
    assert "三楼会议室 · 不公开听证" in client.get(page).content.decode()
    assert as_(client, bureau.stranger).get(page).status_code == 404


def test_an_opinion_typed_into_a_form_that_has_gone_stale_is_not_lost(bureau, client):
    case = bureau.filed()

    def ask():
        return cases.ask_extension(
            case=case, until=date(2027, 1, 1), reason="鉴定未完", by=bureau.officer, at=NOON
        )

    url = reverse("enforce:act", args=[case.pk, "decide"])
    sent = {"agree": "0", "opinion": "补充鉴定材料再报", "approval": ask().pk}
    bureau.decide(case, agree=False)
    nothing_waits = as_(client, bureau.head).post(url, sent)
    assert nothing_waits.status_code == 404
    assert sent["opinion"] in nothing_waits.content.decode()
    second = ask()
    another_waits = client.post(url, sent)
    form = another_waits.context["form"]
    assert another_waits.status_code == 422
    assert form["opinion"].value() == sent["opinion"]
    assert (form["approval"].value(), form["agree"].value()) == (str(second.pk), "")
    second.refresh_from_db()
    assert second.result == ""


def test_a_case_starts_from_a_hazard_and_from_a_finished_visit(bureau, client):
    rights = ("prevent.view", "prevent.inspect", "enforce.view", "enforce.handle", "work.view")
    officer = account_in(bureau.county, *rights)
    inspector = account_in(bureau.county, "prevent.view", "prevent.inspect", "work.view")
    firm = firm_in(bureau.town, "00000000000017")
    visit = start_visit(enterprise=firm, by=officer, at=NOON)
    open_visit = as_(client, officer).get(reverse("prevent:visit", args=[visit.pk]))
    finish_visit(visit=visit, by=officer, at=days(0.1))
    hazard = report_hazard(
        site=firm.site, finding=Finding(what="未设置安全警示标志"), by=officer, at=NOON
    )
    hazard_page = reverse("prevent:hazard", args=[hazard.pk])
    visit_page = reverse("prevent:visit", args=[visit.pk])
    new = reverse("enforce:new")

    assert new not in open_visit.content.decode()
    assert f"{new}?visit={visit.pk}" in client.get(visit_page).content.decode()
    assert f"{new}?hazard={hazard.pk}" in client.get(hazard_page).content.decode()
    form = client.get(f"{new}?hazard={hazard.pk}").content.decode()
    assert "未设置安全警示标志" in form
    assert firm.site.name in form
    assert firm.site.name in client.get(f"{new}?visit={visit.pk}").content.decode()

    case = bureau.propose(hazard=hazard)
    its_page = reverse("enforce:case", args=[case.pk])
    assert its_page in client.get(hazard_page).content.decode()
    assert "相关案件" not in client.get(its_page).content.decode()  # not beside itself
    elsewhere = account_in(RegionFactory(parent=bureau.county), "enforce.view")
    elsewhere.grants.create(permission="prevent.view", region=bureau.county)
    for unentitled in (inspector, elsewhere):
        shown = as_(client, unentitled).get(hazard_page)
        assert shown.status_code == 200
        assert its_page not in shown.content.decode()
    assert new not in as_(client, inspector).get(hazard_page).content.decode()
    as_(client, bureau.stranger)
    for what in (f"hazard={hazard.pk}", f"visit={visit.pk}"):
        assert client.get(f"{new}?{what}").status_code == 404


def test_an_officer_reads_what_is_to_be_served_and_a_head_what_a_decision_would_bring(
    bureau, client
):
    case = bureau.reviewed()
    [notice] = notices.issue_notice(case=case, by=bureau.officer, at=NOON)
    page = reverse("enforce:case", args=[case.pk])
    ends = acts.get("end_notice")
    service = "登记送达：行政处罚告知书"
    assert service in as_(client, bureau.officer).get(page).content.decode()
    assert service not in as_(client, bureau.head).get(page).content.decode()
    assert not ends.is_open(case, bureau.officer, NOON)
    bureau.serve(notice)
    assert not ends.is_open(case, bureau.officer, NOON)  # the party may still speak
    assert ends.is_open(case, bureau.officer, days(6))
    assert service not in as_(client, bureau.officer).get(page).content.decode()

    notices.end_notice(case=case, by=bureau.officer, at=days(8))
    decisions.ask_decision(
        case=case, fine=Decimal("23456.78"), besides="警告", spare=False, discussion="一致同意",
        request="请审批", by=bureau.officer, at=days(8),
    )  # fmt: skip
    form = reverse("enforce:act", args=[case.pk, "decide"])
    shown = as_(client, bureau.head).get(form).content.decode()
    for words in ("23,456.78", "警告", "一致同意"):
        assert words in shown
    assert as_(client, bureau.stranger).get(form).status_code == 404


def test_every_open_act_shows_its_form(bureau, client):
    cases = [bureau.filed(), bureau.noticed(at=days(1)), bureau.served(at=days(2))]
    shown = set()
    for account in (bureau.officer, bureau.head, bureau.reviewer):
        as_(client, account)
        for case in cases:
            for found in acts.open_to(Known(case, account, days(2))).values():
                for act in found:
                    page = client.get(reverse("enforce:act", args=[case.pk, act.code]))
                    assert page.status_code == 200, act.code
                    shown.add(act.code)
    assert {"evidence", "inquire", "keep", "conclude", "statement", "pay", "stand"} <= shown
    assert {"publish", "drop", "officer", "paper"} <= shown


def test_a_questioning_a_payment_and_a_closing_are_entered_on_their_forms(bureau, client):
    case = bureau.filed()
    as_(client, bureau.officer)
    url = reverse("enforce:act", args=[case.pk, "inquire"])
    said = {
        "person": "王某", "place": "本局", "started_at": "2026-07-01T09:00",
        "ended_at": "2026-07-01T10:00", "written_by": bureau.second.pk, "text": "问：…答：…",
    }  # fmt: skip
    assert client.post(url, said | {"ended_at": "2026-07-01T08:00"}).status_code == 422
    assert client.post(url, said).status_code == 302
    assert case.inquiries.get().written_by == bureau.second
    served = bureau.served()
    pay = reverse("enforce:act", args=[served.pk, "pay"])
    paid = {"amount": "30000.00", "paid_on": "2026-07-01", "voucher": "NO1"}
    too_much = client.post(pay, paid | {"amount": "30000.01"})
    assert "应缴余额仅30,000.00元" in too_much.content.decode()
    assert client.post(pay, paid).status_code == 302
    page = client.get(reverse("enforce:case", args=[served.pk])).content.decode()
    assert "已缴清" in page
    assert "人民币叁万元整（¥30,000.00）" in page
    client.post(reverse("enforce:act", args=[served.pk, "closing"]), {"result": "已缴清"})
    assert served.approvals.filter(subject="CLOSING", result="").exists()


def test_instalments_are_offered_until_something_is_paid(bureau, client):
    case = bureau.served()
    as_(client, bureau.officer)
    page = reverse("enforce:case", args=[case.pk])
    instalments, pay = (reverse("enforce:act", args=[case.pk, a]) for a in ("instalments", "pay"))
    far = {"parts": "2026-08-01 10000\n9999-12-31 20000", "reason": "困难"}
    assert "年底以前的日期" in client.post(instalments, far).content.decode()
    assert instalments in client.get(page).content.decode()
    client.post(pay, {"amount": "100", "paid_on": "2026-07-01", "voucher": "NO1"})
    paid = client.get(page).content.decode()
    assert instalments not in paid
    assert "已有缴款" in paid


def test_instalments_are_typed_as_lines_of_day_and_amount(bureau, client):
    case = bureau.served()
    as_(client, bureau.officer)
    url = reverse("enforce:act", args=[case.pk, "instalments"])
    bad = client.post(url, {"parts": "下个月 一万", "reason": "困难"})
    assert "不是日期和金额" in bad.content.decode()
    sums = client.post(url, {"parts": "2026-08-01 10000\n2026-09-01 10000", "reason": "困难"})
    assert "各期金额之和须等于30,000.00元" in sums.content.decode()
    client.post(url, {"parts": "2026-08-01 10000\n2026-09-01 20000\n", "reason": "经济困难"})
    bureau.decide(case)
    assert [p.amount for p in case.fine_due.instalments.order_by("number")] == [10000, 20000]
    assert case.papers.get(form="instalments").fields["many_instalments"] is True


def test_a_document_is_read_served_and_corrected_on_its_page(bureau, client):
    case = bureau.decided()
    paper = case.papers.get(form="decision_org")
    as_(client, bureau.officer)
    url = reverse("enforce:paper", args=[paper.pk])
    page = client.get(url).content.decode()
    assert "（金）应急罚〔2026〕1号" in page
    assert "罚款人民币叁万元整（¥30,000.00）" in page
    pdf = client.get(reverse("enforce:pdf", args=[paper.pk]))
    assert b"".join(pdf.streaming_content)[:5] == b"%PDF-"
    docx = client.get(reverse("enforce:docx", args=[paper.pk]))
    assert b"".join(docx.streaming_content)[:2] == b"PK"
    served = {
        "way": "LEFT", "place": "厂门口", "sent_at": "2026-07-01T12:00",
        "received_at": "2026-07-01T12:00",
    }  # fmt: skip
    refused = client.post(reverse("enforce:serve", args=[paper.pk]), served)
    assert refused.status_code == 422
    assert "留置送达须填写见证人" in refused.content.decode()
    client.post(reverse("enforce:serve", args=[paper.pk]), served | {"witness": "村干部"})
    paper.refresh_from_db()
    assert paper.state == Paper.State.SERVED


def test_lists_show_insiders_their_own_and_strangers_nothing(bureau, client):
    case = bureau.served()
    publicity.publish_case(case=case, by=bureau.head, at=NOON)
    pages = ["cases", "publicity", "figures", "organs"]
    for account, seen in ((bureau.head, True), (bureau.stranger, False)):
        as_(client, account)
        texts = [client.get(reverse(f"enforce:{name}")).content.decode() for name in pages]
        assert [("测试机械厂" in text) for text in texts[:2]] == [seen, seen]
        assert ("30,000.00" in texts[2]) == seen
        assert ("婺城区应急管理局" in texts[3]) == seen
        assert client.get(reverse("enforce:case", args=[case.pk])).status_code == (
            200 if seen else 404
        )
        assert client.get(reverse("enforce:file", args=[case.pk])).status_code == (
            200 if seen else 404
        )
        csv = client.get(reverse("enforce:publicity_file", args=["csv"])).content.decode()
        assert ("测试机械厂" in csv) == seen


def test_the_list_asks_the_database_no_more_for_more_cases(
    bureau, client, django_assert_max_num_queries
):
    for n in range(6):
        bureau.propose(party=bureau.party(name=f"厂{n}"))
    as_(client, bureau.head)
    client.get(reverse("enforce:cases"))
    with django_assert_max_num_queries(14):
        page = client.get(reverse("enforce:cases"))
    assert page.content.decode().count("未进行安全生产教育和培训案") == 6


def test_every_number_of_the_figures_opens_exactly_its_cases(bureau, client):
    other = RegionFactory(parent=bureau.county)
    bureau.served()
    bureau.served(at=days(1), finding=replace(FINDING, fine=Decimal(60000)), region=other)
    bureau.served(at=days(40))  # another month
    bureau.served(at=days(2), exercise=True, region=other)
    cases.decide_on_spot(
        organ=bureau.organ, region=other, party=bureau.party(), cause="未戴安全帽",
        finding=replace(FINDING, fine=Decimal(100)), certificates=bureau.certificates[:2],
        receiver="王某", by=bureau.officer, at=NOON,
    )  # fmt: skip
    as_(client, bureau.head)
    span = {"since": "2026-07-01", "until": "2026-07-31"}
    page = client.get(reverse("enforce:figures"), span).content.decode()
    links = re.findall(r'<a href="(/cases/[^"]*)">(\d+)</a>', page)
    assert sorted(int(number) for _where, number in links) == [0, 0, *[1] * 7, 2, 2, 3]
    for where, number in links:
        shown = client.get(where.replace("&amp;", "&")).context["page"].paginator
        assert shown.count == int(number), where
    as_(client, bureau.stranger)
    assert {client.get(where.replace("&amp;", "&")).status_code for where, _n in links} == {404}
    for far in ("9999-12-31", "0001-01-01"):
        assert (
            client.get(reverse("enforce:figures"), {"since": far, "until": far}).status_code == 200
        )
        shown = client.get(reverse("enforce:cases"), {"decided_from": far, "decided_to": far})
        assert shown.status_code == 200


def test_an_organ_a_certificate_and_a_table_are_entered_on_their_page(bureau, client):
    as_(client, bureau.head)
    sent = {
        "region": bureau.county.code, "name": "婺城区应急管理局", "mark": "婺", "address": "新址",
        "review_body": "婺城区人民政府", "court": "婺城区人民法院", "bank": "某银行",
        "account_number": "2",
    }  # fmt: skip
    assert client.post(reverse("enforce:save_organ"), sent).status_code == 302
    assert Organ.objects.get().mark == "婺"
    nobody = account_in(bureau.county)
    url = reverse("enforce:certificate", args=[bureau.organ.pk])
    card = {"number": "ZJ9", "valid_from": "2026-01-01", "valid_until": "2030-01-01"}
    assert client.post(url, card | {"username": nobody.username}).status_code == 422
    assert client.post(url, card | {"username": bureau.officer.username}).status_code == 302
    held = Certificate.objects.get(number="ZJ9")
    client.post(reverse("enforce:revoke_certificate", args=[held.pk]))
    held.refresh_from_db()
    assert held.revoked_on == date(2026, 7, 1)


TABLE = (
    "编号,违法行为,违反条款,处罚依据,裁量阶次,适用情形,罚款下限（元）,罚款上限（元）\n"
    "97-3,未培训,第二十八条,第九十七条,一般,三人以下,0,30000\n"
    "97-3,未培训,第二十八条,第九十七条,严重,十人以上,{low},100000\n"
)


@pytest.mark.parametrize(("low", "status"), [("70000", 302), ("七万", 422), ("200000", 422)])
def test_a_discretion_table_is_taken_as_a_whole_or_comes_back_marked(bureau, client, low, status):
    from django.core.files.uploadedfile import SimpleUploadedFile

    as_(client, bureau.head)
    file = SimpleUploadedFile("裁量.csv", TABLE.format(low=low).encode())
    sent = {
        "name": "裁量基准", "source": "某文件", "since": "2026-01-01", "file": file,
        "region": bureau.county.code,
    }  # fmt: skip
    answer = client.post(reverse("enforce:load_discretion"), sent)
    assert answer.status_code == status
    found = DiscretionTable.objects.filter(entries__fine_to=Decimal(100000))
    assert found.exists() == (status == 302)
    if status == 422:
        assert answer.content[:2] == b"PK"


def test_what_stands_beside_the_duties_of_a_case_stands_on_its_page(bureau, client, monkeypatch):
    case, other = bureau.filed(), bureau.filed(party=bureau.party(name="另一单位"))
    asked = []

    def find(actor, items):
        asked.append((actor, set(items)))
        return []

    monkeypatch.setattr(beside, "_known", [beside.Panel("oversee/_letters_about.html", find)])
    as_(client, bureau.head).get(reverse("enforce:case", args=[case.pk]))
    [(reader, items)] = asked
    assert reader == bureau.head
    own = {case.approvals.get().item, case.terms.get().item}
    assert items == own
    assert not items & {other.approvals.get().item}


def test_what_is_begun_from_a_case_is_about_its_duty_that_is_due_first(bureau, client, monkeypatch):
    link = further.Further("催一下", "work:inbox", "work.view", ("about",))
    monkeypatch.setattr(further, "_known", [link])
    case = bureau.filed()
    first = case.terms.get(rule="penalty.decision").item
    leader = account_in(bureau.county, "enforce.view", "work.view")
    handler = account_in(bureau.county, "enforce.view", "enforce.handle")

    def begun(account):
        page = as_(client, account).get(reverse("enforce:case", args=[case.pk]))
        return f'href="{reverse("work:inbox")}?about={first.pk}"' in page.content.decode()

    assert begun(leader)
    assert not begun(handler)


def test_codes_that_cannot_be_are_named_on_the_form(bureau, client):
    as_(client, bureau.officer)
    sent = {
        "organ": bureau.organ.pk, "region": bureau.town.code, "cause": "未培训", "source": "VISIT",
        "summary": "检查发现", "name": "某厂", "first_officer": bureau.certificates[0].pk,
        "second_officer": bureau.certificates[1].pk,
    }  # fmt: skip
    # The example of GB 32100, and one with another last character; the example of GB 11643.
    for kind, code, wrong in (
        ("ORG", "91350100M000100Y43", "91350100M000100Y44"),
        ("PERSON", "11010519491231002X", "110105194912310021"),
    ):
        bad = client.post(reverse("enforce:new"), sent | {"kind": kind, "code": wrong})
        assert bad.status_code == 422
        good = client.post(reverse("enforce:new"), sent | {"kind": kind, "code": code.lower()})
        assert good.status_code == 302
        assert Case.objects.latest("pk").party.code == code
