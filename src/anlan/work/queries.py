"""Read work. Every function takes the reader and shows only what is in their regions."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from anlan.base.errors import NotFound
from anlan.people.models import Account, Holding, Post
from anlan.places.models import PLACE, Region, sheet_scope

from . import beside, clocks, deadlines, handed, kinds
from .deadlines import Rule, Version
from .models import (
    Attachment,
    Clock,
    Conflict,
    Pause,
    Reminder,
    Step,
    Submission,
    WorkItem,
    WorkItemQuerySet,
)
from .moves import DOES, MOVES, is_own, permissions_for

S = WorkItem.State
GENERAL = ("work.view", "work.do", "work.check", "work.assign")
BOXES = {
    "accept": gettext_lazy("to accept"),
    "doing": gettext_lazy("to do"),
    "verify": gettext_lazy("to verify"),
    "overdue": gettext_lazy("overdue"),
    "open": gettext_lazy("all open"),
    "closed": gettext_lazy("closed"),
}


def visible(actor: Account) -> WorkItemQuerySet:
    """Items in the regions where the actor sees, does, checks or assigns work."""
    general = {path for code in GENERAL for path in actor.regions_for(code)}
    besides: dict[frozenset[str], list[str]] = {}
    for kind in kinds.registered():
        own = {p for c in (kind.may_do, kind.may_check) for p in actor.regions_for(c)} - general
        besides.setdefault(frozenset(own), []).append(kind.code)
    condition = _under(general) | _kinds_under(besides)
    return WorkItem.objects.filter(condition | _own(actor))


def _own(actor: Account) -> Q:
    """What is the actor's own to do, whatever regions they answer for."""
    condition = Q(pk__in=[])
    for kind in kinds.registered():
        own = kinds.own_items(kind, actor)
        if own is not None:
            condition |= Q(kind=kind.code) & own
    return condition


def _under(paths: Iterable[str]) -> Q:
    held = set(paths)
    return sheet_scope(held) if held else Q(pk__in=[])


def posts_of(actor: Account, at: datetime) -> QuerySet[Holding, int]:
    """Ids of the posts that the actor holds on that day."""
    held = Holding.objects.filter(account=actor).on(timezone.localdate(at))
    return held.values_list("post_id", flat=True)


def box(actor: Account, name: str, at: datetime) -> WorkItemQuerySet:
    """One tray of the inbox."""
    items = visible(actor)
    if name == "accept":
        free = Q(post=None) & _permitted(actor, "may_do")
        offered = Q(post__in=posts_of(actor, at)) | free | _own(actor)
        return items.filter(offered, state=S.OPEN)
    if name == "doing":
        return items.filter(doer=actor, state__in=[S.DOING, S.PAUSED])
    if name == "verify":
        # From the last acceptance on: who did an earlier round may not check this one either.
        mine = Step.objects.filter(item=OuterRef("pk"), by=actor, move__in=DOES)
        return items.filter(_permitted(actor, "may_check"), ~Exists(mine), state=S.SUBMITTED)
    if name == "overdue":
        return items.overdue(at)
    if name == "closed":
        return items.filter(state__in=[S.CLOSED, S.CANCELLED])
    return items.open()


def _permitted(actor: Account, right: str) -> Q:
    """Items of kinds that the actor may do (or check) where they are."""
    by_paths: dict[frozenset[str], list[str]] = {}
    for kind in kinds.registered():
        paths = frozenset(actor.regions_for(getattr(kind, right)))
        by_paths.setdefault(paths, []).append(kind.code)
    return _kinds_under(by_paths)


def _kinds_under(by_paths: dict[frozenset[str], list[str]]) -> Q:
    """Items of these kinds in these subtrees, each set of which is sought once."""
    condition = Q(pk__in=[])
    for paths, codes in by_paths.items():
        if paths:
            condition |= Q(kind__in=codes) & _under(paths)
    return condition


@dataclass(frozen=True)
class Filter:
    box: str = "open"
    kind: str = ""
    region: str = ""  # a code
    text: str = ""


