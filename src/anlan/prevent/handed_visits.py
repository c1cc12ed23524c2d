"""A whole visit as a phone hands it in: read strictly, then taken by the visits' own service."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from django.utils.translation import gettext as _
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from anlan.base.errors import BadInput, NotFound, Refusal
from anlan.people.models import Account
from anlan.places.models import Region
from anlan.work.models import Submission

from .models import Enterprise, StandardVersion, Visit, VisitPlan
from .queries.visits import missed_plan, tell_missed, visit_of
from .services.sent_visits import Checked, Found, SentFile, SentVisit, VisitRefused, take_visit
from .services.visits import Reply

CODE = "prevent.visit"
Id = Annotated[int, Field(ge=1, le=2**63 - 1)]
Text = Annotated[str, Field(max_length=2000)]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ReplyIn(_Strict):
    entry: Id
    result: Annotated[str, Field(max_length=5)]
    note: Annotated[str, Field(max_length=300)] = ""


class HazardIn(_Strict):
    what: Text
    grade: Annotated[str, Field(max_length=7)] = "GENERAL"
    entry: Id | None = None
    basis: Annotated[str, Field(max_length=300)] = ""
    due_on: date | None = None
    files: Annotated[list[Digest], Field(max_length=20)] = []


class RecheckIn(_Strict):
    hazard: Id
    passed: bool
    note: Annotated[str, Field(max_length=300)] = ""


class FileIn(_Strict):
    digest: Digest
    role: Literal["PHOTO", "SIGN", "VOICE"] = "PHOTO"


class VisitIn(_Strict):
    """What the phone wrote down; position and note stand beside it, as with any submission."""

    enterprise: Id
    plan: Id | None = None
    version: Id | None = None
    kind: Literal["INSPECT", "RECHECK", "SELF", "SERVICE"] = "INSPECT"  # of a plan: the plan's
    started_at: AwareDatetime
    finished_at: AwareDatetime
    # Who came along; not given (by older phones, where nobody was unticked): whom the plan names.
    alongside: Annotated[list[Id], Field(max_length=20)] | None = None
    led_by_principal: bool = False
    replies: Annotated[list[ReplyIn], Field(max_length=1000)] = []
    hazards: Annotated[list[HazardIn], Field(max_length=200)] = []
    rechecks: Annotated[list[RecheckIn], Field(max_length=200)] = []
    files: Annotated[list[FileIn], Field(max_length=20)] = []


def locate(actor: Account, data: dict[str, Any]) -> Region:
    """Where the visit was made; an enterprise out of the sender's reach is not there."""
    return _enterprise(actor, _read(data)).site.region


def take(submission: Submission, at: datetime) -> None:
    """The visit gets the submission's id, so that it is one and the same however often sent."""
    by, sent = submission.by, _read(submission.data)
    try:
        visit = take_visit(
            sent=_sent(submission, sent, _enterprise(by, sent)),
            digest=submission.digest,
            submission=submission,
            by=by,
            at=at,
        )
    except VisitRefused as refused:
        # Row by row: nobody corrects a visit one line a day.
        lines = "\n".join(row.text for row in refused.rows)
        told = BadInput(refused.code, lines, hint=refused.hint)
        told.problems = [vars(row) for row in refused.rows]
        raise told from refused
    if (plan := missed_plan(visit)) is not None:
        stands = _("This visit stands as one of its own; all of it is kept.")
        submission.reason = f"{tell_missed(plan, visit_of(plan))}{stands}"


def _read(data: dict[str, Any]) -> VisitIn:
    try:
        return VisitIn.model_validate(data)
    except ValidationError as error:
        where = "，".join(".".join(map(str, one["loc"])) for one in error.errors()[:5])
        raise BadInput(
            "prevent.visit_unreadable",
            _("The visit cannot be read (%(where)s).") % {"where": where},
            hint=_("Nothing is lost on the device. Tell your administrator."),
        ) from error


def _enterprise(by: Account, sent: VisitIn) -> Enterprise:
    rows = Enterprise.objects.select_related("site__region", "standard")
    found = rows.filter(pk=sent.enterprise).first()
    if found is None or not _may_visit(by, found, sent.kind):
        raise NotFound(
            "prevent.no_enterprise",
            _("There is no such enterprise in your regions."),
            hint=_("It may have gone to another region; ask your office."),
        )
    return found


def _may_visit(by: Account, enterprise: Enterprise, kind: str) -> bool:
    own = kind == Visit.Kind.SELF and enterprise.contacts.filter(account=by).exists()
    return own or by.may("prevent.inspect", region=enterprise.site.region)


def _sent(submission: Submission, sent: VisitIn, enterprise: Enterprise) -> SentVisit:
    plans = VisitPlan.objects.select_related("item__doer", "campaign", "enterprise__site__region")
    plan = plans.filter(pk=sent.plan).first()
    return SentVisit(
        id=submission.pk,
        enterprise=enterprise,
        kind=sent.kind,
        started_at=sent.started_at,
        finished_at=sent.finished_at,
        version=_version(sent),
        plan=plan,
        inspectors=_came_along(sent),
        led_by_principal=sent.led_by_principal,
        replies=tuple(Reply(row.entry, row.result, row.note) for row in sent.replies),
        hazards=tuple(
            Found(row.what, row.grade, row.entry, row.basis, row.due_on, files=tuple(row.files))
            for row in sent.hazards
        ),
        rechecks=tuple(Checked(row.hazard, row.passed, row.note) for row in sent.rechecks),
        files=tuple(SentFile(row.digest, row.role) for row in sent.files),
        lon=submission.lon,
        lat=submission.lat,
        accuracy_m=submission.accuracy_m,
        note=submission.note,
    )


def _came_along(sent: VisitIn) -> tuple[Account | None, ...] | None:
    if sent.alongside is None:
        return None
    people = Account.objects.filter(is_active=True).in_bulk(sent.alongside)
    return tuple(people.get(pk) for pk in sent.alongside)


def _version(sent: VisitIn) -> StandardVersion | None:
    """The checklist that was on the phone, though another may be in force by now."""
    if sent.version is None:
        return None
    found = StandardVersion.objects.filter(pk=sent.version).first()
    if found is None or found.state == StandardVersion.State.DRAFT:
        raise Refusal(
            "prevent.no_checklist",
            _("The checklist of this visit is not one that was ever in force."),
            hint=_("Renew what the device has taken along, then visit by the new checklist."),
        )
    return found
