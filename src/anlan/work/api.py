"""Work and submissions, for phones and programs."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Path, Query, Router, Schema
from pydantic import AwareDatetime, StringConstraints

from anlan.base import clock
from anlan.base.errors import BadInput
from anlan.base.pages import SignedIn
from anlan.people.models import Account

from . import counts, files, handed, queries, services, submissions
from .models import Submission, WorkItem
from .queries import Filter

router = Router(tags=["work"])
MAX_ID = 2**63 - 1
Id = Annotated[int, Path(ge=1, le=MAX_ID)]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Text = Annotated[str, StringConstraints(max_length=2000, pattern=r"^[^\x00]*$")]
MAX_BODY = 200_000


class ItemOut(Schema):
    id: int
    kind: str
    kind_label: str
    title: str
    region_code: str
    region: str
    state: str
    state_label: str
    opened_at: datetime
    due_at: datetime | None
    overdue: bool
    post: str | None
    doer: str | None
    exercise: bool


class ItemList(Schema):
    items: list[ItemOut]
    count: int


class StepOut(Schema):
    move: str
    at: datetime
    by: str
    note: str
    submission_id: UUID | None


class ItemDetail(ItemOut):
    moves: list[str]
    steps: list[StepOut]


class WorkCountOut(Schema):
    code: str
    name: str
    level: int
    open: int
    waiting: int
    doing: int
    submitted: int
    closed: int
    cancelled: int
    overdue: int


class BoxesOut(Schema):
    boxes: dict[str, int]


class MoveIn(Schema):
    note: Text = ""
    post_id: Annotated[int, Field(ge=1, le=MAX_ID)] | None = None


class AnnouncedIn(Schema):
    digest: Digest
    name: Annotated[str, StringConstraints(max_length=120, pattern=r"^[^\x00]*$")] = ""


class SubmissionIn(Schema):
    """What the phone made: its id, and the files that will follow.

    A step of a task (`item_id`, `move`), or something whole beside it (`handed_in`, `data`: what
    belongs in it is in docs/guide/work.md).
    """

    id: UUID
    item_id: Annotated[int, Field(ge=1, le=MAX_ID)] | None = None
    move: Literal["accept", "submit", "return", "verify"] | None = None
    handed_in: Annotated[str, StringConstraints(max_length=40, pattern=r"^[a-z_.]*$")] = ""
    data: dict[str, Any] = {}
    after: UUID | None = None
    replaces: UUID | None = None
    made_at: AwareDatetime
    note: Text = ""
    lon: Annotated[float, Field(ge=-180, le=180)] | None = None
    lat: Annotated[float, Field(ge=-90, le=90)] | None = None
    accuracy_m: Annotated[float, Field(ge=0, le=1_000_000)] | None = None
    attachments: list[AnnouncedIn] = []


class SubmissionOut(Schema):
    id: UUID
    item_id: int | None
    state: str
    code: str
    reason: str
    problems: list[dict[str, Any]]
    missing: list[str]
    received_at: datetime
    item_state: str


@router.get("/work", response=ItemList)
def items(
    request: SignedIn,
    box: str = "open",
    kind: Annotated[str, Query(max_length=40)] = "",
    region: Annotated[str, Query(max_length=20)] = "",
    q: Annotated[str, Query(max_length=80)] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> dict[str, Any]:
    """Work in the caller's regions: `box` is accept, doing, verify, overdue, open or closed."""
    at = clock.now()
    wanted = Filter(box, kind, region, q.replace("\x00", ""))
    found = queries.list_items(actor=request.auth, at=at, wanted=wanted)
    page = found[offset : offset + limit]
    return {"items": [as_json(item, at) for item in page], "count": found.count()}


@router.get("/work/counts", response=list[WorkCountOut] | BoxesOut)
def count(
    request: SignedIn,
    by: Literal["box", "region"] = "region",
    region: Annotated[str, Query(max_length=20)] = "",
    kind: Annotated[str, Query(max_length=40)] = "",
) -> Any:
    """Where the work stands in each region below one, or in each box of the inbox."""
    at = clock.now()
    if by == "box":
        return {"boxes": queries.box_counts(actor=request.auth, at=at)}
    parent = counts.get_parent(actor=request.auth, code=region)
    found = counts.counts_by_region(actor=request.auth, at=at, parent=parent, kind=kind)
    return list(map(_count, found))


def _count(row: counts.RegionCount) -> dict[str, Any]:
    names = ("open", "waiting", "doing", "submitted", "closed", "cancelled", "overdue")
    assert row.region is not None  # only a sum has none
    place = {"code": row.region.code, "name": row.region.name, "level": row.region.level}
    return place | {name: getattr(row, name) for name in names}


