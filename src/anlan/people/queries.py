"""Questions about people. Phones leave here masked; the whole number is a service with a record."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import TypeVar

from django.db.models import Count, Model, Prefetch, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from anlan.base.errors import NotFound
from anlan.places.models import PLACE, Region
from anlan.places.queries import ancestors, get_region, versions

from .masking import mask
from .models import Account, Grant, Holding, Organisation, Post, Role, Shift

MOST = 300
T = TypeVar("T")
M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class Holder:
    holding: Holding
    name: str
    phone: str  # masked
    stale: bool  # nobody has confirmed it this year


@dataclass(frozen=True)
class Answer:
    """One post and who held it on the day; nobody: a gap."""

    post: Post
    holders: list[Holder]


def active_account(*, pk: int) -> Account | None:
    """For the door only, which has no actor yet."""
    return Account.objects.filter(pk=pk, is_active=True).first()


def get_visible_region(*, actor: Account, code: str, on: date | None = None) -> Region:
    """A region whose people the actor may see: below their own, or above it."""
    region = get_region(code=code, on=on)
    paths = actor.regions_for("people.view")
    if not any(region.path.startswith(p) or p.startswith(region.path) for p in paths):
        raise NotFound("people.no_region", _("There is no such region among yours."))
    return region


def who_answers(*, actor: Account, region: Region, on: date) -> list[Answer]:
    """Every post of this region, also under its earlier names and codes, and who held it."""
    get_visible_region(actor=actor, code=region.code, on=region.valid_from)
    same = versions(region)
    posts = Post.objects.filter(region__in=same).select_related("role", "region")
    holdings = (
        Holding.objects.filter(post__region__in=same)
        .on(on)
        .select_related("account")
        .order_by("from_date", "pk")
    )
    by_post: dict[int, list[Holder]] = {}
    for holding in holdings:
        by_post.setdefault(holding.post_id, []).append(holder(holding, on))
    answers = [Answer(post, by_post.get(post.pk, [])) for post in posts.order_by("role__code")]
    # An old version's post that nobody holds any more is history, not a gap.
    return [a for a in answers if a.holders or a.post.region_id == same[0]]


def line_of_command(
    *, actor: Account, region: Region, on: date
) -> list[tuple[Region, list[Answer]]]:
    """The region first, then each one above it: whom to ring next."""
    chain = [region, *reversed(ancestors(region))]
    return [(r, who_answers(actor=actor, region=r, on=on)) for r in chain if r.level > 1]


def list_gaps(*, actor: Account, region: Region, on: date) -> QuerySet[Post]:
    """Posts at and below a region that nobody held on a day."""
    held = Holding.objects.on(on).values("post")
    return (
        Post.objects.within(actor.regions_for("people.view"))
        .filter(region__path__under=region.path, region__valid_to=None)
        .exclude(pk__in=held)
        .select_related("role", f"region__{PLACE}")
        .order_by("region__path", "role__code")
    )


def list_posts(*, actor: Account, region: Region, on: date, vacant: bool = False) -> QuerySet[Post]:
    """Posts at and below a region, each with `held_today`."""
    if vacant:
        rows = list_gaps(actor=actor, region=region, on=on)
    else:
        rows = Post.objects.within(actor.regions_for("people.view"))
        rows = rows.filter(region__path__under=region.path, region__valid_to=None)
        rows = rows.select_related("role", "region").order_by("region__path", "role__code")
    held = Holding.objects.on(on).select_related("account").order_by("from_date", "pk")
    return rows.prefetch_related(Prefetch("holdings", held, to_attr="held_today"))


def list_stale(*, actor: Account, region: Region, on: date) -> QuerySet[Holding]:
    """Holdings at and below a region that nobody has confirmed this year."""
    new_year = timezone.make_aware(datetime(on.year, 1, 1))  # noqa: DTZ001
    posts = Post.objects.within(actor.regions_for("people.view"))
    return (
        Holding.objects.on(on)
        .filter(post__in=posts.filter(region__path__under=region.path))
        .filter(Q(confirmed_at=None) | Q(confirmed_at__lt=new_year))
        .select_related("account", "post__role", f"post__region__{PLACE}")
        .order_by("post__region__path")
    )


def get_holding(*, actor: Account, pk: int) -> Holding:
    posts = Post.objects.within(actor.regions_for("people.view"))
    rows = Holding.objects.filter(post__in=posts).select_related("account", "post__region")
    return _found(
        rows.select_related("post__role", "account", "post__region").filter(pk=pk).first()
    )


def get_post(*, actor: Account, pk: int) -> Post:
    rows = Post.objects.within(actor.regions_for("people.view")).select_related("role", "region")
    return _found(rows.filter(pk=pk).first())


def list_holdings(*, post: Post) -> list[Holder]:
    """Everyone who ever held a post that `get_post` has given, newest first."""
    rows = Holding.objects.filter(post=post).select_related("account").order_by("-from_date", "-pk")
    today = timezone.localdate()
    return [holder(holding, today) for holding in rows]


def get_role(*, code: str) -> Role:
    role = Role.objects.filter(code=code).first()
    if role is None:
        raise NotFound("people.no_role", _("There is no such post; use the name of a role."))
    return role


def get_reachable(*, actor: Account, pk: int) -> Account:
    """Somebody whom the actor sees: in their regions, or holding a post above them."""
    paths = actor.regions_for("people.view")
    above = {"/".join(p.split("/")[:n]) + "/" for p in paths for n in range(1, p.count("/") + 1)}
    upper = Account.objects.filter(holdings__post__region__path__in=above, is_active=True)
    found = list_accounts(actor=actor).filter(pk=pk).first() or upper.filter(pk=pk).first()
    return _found(found)


def list_accounts(
    *, actor: Account, permission: str = "people.view", text: str = ""
) -> QuerySet[Account]:
    """People who belong to the actor's regions by organisation or post. Never the system itself."""
    paths = actor.regions_for(permission)
    organisations = _within(Organisation.objects.all(), "region__path", paths)
    posts = Post.objects.within(paths)
    rows = Account.objects.filter(
        Q(organisation__in=organisations) | Q(holdings__post__in=posts), is_active=True
    ).distinct()
    if text:
        rows = rows.filter(Q(name__contains=text) | Q(username__contains=text))
    return rows.select_related("organisation").order_by("name", "pk")


