"""Documents say what the record says, in the PDF and the .docx, and are frozen."""

import io
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise

import docx
import pytest
from pypdf import PdfReader

from anlan.base.errors import BadInput, Refusal
from anlan.enforce import whole_file
from anlan.enforce.models import Paper
from anlan.enforce.papers import catalogue, typeset, values
from anlan.enforce.papers.blocks import blocks
from anlan.enforce.papers.word import docx as as_docx
from anlan.enforce.services import evidence, papers
from anlan.work import files

from .factories import FINDING, NOON, days

CODES = [form.code for form in catalogue.editions()[-1].forms.values()]


def text_of(data):
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(data)).pages]
    return "".join("".join(pages).split())


def test_the_official_set_is_whole_and_every_number_has_its_word():
    forms = catalogue.editions()[-1].forms.values()
    assert sorted(form.no for form in forms if form.no < 100) == list(range(1, 49))
    without = {form.no for form in forms if not form.word}
    assert without == {9, 16, 25, 28, 48}


@pytest.mark.parametrize(
    ("day", "code", "word"),
    [(date(2020, 1, 1), "2016", "安监罚"), (date(2021, 7, 15), "2021", "应急罚"),
     (date(2026, 1, 1), "2021-9", "应急罚")],
)  # fmt: skip
def test_the_set_of_the_day_is_used(day, code, word):
    edition = catalogue.edition_on(day)
    assert (edition.code, edition.form("decision_org").word) == (code, word)


@pytest.mark.django_db
def test_every_key_that_any_form_asks_for_is_known_to_the_record(bureau):
    case = bureau.served()
    known = set()
    for form in catalogue.editions()[-1].forms.values():
        if form.code not in {"instalments"}:
            known |= set(values.of(case=case, form=form, about=None, at=NOON, text="某"))
    asked = {key for form in catalogue.editions()[-1].forms.values() for key in form.keys}
    # What only another kind of row can say: a measure, kept evidence, a hearing, a transfer.
    others = ("measure_", "order_", "kept_", "keep_", "inquiry_", "hearing_", "transfer_",
              "visit_", "force_", "instalment", "one_", "many_", "last_", "extension_", "closing_",
              "closed_by", "statement_time", "request", "opinion", "asked_day", "decided_by",
              "decided_on")  # fmt: skip
    assert sorted(key for key in asked - known if not key.startswith(others)) == []


@pytest.mark.parametrize("code", CODES)
def test_every_form_is_set_as_pdf_and_docx_from_the_same_blocks(code):
    form = catalogue.editions()[-1].form(code)
    filled = {key: f"甲{n}" for n, key in enumerate(form.keys)}
    filled |= {"rows": [["一"] * 6], "number": "（金）号", "organ": "某局", "issued_on": "某日"}
    for block in form.body:
        if block["kind"] == "list":
            filled["rows"] = [["一"] * len(block["heads"])]
    text = text_of(typeset.pdf(form, filled))
    assert "".join(form.title.split()) in text
    document = docx.Document(io.BytesIO(as_docx(form, filled)))
    body = "".join(document.element.body.itertext())
    for block in blocks(form, filled):
        for line in str(block.get("text", "")).split("\n"):
            assert "".join(line.split()) in text
            assert line in body
    # A table touches no words, and whoever prints it sees whether a page is missing.
    for part, after in pairwise(document.element.body):
        if part.tag.endswith("}tbl"):
            assert after.tag.endswith("}tbl") or not "".join(after.itertext())
    # The seal never stands on a page without its day, or without words of the document.
    if form.seal:
        words = [p.text for p in document.paragraphs]
        organ = words.index("某局（印章）")
        kept = document.paragraphs[organ - 1 : organ + 1]
        assert [p.paragraph_format.keep_with_next for p in kept] == [True, True]
        assert words[organ + 1] == "某日"
    assert {"PAGE", "NUMPAGES"} <= set(document.sections[0].footer.part.blob.decode().split('"'))


@pytest.mark.django_db
def test_a_decision_says_what_was_decided_and_nothing_can_change_it(bureau):
    case = bureau.served()
    paper = case.papers.get(form="decision_org")
    text = text_of(files.absolute(paper.pdf).read_bytes())
    for said in (
        "（金）应急罚〔2026〕1号", "测试机械厂", "91330702MA2AAAAA1X",
        "罚款人民币叁万元整（¥30,000.00）",
        "在60日内向婺城区人民政府申请行政复议", "在6个月内依法向婺城区人民法院提起行政诉讼",
        "婺城区应急管理局（印章）", "二〇二六年七月一日", "账号330000000001",
    ):  # fmt: skip
        assert said in text, said
    # The record changes afterwards: the document does not.
    case.party.name = "改名机械厂"
    case.party.save()
    assert papers.unchanged(paper)
    assert Paper.objects.get(pk=paper.pk).fields["party"] == "测试机械厂"
    # Nor where the organ and its region are called otherwise: the file binds what was issued.
    for row in (bureau.organ, bureau.county):
        row.name = "改名后"
        row.save()
    case.refresh_from_db()
    bound = text_of(whole_file.bind(case=case, at=NOON))
    assert text in bound
    assert bound.count("改名后（印章）") == 1  # on the list of receipts, which was not issued
    files.absolute(paper.pdf).write_bytes(b"%PDF-altered")
    assert not papers.unchanged(paper)