@router.get("/work/{int:item_id}", response=ItemDetail)
def item(request: SignedIn, item_id: Id) -> dict[str, Any]:
    """One item with its history and the moves that the caller may make."""
    return _detail(request, queries.get_item(actor=request.auth, item_id=item_id))


@router.post("/work/{int:item_id}/moves/{move}", response=ItemDetail)
def move(request: SignedIn, item_id: Id, move: str, body: MoveIn) -> dict[str, Any]:
    """Make a move of the loop. Where proof is asked for, send a submission instead."""
    found = queries.get_item(actor=request.auth, item_id=item_id)
    post = queries.get_post(item=found, post_id=body.post_id) if body.post_id else None
    services.advance(
        item=found, move=move, by=request.auth, at=clock.now(), note=body.note, post=post
    )
    return _detail(request, found)


@router.post("/submissions", response=SubmissionOut)
def submit(request: SignedIn, body: SubmissionIn) -> dict[str, Any]:
    """Hand in a submission. Send the same bytes again until there is an answer."""
    actor = request.auth
    if len(request.body) > MAX_BODY:
        raise BadInput("work.too_long", _("The submission is too long."))
    if b"\\u0000" in request.body:
        raise BadInput(
            "work.bad_character", _("The submission holds a character that no text has.")
        )
    known = submissions.same(submission_id=body.id, body=request.body, by=actor)
    if known is not None:
        return _receipt(known)
    sent = submissions.Sent(
        announced=tuple(file.digest for file in body.attachments),
        **_asked(body, actor),
        **body.dict(include={"id", "replaces", "made_at", "note", "lon", "lat", "accuracy_m"}),
    )
    return _receipt(submissions.receive(sent=sent, body=request.body, by=actor, at=clock.now()))


def _asked(body: SubmissionIn, actor: Account) -> dict[str, Any]:
    """What it asks for, as far as the sender may."""
    if body.handed_in:
        region = handed.get(body.handed_in).locate(actor, body.data)
        return {"kind": body.handed_in, "region": region, "data": body.data, "after": body.after}
    if body.item_id is None or body.move is None:
        raise BadInput("work.nothing_asked", _("A submission names a task and a step, or a kind."))
    return {"item": queries.get_item(actor=actor, item_id=body.item_id), "move": body.move}


@router.put("/submissions/{uuid:submission_id}/attachments/{digest}", response=SubmissionOut)
def attach(
    request: SignedIn,
    submission_id: UUID,
    digest: Digest,
    name: Annotated[str, Query(max_length=120)] = "",
) -> dict[str, Any]:
    """Add one announced file: its bytes are the body, its SHA-256 stands in the address."""
    files.check_length(request.headers.get("Content-Length", ""))
    return _receipt(
        submissions.attach(
            submission_id=submission_id,
            digest=digest,
            data=request.body,
            name=name.replace("\x00", ""),
            by=request.auth,
            at=clock.now(),
        )
    )


@router.get("/submissions/{uuid:submission_id}", response=SubmissionOut)
def submission(request: SignedIn, submission_id: UUID) -> dict[str, Any]:
    """What became of a submission, and which of its files are still missing."""
    return _receipt(queries.get_submission(actor=request.auth, submission_id=submission_id))


def _receipt(found: Submission) -> dict[str, Any]:
    names = ("id", "item_id", "state", "code", "reason", "problems", "missing", "received_at")
    item_state = found.item.state if found.item else ""
    return {name: getattr(found, name) for name in names} | {"item_state": item_state}


def as_json(item: WorkItem, at: datetime) -> dict[str, Any]:
    names = ("id", "kind", "title", "state", "opened_at", "due_at", "exercise")
    return {name: getattr(item, name) for name in names} | {
        "kind_label": str(item.kind_of.label),
        "region_code": item.region.code,
        "region": item.region.name,
        "state_label": item.get_state_display(),
        "overdue": item.is_overdue(at),
        "post": str(item.post) if item.post else None,
        "doer": item.doer.name if item.doer else None,
    }


def _detail(request: HttpRequest, item: WorkItem) -> dict[str, Any]:
    actor = request.auth  # type: ignore[attr-defined]
    return as_json(item, clock.now()) | {
        "moves": queries.allowed_moves(actor=actor, item=item),
        "steps": list(_steps(item)),
    }


def _steps(item: WorkItem) -> Iterator[dict[str, Any]]:
    for step in queries.steps_of(item):
        names = ("move", "at", "note", "submission_id")
        yield {name: getattr(step, name) for name in names} | {"by": step.by.name}