def get_account(*, actor: Account, pk: int, permission: str = "people.view") -> Account:
    return _found(list_accounts(actor=actor, permission=permission).filter(pk=pk).first())


def list_organisations(*, actor: Account, text: str = "") -> QuerySet[Organisation]:
    """Those in the regions where the actor manages people, by name."""
    paths = actor.regions_for("people.manage")
    rows = _within(Organisation.objects.all(), "region__path", paths)
    if text:
        rows = rows.filter(Q(name__contains=text) | Q(code__contains=text))
    return rows.select_related("region").order_by("name", "pk")


def get_organisation(*, actor: Account, pk: int) -> Organisation:
    return _found(list_organisations(actor=actor).filter(pk=pk).first())


def list_grants(*, actor: Account, account: Account | None = None) -> QuerySet[Grant]:
    """Grants in the regions where the actor manages people."""
    paths = actor.regions_for("people.manage")
    rows = _within(Grant.objects.all(), "region__path", paths)
    if account:
        rows = rows.filter(account=account)
    return rows.select_related("account", "region").order_by("account__name", "permission")


def get_grant(*, actor: Account, pk: int) -> Grant:
    return _found(list_grants(actor=actor).filter(pk=pk).first())


def list_roles(*, level: int | None = None) -> QuerySet[Role]:
    """Roles are the same for everybody."""
    rows = Role.objects.order_by("level", "code")
    return rows.filter(level=level, retired_at=None) if level else rows


def roles_with_posts(*, actor: Account) -> QuerySet[Role]:
    """Kinds of post, with how many posts there are of each in the actor's regions."""
    posts = Post.objects.within(actor.regions_for("people.view"))
    inside = Q(posts__in=posts.filter(region__valid_to=None))
    rows = list_roles().annotate(post_count=Count("posts", filter=inside, distinct=True))
    return rows.order_by("level", "retired_at", "name")


def posts_of_role(*, actor: Account, role: Role) -> QuerySet[Post]:
    """Posts of a kind in the actor's regions, as they stand today."""
    rows = Post.objects.within(actor.regions_for("people.view"))
    rows = rows.filter(role=role, region__valid_to=None)
    return rows.select_related("role", f"region__{PLACE}").order_by("region__path")


def get_role_row(*, pk: int) -> Role:
    """Kinds of post are the same for everybody."""
    return _found(Role.objects.filter(pk=pk).first())


def count_posts(*, actor: Account, region: Region, on: date) -> dict[str, int]:
    """How many posts at and below a region, how many of them vacant, how many unconfirmed."""
    posts = Post.objects.within(actor.regions_for("people.view")).filter(
        region__path__under=region.path, region__valid_to=None
    )
    return {
        "posts": posts.count(),
        "vacant": list_gaps(actor=actor, region=region, on=on).count(),
        "stale": list_stale(actor=actor, region=region, on=on).count(),
    }


def on_duty(region: Region, at: datetime) -> list[Shift]:
    """Who is on duty at a region's desk, leader first. For machinery: it asks for no actor."""
    rows = Shift.objects.filter(
        region__in=versions(region), starts_at__lte=at, ends_at__gt=at
    ).select_related("account", "region", "handed_over_to")
    return list(rows.order_by("-leads", "starts_at"))