def list_items(*, actor: Account, at: datetime, wanted: Filter) -> QuerySet[WorkItem]:
    """One box of the inbox, narrowed; what is due first comes first."""
    items = box(actor, wanted.box if wanted.box in BOXES else "open", at)
    if wanted.kind:
        items = items.filter(kind=wanted.kind)
    if wanted.region:
        region = Region.objects.filter(code=wanted.region, valid_to=None).first()
        items = items.filter(region__path__under=region.path) if region else items.none()
    if wanted.text:
        number = Q(pk=int(wanted.text[:18])) if wanted.text.isdecimal() else Q(pk__in=[])
        items = items.filter(
            Q(title__icontains=wanted.text) | Q(region__name__icontains=wanted.text) | number
        )
    items = items.select_related("region", "doer", "post__role", "post__region", "clock")
    if wanted.box == "closed":
        return items.order_by("-pk")
    return items.order_by("due_at", "pk")


def box_counts(*, actor: Account, at: datetime) -> dict[str, int]:
    """How many wait in each box. Closed ones are many and not counted here."""
    return {name: box(actor, name, at).count() for name in BOXES if name != "closed"}


def get_item(*, actor: Account, item_id: int) -> WorkItem:
    """One item with what its page needs, or NotFound."""
    item = (
        visible(actor)
        .select_related(f"region__{PLACE}", "doer", "post__role", "post__region", "clock", "parent")
        .filter(pk=item_id)
        .first()
    )
    if item is None:
        raise NotFound(
            "work.no_item",
            _("There is no such task in your regions."),
            hint=_("Check the number, or ask who sent it to you."),
        )
    return item


def steps_of(item: WorkItem) -> QuerySet[Step]:
    """The item's history in order, with proof."""
    return (
        item.steps.select_related("by", "submission")
        .prefetch_related("submission__attachments")
        .order_by("pk")
    )


def unsettled_of(item: WorkItem) -> list[Submission]:
    """Submissions that wait, were refused or are contradicted: a person must see them."""
    wanted = Q(state__in=[Submission.State.WAITING, Submission.State.REFUSED])
    found = item.submissions.filter(wanted | Q(conflicts__isnull=False)).distinct()
    conflicts = Prefetch("conflicts", Conflict.objects.select_related("by"))
    return list(found.select_related("by").prefetch_related("attachments", conflicts))


@dataclass(frozen=True)
class ClockView:
    """A statutory clock with its law, as a page shows it."""

    clock: Clock
    rule: Rule
    version: Version
    pauses: list[Pause]
    rests_on_unknown_days: bool

    @property
    def in_time(self) -> bool | None:
        """Whether it was stopped in time; None while it runs."""
        stopped = self.clock.stopped_at
        return None if stopped is None else stopped <= self.clock.due_at


def clock_of(item: WorkItem) -> ClockView | None:
    """The item's statutory clock, if it has one."""
    clock = Clock.objects.filter(item=item).select_related("stopped_by").first()
    if clock is None:
        return None
    rule, version = clocks.rule_of(clock)
    unknown = deadlines.counts_on_unknown_days(version, clock.started_at, clock.due_at)
    return ClockView(clock, rule, version, list(clock.pauses.order_by("pk")), unknown)


def holders_of(post: Post, at: datetime) -> list[Account]:
    """Who answers for the post on that day."""
    held = post.holdings.on(timezone.localdate(at)).select_related("account")
    return [holding.account for holding in held]


def allowed_moves(*, actor: Account, item: WorkItem) -> list[str]:
    """Moves that would not be refused for their state or for lack of permission."""
    kind = item.kind_of
    moves = []
    for state, move in MOVES:
        if state != item.state or not kind.allows(move) or move == kinds.CONCLUDE:
            continue
        if move == "submit" and item.doer_id != actor.pk:
            continue
        wanted = permissions_for(kind, move)
        may = any(actor.may(permission, region=item.region) for permission in wanted)
        if may or (move in DOES and is_own(item, actor)):
            moves.append(move)
    if "verify" in moves and item.steps.filter(by=actor, move__in=DOES).exists():
        moves.remove("verify")
    return moves


def posts_for(item: WorkItem) -> QuerySet[Post]:
    """Posts that an item may be given to: of its region, of those above, of those below."""
    codes = item.region.path.rstrip("/").split("/")
    above = ["/".join(codes[: n + 1]) + "/" for n in range(len(codes))]
    near = Q(region__path__in=above) | Q(region__path__under=item.region.path)
    return Post.objects.filter(near).select_related("role", "region").order_by("region__path")[:300]


def get_post(*, item: WorkItem, post_id: int) -> Post:
    """One of the posts that the item may be given to."""
    post = Post.objects.filter(pk=post_id).select_related("role", "region").first()
    if post is None or not (post.region.covers(item.region) or item.region.covers(post.region)):
        raise NotFound("work.no_such_post", _("There is no such post for this region."))
    return post


