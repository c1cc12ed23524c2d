"""Read incidents and plans. Every function takes the reader and shows only their regions."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Prefetch, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from anlan.base.errors import NotFound
from anlan.base.models import Seal
from anlan.people.models import Account, Holding, Role
from anlan.places import kinds
from anlan.places.models import PLACE, Region
from anlan.places.queries import paths_upwards
from anlan.warn.models import Alarm
from anlan.work import moves
from anlan.work.models import Step, WorkItem

from .models import Closure, Incident, LogEntry, Plan, PlanStep, PlanVersion, ResponseLevel, Task


def visible_incidents(*, actor: Account) -> QuerySet[Incident]:
    """Incidents in the actor's regions, and those from above that handed out tasks there.

    A county sees the city's incident that concerns it, but of its tasks only its own.
    """
    paths = actor.regions_for("command.view")
    own = Incident.objects.within(paths).values("pk")
    concerned = Task.objects.within(paths).values("incident")
    return Incident.objects.filter(Q(pk__in=own) | Q(pk__in=concerned))


def list_incidents(*, actor: Account, closed: bool = False) -> QuerySet[Incident]:
    """Running incidents (or closed ones) that concern the actor, newest first, with counts."""
    mine = Q(tasks__in=Task.objects.within(actor.regions_for("command.view")))
    done = Q(tasks__item__state=WorkItem.State.CLOSED)
    return (
        visible_incidents(actor=actor)
        .filter(closed_at__isnull=not closed)
        .select_related(f"region__{PLACE}", "opened_by")
        .annotate(
            tasks_all=Count("tasks", filter=mine), tasks_closed=Count("tasks", filter=mine & done)
        )
        .order_by("-opened_at", "-pk")
    )


def get_incident(*, actor: Account, incident_id: int) -> Incident:
    """One incident, or NotFound."""
    visible = visible_incidents(actor=actor).select_related(f"region__{PLACE}", "opened_by")
    incident = visible.filter(pk=incident_id).first()
    if incident is None:
        raise NotFound("command.no_incident", _("There is no such incident in your regions."))
    return incident


def list_tasks(*, actor: Account, incident: Incident) -> QuerySet[Task]:
    """The incident's tasks in the actor's regions: overdue and open ones first."""
    tasks = Task.objects.within(actor.regions_for("command.view")).filter(incident=incident)
    tasks = tasks.select_related(f"item__region__{PLACE}", "item__post__role", "item__doer", "site")
    return tasks.order_by(F("item__due_at").asc(nulls_last=True), "pk")


@dataclass(frozen=True)
class TaskRow:
    """A task with whoever has it: its doer, or else who holds the post; nobody: a gap."""

    task: Task
    who: str


def task_rows(
    *, actor: Account, incident: Incident, at: datetime, most: int
) -> tuple[list[TaskRow], int]:
    """The tasks that are due first, and how many there are."""
    tasks = list_tasks(actor=actor, incident=incident)
    shown = list(tasks[:most])
    posts = {task.item.post_id for task in shown}
    holders: dict[int, list[str]] = {}
    held = Holding.objects.on(timezone.localdate(at)).filter(post__in=posts - {None})
    for post, name in held.order_by("from_date", "pk").values_list("post", "account__name"):
        holders.setdefault(post, []).append(name)
    rows = [
        TaskRow(task, str(task.item.doer or "、".join(holders.get(task.item.post_id or 0, []))))
        for task in shown
    ]
    return rows, tasks.count()


def get_task(*, actor: Account, item_id: int) -> Task:
    tasks = Task.objects.within(actor.regions_for("work.view"))
    task = tasks.select_related("incident", "item", "site").filter(item__pk=item_id).first()
    if task is None:
        raise NotFound("command.no_task", _("There is no such task in your regions."))
    return task


@dataclass
class Counts:
    """How far the tasks of one region are. Overdue ones are open, and counted there too."""

    region: Region
    total: int = 0
    open: int = 0
    doing: int = 0
    submitted: int = 0
    closed: int = 0
    overdue: int = 0
    vacant: int = 0

    @property
    def percent_closed(self) -> int:
        return round(100 * self.closed / self.total) if self.total else 0


_COLUMN = {"OPEN": "open", "DOING": "doing", "PAUSED": "doing", "SUBMITTED": "submitted"}


def count_by_region(
    *, actor: Account, incident: Incident, at: datetime, level: int
) -> list[Counts]:
    """The tasks summed up at a level of the tree (counties for the city, towns for a county)."""
    tasks = list_tasks(actor=actor, incident=incident).exclude(item__state="CANCELLED")
    rows = tasks.order_by().values_list("item__region__path", "item__state", "item__due_at", "pk")
    vacant = set(vacant_tasks(tasks, on=at).values_list("pk", flat=True))
    sums: dict[str, Counts] = {}
    regions = {region.path: region for region in Region.objects.filter(level=level)}
    for path, state, due_at, pk in rows:
        # A task of the incident's own region (the city's commander) has a row of its own.
        prefix = next((p for p in paths_upwards(path) if p in regions), incident.region.path)
        counts = sums.setdefault(prefix, Counts(regions.get(prefix, incident.region)))
        counts.total += 1
        column = _COLUMN.get(state, "closed")
        setattr(counts, column, getattr(counts, column) + 1)
        counts.overdue += bool(column != "closed" and due_at and due_at < at)
        counts.vacant += pk in vacant
    return [sums[path] for path in sorted(sums)]


def vacant_tasks(tasks: QuerySet[Task], *, on: datetime) -> QuerySet[Task]:
    """Tasks that reach nobody: no such post in that region, or nobody holds it that day."""
    held = Holding.objects.on(timezone.localdate(on)).values("post")
    unheld = Q(item__post=None) | ~Q(item__post__in=held)
    return tasks.filter(unheld, item__doer=None)


@dataclass(frozen=True)
class Line:
    """A line of the timeline, wherever it was written."""

    at: datetime
    what: str  # for programs and icons: "alarm.raised", "work.submit", "log.NOTE"
    label: str
    who: str
    text: str
    item: WorkItem | None = None
    note: str = ""


def timeline(*, actor: Account, incident: Incident, newest: int | None = None) -> list[Line]:
    """Everything that happened in an incident, oldest first: log, alarms and task steps."""
    lines = [
        *_log_lines(incident),
        *_alarm_lines(actor, incident),
        *_step_lines(actor, incident),
        *_closure_lines(actor, incident),
    ]
    lines.sort(key=lambda line: line.at)
    return lines[-newest:] if newest else lines


def _log_lines(incident: Incident) -> list[Line]:
    entries = incident.log.exclude(kind=LogEntry.Kind.ALARM).select_related("by").order_by("pk")
    return [Line(e.at, f"log.{e.kind}", e.get_kind_display(), str(e.by), e.text) for e in entries]


def _alarm_lines(actor: Account, incident: Incident) -> list[Line]:
    """Alarms as they were raised, acknowledged and cleared: three facts, three lines."""
    lines = []
    visible = Alarm.objects.within(actor.regions_for("warn.view"))
    alarms = visible.filter(incidents=incident).select_related(
        "rule", "region", "series__station", "acknowledged_by"
    )
    for alarm in alarms.order_by("pk"):
        lines.append(Line(alarm.opened_at, "alarm.raised", _("alarm raised"), "", str(alarm)))
        if alarm.acknowledged_at:
            who, done = str(alarm.acknowledged_by or ""), _("alarm acknowledged")
            lines.append(Line(alarm.acknowledged_at, "alarm.acknowledged", done, who, str(alarm)))
        if alarm.cleared_at:
            lines.append(
                Line(alarm.cleared_at, "alarm.cleared", _("alarm cleared"), "", str(alarm))
            )
    return lines


def _step_lines(actor: Account, incident: Incident) -> list[Line]:
    tasks = Task.objects.within(actor.regions_for("command.view")).filter(incident=incident)
    return _lines_of(Step.objects.filter(item__in=tasks.values("item")).exclude(move="open"))


def _closure_lines(actor: Account, incident: Incident) -> list[Line]:
    """What was done about places to be closed, and when they were opened again."""
    visible = Closure.objects.within(actor.regions_for("command.view"))
    closures = visible.filter(incident=incident).select_related("item", "site", "road", "ended_by")
    lines = _lines_of(Step.objects.filter(item__in=closures.values("item")))
    return lines + [
        Line(
            closure.ended_at,
            "closure.opened",
            str(closure.state.label),
            str(closure.ended_by or ""),
            str(closure.place),
            closure.item,
            closure.ended_note,
        )
        for closure in closures
        if closure.ended_at and closure.closed_at
    ]


def _lines_of(steps: QuerySet[Step]) -> list[Line]:
    return [
        Line(
            s.at,
            f"work.{s.move}",
            moves.label(s.move),
            str(s.by),
            f"{s.item.region.name} {s.item.title}",
            s.item,
            s.note,
        )
        for s in steps.select_related("by", "item__region").order_by("pk")
    ]


def list_plans(*, actor: Account) -> QuerySet[Plan]:
    """Plans of the actor's regions and, read-only, of the regions above them."""
    paths = actor.regions_for("command.view")
    above = {prefix for path in paths for prefix in paths_upwards(path)}
    return (
        Plan.objects.filter(
            Q(pk__in=Plan.objects.within(paths).values("pk")) | Q(region__path__in=above)
        )
        .select_related("region")
        .order_by("region__path", "code")
    )


