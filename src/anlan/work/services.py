"""The loop's moves. Every change of an item's state goes through `advance`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from anlan.base.errors import BadInput, Refusal
from anlan.base.events import publish, publish_many
from anlan.base.journal import Finding, check_digests, text_digest
from anlan.people.models import Account, Post
from anlan.places.models import Region

from . import clocks, kinds
from .models import Step, Submission, WorkItem
from .moves import DOES, MOVES, NEEDS_REASON, is_own, permissions_for

S = WorkItem.State


@transaction.atomic
def open_item(
    *,
    kind: str,
    title: str,
    region: Region,
    by: Account,
    at: datetime,
    due_at: datetime | None = None,
    post: Post | None = None,
    parent: WorkItem | None = None,
    exercise: bool = False,
    rule: str = "",
) -> WorkItem:
    """Open a duty for a post in a region. The calling room adds its own row to it.

    With a `rule` of `deadlines` the due time is the law's, and its clock starts now.
    """
    kinds.get(kind)  # an unknown kind is a bug, not a user's mistake
    item = WorkItem.objects.create(
        kind=kind,
        title=title[:200],
        region=region,
        post=post,
        opened_at=at,
        due_at=due_at,
        parent=parent,
        exercise=exercise,
    )
    Step.objects.create(item=item, move="open", by=by, at=at)
    if rule:
        clocks.start(item=item, rule=rule, at=at)
    publish("work.item.open", at=at, by=by, region_path=region.path, item_id=item.pk, kind=kind)
    return item


@dataclass(frozen=True)
class NewItem:
    """A duty to open together with others of its kind."""

    title: str
    region: Region
    due_at: datetime | None
    post: Post | None


@transaction.atomic
def open_items(
    *,
    kind: str,
    items: Sequence[NewItem],
    by: Account,
    at: datetime,
    exercise: bool = False,
) -> list[WorkItem]:
    """Open many duties of a kind in a few statements: a plan's response level in a whole city."""
    kinds.get(kind)
    opened = WorkItem.objects.bulk_create(
        [
            WorkItem(
                kind=kind,
                title=new.title[:200],
                region=new.region,
                post=new.post,
                opened_at=at,
                due_at=new.due_at,
                exercise=exercise,
            )
            for new in items
        ],
        batch_size=500,
    )
    Step.objects.bulk_create(
        [Step(item=item, move="open", by=by, at=at) for item in opened], batch_size=500
    )
    publish_many(
        "work.item.open",
        at=at,
        by=by,
        rows=[(item.region.path, {"item_id": item.pk, "kind": kind}) for item in opened],
    )
    return opened


@transaction.atomic
def advance(
    *,
    item: WorkItem,
    move: str,
    by: Account,
    at: datetime,
    note: str = "",
    submission: Submission | None = None,
    post: Post | None = None,
) -> WorkItem:
    """Move one item along its loop, or refuse."""
    if move == kinds.CONCLUDE:
        raise _no_such_move(item)
    return _advance(item, move, by, at, note, submission, post)


@transaction.atomic
def conclude(*, item: WorkItem, by: Account, at: datetime, note: str) -> WorkItem:
    """Close an item wherever it stands: the calling room has written down what was decided."""
    return _advance(item, kinds.CONCLUDE, by, at, note, None, None)


def _advance(
    item: WorkItem,
    move: str,
    by: Account,
    at: datetime,
    note: str,
    submission: Submission | None,
    post: Post | None,
) -> WorkItem:
    """The state is compared and set in one UPDATE, so of two people pressing the same button at
    once, one wins and the other is told.
    """
    kind = kinds.get(item.kind)
    _require(item, move, by)
    target = MOVES.get((item.state, move)) if kind.allows(move) else None
    if target is None:
        raise _no_such_move(item)
    if move == "resume" and item.doer_id is None:
        target = S.OPEN  # paused before anybody had accepted it
    _check_move(item, move, by, note, post)
    if move == "pause":
        clocks.check_pause(item=item, at=at)
    if move == "submit":
        check_proof(kind.proof, note=note, submission=submission)
    doer = {"accept": by, "assign": None}.get(move, item.doer)
    before = item.post_id
    same = WorkItem.objects.filter(pk=item.pk, state=item.state, doer=item.doer, post=item.post)
    if not same.update(state=target, doer=doer, post=post or item.post):
        raise _moved()
    step = Step.objects.create(item=item, move=move, by=by, at=at, note=note, submission=submission)
    clocks.follow(item=item, step=step)
    _tell(step, item.region, **({"post_id": post.pk, "from_post_id": before} if post else {}))
    item.refresh_from_db(fields=["state", "doer", "post", "due_at"])
    return item


def _no_such_move(item: WorkItem) -> Refusal:
    return Refusal(
        "work.no_such_move",
        _("This task is “%(state)s”, so that step is not possible.")
        % {"state": item.get_state_display()},
        hint=_("Reload the page to see where it stands."),
    )


def _require(item: WorkItem, move: str, by: Account) -> None:
    """Any of the move's permissions will do; a refusal names the first."""
    wanted = permissions_for(kinds.get(item.kind), move)
    if any(by.may(permission, region=item.region) for permission in wanted):
        return
    if move in DOES and is_own(item, by):
        return
    by.require(wanted[0], region=item.region)