@pytest.mark.django_db
def test_what_somebody_types_is_never_typst_code(bureau):
    nasty = '#panic("x") $x$ *b* @ref <label> {party} \\ "'
    case = bureau.served(finding=replace(FINDING, facts=nasty))
    text = text_of(files.absolute(case.papers.get(form="decision_org").pdf).read_bytes())
    assert '#panic("x")$x$*b*@ref<label>{party}' in text


@pytest.mark.django_db
def test_documents_by_hand_are_issued_by_the_officers_only(bureau):
    case = bureau.filed()
    made = papers.issue_by_hand(
        case=case, form="scene_record", text="现场情况", by=bureau.officer, at=NOON
    )
    assert made.number == "（金）应急勘〔2026〕1号"
    with pytest.raises(Refusal):
        papers.issue_by_hand(case=case, form="scene_record", text="", by=bureau.stranger, at=NOON)
    with pytest.raises(BadInput):
        papers.issue_by_hand(case=case, form="decision_org", text="", by=bureau.officer, at=NOON)


@pytest.mark.django_db
@pytest.mark.parametrize("way", ["ELECTRON", "PUBLIC", "LEFT", "DIRECT", "PIGEON"])
def test_each_way_of_service_asks_for_its_own_proof(bureau, way):
    case = bureau.decided()
    paper = case.papers.get(form="decision_org")
    with pytest.raises((BadInput, Refusal)):
        bureau.serve(paper, way=way, receiver="")
    if way == "PUBLIC":
        at = days(31)
        bureau.serve(paper, at=at, way=way, sent_at=NOON, received_at=at, receiver="")
    elif way == "ELECTRON":
        case.party.electronic = "a@example.cn"
        case.party.save()
        bureau.serve(Paper.objects.get(pk=paper.pk), way=way, receiver="")
    elif way == "LEFT":
        bureau.serve(paper, way=way, receiver="", witness="村干部")
    elif way == "DIRECT":
        bureau.serve(paper, way=way)
    served = Paper.objects.get(pk=paper.pk).state == Paper.State.SERVED
    assert served == (way != "PIGEON")


@pytest.mark.django_db
def test_the_whole_file_has_a_table_of_contents_with_right_pages(bureau):
    from PIL import Image

    case = bureau.filed()
    picture = io.BytesIO()
    Image.new("RGB", (60, 40), "navy").save(picture, "JPEG")
    evidence.add_evidence(
        case=case, thing=evidence.Thing("RECORD", "现场照片", "未培训"), data=picture.getvalue(),
        file_name="照片.jpg", by=bureau.officer, at=NOON,
    )  # fmt: skip
    papers.issue_by_hand(
        case=case, form="scene_record", text="很长的记录。\n" * 120, by=bureau.officer, at=days(1)
    )
    reader = PdfReader(io.BytesIO(whole_file.bind(case=case, at=days(2))))
    titles = [item.title for item in reader.outline]
    assert titles == [
        "立案审批表（金）应急立〔2026〕1号",
        "勘验笔录（金）应急勘〔2026〕1号",
        "证据：现场照片",
    ]
    pages = ["".join(page.extract_text().split()) for page in reader.pages]
    for item in reader.outline:
        number = reader.get_destination_page_number(item)
        assert item.title.partition("（")[0].removeprefix("证据：") in pages[number]
        row = "".join(item.title.split())
        assert row in pages[1]
        assert f"第{number + 1}页" in pages[number]
    assert len(pages) > 5


@pytest.mark.django_db
def test_the_whole_file_lists_what_was_served_unless_that_list_was_issued(bureau):
    case = bureau.served()

    def lists():
        reader = PdfReader(io.BytesIO(whole_file.bind(case=case, at=days(2))))
        titles = [item.title for item in reader.outline]
        return [title for title in titles if title.startswith("文书送达回执")], reader

    (title,), reader = lists()
    assert title == "文书送达回执"
    text = "".join("".join(page.extract_text().split()) for page in reader.pages)
    decision = Paper.objects.get(case=case, form="decision_org")
    assert text.rpartition("文书送达回执")[2].count(decision.number) == 1
    issued = papers.issue_by_hand(
        case=case, form="receipt_list", text="", by=bureau.officer, at=days(1)
    )
    assert lists()[0] == [f"文书送达回执{issued.number}"]
    bureau.serve(
        papers.issue_by_hand(
            case=case, form="enforce_demand", text="请履行", by=bureau.officer, at=days(1)
        ),
        at=days(1),
    )
    assert lists()[0] == [f"文书送达回执{issued.number}", "文书送达回执"]


@pytest.mark.django_db
def test_a_person_is_decided_on_with_the_form_for_persons(bureau):
    case = bureau.served(
        party=bureau.party("PERSON", sex="男", age=40), finding=replace(FINDING, fine=Decimal(500))
    )
    paper = case.papers.get(form="decision_person")
    assert "330702199001011234" in text_of(files.absolute(paper.pdf).read_bytes())
