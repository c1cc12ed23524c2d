"""Tables that people hand in: CSV in any usual Chinese encoding, or Excel; and what is wrong there.

A header names the columns, in English or Chinese; the order of columns and rows does not matter.
"""

import csv
import io
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetVisibleEnum

from .errors import BadInput

# A workbook of 200,000 rows unpacks to about 60 MB; more is a mistake or an attack.
_MAX_UNPACKED = 400 * 1024 * 1024
MAX_ROWS = 500_000
_HEADER_WITHIN = 10
# Excel keeps 15 digits of a number; what was longer has lost its end.
_WHOLE = 1e15
_WIDE = re.compile("[\u3000０-９Ａ-ｚ]")
# A picture in a cell, as WPS keeps it: a formula whose value is its own text.
_PICTURE = re.compile(r"=?(?:_xlfn\.)?DISPIMG\(.*\)", re.IGNORECASE)
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_MOST_SHEETS = 20
# Of a workbook that we make: rows that are measured, the widest column, what fits across a page.
_MEASURED_ROWS, _WIDEST, _ACROSS = 200, 48, 200
_A4 = 9
_SAVE_AS = gettext_lazy("Open it in WPS or Excel, save it as .xlsx, and hand that in.")
# Names in the container of old workbooks: one with a password, and no workbook but a document.
_LOCKED, _WORD = ("EncryptedPackage".encode("utf-16-le"), "WordDocument".encode("utf-16-le"))
_NO_TABLES = (b"%PDF", b"\xff\xd8\xff", b"\x89PNG", b"Rar!", b"7z\xbc\xaf")


@dataclass(frozen=True)
class Column:
    """A column by its name for programs, and the headers under which people write it."""

    name: str
    headers: tuple[str, ...]  # the first is the one that templates and error lists show
    required: bool = True


@dataclass(frozen=True, slots=True)
class Line:
    number: int  # as a spreadsheet shows it: the header is usually 1
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


@dataclass(frozen=True, slots=True)
class Problem:
    """One cell that cannot be taken, and why."""

    row: int
    column: str
    value: str
    text: str


def read(content: bytes, columns: Sequence[Column]) -> list[Line]:
    """The table's lines by column name. Columns that we do not know are left out.

    Of a formula only the value that it last had is read; nothing is worked out.
    """
    rows = _pick(_spreadsheets(content) if _is_workbook(content) else [_text(content)], columns)
    at = _header_row(rows, columns)
    places = _find_columns(rows[at], columns)
    lines = []
    for number, row in enumerate(rows[at + 1 :], start=at + 2):
        if not any(row):
            continue
        cells = {name: row[n] if n < len(row) else "" for name, n in places.items()}
        lines.append(Line(number, cells))
    if len(lines) > MAX_ROWS:
        raise BadInput(
            "table.too_long",
            _("The table has %(rows)d rows; %(most)d is the most at a time.")
            % {"rows": len(lines), "most": MAX_ROWS},
        )
    return lines


def header_of(name: str, columns: Iterable[Column]) -> str:
    """What people call a column in which something is wrong."""
    return next((column.headers[0] for column in columns if column.name == name), name)


def read_day(text: str) -> date | None:
    """A day as offices write it: 2026-07-01, 2026/7/1, 2026.7.1, 2026年7月1日."""
    found = _DAY.fullmatch("".join(text.split()))
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def _pick(sheets: Iterable[list[list[str]]], columns: Sequence[Column]) -> list[list[str]]:
    """The sheet with the columns: how to fill it in may stand on one before it."""
    first: list[list[str]] = []
    for rows in sheets:
        if not any(any(row) for row in rows):
            continue
        if _has_columns(rows[_header_row(rows, columns)], columns):
            return rows
        first = first or rows
    if not first:
        raise BadInput(
            "table.empty",
            _("The file is empty."),
            hint=_("Save it in the spreadsheet program once more, and hand that in."),
        )
    return first


def _has_columns(header: list[str], columns: Sequence[Column]) -> bool:
    known = _known_headers(columns)
    named = {known.get(_bare(text)) for text in header}
    return all(column.name in named for column in columns if column.required)


def _header_row(rows: list[list[str]], columns: Sequence[Column]) -> int:
    """Offices like to put a title above the header: the row that names the most columns is it."""
    known = _known_headers(columns)
    named = [sum(_bare(cell) in known for cell in row) for row in rows[:_HEADER_WITHIN]]
    if max(named) > 0:
        return named.index(max(named))
    return next(n for n, row in enumerate(rows) if any(row))


