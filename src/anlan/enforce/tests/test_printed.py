"""Papers of visits and hazards without a case say what the record says, as PDF and .docx."""

import io

import docx
import pytest
from django.urls import reverse
from pypdf import PdfReader

from anlan.base.events import deliver_waiting
from anlan.enforce.papers import catalogue, of_visit
from anlan.people.models import Organisation
from anlan.people.tests.factories import AccountFactory, account_in
from anlan.places.tests.factories import RegionFactory
from anlan.prevent.models import Contact, Entry, Standard, StandardVersion, Visit
from anlan.prevent.services import extensions, visits
from anlan.prevent.services.hazards import Finding, order_rectification, report_hazard
from anlan.prevent.tests.conftest import firm_in
from anlan.work.services import advance
from anlan.work.tests.factories import proof_of

from .factories import NOON, days

pytestmark = pytest.mark.django_db
RIGHTS = ("prevent.view", "prevent.inspect", "prevent.check", "prevent.rectify")
LAST = days(14).date()  # 2026年7月15日


class Round:
    """A firm with a checklist, its boss, two inspectors of whom one has a certificate."""

    def __init__(self, bureau):
        self.bureau = bureau
        standard = Standard.objects.create(code="metal", name="金属制品")
        author = account_in(bureau.county)
        version = StandardVersion.objects.create(
            standard=standard, number=1, state="IN_FORCE", made_at=NOON, author=author
        )
        lines = (("灭火器在有效期内", "消防法第十六条"), ("安全出口畅通", "安全生产法第四十二条"))
        self.entries = [
            Entry.objects.create(version=version, number=n, text=text, basis=basis)
            for n, (text, basis) in enumerate(lines, 1)
        ]
        self.firm = firm_in(bureau.town, "1", standard, address="工业区2号", legal_person="王某")
        self.boss = AccountFactory()
        Contact.objects.create(
            enterprise=self.firm, role="SAFETY", name="李某", phone="13812345678", account=self.boss
        )
        office = Organisation.objects.create(
            code="wc", name=bureau.organ.name, region=bureau.county, short="（金）应急"
        )
        self.younger, self.officer = account_in(bureau.county, *RIGHTS), bureau.officer
        for code in RIGHTS:
            self.officer.grants.create(permission=code, region=bureau.county)
        self.officer.forget_scopes()
        for one in (self.younger, self.officer):
            one.organisation = office
            one.save()

    def visit(self, kind="INSPECT", at=NOON):
        return visits.start_visit(
            enterprise=self.firm, kind=kind, inspectors=[self.officer], by=self.younger, at=at
        )

    def inspected(self):
        """One line not in order, one hazard besides; both in one order."""
        visit = self.visit()
        replies = [visits.Reply(self.entries[0].pk, "WRONG", "3具灭火器过期")]
        replies.append(visits.Reply(self.entries[1].pk, "FINE"))
        visits.answer_lines(visit=visit, replies=replies, by=self.younger, at=NOON)
        visits.find_hazard(visit=visit, finding=Finding("私拉电线"), by=self.younger, at=NOON)
        visits.finish_visit(visit=visit, note="已当场告知。", by=self.younger, at=days(0, 1))
        visits.order_from_visit(visit=visit, due_on=LAST, by=self.younger, at=days(0, 2))
        return visit, *visit.hazards.order_by("pk")

    def put_right(self, hazard, at):
        item = hazard.item
        advance(item=item, move="accept", by=self.boss, at=at)
        advance(
            item=item, move="submit", by=self.boss, at=at, note="已更换",
            submission=proof_of(item, self.boss, at),
        )  # fmt: skip


@pytest.fixture
def firm_round(bureau):
    return Round(bureau)


def asked(client, account, name, *ids):
    client.force_login(account)
    return client.get(reverse(f"enforce:printed_{name}", args=ids))


def pdf_of(client, account, name, *ids):
    """Its words without spaces, which a PDF puts where lines break."""
    response = asked(client, account, name, *ids, "pdf")
    assert response["Content-Type"] == "application/pdf"
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(response.content)).pages]
    return "".join("".join(pages).split())


def docx_of(client, account, name, *ids):
    response = asked(client, account, name, *ids, "docx")
    body = docx.Document(io.BytesIO(response.content)).element.body
    return "".join("".join(body.itertext()).split())


