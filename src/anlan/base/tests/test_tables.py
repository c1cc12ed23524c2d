"""Tables as offices make them: titles, merged cells, full-width digits, numbers cut short."""

import io
import zipfile

import pytest
import xlsxwriter

from anlan.base import tables
from anlan.base.errors import BadInput
from anlan.base.tables import Column

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


@pytest.mark.parametrize("content", [b"", b"\n\n", b" , ,\n"])
def test_an_empty_file_is_said_to_be_empty(content):
    with pytest.raises(BadInput) as told:
        tables.read(content, COLUMNS)
    assert told.value.code == "table.empty"


@pytest.mark.parametrize("content", [b"PK\x03\x04broken", b"\xd0\xcf\x11\xe0broken"])
def test_a_broken_workbook_is_refused(content):
    with pytest.raises(BadInput):
        tables.read(content, COLUMNS)
