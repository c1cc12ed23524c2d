"""Tables as offices make them: titles, merged cells, full-width digits, numbers cut short."""

import io
import re
import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest
import xlsxwriter

from anlan.base import tables
from anlan.base.errors import BadInput
from anlan.base.tables import Column

MADE = Path(__file__).parent / "made"
COLUMNS = (
    Column("name", ("企业名称",)),
    Column("code", ("信用代码",)),
    Column("town", ("乡镇",), required=False),
)


def book(write):
    out = io.BytesIO()
    made = xlsxwriter.Workbook(out, {"in_memory": True})
    write(made.add_worksheet(), made)
    made.close()
    return out.getvalue()


def test_a_title_above_the_header_and_cells_merged_over_rows_are_understood():
    def write(sheet, made):
        sheet.merge_range("A1:C1", "兰溪市企业台账")
        sheet.write_row("A2", ["乡镇", "*企业\n名称", "信用代码"])
        sheet.merge_range("A3:A4", "永昌街道")
        sheet.write_row("B3", ["甲厂", "1"])
        sheet.write_row("B4", ["乙厂", "2"])
        sheet.write_row("B5", ["丙厂", "3"])

    lines = tables.read(book(write), COLUMNS)
    assert [(line.number, line["name"], line["town"]) for line in lines] == [
        (3, "甲厂", "永昌街道"),
        (4, "乙厂", "永昌街道"),
        (5, "丙厂", ""),
    ]


def test_a_number_that_lost_digits_is_not_taken_for_a_code():
    def write(sheet, made):
        sheet.write_row("A1", ["企业名称", "信用代码"])
        sheet.write_row("A2", ["甲厂", 913307000000012345])
        sheet.write_row("A3", ["乙厂", 330702001001001])

    lines = tables.read(book(write), COLUMNS)
    assert [line["code"] for line in lines] == ["9.13307E+17", "330702001001001"]


def test_full_width_digits_and_blanks_are_made_usual_and_formulas_stay_values():
    def write(sheet, made):
        sheet.write_row("A1", ["企业名称", "信用代码"])
        sheet.write_string("A2", "　甲厂（东区）")
        sheet.write_string("B2", "９１３３Ａ")
        sheet.write_formula("A3", '=HYPERLINK("http://evil/","x")', None, "乙厂")
        sheet.write_string("B3", "=1+1")

    lines = tables.read(book(write), COLUMNS)
    assert (lines[0]["name"], lines[0]["code"]) == ("甲厂（东区）", "9133A")
    assert (lines[1]["name"], lines[1]["code"]) == ("乙厂", "=1+1")
    again = tables.read(tables.workbook(COLUMNS, [line.cells for line in lines]), COLUMNS)
    assert again[1]["code"] == "=1+1"  # written as text, not worked out


TEXT = 'office:value-type="string"'
MANIFEST = """<?xml version="1.0"?><manifest:manifest
 xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>"""
ODS = """<?xml version="1.0"?><office:document-content
 xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2">
<office:body><office:spreadsheet><table:table table:name="1">%s</table:table>
</office:spreadsheet></office:body></office:document-content>"""


def test_an_open_document_sheet_is_read():
    def line(*cells):
        texts = "".join(
            f"<table:table-cell {TEXT}><text:p>{cell}</text:p></table:table-cell>" for cell in cells
        )
        return f"<table:table-row>{texts}</table:table-row>"

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        file.writestr("META-INF/manifest.xml", MANIFEST)
        file.writestr("content.xml", ODS % (line("企业名称", "信用代码") + line("甲厂", "1")))
    assert [line["name"] for line in tables.read(out.getvalue(), COLUMNS)] == ["甲厂"]


def as_wps_saves(content: bytes) -> bytes:
    """The parts and names that WPS writes beside the ordinary ones, as published examples show."""
    old, out = zipfile.ZipFile(io.BytesIO(content)), io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            data = old.read(part)
            if part.filename == "docProps/app.xml":
                data = data.replace(b"Microsoft Excel", "WPS 表格".encode())
            if part.filename == "xl/workbook.xml":
                data = data.replace(
                    b"<workbook ",
                    b'<workbook xmlns:etc="http://www.wps.cn/officeDocument/2017/etCustomData" ',
                )
            new.writestr(part.filename, data)
        new.writestr("docProps/custom.xml", "<Properties/>")
        new.writestr(
            "xl/cellimages.xml",
            '<etc:cellImages xmlns:etc="http://www.wps.cn/officeDocument/2017/etCustomData"/>',
        )
    return out.getvalue()