def get_version(*, actor: Account, version_id: int) -> PlanVersion:
    version = (
        PlanVersion.objects.filter(plan__in=list_plans(actor=actor), pk=version_id)
        .select_related("plan__region", "author", "approver")
        .first()
    )
    if version is None:
        raise NotFound("command.no_plan", _("There is no such plan in your regions."))
    return version


def plans_in_force(*, actor: Account, region: Region) -> list[PlanVersion]:
    """What may be activated for an incident in this region: its own plans and those above."""
    versions = PlanVersion.objects.filter(
        state=PlanVersion.State.IN_FORCE,
        plan__in=list_plans(actor=actor),
        plan__region__path__in=list(paths_upwards(region.path)),
    )
    return list(versions.select_related("plan__region").order_by("-plan__region__level", "pk"))


@dataclass
class AreaGroup:
    """A county (or the city itself) with its towns, as areas to choose from."""

    head: Region
    towns: list[Region]


def areas_to_choose(*, actor: Account, within: Region) -> list[AreaGroup]:
    """The regions down to towns that the actor leads in an incident's region, by county."""
    paths = actor.regions_for("command.lead")
    deepest = max(Region.Level.TOWN, within.level)
    below = Region.objects.within(paths).filter(
        path__under=within.path, level__lte=deepest, valid_to=None
    )
    groups: list[AreaGroup] = []
    for region in below.order_by("path"):
        if not groups or region.level <= Region.Level.COUNTY:
            groups.append(AreaGroup(region, []))
        else:
            groups[-1].towns.append(region)
    return groups