def _known_headers(columns: Sequence[Column]) -> dict[str, str]:
    known = {alias.casefold(): column.name for column in columns for alias in column.headers}
    return known | {column.name.casefold(): column.name for column in columns}


def _bare(header: str) -> str:
    """Without the star of what must be filled in, and without breaks inside the cell."""
    return "".join(header.split()).strip("*＊").casefold()


def _find_columns(header: list[str], columns: Sequence[Column]) -> dict[str, int]:
    known = _known_headers(columns)
    places: dict[str, int] = {}
    for n, text in enumerate(header):
        name = known.get(_bare(text))
        if name:
            places.setdefault(name, n)
    missing = [c.headers[0] for c in columns if c.required and c.name not in places]
    if missing:
        raise BadInput(
            "table.columns",
            _("The table lacks these columns: %(columns)s.") % {"columns": "、".join(missing)},
            hint=_("The first row must name the columns."),
        )
    return places


def _is_workbook(content: bytes) -> bool:
    return content[:4] in {b"PK\x03\x04", b"\xd0\xcf\x11\xe0"}


def _text(content: bytes) -> list[list[str]]:
    _refuse_web_page(content)
    if content.startswith(_NO_TABLES):
        raise BadInput(
            "table.no_table",
            _("The file is a PDF, a picture or an archive, no table."),
            hint=_("Hand in the table itself, as .xlsx or .csv."),
        )
    # Excel calls UTF-16 “Unicode text”.
    unicode = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if unicode else ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise BadInput(
            "table.encoding",
            _("The file is neither UTF-8 nor GB18030 text, nor an Excel workbook."),
            hint=_("Save it as “CSV UTF-8” or as .xlsx."),
        )
    first = text.split("\n", 1)[0]
    delimiter = max(",\t;", key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(text.replace("\0", "")), delimiter=delimiter))
    except csv.Error as error:
        raise BadInput("table.unreadable", _("The file cannot be read as a table.")) from error
    return [[clean(cell) for cell in row] for row in rows]


def _refuse_web_page(content: bytes) -> None:
    """Many a system hands out web pages, or Excel's XML of 2003, with the ending .xls."""
    head = content[:2000].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \r\n\t").lower()
    if head.startswith((b"<html", b"<!doctype html", b"<table", b"<?xml", b"<meta", b"<style")):
        raise BadInput(
            "table.web_page",
            _("The file is a web page or XML that only bears the name of a table."),
            hint=str(_SAVE_AS),
        )


def _spreadsheets(content: bytes) -> Iterator[list[list[str]]]:
    """The sheets that one sees when one opens the file, hidden rows and all."""
    if content[:2] == b"PK":
        _refuse_bomb(content)
    elif _WORD in content:
        raise _document()
    elif _LOCKED in content:
        raise BadInput(
            "table.locked",
            _("The workbook has a password."),
            hint=_("Take the password off in WPS or Excel, save it as .xlsx, and hand that in."),
        )
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        for n, sheet in enumerate(book.sheets_metadata[:_MOST_SHEETS]):
            if sheet.visible == SheetVisibleEnum.Visible:
                yield _rows(book.get_sheet_by_index(n))
    except (CalamineError, IndexError, ValueError) as error:
        raise BadInput(
            "table.unreadable", _("The file cannot be read as a table."), hint=str(_SAVE_AS)
        ) from error


def _rows(sheet: CalamineSheet) -> list[list[str]]:
    start = sheet.start or (0, 0)
    table = sheet.to_python(skip_empty_area=True)
    _spread_down(table, sheet.merged_cell_ranges or [], start)
    return [[""]] * start[0] + [[clean(_as_text(cell)) for cell in row] for row in table]


def _spread_down(
    table: list[list[Any]],
    merged: Sequence[tuple[tuple[int, int], tuple[int, int]]],
    start: tuple[int, int],
) -> None:
    """A cell merged over several rows says the same of each of them."""
    for (top, left), (bottom, _right) in merged:
        first, column = top - start[0], left - start[1]
        if bottom == top or not 0 <= first < len(table) or not 0 <= column < len(table[first]):
            continue
        value = table[first][column]
        for row in table[first + 1 : bottom - start[0] + 1]:
            if column < len(row):
                row[column] = value


