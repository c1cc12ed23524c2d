"""The whole file of a case: cover, table of contents with page numbers, documents, evidence."""

import io
from dataclasses import dataclass
from datetime import datetime

import typst
from django.utils import timezone
from pypdf import PdfReader, PdfWriter

from anlan.base import typeset
from anlan.work import files

from . import queries
from .models import Case, Evidence, Paper
from .papers import catalogue, values
from .papers import typeset as paper_set
from .papers.amounts import plain_day

ROOM = "anlan.enforce"
RECEIPTS = "receipt_list"
NOTES: dict[str, str] = {Paper.State.REPLACED: "已更正", Paper.State.RECALLED: "已撤回"}


@dataclass(frozen=True)
class Piece:
    """One piece of the file, in its order."""

    title: str
    day: str
    note: str
    pdf: bytes


def bind(*, case: Case, at: datetime) -> bytes:
    """One PDF: every document as it was frozen, what the receipts say, the evidence."""
    papers = list(queries.papers_of_file(case=case))
    pieces = [*map(_paper, papers), *_receipts(case, papers, at)]
    pieces += [_evidence(thing) for thing in queries.evidence_of(case=case)]
    readers = [PdfReader(io.BytesIO(piece.pdf)) for piece in pieces]
    head = _head(case, at, pieces, readers, 1)
    # The contents' own length moves every page number: set once to learn it, once to be right.
    length = len(PdfReader(io.BytesIO(head)).pages)
    front = PdfReader(io.BytesIO(_head(case, at, pieces, readers, length + 1)))
    writer = PdfWriter()
    for reader in (front, *readers):
        for page in reader.pages:
            writer.add_page(page)
    _stamp(writer)
    _outline(writer, pieces, readers, length)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _paper(paper: Paper) -> Piece:
    note = NOTES.get(paper.state, "")
    data = files.absolute(paper.pdf).read_bytes()
    day = plain_day(timezone.localdate(paper.issued_at))
    return Piece(f"{paper.title}{paper.number}", day, note, data)


def _receipts(case: Case, papers: list[Paper], at: datetime) -> list[Piece]:
    """The list of what was served, off the record, unless one was issued that says the same."""
    today = timezone.localdate(at)
    form = catalogue.edition_on(today).form(RECEIPTS)
    fields = values.fields_of(case=case, form=form, at=at)
    rows = [list(row) for row in fields["rows"]]
    if not rows or any(p.form == RECEIPTS and p.fields["rows"] == rows for p in papers):
        return []
    return [Piece(form.title, plain_day(today), "按送达登记打印", paper_set.pdf(form, fields))]


def _evidence(thing: Evidence) -> Piece:
    """A PDF as it is, a picture on a page, anything else as a page that says where it is."""
    day = plain_day(timezone.localdate(thing.taken_at))
    title = f"证据：{thing.name}"
    if thing.mime == "application/pdf":
        whole = _rewritten(files.absolute(thing.path).read_bytes())
        if whole:
            return Piece(title, day, "", whole)
    picture = files.absolute(thing.path).read_bytes() if thing.mime.startswith("image/") else b""
    sheet = {
        "name": thing.name,
        "sort": str(thing.get_kind_display()),
        "proves": thing.proves,
        "day": day,
        "by": thing.taken_by.name,
        "place": thing.place,
        "file": thing.file_name,
        "digest": thing.digest,
    }
    return Piece(title, day, "", _sheet(sheet, picture))


def _rewritten(data: bytes) -> bytes:
    """A PDF that somebody handed in, as one that can be bound; nothing where it is damaged."""
    out = io.BytesIO()
    try:
        writer = PdfWriter()
        for page in PdfReader(io.BytesIO(data)).pages:
            writer.add_page(page)
        writer.write(out)
    except Exception:
        # Readers raise almost anything on damaged input; its own page says where the file is.
        return b""
    return out.getvalue() if len(writer.pages) else b""


def _sheet(sheet: dict[str, str], picture: bytes) -> bytes:
    pictures = {"picture": picture} if picture else {}
    try:
        return typeset.render(ROOM, "evidence.typ", sheet, pictures)
    except typst.TypstError:
        return typeset.render(ROOM, "evidence.typ", sheet)  # a picture that typst cannot read


def _head(
    case: Case, at: datetime, pieces: list[Piece], readers: list[PdfReader], start: int
) -> bytes:
    rows, page = [], start
    for n, (piece, reader) in enumerate(zip(pieces, readers, strict=True), start=1):
        rows.append([str(n), piece.title, piece.day, str(page), piece.note])
        page += len(reader.pages)
    officers = case.officers.filter(to_at=None).select_related("certificate__account")
    data = {
        "organ": case.organ.name,
        "number": case.number or "",
        "name": case.name,
        "cause": case.cause,
        "result": values.penalty_text(case) or case.result,
        "filed": _day(case.filed_at),
        "closed": _day(case.closed_at),
        "officers": "、".join(
            o.certificate.account.name for o in officers.order_by("-leads", "pk")
        ),
        "day": plain_day(timezone.localdate(at)),
        "rows": rows,
        "last": page - 1,
    }
    return typeset.render(ROOM, "file.typ", data)


def _day(at: datetime | None) -> str:
    return plain_day(timezone.localdate(at)) if at else ""


def _stamp(writer: PdfWriter) -> None:
    """The page's number in the whole file, at the upper right of every page."""
    total = len(writer.pages)
    numbers = PdfReader(io.BytesIO(typeset.render(ROOM, "stamps.typ", {"total": total})))
    for page, stamp in zip(writer.pages, numbers.pages, strict=True):
        page.merge_page(stamp)


def _outline(writer: PdfWriter, pieces: list[Piece], readers: list[PdfReader], length: int) -> None:
    page = length
    for piece, reader in zip(pieces, readers, strict=True):
        writer.add_outline_item(title=piece.title, page_number=page)
        page += len(reader.pages)
