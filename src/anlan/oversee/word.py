"""Letters and reports as .docx, for an office that has to seal or edit them by hand.

Read where a document is asked for: the library takes a while, and most processes make none.
"""

import io
from typing import Any

import docx
from docx.document import Document
from docx.enum.text import WD_PARAGRAPH_ALIGNMENT as ALIGN
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from . import printing
from .models import Letter

RED = RGBColor(0xC0, 0x00, 0x00)
FONT = "仿宋"


def letter_paper(letter: Letter) -> bytes:
    """The same paragraphs as in its PDF."""
    said = printing.content(letter)
    document = _new_page()
    _write_line(document, said["organ"], ALIGN.CENTER, 26, bold=True, colour=RED)
    _write_line(document, said["number"], ALIGN.RIGHT)
    _write_line(document, said["title"], ALIGN.CENTER, 22, bold=True)
    _write_line(document, f"{said['to']}：")
    for paragraph in said["paragraphs"]:
        _write_line(document, paragraph["text"]).paragraph_format.first_line_indent = Pt(32)
    return _signed(document, said)


def report_paper(said: dict[str, Any]) -> bytes:
    """The same blocks as in the PDF of an investigation or a look-back."""
    document = _new_page()
    _write_line(document, said["title"], ALIGN.CENTER, 22, bold=True)
    if said["status"]:
        _write_line(document, said["status"], ALIGN.CENTER, 12)
    for block in said["blocks"]:
        if block["kind"] == "table":
            _write_table(document, block)
        else:
            line = _write_line(document, block["text"], bold=block["kind"] == "head")
            line.paragraph_format.first_line_indent = Pt(32)
    return _signed(document, said)


def _new_page() -> Document:
    """A4 with the margins and letters of GB/T 9704."""
    document = docx.Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    style: Any = document.styles["Normal"]
    style.font.name, style.font.size = FONT, Pt(16)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), FONT)
    return document


def _signed(document: Document, said: dict[str, Any]) -> bytes:
    _write_line(document, "")
    _write_line(document, said["organ"], ALIGN.RIGHT)
    _write_line(document, said["day"], ALIGN.RIGHT)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _write_line(
    document: Document, text: str, align: ALIGN | None = None, size: float = 16, *,
    bold: bool = False, colour: RGBColor | None = None,
) -> Any:  # fmt: skip
    """A paragraph of one run."""
    paragraph: Any = document.add_paragraph()
    paragraph.alignment = align
    run = paragraph.add_run(text)
    run.font.size, run.bold = Pt(size), bold
    if colour is not None:
        run.font.color.rgb = colour
    return paragraph


def _write_table(document: Document, block: dict[str, Any]) -> None:
    rows = [block["header"], *block["rows"]]
    made: Any = document.add_table(rows=len(rows), cols=len(block["header"]))
    made.style = "Table Grid"
    for r, row in enumerate(rows):
        for c, said in enumerate(row):
            run = made.cell(r, c).paragraphs[0].add_run(said)
            run.font.size, run.bold = Pt(10.5), r == 0