def _refuse_bomb(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            names, unpacked = parts.namelist(), sum(part.file_size for part in parts.infolist())
    except zipfile.BadZipFile as error:
        raise BadInput(
            "table.unreadable", _("The file cannot be read as a table."), hint=str(_SAVE_AS)
        ) from error
    if unpacked > _MAX_UNPACKED:
        raise BadInput("table.too_big", _("The workbook is too large."))
    if any(name.startswith(("word/", "ppt/")) for name in names):
        raise _document()


def _document() -> BadInput:
    return BadInput(
        "table.document",
        _("The file is a document that only bears the name of a table."),
        hint=_("Copy its table into a sheet of WPS or Excel, save that as .xlsx, and hand it in."),
    )


def _as_text(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell)) if abs(cell) < _WHOLE else f"{cell:.5E}"
    if isinstance(cell, datetime) and cell.time() == datetime.min.time():
        return cell.date().isoformat()
    if isinstance(cell, date | datetime):
        return cell.isoformat()
    text = str(cell)
    return "" if _PICTURE.fullmatch(text) else text


def clean(text: str) -> str:
    """Without outer blanks and unprintable characters; full-width digits and letters as usual ones.

    Chinese punctuation stays: brackets are part of names (（开发区）).
    """
    if text.isprintable() and not _WIDE.search(text):
        return text.strip()
    text = "".join(
        unicodedata.normalize("NFKC", c) if "０" <= c <= "９" or "Ａ" <= c <= "ｚ" else c
        for c in text.replace("\u3000", " ")
        if c.isprintable()
    )
    return text.strip()


def workbook(
    columns: Sequence[Column],
    rows: Iterable[Mapping[str, Any]],
    problems: Mapping[tuple[int, str], str] | None = None,
) -> bytes:
    """An Excel workbook; cells in `problems` (row from 0, column) are red and say why."""
    import xlsxwriter  # only who writes one reads the library

    problems = problems or {}
    out = io.BytesIO()
    # Never let a cell that begins with "=" become a formula in somebody's Excel.
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(out, options)
    sheet = book.add_worksheet()
    head = book.add_format({"bold": True, "bg_color": "#E8EEF5", "bottom": 1})
    bad = book.add_format({"bg_color": "#FDE2E1", "font_color": "#A4262C"})
    widths = [_width(column.headers[0]) for column in columns]
    for n, column in enumerate(columns):
        sheet.write_string(0, n, column.headers[0], head)
    sheet.write_string(0, len(columns), _("What is wrong"), head) if problems else None
    for r, row in enumerate(rows):
        wrong = []
        for n, column in enumerate(columns):
            why = problems.get((r, column.name))
            text = str(row.get(column.name) or "")
            sheet.write_string(r + 1, n, text, bad if why else None)
            if r < _MEASURED_ROWS:
                widths[n] = max(widths[n], _width(text))
            if why:
                sheet.write_comment(r + 1, n, why)
                wrong.append(f"{column.headers[0]}：{why}")
        if wrong:
            sheet.write_string(r + 1, len(columns), "；".join(wrong))
    _lay_out(sheet, widths)
    book.close()
    return out.getvalue()


def _lay_out(sheet: Any, widths: Sequence[int]) -> None:
    """Columns as wide as what stands in them; on paper across, the header on each page."""
    for n, width in enumerate(widths):
        sheet.set_column(n, n, min(width + 2, _WIDEST))
    sheet.freeze_panes(1, 0)
    sheet.set_paper(_A4)
    sheet.set_landscape()
    sheet.repeat_rows(0)
    if sum(widths) <= _ACROSS:
        sheet.fit_to_pages(1, 0)


def _width(text: str) -> int:
    """In the widths of a digit, of which a Chinese character takes two."""
    return sum(2 if char > "\u2e80" else 1 for char in text)


def error_workbook(
    columns: Sequence[Column], lines: Sequence[Line], problems: Sequence[Problem]
) -> bytes:
    """Only the lines with something wrong, bad cells marked: correct them and hand it in again."""
    wrong = {problem.row for problem in problems}
    kept = [line for line in lines if line.number in wrong]
    place = {line.number: n for n, line in enumerate(kept)}
    marks: dict[tuple[int, str], str] = {}
    for problem in problems:
        if problem.row in place:
            marks.setdefault((place[problem.row], problem.column), problem.text)
    return workbook(columns, [line.cells for line in kept], marks)
