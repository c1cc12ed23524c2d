"""Incidents for programs."""

from datetime import datetime

from django.db.models import QuerySet
from ninja import Field, Router, Schema, Status
from ninja.pagination import paginate

from anlan.base import clock
from anlan.base.pages import SignedIn
from anlan.places.queries import get_region
from anlan.warn.queries import get_alarm

from . import closures, queries
from .models import Activation, Closure, Incident, ResponseLevel
from .services import activation, incidents

router = Router(tags=["command"])


class IncidentIn(Schema):
    title: str = Field(max_length=120)
    kind: str = Field(max_length=40)
    region_code: str = Field(max_length=20)
    alarm_id: int | None = None
    exercise: bool = False


class IncidentOut(Schema):
    id: int = Field(alias="pk")
    title: str
    kind: str
    region_code: str = Field(alias="region.code")
    level: int | None
    opened_at: datetime
    closed_at: datetime | None
    exercise: bool


class TaskCountOut(Schema):
    region_code: str = Field(alias="region.code")
    region: str = Field(alias="region.name")
    total: int
    open: int
    doing: int
    submitted: int
    closed: int
    overdue: int
    vacant: int


class LineOut(Schema):
    at: datetime
    what: str
    label: str
    who: str
    text: str
    note: str


class ActivationIn(Schema):
    version_id: int
    level: ResponseLevel
    region_codes: list[str] = Field(max_length=400)


class ActivationOut(Schema):
    id: int = Field(alias="pk")
    level: int
    at: datetime
    tasks: int

    @staticmethod
    def resolve_tasks(made: Activation) -> int:
        return made.tasks.count()


class NoteIn(Schema):
    text: str = Field(max_length=4000)


class ClosureOut(Schema):
    id: int = Field(alias="pk")
    place: str
    site_id: int | None
    road_id: int | None
    region_code: str = Field(alias="item.region.code")
    state: str
    ordered_at: datetime = Field(alias="item.opened_at")
    due_at: datetime | None = Field(alias="item.due_at")
    closed_at: datetime | None
    ended_at: datetime | None
    exercise: bool = Field(alias="item.exercise")

    @staticmethod
    def resolve_place(closure: Closure) -> str:
        return str(closure.place)


@router.get("/closures", response=list[ClosureOut])
@paginate
def list_closures(request: SignedIn, ended: bool = False) -> QuerySet[Closure]:
    """Places that are closed to traffic or to be closed, for routing and for other systems."""
    return closures.list_closures(actor=request.auth, ended=ended)


@router.get("/incidents", response=list[IncidentOut])
@paginate
def list_incidents(request: SignedIn, closed: bool = False) -> QuerySet[Incident]:
    """Running incidents (or the closed ones) in the caller's regions."""
    return queries.list_incidents(actor=request.auth, closed=closed)


@router.post("/incidents", response={201: IncidentOut})
def open_incident(request: SignedIn, body: IncidentIn) -> Status[Incident]:
    """Open an incident, from an alarm or by itself."""
    actor = request.auth
    alarm = get_alarm(actor=actor, alarm_id=body.alarm_id) if body.alarm_id is not None else None
    made = incidents.open_incident(
        title=body.title,
        kind=body.kind,
        region=get_region(code=body.region_code),
        alarm=alarm,
        exercise=body.exercise,
        by=actor,
        at=clock.now(),
    )
    return Status(201, made)


@router.get("/incidents/{incident_id}", response=IncidentOut)
def get_incident(request: SignedIn, incident_id: int) -> Incident:
    return queries.get_incident(actor=request.auth, incident_id=incident_id)


@router.get("/incidents/{incident_id}/counts", response=list[TaskCountOut])
def counts(request: SignedIn, incident_id: int, level: int = 3) -> list[queries.Counts]:
    """Tasks by state, summed up at a level of the region tree."""
    actor = request.auth
    found = queries.get_incident(actor=actor, incident_id=incident_id)
    return queries.count_by_region(actor=actor, incident=found, at=clock.now(), level=level)


@router.get("/incidents/{incident_id}/timeline", response=list[LineOut])
def timeline(request: SignedIn, incident_id: int) -> list[queries.Line]:
    """Everything that happened, oldest first."""
    actor = request.auth
    found = queries.get_incident(actor=actor, incident_id=incident_id)
    return queries.timeline(actor=actor, incident=found)


@router.post("/incidents/{incident_id}/notes", response={201: None})
def add_note(request: SignedIn, incident_id: int, body: NoteIn) -> Status[None]:
    actor = request.auth
    found = queries.get_incident(actor=actor, incident_id=incident_id)
    incidents.add_note(incident=found, text=body.text, by=actor, at=clock.now())
    return Status(201, None)


@router.post("/incidents/{incident_id}/activations", response={201: ActivationOut})
def activate(request: SignedIn, incident_id: int, body: ActivationIn) -> Status[Activation]:
    """Declare a response level: the plan's steps become tasks."""
    actor = request.auth
    found = queries.get_incident(actor=actor, incident_id=incident_id)
    made = activation.activate(
        incident=found,
        version=queries.get_version(actor=actor, version_id=body.version_id),
        level=body.level,
        areas=[get_region(code=code) for code in body.region_codes],
        by=actor,
        at=clock.now(),
    )
    return Status(201, made)