def test_a_workbook_as_wps_saves_it():
    def write(sheet, made):
        sheet.write_row("A1", ["填表说明", "请勿改动表头"])
        listed = made.add_worksheet("企业")
        hidden = made.add_worksheet("WpsReserved_CellImgList")
        hidden.write_row("A1", ["企业名称", "信用代码", "图片"])
        hidden.hide()
        listed.write_row("A1", ["企业名称", "信用代码", "乡镇"])
        for n, shown in enumerate(("yyyy/m/d;@", '[DBNum1][$-804]yyyy"年"m"月"d"日";@')):
            listed.write_string(n + 1, 0, f"企业{n}")
            day = made.add_format({"num_format": shown})
            listed.write_datetime(n + 1, 1, datetime(2026, 7, 1), day)
            for formula in ("DISPIMG", "_xlfn.DISPIMG"):
                text = f'={formula}("ID_A16C8CE6E39B4F25934D584A1C41E1E1",1)'
                listed.write_formula(n + 1, 2, text, None, text)
        listed.set_row(2, None, None, {"hidden": True})
        listed.autofilter("A1:C3")

    lines = tables.read(as_wps_saves(book(write)), COLUMNS)

    assert [(line["name"], line["code"], line["town"]) for line in lines] == [
        ("企业0", "2026-07-01", ""),  # a picture is no text
        ("企业1", "2026-07-01", ""),  # hidden by a filter, and there all the same
    ]


@pytest.mark.parametrize("ending", ["xlsx", "xls"])
def test_a_workbook_that_libreoffice_made(ending):
    lines = tables.read((MADE / f"libreoffice.{ending}").read_bytes(), COLUMNS)
    assert [(line["town"], line["name"], line["code"]) for line in lines] == [
        ("永昌街道", "甲厂（东区）", "91330781MA28D1F27K"),
        ("永昌街道", "乙厂", "330781001001"),
        ("", "丙厂", "2026-07-01"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_text_in_every_usual_chinese_encoding(encoding):
    text = "企业名称,信用代码\r\n镕基机械厂,1\r\n"
    assert [line["name"] for line in tables.read(text.encode(encoding), COLUMNS)] == ["镕基机械厂"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\xef\xbb\xbf<html><table><tr><td>x</td></tr></table></html>", "table.web_page"),
        ("<?xml version='1.0'?><Workbook/>".encode("utf-16"), "table.web_page"),
        (b"\xd0\xcf\x11\xe0..." + "EncryptedPackage".encode("utf-16-le"), "table.locked"),
    ],
)
def test_what_only_bears_the_name_of_a_table_is_refused_with_what_to_do(content, code):
    with pytest.raises(BadInput) as told:
        tables.read(content, COLUMNS)
    assert told.value.code == code
    assert "另存为 .xlsx" in told.value.hint


def packed(*names):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as parts:
        for name in names:
            parts.writestr(name, "<x/>")
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "code", "hint"),
    [
        (packed("[Content_Types].xml", "word/document.xml"), "table.document", "复制到"),
        (b"\xd0\xcf\x11\xe0..." + "WordDocument".encode("utf-16-le"), "table.document", "复制到"),
        (b"%PDF-1.4\n1 0 obj", "table.no_table", ".xlsx 或 .csv"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "table.no_table", ".xlsx 或 .csv"),
    ],
)
def test_what_another_program_made_is_called_what_it_is(content, code, hint):
    with pytest.raises(BadInput) as told:
        tables.read(content, COLUMNS)
    assert told.value.code == code
    assert hint in told.value.hint


def test_days_as_offices_write_them():
    for text in ("2026-07-01", "2026/7/1", "2026.7.1", "2026年7月1日", "2026 年 7 月 1 日"):
        assert tables.read_day(text) == date(2026, 7, 1)
    for text in ("", "7月1日", "2026-13-01", "2026年2月30日", "46204"):
        assert tables.read_day(text) is None


@pytest.mark.parametrize("content", [b"", b"\n\n", b" , ,\n"])
def test_an_empty_file_is_said_to_be_empty(content):
    with pytest.raises(BadInput) as told:
        tables.read(content, COLUMNS)
    assert told.value.code == "table.empty"


@pytest.mark.parametrize("content", [b"PK\x03\x04broken", b"\xd0\xcf\x11\xe0broken"])
def test_a_broken_workbook_is_refused(content):
    with pytest.raises(BadInput):
        tables.read(content, COLUMNS)


def test_a_list_that_we_make_cuts_no_name_and_prints_its_header_on_each_page():
    name = "金华市婺城区白龙桥镇临江新型建材有限责任公司"
    made = tables.workbook(COLUMNS, [{"name": name, "code": "1"}])
    with zipfile.ZipFile(io.BytesIO(made)) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
        book_of_it = parts.read("xl/workbook.xml").decode()

    at = [column.name for column in COLUMNS].index("name") + 1
    (width,) = re.findall(rf'<col min="{at}" max="{at}" width="([\d.]+)"', sheet)
    assert 2 * len(name) <= float(width) <= 50
    assert 'orientation="landscape"' in sheet
    assert "Print_Titles" in book_of_it
