"""The yearly refresh: a task a village, in which its officers are confirmed one by one."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from anlan.base.days import end_of
from anlan.base.errors import BadInput, Refusal
from anlan.base.events import publish
from anlan.people.models import Account, Holding, Post
from anlan.people.services.posts import confirm_holding
from anlan.places.models import Region
from anlan.places.queries import became
from anlan.work.models import WorkItem
from anlan.work.services import NewItem, advance, open_items

from .. import officers
from ..models import Refresh, RefreshTask

REFRESH = "govern.refresh"
# Who answers for a village's part, the first of these posts that is there.
ANSWERS = ("village.secretary", "village.flood_officer")
S = WorkItem.State


@transaction.atomic
def plan_refresh(
    *, region: Region, year: int, opens_on: date, due_on: date, by: Account, at: datetime
) -> Refresh:
    """Set the day from which every village of a region confirms its officers."""
    by.require("govern.issue", region=region)
    if region.level >= Region.Level.VILLAGE:
        raise BadInput("govern.refresh_level", _("A refresh is started by a town or above."))
    if due_on < opens_on:
        raise BadInput("govern.entry_days", _("It cannot be due before it begins."))
    if opens_on.year != year:
        raise BadInput("govern.entry_year", _("It must begin in %(year)d.") % {"year": year})
    around = Refresh.objects.filter(year=year)
    if any(
        other.region.covers(region) or region.covers(other.region)
        for other in around.select_related("region")
    ):
        raise Refusal(
            "govern.refresh_there",
            _("The villages have this year's refresh already."),
            hint=_("Open it from the list."),
        )
    refresh = Refresh.objects.create(
        region=region, year=year, opens_on=opens_on, due_on=due_on, planned_by=by, planned_at=at
    )
    _tell("govern.refresh.planned", refresh, by, at)
    return refresh


def open_due(at: datetime) -> int:
    """A duty of the ticker: hand out the refreshes whose day has come."""
    due = Refresh.objects.filter(opened_at=None, opens_on__lte=timezone.localdate(at))
    system = Account.objects.system()
    return sum(
        open_refresh(refresh=refresh, by=system, at=at)
        for refresh in due.select_related("region").order_by("opens_on", "pk")[:10]
    )


@transaction.atomic
def open_refresh(*, refresh: Refresh, by: Account, at: datetime) -> int:
    """A task to every village with officers, once; returns how many."""
    if not Refresh.objects.filter(pk=refresh.pk, opened_at=None).update(opened_at=at):
        return 0
    posts = _answering_posts(refresh.region)
    items = open_items(
        kind=REFRESH,
        items=[
            NewItem(
                _("Confirm the officers of %(village)s for %(year)d")
                % {"village": village.name, "year": refresh.year},
                village,
                end_of(refresh.due_on),
                posts.get(village.pk),
            )
            for village in officers.villages_with_posts(refresh.region)
        ],
        by=by,
        at=at,
    )
    RefreshTask.objects.bulk_create(
        [RefreshTask(item=item, refresh=refresh) for item in items], batch_size=500
    )
    refresh.opened_at = at
    _tell("govern.refresh.opened", refresh, by, at, tasks=len(items))
    return len(items)


def _answering_posts(region: Region) -> dict[int, Post]:
    found: dict[int, Post] = {}
    now = became()
    for role in reversed(ANSWERS):
        rows = officers.posts_below(region, now).filter(role__code=role)
        found |= {
            now.get(post.region_id, post.region_id): post
            for post in rows.select_related("role", "region")
        }
    return found


@transaction.atomic
def confirm_officers(
    *, task: RefreshTask, holdings: Collection[Holding], by: Account, at: datetime
) -> int:
    """Say of these officers that they still hold their posts and are reached so.

    When nobody of the village is left to confirm, the village's part is handed in.
    """
    item = task.item
    village, on = item.region, timezone.localdate(at)
    there = set(officers.holdings_of(village, on).values_list("pk", flat=True))
    if any(holding.pk not in there for holding in holdings):
        raise BadInput("govern.officer_elsewhere", _("This officer belongs to another village."))
    if not item.is_open or item.state == S.SUBMITTED:
        raise Refusal("govern.refresh_over", _("This village's part has been handed in."))
    for holding in holdings:
        confirm_holding(holding=holding, by=by, at=at)
    if officers.is_confirmed(village, since=task.refresh.opened_at or at, on=on):
        _hand_in(item, by, at)
    return len(holdings)


def _hand_in(item: WorkItem, by: Account, at: datetime) -> None:
    mine = item.state == S.OPEN or (item.state == S.DOING and item.doer_id == by.pk)
    if not mine or not by.may(item.kind_of.may_do, region=item.region):
        return
    if item.state == S.OPEN:
        advance(item=item, move="accept", by=by, at=at)
    advance(item=item, move="submit", note=_("Every officer was confirmed."), by=by, at=at)


def _tell(name: str, refresh: Refresh, by: Account, at: datetime, **more: object) -> None:
    publish(
        name,
        at=at,
        by=by,
        region_path=refresh.region.path,
        refresh_id=refresh.pk,
        year=refresh.year,
        **more,
    )
