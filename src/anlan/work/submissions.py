"""What phones send: accepted once, never lost, and never silently different.

The phone makes the id and sends until it has an answer. The same id and bytes get the same answer
however often and from however many places they come; the same id with other bytes is a conflict,
which is kept and shown. A submission waits for the attachments that it announced and for the step
that must come before it.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from anlan.base.errors import BadInput, NotFound, Refusal
from anlan.base.events import publish
from anlan.people.models import Account
from anlan.places.models import Region

from . import files, handed
from .models import Attachment, Conflict, Submission, WorkItem
from .moves import COMES_BEFORE
from .services import advance

MAX_ATTACHMENTS = 20
W = Submission.State


@dataclass(frozen=True)
class Sent:
    """A submission as a phone sends it, read but not yet believed."""

    id: UUID
    made_at: datetime
    item: WorkItem | None = None  # one that the sender may see
    move: str = ""
    kind: str = ""  # or what is handed in beside the loop (`handed`), and where it belongs
    region: Region | None = None
    after: UUID | None = None
    replaces: UUID | None = None  # a refused one, put right and sent again
    note: str = ""
    lon: float | None = None
    lat: float | None = None
    accuracy_m: float | None = None
    data: dict[str, Any] = field(default_factory=dict)
    announced: tuple[str, ...] = ()


def same(*, submission_id: UUID, body: bytes, by: Account) -> Submission | None:
    """What came of the same bytes before: asked first, for what they are about may have gone
    elsewhere since, and the sender still has a right to the answer that was lost on the way."""
    digest = hashlib.sha256(body).hexdigest()
    return Submission.objects.filter(pk=submission_id, digest=digest, by=by).first()


def receive(*, sent: Sent, body: bytes, by: Account, at: datetime) -> Submission:
    """Take a submission in, once. Raises 409 where the id was used for other bytes.

    Not one transaction: a conflict must stay written although it is refused.
    """
    digest = hashlib.sha256(body).hexdigest()
    if len(sent.announced) > MAX_ATTACHMENTS:
        raise BadInput(
            "work.too_many_files",
            _("At most %(count)d files can be handed in at once.") % {"count": MAX_ATTACHMENTS},
        )
    try:
        submission, made = _take_in(sent, digest, by, at)
    except IntegrityError:
        # Another copy of it won the race between our look and our insert; now it is there.
        submission, made = _take_in(sent, digest, by, at)
    if not made and (submission.digest != digest or submission.by_id != by.pk):
        _keep_conflict(submission, digest, body, by, at)
        raise Refusal(
            "work.other_bytes",
            _("A different submission with this number was already received."),
            hint=_("Both are kept; somebody will look at it. Send yours again as a new one."),
        )
    return submission


@transaction.atomic
def _take_in(sent: Sent, digest: str, by: Account, at: datetime) -> tuple[Submission, bool]:
    known = Submission.objects.filter(pk=sent.id).first()
    if known is not None:
        return known, False
    submission = Submission.objects.create(
        id=sent.id,
        digest=digest,
        by=by,
        item=sent.item,
        move=sent.move,
        kind=sent.kind,
        region=sent.region,
        after=sent.after,
        replaces=sent.replaces,
        made_at=sent.made_at,
        received_at=at,
        note=sent.note,
        lon=sent.lon,
        lat=sent.lat,
        accuracy_m=sent.accuracy_m,
        data=sent.data,
        announced=list(dict.fromkeys(sent.announced)),
    )
    go_on(submission=submission, at=at)
    return submission, True


@transaction.atomic
def _keep_conflict(
    submission: Submission, digest: str, body: bytes, by: Account, at: datetime
) -> None:
    _conflict, made = Conflict.objects.get_or_create(
        submission=submission,
        digest=digest,
        by=by,
        defaults={"body": body.decode("utf-8", "replace"), "received_at": at},
    )
    region = submission.item.region if submission.item else submission.region
    if made and region is not None:
        publish(
            "work.submission.conflict",
            at=at,
            by=by,
            region_path=region.path,
            item_id=submission.item_id,
            submission_id=submission.pk,
        )


@transaction.atomic
def go_on(*, submission: Submission, at: datetime) -> None:
    """Apply it, and what waited for it, as far as that can go. Safe to call at any time."""
    if submission.item is not None:
        settle(item=submission.item, at=at)
    else:
        _settle_beside(submission, at)
    submission.refresh_from_db()


def _settle_beside(submission: Submission, at: datetime) -> None:
    """What is no step of a task: locked first, as an item is, then those that came too early."""
    ready = [submission.pk]
    while ready:
        locked = Submission.objects.select_for_update(of=("self",))
        one = locked.select_related("by", "region").get(pk=ready.pop())
        if one.state != W.WAITING or one.missing or not _is_next(one):
            continue
        _take(one, at)
        followers = Submission.objects.filter(after=one.pk, by=one.by, state=W.WAITING)
        ready += followers.values_list("pk", flat=True)


def _is_next(submission: Submission) -> bool:
    """Whether what must come before it has been settled."""
    if submission.after is None:
        return True
    before = Submission.objects.filter(pk=submission.after, by=submission.by)
    return before.exclude(state=W.WAITING).exists()


def _take(submission: Submission, at: datetime) -> None:
    try:
        with transaction.atomic():
            handed.get(submission.kind).take(submission, at)
        submission.state = W.ACCEPTED
    except Refusal as refusal:
        _refuse(submission, refusal)
    submission.save(update_fields=["state", "reason", "code", "problems"])


@transaction.atomic
def settle(*, item: WorkItem, at: datetime) -> None:
    """Apply what waits for this item, as far as it can go. Safe to call at any time."""
    # The item is locked first, so that two phones' last files cannot pass each other unseen.
    WorkItem.objects.select_for_update().get(pk=item.pk)
    moved = True
    while moved:
        moved = False
        waiting = item.submissions.filter(state=W.WAITING).select_related("by", "item__region")
        for submission in waiting.order_by("received_at", "pk"):
            moved = _try_apply(submission, at) or moved


def _try_apply(submission: Submission, at: datetime) -> bool:
    """True where it did not have to wait any longer."""
    item = WorkItem.objects.select_related("region", "doer", "post").get(submissions=submission.pk)
    if submission.missing or (item.state, submission.move) in COMES_BEFORE:
        return False
    try:
        with transaction.atomic():
            advance(
                item=item,
                move=submission.move,
                by=submission.by,
                at=at,
                note=submission.note,
                submission=submission,
            )
        submission.state = W.ACCEPTED
    except Refusal as refusal:
        _refuse(submission, refusal)
    submission.save(update_fields=["state", "reason", "code", "problems"])
    return True


def _refuse(submission: Submission, refusal: Refusal) -> None:
    submission.state = W.REFUSED
    submission.code = refusal.code
    submission.reason = " ".join(part for part in (refusal.message, refusal.hint) if part)
    submission.problems = list(refusal.problems)


def attach(
    *, submission_id: UUID, digest: str, data: bytes, name: str, by: Account, at: datetime
) -> Submission:
    """Add an announced file. The same file again is the same file; none is ever replaced."""
    submission = Submission.objects.filter(pk=submission_id, by=by).first()
    if submission is None:
        raise NotFound(
            "work.no_submission",
            _("No submission with this number was received."),
            hint=_("Send the submission first, then its files."),
        )
    if digest not in submission.announced:
        raise Refusal(
            "work.not_announced",
            _("This file does not belong to the submission."),
            hint=_("Make a new submission; what was handed in is not changed."),
        )
    if submission.attachments.filter(sent_digest=digest).exists():
        return submission
    if submission.state == W.REFUSED:
        raise Refusal(submission.code, submission.reason)
    if hashlib.sha256(data).hexdigest() != digest:
        raise BadInput(
            "work.bytes_differ",
            _("The file was damaged on the way."),
            hint=_("Send it again."),
        )
    stored = _store(submission, data)
    try:
        return _add(submission, digest, stored, name, at)
    except IntegrityError:
        return submission  # the same file came in twice at once: it is there


@transaction.atomic
@dataclass(frozen=True)
class TakenFile:
    """A file that came with a form at a desk, checked and on the disk, not written down yet."""

    name: str  # what its sender calls it
    digest: str  # of what was sent
    stored: files.Stored


def take_file(data: bytes, name: str) -> TakenFile:
    """Before the transaction: a picture takes a second, while nobody else could write."""
    return TakenFile(name, hashlib.sha256(data).hexdigest(), files.take(data))


def keep_taken(*, submission: Submission, file: TakenFile) -> Attachment:
    """Written down with a form; the same file is the same."""
    known = submission.attachments.filter(sent_digest=file.digest).first()
    return known or _write_down(submission, file.digest, file.stored, file.name)


def _store(submission: Submission, data: bytes) -> files.Stored:
    """On the disk before anything is acknowledged. What will never be taken ends the waiting."""
    try:
        return files.take(data)
    except (BadInput, files.TooLarge) as refusal:
        _refuse(submission, refusal)
        Submission.objects.filter(pk=submission.pk, state=W.WAITING).update(
            state=submission.state, reason=submission.reason, code=submission.code
        )
        raise


@transaction.atomic
def _add(
    submission: Submission, digest: str, stored: files.Stored, name: str, at: datetime
) -> Submission:
    _write_down(submission, digest, stored, name)
    go_on(submission=submission, at=at)
    return submission


def _write_down(submission: Submission, digest: str, stored: files.Stored, name: str) -> Attachment:
    return Attachment.objects.create(
        submission=submission,
        sent_digest=digest,
        path=stored.path,
        thumb=stored.thumb,
        mime=stored.mime,
        size=stored.size,
        name=name[:120] or digest[:12],
    )