def list_shifts(*, actor: Account, region: Region, since: datetime, until: datetime) -> list[Shift]:
    """The rota of one desk. Whoever sees a region's people sees its rota."""
    get_visible_region(actor=actor, code=region.code)
    rows = Shift.objects.filter(
        region__in=versions(region), starts_at__lt=until, ends_at__gt=since
    ).select_related("account", "handed_over_to")
    return list(rows.order_by("starts_at", "-leads"))


def get_shift(*, actor: Account, pk: int) -> Shift:
    shift = Shift.objects.filter(pk=pk).select_related("region", "account").first()
    shift = _found(shift)
    get_visible_region(actor=actor, code=shift.region.code, on=shift.region.valid_from)
    return shift


def desks(*, actor: Account) -> list[Region]:
    """Regions with a rota that the actor may see, highest first."""
    regions = Region.objects.filter(shifts__isnull=False) | Region.objects.filter(
        level__lte=Region.Level.COUNTY
    )
    visible = regions.within(actor.regions_for("people.view")).filter(valid_to=None, level__gt=1)
    return list(visible.distinct().order_by("level", "path")[:MOST])


@dataclass(frozen=True)
class Uncovered:
    starts_at: datetime
    ends_at: datetime


def find_uncovered(shifts: Iterable[Shift], since: datetime, until: datetime) -> list[Uncovered]:
    """Times in which nobody is on the desk."""
    gaps, covered = [], since
    for shift in sorted(shifts, key=lambda s: s.starts_at):
        if shift.starts_at > covered:
            gaps.append(Uncovered(covered, min(shift.starts_at, until)))
        covered = max(covered, shift.ends_at)
    if covered < until:
        gaps.append(Uncovered(covered, until))
    return [gap for gap in gaps if gap.ends_at - gap.starts_at >= timedelta(minutes=1)]


def find_overlaps(shifts: Iterable[Shift]) -> list[tuple[Shift, Shift]]:
    """Two in the same duty at once: one of them is probably a mistake."""
    found = []
    for leads in (True, False):
        rows = sorted((s for s in shifts if s.leads == leads), key=lambda s: s.starts_at)
        for one, other in pairwise(rows):
            if other.starts_at < one.ends_at:
                found.append((one, other))
    return found


def count_children_posts(*, actor: Account, parent: Region) -> dict[int, int]:
    """Posts directly in each child, for the tree."""
    rows = (
        Post.objects.within(actor.regions_for("people.view"))
        .filter(region__parent=parent, region__valid_to=None)
        .values_list("region")
        .annotate(n=Count("pk"))
    )
    return dict(rows)


def holder(holding: Holding, on: date) -> Holder:
    confirmed = holding.confirmed_at
    stale = confirmed is None or timezone.localtime(confirmed).year < on.year
    return Holder(holding, holding.account.name, mask(holding.account.phone), stale)


def _within(rows: QuerySet[M], column: str, paths: Iterable[str]) -> QuerySet[M]:
    condition = Q(pk__in=[])
    for path in paths:
        condition |= Q(**{f"{column}__under": path})
    return rows.filter(condition)


def _found(row: T | None) -> T:
    if row is None:
        raise NotFound("people.none", _("There is no such person in your regions."))
    return row


def list_held(*, account: Account) -> list[Holding]:
    """Posts of somebody whom the caller may see, newest first."""
    rows = Holding.objects.filter(account=account).select_related("post__role", "post__region")
    return list(rows.order_by("-from_date", "-pk"))


def waiting_for(*, account: Account) -> list[Shift]:
    """Turns handed over to somebody who has not signed yet."""
    rows = Shift.objects.filter(handed_over_to=account, taken_over_at=None)
    return list(rows.select_related("account", "region").order_by("handed_over_at"))


@dataclass(frozen=True)
class Turn:
    """Whoever is on the desk over the same hours, the leader first."""

    starts_at: datetime
    ends_at: datetime
    shifts: list[Shift]

    @property
    def days_later(self) -> int:
        """How many midnights it crosses."""
        start, end = timezone.localtime(self.starts_at), timezone.localtime(self.ends_at)
        return (end.date() - start.date()).days


def by_day(shifts: Iterable[Shift], first: date, days: int) -> list[tuple[date, list[Turn]]]:
    """Each day with the turns that begin on it."""
    found: dict[date, list[Turn]] = {first + timedelta(days=n): [] for n in range(days)}
    turns: dict[tuple[datetime, datetime], Turn] = {}
    for shift in shifts:
        hours = (shift.starts_at, shift.ends_at)
        if hours not in turns:
            turns[hours] = Turn(*hours, [])
            found.setdefault(timezone.localtime(hours[0]).date(), []).append(turns[hours])
        turns[hours].shifts.append(shift)
    return [(day, found[day]) for day in sorted(found) if day >= first]
