"""The same blocks as a .docx, for an office that has to add or sign by hand.

Read where a document is made: the library takes a while, and most processes make none.
"""

import io
from collections.abc import Mapping
from typing import Any

import docx as library
from docx.document import Document
from docx.enum.text import WD_PARAGRAPH_ALIGNMENT as ALIGN
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from .blocks import blocks
from .catalogue import Form

FONT = "仿宋"
WIDTH_MM = 158  # between the margins
LABEL_MM = 30


def docx(form: Form, values: Mapping[str, Any]) -> bytes:
    """One document, set from the blocks that its PDF is set from."""
    document = library.Document()
    _page(document)
    _line(document, "安全生产行政执法文书", ALIGN.CENTER, 12)
    _line(document, form.title, ALIGN.CENTER, 20, bold=True)
    if values.get("number"):
        _line(document, str(values["number"]), ALIGN.CENTER, 14)
    after_table = False
    for block in blocks(form, values):
        table = block["kind"] in _TABLES
        # Words keep a distance from a table; two tables are one.
        if after_table and not table:
            _gap(document)
        _WRITERS.get(block["kind"], _text)(document, block)
        after_table = table
    if after_table:
        _gap(document)
    if form.seal:
        # The seal and its day stand on one page, with words of the document above them.
        last = document.paragraphs[-1]
        organ = _line(document, f"{values.get('organ', '')}（印章）", ALIGN.RIGHT)
        for paragraph in (last, organ):
            paragraph.paragraph_format.keep_with_next = True
            paragraph.paragraph_format.keep_together = True
        _line(document, str(values.get("issued_on", "")), ALIGN.RIGHT)
    if form.copies:
        _line(document, form.copies, ALIGN.LEFT, 10)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _page(document: Document) -> None:
    section: Any = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(30), Mm(28)
    section.left_margin, section.right_margin = Mm(27), Mm(25)
    style: Any = document.styles["Normal"]
    style.font.name, style.font.size = FONT, Pt(14)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), FONT)
    _number_pages(section.footer.paragraphs[0])


def _number_pages(foot: Any) -> None:
    foot.alignment = ALIGN.CENTER
    foot.style.font.size = Pt(10.5)
    for words, field in (("共 ", "NUMPAGES"), (" 页　第 ", "PAGE"), (" 页", "")):
        foot.add_run(words)
        if field:
            counted = OxmlElement("w:fldSimple")
            counted.set(qn("w:instr"), field)
            foot._p.append(counted)


def _line(
    document: Document, text: str, align: ALIGN | None = None, size: float = 14, bold: bool = False
) -> Any:

    paragraph: Any = document.add_paragraph()
    paragraph.alignment = align
    run = paragraph.add_run(text)
    run.font.size, run.bold = Pt(size), bold
    return paragraph


def _gap(document: Document) -> None:
    form = document.add_paragraph().paragraph_format
    form.space_after, form.line_spacing = Pt(0), Pt(6)


def _text(document: Document, block: Mapping[str, Any]) -> None:
    for line in str(block["text"]).split("\n"):
        _line(document, line).paragraph_format.first_line_indent = Pt(28)


def _to(document: Document, block: Mapping[str, Any]) -> None:
    _line(document, f"{block['text']}：")


def _head(document: Document, block: Mapping[str, Any]) -> None:
    _line(document, block["text"], bold=True)


def _table(document: Document, block: Mapping[str, Any]) -> None:
    most = max(len(row) for row in block["rows"])
    table = _grid(document, most)
    _share(table, [LABEL_MM if most > 1 and n % 2 == 0 else 0 for n in range(most)])
    for row in block["rows"]:
        cells = table.add_row().cells
        for cell, text in zip(cells, row, strict=False):
            cell.text = text
        if len(row) < most:
            cells[len(row) - 1].merge(cells[-1])


def _grid(document: Document, columns: int) -> Any:
    """A table whose words keep a distance from its lines."""
    table: Any = document.add_table(rows=0, cols=columns)
    table.style = "Table Grid"
    margins = OxmlElement("w:tblCellMar")
    for side in ("top", "left", "bottom", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), "85")  # twentieths of a point: a millimetre and a half
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    # The look stands last in a table's properties.
    table._tbl.tblPr.find(qn("w:tblLook")).addprevious(margins)
    return table


def _share(table: Any, widths_mm: list[int]) -> None:
    """Labels as wide as they need be; the other columns share what is left."""
    table.autofit = False
    rest = (WIDTH_MM - sum(widths_mm)) / max(widths_mm.count(0), 1)
    for column, width in zip(table.columns, widths_mm, strict=True):
        column.width = Mm(width or rest)


def _box(document: Document, block: Mapping[str, Any]) -> None:
    cell = _grid(document, 1).add_row().cells[0]
    cell.text = "\n".join([f"{block['label']}：", block["text"], *block["sign"]])


def _list(document: Document, block: Mapping[str, Any]) -> None:
    table = _grid(document, len(block["heads"]))
    for cell, text in zip(table.add_row().cells, block["heads"], strict=True):
        cell.text = text
    for row in block["rows"]:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = str(text)


def _lines(document: Document, block: Mapping[str, Any]) -> None:
    for line in block["lines"]:
        _line(document, line)


_TABLES = {"table", "box", "list"}
_WRITERS = {
    "to": _to, "head": _head, "table": _table, "box": _box, "list": _list,
    "sign": _lines, "tick": _lines,
}  # fmt: skip