def children_of(*, actor: Account, item: WorkItem) -> QuerySet[WorkItem]:
    """What was handed down from this item, as far as the actor sees it."""
    found = visible(actor).filter(parent=item)
    return found.select_related("region", "doer", "post__role", "post__region").order_by("pk")


def beside_of(*, actor: Account, item: WorkItem) -> list[tuple[beside.Panel, Sequence[Any]]]:
    """What other rooms have to say about this one item."""
    return beside.panels(actor=actor, items=WorkItem.objects.filter(pk=item.pk))


@dataclass(frozen=True)
class ProofView:
    """The latest proof, with what a checker wants to know about it."""

    submission: Submission
    photos: list[Attachment]
    others: list[Attachment]
    distance_m: float | None
    measured_from: str  # "" : the task's own place

    @property
    def is_far(self) -> bool:
        limit = 5000 if self.measured_from else 500
        return self.distance_m is not None and self.distance_m > limit


def proof_of(item: WorkItem) -> ProofView | None:
    """The last submission that reached the item as proof."""
    step = item.steps.filter(move="submit").exclude(submission=None).order_by("-pk").first()
    if step is None or step.submission is None:
        return None
    sent = step.submission
    attached = list(sent.attachments.order_by("pk"))
    place = item.kind_of.place(item) if item.kind_of.place else None
    measured_from = "" if place else item.region.name
    if place is None and item.region.lon is not None and item.region.lat is not None:
        place = (item.region.lon, item.region.lat)
    known = place and sent.lon is not None and sent.lat is not None
    return ProofView(
        sent,
        [file for file in attached if file.mime.startswith("image/")],
        [file for file in attached if not file.mime.startswith("image/")],
        distance_m(place, (sent.lon, sent.lat)) if known else None,  # type: ignore[arg-type]
        measured_from,
    )


def distance_m(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Along a great circle, between (longitude, latitude) pairs."""
    lon1, lat1, lon2, lat2 = map(math.radians, (*one, *other))
    half = (
        math.sin((lat2 - lat1) / 2) ** 2
        + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    )
    return 2 * 6_371_008.8 * math.asin(math.sqrt(half))


def get_submission(*, actor: Account, submission_id: UUID) -> Submission:
    """One's own submission, or one to an item that one may see."""
    seen = Q(by=actor) | Q(item__in=visible(actor)) | _handed_in(actor)
    found = Submission.objects.filter(seen, pk=submission_id).prefetch_related("attachments")
    submission = found.select_related("item").first()
    if submission is None:
        raise NotFound("work.no_submission", _("No submission with this number was received."))
    return submission


def _handed_in(actor: Account) -> Q:
    """What was handed in beside the loop, where the reader may see such."""
    condition = Q(pk__in=[])
    for kind in handed.registered():
        condition |= Q(kind=kind.code) & _under(actor.regions_for(kind.may_see))
    return condition


def list_unsettled(*, actor: Account) -> QuerySet[Submission]:
    """Handed in beside the loop and not taken: waiting, refused, or contradicted by another.

    `put_right` is the accepted submission that replaces a refused one.
    """
    found = Submission.objects.filter(_handed_in(actor))
    wanted = Q(state__in=[Submission.State.WAITING, Submission.State.REFUSED])
    found = found.filter(wanted | Q(conflicts__isnull=False)).distinct()
    later = Submission.objects.filter(replaces=OuterRef("pk"), by=OuterRef("by"))
    accepted = later.filter(state=Submission.State.ACCEPTED).values("pk")[:1]
    found = found.annotate(put_right=Subquery(accepted))
    found = found.select_related("by", f"region__{PLACE}").prefetch_related("attachments")
    return found.order_by("-received_at", "-pk")


def get_attachment(*, actor: Account, attachment_id: int) -> Attachment:
    """A file whose item the actor may see, or NotFound."""
    sent = Submission.objects.filter(Q(item__in=visible(actor)) | _handed_in(actor))
    found = Attachment.objects.filter(pk=attachment_id, submission__in=sent)
    attachment = found.first()
    if attachment is None:
        raise NotFound("work.no_file", _("There is no such file in your regions."))
    return attachment


def unseen_reminders(*, actor: Account) -> QuerySet[Reminder]:
    """Reminders to the actor about open items, newest first."""
    items = visible(actor).open()
    mine = Reminder.objects.filter(to=actor, seen_at=None, item__in=items)
    return mine.select_related("item__region").order_by("-at", "-pk")