def _check_move(item: WorkItem, move: str, by: Account, note: str, post: Post | None) -> None:
    if move == "assign":
        _check_assignment(item, post)
    if move in NEEDS_REASON and not note.strip():
        raise BadInput("work.no_reason", _("Say why, in a few words."))
    if move == "submit" and item.doer_id != by.pk:
        raise Refusal(
            "work.not_yours",
            _("%(name)s has accepted this task.") % {"name": item.doer},
            hint=_("Ask them to submit it, or have it assigned again."),
        )
    did = Q(by=by, move__in=DOES)
    if move == "verify" and item.steps.filter(did).exists():
        raise Refusal(
            "work.own_work",
            _("You did this work, so someone else must check it."),
            hint=_("Ask a colleague who may check work in your office."),
        )


def _check_assignment(item: WorkItem, post: Post | None) -> None:
    if post is None:
        raise BadInput("work.no_post", _("Choose the post that is to do it."))
    if not (post.region.covers(item.region) or item.region.covers(post.region)):
        raise BadInput(
            "work.post_elsewhere",
            _("%(post)s does not answer for %(region)s.")
            % {"post": post, "region": item.region.name},
            hint=_("Choose a post of this region or of one above it."),
        )


def check_proof(proof: kinds.Proof, *, note: str, submission: Submission | None) -> None:
    """Refuse a submission that lacks what its kind asks for."""
    photos = 0
    if submission and proof.photos:
        photos = submission.attachments.filter(mime__startswith="image/").count()
    if photos < proof.photos:
        raise BadInput(
            "work.no_photo",
            _("At least %(count)d photo(s) are needed as proof.") % {"count": proof.photos},
            hint=_("Open the task on a phone and take them there."),
        )
    if proof.position and (submission is None or submission.lon is None):
        raise BadInput(
            "work.no_position",
            _("The position is needed as proof."),
            hint=_("Allow the browser to use the position, go outside if it takes long."),
        )
    if proof.note and not note.strip():
        raise BadInput("work.no_note", _("Describe in a few words what was done."))


@transaction.atomic
def transfer(*, item: WorkItem, region: Region, note: str, by: Account, at: datetime) -> WorkItem:
    """Give an open item to another region; its history and its clock go with it.

    Whoever checks in both regions may. A post that does not answer for the new region loses it,
    and so does a doer with no right there: somebody there accepts it anew.
    """
    if not item.is_open:
        raise Refusal("work.over", _("This task is over; it stays where it was."))
    for place in (item.region, region):
        by.require(item.kind_of.may_check, region=place)
    if not note.strip():
        raise BadInput("work.no_reason", _("Say why, in a few words."))
    keeps = item.post is not None and item.post.region.covers(region)
    doer = item.doer if item.state == S.SUBMITTED or _may_still_do(item, region) else None
    state = S.OPEN if item.state == S.DOING and doer is None else item.state
    same = WorkItem.objects.filter(pk=item.pk, state=item.state, region=item.region)
    moved = same.update(region=region, post=item.post if keeps else None, doer=doer, state=state)
    if not moved:
        raise _moved()
    step = Step.objects.create(item=item, move="transfer", by=by, at=at, note=note)
    _tell(step, region, from_path=item.region.path)
    item.refresh_from_db()
    return item


@transaction.atomic
def take_over(*, item: WorkItem, by: Account, at: datetime, note: str) -> WorkItem:
    """It was done by another than who had accepted it: from here on it is theirs.

    For a room that has the proof of it; on a task's own page it is assigned again.
    """
    _require(item, "accept", by)
    same = WorkItem.objects.filter(pk=item.pk, state=S.DOING, doer=item.doer)
    if not same.update(doer=by):
        raise _moved()
    step = Step.objects.create(item=item, move="takeover", by=by, at=at, note=note)
    _tell(step, item.region, from_id=item.doer_id)
    item.refresh_from_db()
    return item


def _tell(step: Step, region: Region, **more: Any) -> None:
    """The event of a step, for whoever sees this region."""
    publish(
        f"work.item.{step.move}",
        at=step.at,
        by=step.by,
        region_path=region.path,
        item_id=step.item_id,
        kind=step.item.kind,
        step_id=step.pk,
        digest=step_digest(step),
        **more,
    )


def _moved() -> Refusal:
    return Refusal(
        "work.moved",
        _("Someone else has just changed this task."),
        hint=_("Reload the page to see where it stands."),
    )


def _may_still_do(item: WorkItem, region: Region) -> bool:
    doer = item.doer
    return doer is not None and (doer.may(item.kind_of.may_do, region=region) or is_own(item, doer))


@transaction.atomic
def mark_seen(*, item: WorkItem, by: Account, at: datetime) -> None:
    """The reader has opened the item: reminders about it need not wait in the inbox."""
    unseen = item.reminders.filter(to=by, seen_at=None)
    if unseen.exists():
        unseen.update(seen_at=at)


def step_digest(step: Step) -> str:
    """What the journal keeps of a step's content, so that its note and proof cannot be altered."""
    proof = step.submission.digest if step.submission else ""
    return text_digest(str(step.item_id), step.move, str(step.by_id), step.note, proof)


def check_steps() -> Iterator[Finding]:
    """For the journal: every step still says what its event said."""
    steps = Step.objects.exclude(move="open").select_related("submission")
    rows = ((step.pk, step_digest(step)) for step in steps.iterator())
    return check_digests("work.item.", "step_id", rows)
