"""Read closures, and what this room knows about a place that an alarm is about."""

from __future__ import annotations

import numpy as np
from django.db.models import Prefetch, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from anlan.base.errors import NotFound
from anlan.people.models import Account
from anlan.places import layers
from anlan.places.models import PLACE, Road, Site
from anlan.places.queries import get_site
from anlan.places.roads import get_road, middle
from anlan.warn.facts import Fact
from anlan.warn.models import Alarm
from anlan.work.models import WorkItem

from .models import Closure, PlanStep, ResponseLevel
from .queries import plans_in_force, role_names
from .services.closures import place_of


def list_closures(*, actor: Account, ended: bool = False) -> QuerySet[Closure]:
    """Closures in the actor's regions: standing ones, or those that are over; newest first."""
    rows = Closure.objects.within(actor.regions_for("command.view"))
    return (
        rows.filter(ended_at__isnull=not ended)
        .select_related(
            f"item__region__{PLACE}", "item__post__role", "item__post__region", "item__doer",
            "site", "road", "alarm__rule", "ended_by",
        )
        .order_by("-item__opened_at", "-pk")
    )  # fmt: skip


def get_closure(*, actor: Account, item_id: int, permission: str = "command.view") -> Closure:
    rows = Closure.objects.within(actor.regions_for(permission))
    found = rows.select_related("item__region", "site__region", "road__region").filter(
        item__pk=item_id
    )
    closure = found.first()
    if closure is None:
        raise NotFound("command.no_closure", _("There is no such closure in your regions."))
    return closure


def get_place(
    *, actor: Account, site_id: int | None = None, road_id: int | None = None
) -> Site | Road:
    """A site or road where the actor sees what is commanded."""
    paths = actor.regions_for("command.view")
    if site_id is not None:
        return get_site(site_id=site_id, paths=paths)
    return get_road(road_id=road_id or 0, paths=paths)


def standing_at(place: Site | Road) -> Closure | None:
    """The closure of a place that the reader was given."""
    column = "site" if isinstance(place, Site) else "road"
    rows = Closure.objects.standing().filter(**{column: place})
    return rows.select_related("item__post__role", "item__post__region", "item__doer").first()


def closure_features() -> layers.Features:
    """Standing closures, for the map's tiles: a site at its position, a road at its middle."""
    rows = list(
        Closure.objects.standing()
        .filter(item__exercise=False)
        .select_related("item__region", "site", "road")
    )
    points = [_position(closure) for closure in rows]
    return layers.Features(
        ids=np.array([closure.pk for closure in rows], dtype=np.int64),
        lon=np.array([point[0] for point in points], dtype=float),
        lat=np.array([point[1] for point in points], dtype=float),
        paths=[closure.item.region.path for closure in rows],
        kinds=[closure.state.value for closure in rows],
        properties={
            "name": [str(closure.place) for closure in rows],
            "state": [closure.state.value for closure in rows],
            "kind": [closure.state.value for closure in rows],
        },
    )


def _position(closure: Closure) -> tuple[float, float]:
    if closure.site:
        return closure.site.lon, closure.site.lat
    assert closure.road is not None
    return middle(closure.road)


def closure_row() -> Prefetch[str]:
    return Prefetch("closure", Closure.objects.select_related("incident"))


def describe_closure(item: WorkItem) -> list[str]:
    """What the doer must know beyond the title."""
    closure: Closure = item.closure
    lines = [
        _("Put up barriers and signs on both sides, send drivers round, stay until relieved."),
        closure.reason,
    ]
    if closure.incident:
        lines.append(_("Incident: %(title)s") % {"title": closure.incident.title})
    return [line for line in lines if line]


def place_of_closure(item: WorkItem) -> tuple[float, float] | None:
    """Where it is, to measure the proof's distance from."""
    return _position(Closure.objects.select_related("site", "road").get(pk=item.pk))


def facts_of_alarm(alarm: Alarm, actor: Account) -> list[Fact]:
    """The plan's steps for such a place, and whether it is closed."""
    site = place_of(alarm)
    if site is None:
        return []
    closure = standing_at(site)
    facts = [_closure_fact(closure)] if closure else []
    return facts + [
        Fact(_("Plan step"), _step_text(step), reverse("command:version", args=[step.version_id]))
        for version in plans_in_force(actor=actor, region=alarm.region)
        for step in version.steps.filter(site_kind=site.kind).order_by("-level", "order")
    ]


def _closure_fact(closure: Closure) -> Fact:
    at = closure.closed_at or closure.item.opened_at
    text = f"{closure.state.label} {timezone.localtime(at):%H:%M}"
    return Fact(_("Closure"), text, reverse("work:item", args=[closure.pk]))


def _step_text(step: PlanStep) -> str:
    return _("%(level)s: %(title)s (%(post)s, within %(minutes)d minutes)") % {
        "level": ResponseLevel(step.level).label,
        "title": step.title,
        "post": role_names().get(step.role, step.role),
        "minutes": step.minutes,
    }
