"""What the cells of a list of enterprises mean, and what is wrong with those that mean nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from anlan.base.errors import BadInput
from anlan.base.tables import Column, Line, Problem
from anlan.people.services.accounts import PHONE

from ..models import Standard
from .enterprises import check_credit_code

# The first header of each is the one that templates and exports show.
COLUMNS = (
    Column("credit_code", ("统一社会信用代码", "社会信用代码", "信用代码", "统一信用代码")),
    Column("name", ("企业名称", "单位名称", "名称", "企业（单位）名称")),
    Column(
        "region",
        ("网格或区划", "网格代码", "所属网格", "区划代码", "所属区划", "行政区划代码", "所属村社"),
        required=False,
    ),
    Column("address", ("地址", "生产经营地址", "经营地址", "企业地址", "详细地址"), required=False),
    Column("industry", ("行业代码", "行业", "国民经济行业代码", "所属行业"), required=False),
    Column("standard", ("行业标准", "标准类别", "标准", "管理标准"), required=False),
    Column("size", ("规模", "企业规模"), required=False),
    Column("employees", ("从业人数", "职工人数", "员工人数", "从业人员"), required=False),
    Column("legal_person", ("法定代表人", "法人代表", "法人"), required=False),
    Column("lon", ("经度", "lng", "longitude"), required=False),
    Column("lat", ("纬度", "latitude"), required=False),
    # Of an enterprise that stands on the map already, without a file.
    Column("site", ("点位编号", "点位编码"), required=False),
    Column("head", ("主要负责人", "负责人", "企业负责人"), required=False),
    Column("head_phone", ("负责人电话", "主要负责人电话", "负责人手机"), required=False),
    Column("officer", ("安全员", "安全管理员", "安全管理人员"), required=False),
    Column("officer_phone", ("安全员电话", "安全管理员电话", "安全员手机"), required=False),
)
LONGEST = {"name": 120, "address": 200, "legal_person": 60, "head": 60, "officer": 60}
_INDUSTRY = re.compile(r"([A-T]?\d{2,4}|[A-T])")
_CUT_SHORT = re.compile(r"\d(\.\d+)?E\+?\d+", re.IGNORECASE)
_SIZES = {
    "L": ("大型", "大"),
    "M": ("中型", "中"),
    "S": ("小型", "小"),
    "XS": ("微型", "微", "小微"),
}
SIZE_OF = {name: code for code, names in _SIZES.items() for name in (code, *names)}


class Reader:
    """Reads a list's lines; knows the standards, and which codes came before."""

    def __init__(self, standards: Iterable[Standard]) -> None:
        self.standards = {s.code: s for s in standards}
        self.by_name = {s.name: s for s in self.standards.values()}
        self.first: dict[str, int] = {}  # credit code → its line

    def read(self, line: Line) -> tuple[dict[str, Any], list[Problem]]:
        """Values of the cells that say something, by field; and what cannot be taken."""
        given: dict[str, Any] = {}
        problems = []
        for column in line.cells:
            text = line[column]
            if not text and column not in {"credit_code", "name"}:
                continue  # an empty cell says nothing: what is known stays
            try:
                given[column] = self._value(column, text, line)
            except BadInput as wrong:
                problems.append(Problem(line.number, column, text, _advice(wrong)))
        if ("lon" in given) != ("lat" in given):
            column = "lat" if "lon" in given else "lon"
            problems.append(Problem(line.number, column, "", _("Give both, or neither.")))
        return given, problems

    def _value(self, column: str, text: str, line: Line) -> Any:
        special = getattr(self, f"_{column}", None)
        if special is not None:
            return special(text, line)
        if column in {"lon", "lat"}:
            return _degrees(text, 180 if column == "lon" else 90)
        if column in LONGEST and not 0 < len(text) <= LONGEST[column]:
            raise _bad(_("1 to %(most)d characters.") % {"most": LONGEST[column]})
        return text

    def _credit_code(self, text: str, line: Line) -> str:
        if _CUT_SHORT.fullmatch(text):
            raise _bad(
                _(
                    "Excel has made a number of the code and lost its end: "
                    "format the column as text and enter the code again."
                )
            )
        code = check_credit_code(text)
        row = self.first.setdefault(code, line.number)
        if row != line.number:
            raise _bad(_("The same code is in row %(row)d.") % {"row": row})
        return code

    def _industry(self, text: str, line: Line) -> str:
        found = _INDUSTRY.match(text.upper())
        if found is None:
            raise _bad(_("Write the code of GB/T 4754, such as C2651."))
        return found[0]

    def _standard(self, text: str, line: Line) -> Standard:
        found = self.standards.get(text) or self.by_name.get(text)
        if found is None:
            names = "、".join(self.by_name) or _("none has been made yet")
            raise _bad(_("Unknown standard; there are: %(names)s.") % {"names": names})
        return found

    def _size(self, text: str, line: Line) -> str:
        found = SIZE_OF.get(text.removesuffix("企业").upper())
        if found is None:
            raise _bad(_("Write one of: 大型、中型、小型、微型."))
        return found

    def _employees(self, text: str, line: Line) -> int:
        digits = text.removesuffix("人").strip()
        if not (digits.isascii() and digits.isdecimal() and len(digits) <= 7):
            raise _bad(_("Write a whole number."))
        return int(digits)

    def _head_phone(self, text: str, line: Line) -> str:
        if not PHONE.fullmatch(text):
            raise _bad(_("This is not a telephone number."))
        return text

    _officer_phone = _head_phone


def _degrees(text: str, most: int) -> float:
    try:
        number = float(text.rstrip("°"))
    except ValueError:
        number = float("nan")
    if not -most <= number <= most:
        raise _bad(_("Not a position in degrees."))
    return round(number, 7)


def _bad(text: str) -> BadInput:
    return BadInput("prevent.bad_cell", text)


def _advice(wrong: BadInput) -> str:
    return " ".join(filter(None, (wrong.message, wrong.hint)))
