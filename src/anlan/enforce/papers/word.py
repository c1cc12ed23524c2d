"""The same blocks as a .docx, for an office that has to add or sign by hand.

The library is read where it is used: most processes write none, and it takes a while.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .blocks import blocks
from .catalogue import Form

if TYPE_CHECKING:
    from docx.document import Document

FONT = "仿宋"


def docx(form: Form, values: Mapping[str, Any]) -> bytes:
    """One document, set from the blocks that its PDF is set from."""
    import docx as library

    document = library.Document()
    _page(document)
    _line(document, "安全生产行政执法文书", "CENTER", 12)
    _line(document, form.title, "CENTER", 20, bold=True)
    if values.get("number"):
        _line(document, str(values["number"]), "CENTER", 14)
    for block in blocks(form, values):
        _WRITERS.get(block["kind"], _text)(document, block)
    if form.seal:
        _line(document, f"{values.get('organ', '')}（印章）", "RIGHT")
        _line(document, str(values.get("issued_on", "")), "RIGHT")
    if form.copies:
        _line(document, form.copies, "LEFT", 10)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _page(document: Document) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Mm, Pt

    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(30), Mm(28)
    section.left_margin, section.right_margin = Mm(27), Mm(25)
    style: Any = document.styles["Normal"]
    style.font.name, style.font.size = FONT, Pt(14)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), FONT)


def _line(
    document: Document, text: str, align: str = "", size: float = 14, bold: bool = False
) -> Any:
    from docx.enum.text import WD_PARAGRAPH_ALIGNMENT
    from docx.shared import Pt

    paragraph: Any = document.add_paragraph()
    paragraph.alignment = WD_PARAGRAPH_ALIGNMENT[align] if align else None
    run = paragraph.add_run(text)
    run.font.size, run.bold = Pt(size), bold
    return paragraph


def _text(document: Document, block: Mapping[str, Any]) -> None:
    from docx.shared import Pt

    for line in str(block["text"]).split("\n"):
        _line(document, line).paragraph_format.first_line_indent = Pt(28)


def _to(document: Document, block: Mapping[str, Any]) -> None:
    _line(document, f"{block['text']}：")


def _head(document: Document, block: Mapping[str, Any]) -> None:
    _line(document, block["text"], bold=True)


def _table(document: Document, block: Mapping[str, Any]) -> None:
    most = max(len(row) for row in block["rows"])
    table = document.add_table(rows=0, cols=most)
    table.style = "Table Grid"
    for row in block["rows"]:
        cells = table.add_row().cells
        for cell, text in zip(cells, row, strict=False):
            cell.text = text
        if len(row) < most:
            cells[len(row) - 1].merge(cells[-1])


def _box(document: Document, block: Mapping[str, Any]) -> None:
    table = document.add_table(rows=1, cols=1)
    table.style = "Table Grid"
    cell = table.rows[0].cells[0]
    cell.text = "\n".join([f"{block['label']}：", block["text"], *block["sign"]])


def _list(document: Document, block: Mapping[str, Any]) -> None:
    table = document.add_table(rows=1, cols=len(block["heads"]))
    table.style = "Table Grid"
    for cell, text in zip(table.rows[0].cells, block["heads"], strict=True):
        cell.text = text
    for row in block["rows"]:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = str(text)


def _lines(document: Document, block: Mapping[str, Any]) -> None:
    for line in block["lines"]:
        _line(document, line)


_WRITERS = {
    "to": _to, "head": _head, "table": _table, "box": _box, "list": _list,
    "sign": _lines, "tick": _lines,
}  # fmt: skip
