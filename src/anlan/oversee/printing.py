"""Letters on paper: what stands in them, and as PDF."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils import timezone

from anlan.base import typeset
from anlan.base.days import last_day

from .models import Letter


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


def lines_of(text: str) -> list[str]:
    """The paragraphs of what somebody typed."""
    return [line.strip() for line in text.splitlines() if line.strip()]