def role_names() -> dict[str, str]:
    return dict(Role.objects.values_list("code", "name"))


def count_all(*, actor: Account, incident: Incident, at: datetime) -> Counts:
    """All tasks of the incident that the actor sees, as one row."""
    total = Counts(incident.region)
    for counts in count_by_region(
        actor=actor, incident=incident, at=at, level=incident.region.level
    ):
        total.total += counts.total
        total.open += counts.open
        total.doing += counts.doing
        total.submitted += counts.submitted
        total.closed += counts.closed
        total.overdue += counts.overdue
        total.vacant += counts.vacant
    return total


def last_seal() -> Seal | None:
    """The journal's newest seal, to print under a record."""
    return Seal.objects.order_by("-pk").first()


@dataclass(frozen=True)
class Shelf:
    """A plan with the versions that matter."""

    plan: Plan
    in_force: PlanVersion | None
    draft: PlanVersion | None

    @property
    def shown(self) -> PlanVersion | None:
        return self.in_force or self.draft


def plan_library(*, actor: Account) -> list[Shelf]:
    plans = list(list_plans(actor=actor))
    versions = PlanVersion.objects.filter(plan__in=plans).exclude(state="REPLACED")
    found = {
        (version.plan_id, version.state): version
        for version in versions.select_related("author", "approver").annotate(
            step_count=Count("steps")
        )
    }
    return [
        Shelf(plan, found.get((plan.pk, "IN_FORCE")), found.get((plan.pk, "DRAFT")))
        for plan in plans
    ]


def versions_of(version: PlanVersion) -> list[PlanVersion]:
    return list(version.plan.versions.select_related("author", "approver").order_by("-number"))


@dataclass(frozen=True)
class StepLine:
    """A step with its post's name."""

    step: PlanStep
    role: str
    site_kind: str


def steps_by_level(version: PlanVersion) -> list[tuple[str, list[StepLine]]]:
    """(level's name, its steps), the mildest level first, as a response builds up."""
    names = role_names()
    steps = version.steps.order_by("order")
    sites = {kind.code: str(kind.label) for kind in kinds.registered()}
    lines = [
        StepLine(step, names.get(step.role, step.role), sites.get(step.site_kind, ""))
        for step in steps
    ]
    return [
        (str(level.label), [line for line in lines if line.step.level == level])
        for level in sorted(ResponseLevel, reverse=True)
    ]


def task_row() -> "Prefetch[str]":
    return Prefetch("task", Task.objects.select_related("incident", "site"))


def describe_task(item: WorkItem) -> list[str]:
    """What the doer must know of a task beyond its title."""
    task: Task = item.task
    lines = [task.instructions, _("Incident: %(title)s") % {"title": task.incident.title}]
    if task.site:
        lines.insert(1, _("Where: %(site)s") % {"site": task.site.name})
    return [line for line in lines if line]


def place_of_task(item: WorkItem) -> tuple[float, float] | None:
    """Longitude and latitude of the task's site, to measure the proof's distance from."""
    site = Task.objects.select_related("site").get(pk=item.pk).site
    return (site.lon, site.lat) if site else None
