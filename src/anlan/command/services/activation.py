"""Declare a response level: the plan's steps become tasks for posts in the regions concerned."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from anlan.base.errors import BadInput, NotAllowed, Refusal
from anlan.base.events import publish
from anlan.command.models import (
    Activation,
    Incident,
    LogEntry,
    PlanStep,
    PlanVersion,
    ResponseLevel,
    Task,
)
from anlan.people.models import Account, Holding, Post
from anlan.places.models import Region, Site
from anlan.places.queries import paths_upwards
from anlan.simulate.hits.rows import hit_sites
from anlan.work.services import NewItem, open_items

from .incidents import require_running, write_log

KIND = "command.task"


@dataclass(frozen=True)
class Assignment:
    """A step in one place, before it is a task. `post` is None where nobody's post covers it."""

    step: PlanStep
    region: Region
    post: Post | None
    site: Site | None

    @property
    def key(self) -> tuple[int, int, int | None]:
        """What the same task of an earlier, lower level has in common with it."""
        return self.step.pk, self.region.pk, self.site.pk if self.site else None

    @property
    def title(self) -> str:
        return f"{self.step.title}（{self.site.name}）" if self.site else self.step.title


@transaction.atomic
def activate(
    *,
    incident: Incident,
    version: PlanVersion,
    level: int,
    areas: Sequence[Region],
    by: Account,
    at: datetime,
) -> Activation:
    """Declare a level in these areas. Opens only what they have not been given before."""
    require_running(incident, by)
    _check(incident, version, level, areas, by)
    activation = Activation.objects.create(
        incident=incident, version=version, level=level, by=by, at=at
    )
    activation.areas.set(areas)
    assignments = new_assignments(
        incident=incident, version=version, level=level, areas=areas, at=at
    )
    items = open_items(
        kind=KIND,
        items=[
            NewItem(
                title=a.title,
                region=a.region,
                post=a.post,
                due_at=at + timedelta(minutes=a.step.minutes),
            )
            for a in assignments
        ],
        by=by,
        at=at,
        exercise=incident.exercise,
    )
    Task.objects.bulk_create(
        [
            Task(
                item=item,
                incident=incident,
                activation=activation,
                step=a.step,
                instructions=a.step.instructions,
                site=a.site,
            )
            for item, a in zip(items, assignments, strict=True)
        ],
        batch_size=500,
    )
    _declare(incident, activation, areas, len(items), by=by, at=at)
    return activation


def new_assignments(
    *, incident: Incident, version: PlanVersion, level: int, areas: Sequence[Region], at: datetime
) -> list[Assignment]:
    """What declaring this level would hand out now: all of it but what was handed out before."""
    given = set(incident.tasks.values_list("step_id", "item__region_id", "site_id"))
    planned = plan_out(version=version, level=level, areas=areas, at=at)
    return [assignment for assignment in planned if assignment.key not in given]


@dataclass(frozen=True)
class Preview:
    """What a declaration would do."""

    tasks: int
    regions: int
    vacant: int  # tasks whose post nobody holds


def preview(
    *,
    incident: Incident,
    version: PlanVersion,
    level: int,
    areas: Sequence[Region],
    at: datetime,
) -> Preview:
    """Count what declaring this level would hand out, and to whom it would not get."""
    found = new_assignments(incident=incident, version=version, level=level, areas=areas, at=at)
    posts = {assignment.post for assignment in found if assignment.post}
    held = set(
        Holding.objects.on(timezone.localdate(at))
        .filter(post__in=posts)
        .values_list("post", flat=True)
    )
    vacant = sum(a.post is None or a.post.pk not in held for a in found)
    return Preview(len(found), len({a.region.pk for a in found}), vacant)


def plan_out(
    *, version: PlanVersion, level: int, areas: Sequence[Region], at: datetime
) -> Iterator[Assignment]:
    """Every step of the level, and of those below it, in every place it concerns."""
    for step in version.steps.filter(level__gte=level).order_by("order"):
        regions = list(_regions_of(step, areas))
        posts = {
            post.region_id: post
            for post in Post.objects.filter(role__code=step.role, region__in=regions)
        }
        if not step.site_kind:
            for region in regions:
                yield Assignment(step, region, posts.get(region.pk), None)
            continue
        by_path = {region.path: region for region in regions}
        for site in _sites_of(step, areas, at):
            around = next(
                (by_path[p] for p in paths_upwards(site.region.path) if p in by_path), None
            )
            if around is not None:
                yield Assignment(step, around, posts.get(around.pk), site)


def _check(
    incident: Incident, version: PlanVersion, level: int, areas: Sequence[Region], by: Account
) -> None:
    if version.state != PlanVersion.State.IN_FORCE:
        raise Refusal(
            "command.not_in_force",
            _("This version of the plan is not in force."),
            hint=_("Have it approved first, or choose the version in force."),
        )
    if level not in ResponseLevel.values:
        raise BadInput("command.level", _("Response levels run from 1 (gravest) to 4."))
    if not areas:
        raise BadInput("command.no_area", _("Choose at least one region concerned."))
    outside = [area for area in areas if not version.plan.region.covers(area)]
    if outside:
        raise BadInput(
            "command.area_outside",
            _("%(region)s lies outside the plan's region.") % {"region": outside[0].name},
        )
    for area in areas:
        if not by.may("command.lead", region=area):
            raise NotAllowed(
                "command.area_not_yours",
                _("You do not lead in %(region)s.") % {"region": area.name},
            )


def _regions_of(step: PlanStep, areas: Sequence[Region]) -> Iterator[Region]:
    """Where a step is to be done: the areas' subtrees, or the region above that holds them."""
    seen: set[int] = set()
    for area in areas:
        if area.level > step.region_level:
            candidates = Region.objects.filter(
                path__in=paths_upwards(area.path), level=step.region_level, valid_to=None
            )
        else:
            candidates = Region.objects.filter(
                path__under=area.path, level=step.region_level, valid_to=None
            )
        for region in candidates.order_by("path"):
            if region.pk not in seen:
                seen.add(region.pk)
                yield region


def _sites_of(step: PlanStep, areas: Sequence[Region], at: datetime) -> Iterator[Site]:
    sites = Site.objects.filter(kind=step.site_kind).in_use()
    if step.hit_by_forecast:
        sites = sites.filter(pk__in=hit_sites(kind=step.site_kind, at=at))
    yield from sites.within([a.path for a in areas]).select_related("region").order_by("pk")


def _declare(
    incident: Incident,
    activation: Activation,
    areas: Sequence[Region],
    count: int,
    *,
    by: Account,
    at: datetime,
) -> None:
    Incident.objects.filter(pk=incident.pk).update(level=activation.level)
    incident.refresh_from_db(fields=["level"])
    names = "、".join(area.name for area in areas)
    publish(
        "command.level.declared",
        at=at,
        by=by,
        region_path=incident.region.path,
        incident_id=incident.pk,
        activation_id=activation.pk,
        level=activation.level,
        tasks=count,
    )
    text = _("%(level)s by “%(plan)s” in %(areas)s: %(count)d tasks") % {
        "level": activation.get_level_display(),
        "plan": activation.version.plan.name,
        "areas": names,
        "count": count,
    }
    write_log(incident, LogEntry.Kind.LEVEL, text, by=by, at=at)