def test_an_inspections_record_and_order_are_on_its_page_to_print_and_sign(firm_round, client):
    visit, wires, old = firm_round.inspected()
    client.force_login(firm_round.boss)
    page = client.get(reverse("prevent:visit", args=[visit.pk])).content.decode()
    for door, ids in (("record", ()), ("order", (wires.pk,))):
        for kind in ("pdf", "docx"):
            assert reverse(f"enforce:printed_{door}", args=[visit.pk, *ids, kind]) in page
    record = (
        "现场检查记录（金）应急检记〔2026〕1号", firm_round.firm.site.name, "工业区2号", "王某",
        "2026年7月1日12时00分至2026年7月1日13时00分", "1.私拉电线",
        "2.3具灭火器过期（消防法第十六条）", "依据《金属制品》检查标准检查2项：符合1项，不符合1项",
        "已当场告知。", firm_round.officer.name, firm_round.bureau.certificates[0].number,
        firm_round.younger.name,
    )  # fmt: skip
    order = (
        "责令限期整改指令书（金）应急责改〔2026〕1号", "1.私拉电线", "2.3具灭火器过期",
        "《中华人民共和国安全生产法》第六十五条第一款第二项的规定", "于2026年7月15日前整改完毕",
        "在60日内向婺城区人民政府申请行政复议", "在6个月内依法向婺城区人民法院提起行政诉讼",
        "婺城区应急管理局（印章）", "二〇二六年七月一日", "一份交被检查单位",
    )  # fmt: skip
    for words, door, *ids in ((record, "record", visit.pk), (order, "order", visit.pk, old.pk)):
        for text in (pdf_of(client, firm_round.boss, door, *ids),
                     docx_of(client, firm_round.boss, door, *ids)):  # fmt: skip
            for said in words:
                assert said in text, said
            assert "13812345678" not in text  # a person's number is looked at one by one
    assert pdf_of(client, firm_round.boss, "hazard_order", old.pk) == pdf_of(
        client, firm_round.boss, "order", visit.pk, wires.pk
    )


def test_an_order_says_its_own_day_after_an_extension_too(firm_round, client):
    *_others, old = firm_round.inspected()
    longer = extensions.ask_extension(
        hazard=old, until=days(40).date(), reason="等配件", by=firm_round.boss, at=days(1)
    )
    checker = account_in(firm_round.bureau.county, *RIGHTS)
    extensions.decide_extension(extension=longer, granted=True, by=checker, at=days(2))
    text = pdf_of(client, firm_round.younger, "hazard_order", old.pk)
    assert "于2026年7月15日前整改完毕" in text
    alone = report_hazard(
        site=firm_round.firm.site, finding=Finding("护栏缺失"), by=firm_round.younger, at=NOON
    )
    more = report_hazard(
        site=firm_round.firm.site, finding=Finding("无警示标志", due_on=LAST),
        by=firm_round.younger, at=NOON,
    )  # fmt: skip
    order_rectification(hazards=[alone, more], by=firm_round.younger, at=NOON)
    text = pdf_of(client, firm_round.younger, "hazard_order", more.pk)
    assert "1.护栏缺失（限期：2026年7月16日）2.无警示标志（限期：2026年7月15日）" in text
    assert "于各项所列日期前整改完毕" in text


def test_a_recheck_has_its_opinion_from_the_visit_and_from_the_hazard(firm_round, client):
    _visit, wires, old = firm_round.inspected()
    firm_round.put_right(wires, days(1))
    again = firm_round.visit("RECHECK", at=days(2))
    check = {"visit": again, "by": firm_round.officer, "at": days(2)}
    visits.check_again(**check, hazard_id=wires.pk, passed=True)
    visits.check_again(**check, hazard_id=old.pk, passed=False, note="仍有1具过期")
    visits.finish_visit(visit=again, by=firm_round.officer, at=days(2, 1))
    client.force_login(firm_round.officer)
    page = client.get(reverse("prevent:visit", args=[again.pk])).content.decode()
    assert "整改复查意见书" in page
    assert "现场检查记录" not in page
    text = pdf_of(client, firm_round.officer, "recheck", again.pk)
    for said in (
        "整改复查意见书（金）应急复查〔2026〕1号", "本机关于2026年7月1日作出了责令限期整改的决定",
        "［（金）应急责改〔2026〕1号］", "1.私拉电线：已整改",
        "2.3具灭火器过期：未整改（仍有1具过期）", "二〇二六年七月三日",
    ):  # fmt: skip
        assert said in text, said
    assert pdf_of(client, firm_round.officer, "hazard_recheck", wires.pk) == text
    assert "已整改" in docx_of(client, firm_round.officer, "recheck", again.pk)

    # Looked at again on its task, by a desk: the next number of the same row, once.
    firm_round.put_right(old, days(3))
    checker = firm_round.bureau.second
    checker.grants.create(permission="prevent.check", region=firm_round.bureau.county)
    checker.forget_scopes()
    advance(item=old.item, move="verify", by=checker, at=days(4), note="照片已核对")
    for _again in range(2):
        deliver_waiting()
    text = pdf_of(client, firm_round.officer, "hazard_recheck", old.pk)
    number = "（金）应急复查〔2026〕2号"
    for said in (number, "1.3具灭火器过期：已整改（照片已核对）", checker.name):
        assert said in text, said
    assert "私拉电线" not in text
    assert pdf_of(client, firm_round.officer, "recheck", again.pk).count("复查〔2026〕1号") == 1
    page = client.get(reverse("prevent:hazard", args=[old.pk])).content.decode()
    assert number in page


