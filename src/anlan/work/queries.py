"""Read work. Every function takes the reader and shows only what is in their regions."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from anlan.base.errors import NotFound
from anlan.people.models import Account, Holding, Post
from anlan.places.models import Region

from . import kinds
from .models import Attachment, Conflict, Reminder, Step, Submission, WorkItem
from .moves import DOES, MOVES, permissions_for

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


def visible(actor: Account) -> QuerySet[WorkItem]:
    """Items in the regions where the actor sees, does, checks or assigns work."""
    general = {path for code in GENERAL for path in actor.regions_for(code)}
    condition = _under(general)
    for kind in kinds.registered():
        own = {p for c in (kind.may_do, kind.may_check) for p in actor.regions_for(c)} - general
        if own:
            condition |= Q(kind=kind.code) & _under(own)
    return WorkItem.objects.filter(condition)


def _under(paths: Iterable[str]) -> Q:
    condition = Q(pk__in=[])
    for path in paths:
        condition |= Q(region__path__under=path)
    return condition


def posts_of(actor: Account, at: datetime) -> QuerySet[Holding, int]:
    """Ids of the posts that the actor holds on that day."""
    held = Holding.objects.filter(account=actor).on(timezone.localdate(at))
    return held.values_list("post_id", flat=True)


def box(actor: Account, name: str, at: datetime) -> QuerySet[WorkItem]:
    """One tray of the inbox."""
    items = visible(actor)
    if name == "accept":
        free = Q(post=None) & _permitted(actor, "may_do")
        return items.filter(Q(post__in=posts_of(actor, at)) | free, state=S.OPEN)
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
    condition = Q(pk__in=[])
    by_permission: dict[str, list[str]] = {}
    for kind in kinds.registered():
        by_permission.setdefault(getattr(kind, right), []).append(kind.code)
    for permission, codes in by_permission.items():
        condition |= Q(kind__in=codes) & _under(actor.regions_for(permission))
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
        number = Q(pk=int(wanted.text)) if wanted.text.isdecimal() else Q(pk=None)
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
        .select_related("region", "doer", "post__role", "post__region", "clock", "parent")
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


def holders_of(post: Post, at: datetime) -> list[Account]:
    """Who answers for the post on that day."""
    held = post.holdings.on(timezone.localdate(at)).select_related("account")
    return [holding.account for holding in held]


def allowed_moves(*, actor: Account, item: WorkItem) -> list[str]:
    """Moves that would not be refused for their state or for lack of permission."""
    kind = item.kind_of
    moves = []
    for state, move in MOVES:
        if state != item.state or not kind.allows(move):
            continue
        if move == "submit" and item.doer_id != actor.pk:
            continue
        wanted = permissions_for(kind, move)
        if any(actor.may(permission, region=item.region) for permission in wanted):
            moves.append(move)
    if "verify" in moves and item.steps.filter(by=actor, move__in=DOES).exists():
        moves.remove("verify")
    return moves


def get_submission(*, actor: Account, submission_id: object) -> Submission:
    """One's own submission, or one to an item that one may see."""
    seen = Q(by=actor) | Q(item__in=visible(actor))
    found = Submission.objects.filter(seen, pk=submission_id).prefetch_related("attachments")
    submission = found.select_related("item").first()
    if submission is None:
        raise NotFound("work.no_submission", _("No submission with this number was received."))
    return submission


def get_attachment(*, actor: Account, attachment_id: int) -> Attachment:
    """A file whose item the actor may see, or NotFound."""
    found = Attachment.objects.filter(pk=attachment_id, submission__item__in=visible(actor))
    attachment = found.first()
    if attachment is None:
        raise NotFound("work.no_file", _("There is no such file in your regions."))
    return attachment


def unseen_reminders(*, actor: Account) -> QuerySet[Reminder]:
    """Reminders to the actor about open items, newest first."""
    items = visible(actor).open()
    mine = Reminder.objects.filter(to=actor, seen_at=None, item__in=items)
    return mine.select_related("item__region").order_by("-at", "-pk")


@dataclass
class RegionCount:
    """Where the work of one subtree stands. Open counts overdue items, closed only verified ones."""

    region: Region
    states: dict[str, int] = field(default_factory=dict)
    overdue: int = 0

    @property
    def open(self) -> int:
        return self.waiting + self.doing + self.submitted

    @property
    def waiting(self) -> int:
        return self.states.get(S.OPEN, 0)

    @property
    def doing(self) -> int:
        return self.states.get(S.DOING, 0) + self.states.get(S.PAUSED, 0)

    @property
    def submitted(self) -> int:
        return self.states.get(S.SUBMITTED, 0)

    @property
    def closed(self) -> int:
        return self.states.get(S.CLOSED, 0)

    @property
    def cancelled(self) -> int:
        return self.states.get(S.CANCELLED, 0)

    def add(self, row: dict[str, object]) -> None:
        state = str(row["state"])
        self.states[state] = self.states.get(state, 0) + int(str(row["n"]))
        self.overdue += int(str(row["late"]))


def counts_by_region(
    *, actor: Account, at: datetime, parent: Region | None = None, kind: str = ""
) -> list[RegionCount]:
    """Where the work stands in each region directly below (or in the actor's own regions)."""
    items = visible(actor).filter(exercise=False)
    if kind:
        items = items.filter(kind=kind)
    if parent is not None:
        items = items.filter(region__path__under=parent.path)
        regions = list(parent.children.filter(valid_to=None).order_by("code"))
        own = RegionCount(parent)
    else:
        regions, own = _top_regions(actor), None
    late = Q(state__in=[S.OPEN, S.DOING], due_at__lt=at)
    grouped = items.values("region__path", "state").annotate(
        n=Count("pk"), late=Count("pk", filter=late)
    )
    found = {region.path: RegionCount(region) for region in regions}
    for row in grouped:
        place = _first_prefix(str(row["region__path"]), found)
        count = found[place] if place else own
        if count is not None:
            count.add(row)
    rows = [found[region.path] for region in regions]
    return [own, *rows] if own and own.states else rows


def _first_prefix(path: str, among: dict[str, RegionCount]) -> str:
    parts = path.split("/")
    for n in range(1, len(parts)):
        prefix = "/".join(parts[:n]) + "/"
        if prefix in among:
            return prefix
    return ""


def _top_regions(actor: Account) -> list[Region]:
    """The highest regions that the actor sees work in."""
    paths = {path for code in GENERAL for path in actor.regions_for(code)}
    highest = [p for p in paths if not any(p != q and p.startswith(q) for q in paths)]
    return list(Region.objects.filter(path__in=highest, valid_to=None).order_by("path"))


def get_parent(*, actor: Account, code: str) -> Region:
    """A region whose counts the actor may open, or NotFound."""
    region = Region.objects.filter(code=code, valid_to=None).first()
    if region is None or not any(actor.may(right, region=region) for right in GENERAL):
        raise NotFound("work.no_region", _("There is no such region among yours."))
    return region
