"""Letters on paper: the same paragraphs as PDF and as .docx.

The library is read where it is used: most processes write no .docx, and it takes a while.
"""

from __future__ import annotations

import io
from datetime import date
from typing import Any

from django.utils import timezone

from anlan.base import typeset
from anlan.base.days import last_day

from .models import Letter

RED = "C00000"
FONT = "仿宋"


def pdf(letter: Letter) -> bytes:
    return typeset.render("anlan.oversee", "letter.typ", content(letter))


def content(letter: Letter) -> dict[str, Any]:
    """What stands in a letter, from its frozen record. Official Chinese in every language."""
    paragraphs = [{"kind": "text", "text": line} for line in lines_of(letter.text)]
    if letter.about is not None:
        paragraphs.insert(0, {"kind": "text", "text": _about(letter)})
    if letter.basis:
        paragraphs.append({"kind": "text", "text": f"依据：{letter.basis}。"})
    if letter.measure:
        measure = {
            "CRITICISM": "通报批评",
            "NO_AWARDS": "取消当年评先评优资格",
            "REMOVAL": "建议有权机关予以免职",
        }
        said = measure.get(letter.measure, "移送纪检监察机关处理")
        paragraphs.append({"kind": "text", "text": f"处理措施：{said}。"})
    paragraphs.append({"kind": "text", "text": _reply(letter)})
    return {
        "organ": letter.organ,
        "number": letter.number,
        "title": letter.title,
        "to": letter.to.name,
        "paragraphs": paragraphs,
        "day": chinese_day(timezone.localdate(letter.issued_at)),
    }


def _about(letter: Letter) -> str:
    about = letter.about
    assert about is not None
    due = f"，办理期限至{chinese_day(last_day(about.due_at))}" if about.due_at else ""
    return f"你单位承办的任务“{about.title}”（编号{about.pk}）{due}，至今尚未办结。"


def _reply(letter: Letter) -> str:
    if letter.kind == Letter.Kind.INTERVIEW:
        return f"请主要负责人于{chinese_day(letter.reply_by)}前接受约谈，并书面报告整改情况。"
    return f"请于{chinese_day(letter.reply_by)}前书面回复办理情况，并附佐证材料。"


def chinese_day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def word(letter: Letter) -> bytes:
    """The same letter as .docx, for an office that has to seal or edit it by hand."""
    import docx
    from docx.shared import Pt

    said = content(letter)
    document = docx.Document()
    new_page(document)
    write_line(document, said["organ"], "CENTER", 26, bold=True, colour=RED)
    write_line(document, said["number"], "RIGHT")
    write_line(document, said["title"], "CENTER", 22, bold=True)
    write_line(document, f"{said['to']}：")
    for paragraph in said["paragraphs"]:
        write_line(document, paragraph["text"]).paragraph_format.first_line_indent = Pt(32)
    write_line(document, "")
    write_line(document, said["organ"], "RIGHT")
    write_line(document, said["day"], "RIGHT")
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def new_page(document: Any) -> None:
    """A4 with the margins and letters of GB/T 9704."""
    from docx.oxml.ns import qn
    from docx.shared import Mm, Pt

    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    style = document.styles["Normal"]
    style.font.name, style.font.size = FONT, Pt(16)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), FONT)


def write_line(
    document: Any, text: str, align: str = "", size: float = 16, *, bold: bool = False,
    colour: str = "",
) -> Any:  # fmt: skip
    """A paragraph of one run."""
    from docx.enum.text import WD_PARAGRAPH_ALIGNMENT
    from docx.shared import Pt, RGBColor

    paragraph = document.add_paragraph()
    paragraph.alignment = WD_PARAGRAPH_ALIGNMENT[align] if align else None
    run = paragraph.add_run(text)
    run.font.size, run.bold = Pt(size), bold
    if colour:
        run.font.color.rgb = RGBColor.from_string(colour)
    return paragraph


def lines_of(text: str) -> list[str]:
    """The paragraphs of what somebody typed."""
    return [line.strip() for line in text.splitlines() if line.strip()]