def test_a_record_that_found_nothing_new_does_not_hide_what_is_still_open(firm_round, client):
    _visit, _wires, old = firm_round.inspected()
    later = firm_round.visit(at=days(2))
    check = {"visit": later, "by": firm_round.officer, "at": days(2)}
    visits.check_again(**check, hazard_id=old.pk, passed=False, note="仍有1具过期")
    visits.finish_visit(visit=later, by=firm_round.officer, at=days(2, 1))
    text = pdf_of(client, firm_round.officer, "record", later.pk)
    assert "未发现新的事故隐患。" in text
    assert "未整改（仍有1具过期）" in text
    # An inspection that looked again gives an opinion too, with a number of the same row.
    text = pdf_of(client, firm_round.officer, "recheck", later.pk)
    assert "整改复查意见书（金）应急复查〔2026〕1号" in text


def test_a_character_that_no_document_can_hold_spoils_none(firm_round, client):
    visit = firm_round.visit()
    finding = Finding("私拉\x0b电线\x01")  # from a list or a page that was copied
    visits.find_hazard(visit=visit, finding=finding, by=firm_round.younger, at=NOON)
    visits.finish_visit(visit=visit, by=firm_round.younger, at=days(0, 1))
    for read in (pdf_of, docx_of):
        assert "1.私拉电线" in read(client, firm_round.younger, "record", visit.pk)


def test_no_paper_where_the_record_has_none_and_none_for_strangers(firm_round, client):
    visit = firm_round.visit()
    officer = firm_round.younger
    assert asked(client, officer, "record", visit.pk, "pdf").status_code == 404  # goes on
    visits.finish_visit(visit=visit, by=officer, at=days(0, 1))
    assert "未发现事故隐患。" in pdf_of(client, officer, "record", visit.pk)
    assert asked(client, officer, "record", visit.pk, "html").status_code == 404
    assert asked(client, officer, "recheck", visit.pk, "pdf").status_code == 404
    done, wires, _old = firm_round.inspected()
    assert asked(client, officer, "order", visit.pk, wires.pk, "pdf").status_code == 404
    assert asked(client, officer, "hazard_recheck", wires.pk, "pdf").status_code == 404
    served = firm_round.visit("SERVICE")
    visits.finish_visit(visit=served, by=officer, at=days(0, 1))
    assert asked(client, officer, "record", served.pk, "pdf").status_code == 404
    stranger = account_in(RegionFactory(level=3), *RIGHTS, "enforce.view", "enforce.handle")
    other_boss = AccountFactory()
    Contact.objects.create(
        enterprise=firm_in(firm_round.bureau.town, "2"),
        role="HEAD",
        name="赵某",
        account=other_boss,
    )
    for nobody in (stranger, other_boss):
        for door, *ids in (("record", done.pk), ("order", done.pk, wires.pk),
                           ("hazard_order", wires.pk)):  # fmt: skip
            assert asked(client, nobody, door, *ids, "pdf").status_code == 404


def test_the_record_knows_every_key_that_its_three_forms_ask_for(firm_round):
    visit, wires, _old = firm_round.inspected()
    again = firm_round.visit("RECHECK", at=days(2))
    visits.check_again(
        visit=again,
        hazard_id=wires.pk,
        passed=False,
        note="未动",
        by=firm_round.officer,
        at=days(2),
    )
    visits.finish_visit(visit=again, by=firm_round.officer, at=days(2, 1))
    again = Visit.objects.get(pk=again.pk)
    sheets = (of_visit.record(visit), of_visit.order(wires), of_visit.recheck(again))
    for sheet, no in zip(sheets, (3, 5, 6), strict=True):
        assert sheet.form.no == no
        assert set(sheet.form.keys) <= set(sheet.values)
    assert {edition.articles["a_order"] for edition in catalogue.editions()} == {
        "《中华人民共和国安全生产法》第六十二条第一款第二项",
        "《中华人民共和国安全生产法》第六十五条第一款第二项",
    }
