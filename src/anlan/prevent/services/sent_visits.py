"""A whole visit as a phone sends it: every row looked at first, then taken in once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from anlan.base.errors import BadInput, NotAllowed, Refusal
from anlan.people.models import Account
from anlan.places.models import Region
from anlan.work.models import Submission, WorkItem

from ..models import (
    Answer,
    Campaign,
    Enterprise,
    Entry,
    Hazard,
    StandardVersion,
    Visit,
    VisitFile,
    VisitPlan,
)
from ..queries.visits import visit_of
from .hazards import Finding, may_be_due, open_like
from .visit_files import attach_files
from .visits import Reply, check_again, checklist_for, end_visit, report_found, start_visit

MOST_HAZARDS = 100


@dataclass(frozen=True)
class Found:
    """A hazard as a phone wrote it down; `files` are the digests of its photos."""

    what: str
    grade: str = Hazard.Grade.GENERAL
    entry_id: int | None = None
    basis: str = ""
    due_on: date | None = None
    lon: float | None = None
    lat: float | None = None
    files: tuple[str, ...] = ()


@dataclass(frozen=True)
class Checked:
    """What was found of an earlier hazard."""

    hazard_id: int
    passed: bool
    note: str = ""


@dataclass(frozen=True)
class SentFile:
    digest: str
    role: str = VisitFile.Role.PHOTO


@dataclass(frozen=True)
class SentVisit:
    """A whole finished visit, made with no network under an id that the phone made itself."""

    id: UUID
    enterprise: Enterprise
    started_at: datetime
    finished_at: datetime
    kind: str = Visit.Kind.INSPECTION
    version: StandardVersion | None = None
    plan: VisitPlan | None = None
    campaign: Campaign | None = None
    # Beside whoever sends it; None: as planned. In it, None is somebody who is not known here.
    inspectors: tuple[Account | None, ...] | None = None
    led_by_principal: bool = False
    replies: tuple[Reply, ...] = ()
    hazards: tuple[Found, ...] = ()
    rechecks: tuple[Checked, ...] = ()
    files: tuple[SentFile, ...] = ()
    lon: float | None = None
    lat: float | None = None
    accuracy_m: float | None = None
    note: str = ""


@dataclass(frozen=True)
class RowProblem:
    """One row that cannot be taken: of "replies", "hazards", "rechecks", "alongside", from 0."""

    part: str
    row: int
    text: str


class VisitRefused(BadInput):
    """A visit with rows that cannot be taken; nothing of it was kept."""

    def __init__(self, rows: Sequence[RowProblem]) -> None:
        self.rows = list(rows)
        super().__init__(
            "prevent.visit_refused",
            _("The visit cannot be taken as it is: %(why)s") % {"why": rows[0].text},
            hint=_("Nothing is lost: correct it on the device and send it again as a new one."),
        )

    def as_dict(self) -> dict[str, Any]:
        return {**super().as_dict(), "rows": [vars(row) for row in self.rows]}


def take_visit(
    *,
    sent: SentVisit,
    digest: str,
    submission: Submission | None = None,
    by: Account,
    at: datetime,
) -> Visit:
    """Take a whole visit in, once: the same id and bytes give the same visit, however often.

    Raises `VisitRefused` with the rows that cannot be taken; other bytes under the id are refused
    with 409. Files are announced by digest and may come before or after it.
    """
    known = _known(sent.id, digest, by)
    if known is not None:
        return known
    try:
        with transaction.atomic():
            return _take_in(sent, digest, submission, by, at)
    except IntegrityError:
        # Another copy won the race between our look and our insert; now it is there.
        known = _known(sent.id, digest, by)
        if known is None:
            raise
        return known


def _known(visit_id: UUID, digest: str, by: Account) -> Visit | None:
    visit = Visit.objects.filter(pk=visit_id).first()
    if visit is None:
        return None
    if visit.digest != digest or not visit.inspectors.filter(pk=by.pk).exists():
        raise Refusal(
            "prevent.other_visit",
            _("A different visit with this number was already received."),
            hint=_("Send yours again as a new one."),
        )
    return visit


def _take_in(
    sent: SentVisit, digest: str, submission: Submission | None, by: Account, at: datetime
) -> Visit:
    # A phone's clock is shown, not believed: nothing was found after it was received.
    finished = min(sent.finished_at, at)
    _check_rows(sent, finished, by)
    started = min(sent.started_at, finished)
    visit = start_visit(
        enterprise=sent.enterprise,
        kind=_kind_of(sent),
        plan=_still_planned(sent.plan, by),
        made=True,
        campaign=sent.campaign,
        version=sent.version,
        inspectors=None if sent.inspectors is None else [p for p in sent.inspectors if p],
        led_by_principal=sent.led_by_principal,
        lon=sent.lon,
        lat=sent.lat,
        accuracy_m=sent.accuracy_m,
        visit_id=sent.id,
        by=by,
        at=started,
    )
    Visit.objects.filter(pk=visit.pk).update(digest=digest, submission=submission)
    Answer.objects.bulk_create(
        [
            Answer(visit=visit, entry_id=row.entry_id, result=row.result, note=row.note[:300])
            for row in sent.replies
        ]
    )
    hazards = [_take_hazard(visit, row, finished, by, at) for row in sent.hazards]
    _announce(visit, sent, hazards)
    _take_rechecks(visit, sent.rechecks, by, at)
    return end_visit(visit, finished_at=finished, note=sent.note, by=by, at=at)


def _kind_of(sent: SentVisit) -> str:
    """It was made as what was planned, whatever became of the plan meanwhile."""
    plan = sent.plan
    return plan.kind if plan and plan.enterprise_id == sent.enterprise.pk else sent.kind


def _still_planned(plan: VisitPlan | None, by: Account) -> VisitPlan | None:
    """A plan that was called off, done or begun by others meanwhile makes no visit undone.

    Who had accepted it does not matter: whoever may make it and has made it, fulfils it.
    """
    if plan is None:
        return None
    # Locked: of two phones that send for the same plan at once, the first fulfils it.
    WorkItem.objects.select_for_update().get(pk=plan.pk)
    plan.item.refresh_from_db(fields=["state", "doer"])
    fits = plan.item.is_open and by.may("prevent.inspect", region=plan.item.region)
    return plan if fits and visit_of(plan) is None else None


def _check_rows(sent: SentVisit, finished: datetime, by: Account) -> None:
    """Every row that cannot be taken, at once: nobody corrects a visit one row a day."""
    problems = [
        *_bad_companions(sent),
        *_bad_replies(sent),
        *_bad_hazards(sent, finished),
        *_bad_rechecks(sent, by),
    ]
    if problems:
        raise VisitRefused(problems)


def _bad_companions(sent: SentVisit) -> list[RowProblem]:
    """Who may not inspect there does not stand on the record; a number says nobody's name."""
    region, problems = sent.enterprise.site.region, []
    for n, person in enumerate(sent.inspectors or ()):
        if sent.kind == Visit.Kind.SELF:
            text = _("Nobody goes along on a self-inspection.")
        elif person is None or not person.may("prevent.inspect", region=region):
            text = _("Whom you named as number %(n)d may not inspect in %(region)s (any more).")
            text %= {"n": n + 1, "region": region.name}
        else:
            continue
        problems.append(RowProblem("alongside", n, text))
    return problems


def _entries(sent: SentVisit) -> dict[int, Entry]:
    version = sent.version or checklist_for(sent.enterprise, sent.plan)
    if version is None or version.state == StandardVersion.State.DRAFT:
        return {}
    return {entry.pk: entry for entry in version.entries.all()}


def _bad_replies(sent: SentVisit) -> list[RowProblem]:
    entries, seen, problems = _entries(sent), set[int](), []
    for n, row in enumerate(sent.replies):
        if row.entry_id not in entries:
            text = _("Line %(n)d is not of this visit's checklist.") % {"n": n + 1}
        elif row.entry_id in seen:
            text = _("Line %(n)d is answered twice.") % {"n": n + 1}
        elif row.result not in Answer.Result.values:
            text = _("Line %(n)d has an answer that does not exist.") % {"n": n + 1}
        else:
            seen.add(row.entry_id)
            continue
        problems.append(RowProblem("replies", n, text))
    return problems


def _bad_hazards(sent: SentVisit, finished: datetime) -> list[RowProblem]:
    entries, problems = _entries(sent), []
    if len(sent.hazards) > MOST_HAZARDS:
        text = _("A visit has at most %(n)d hazards.") % {"n": MOST_HAZARDS}
        return [RowProblem("hazards", MOST_HAZARDS, text)]
    for n, row in enumerate(sent.hazards):
        if not row.what.strip() or len(row.what) > 500:
            text = _("Hazard %(n)d needs a description of at most 500 characters.") % {"n": n + 1}
        elif row.grade not in Hazard.Grade.values:
            text = _("Hazard %(n)d is neither general nor major.") % {"n": n + 1}
        elif row.entry_id is not None and row.entry_id not in entries:
            text = _("Hazard %(n)d names a line that is not of this checklist.") % {"n": n + 1}
        elif row.due_on is not None and not may_be_due(row.due_on, finished):
            text = _("The last day of hazard %(n)d must lie within a year from the visit.")
            text %= {"n": n + 1}
        else:
            continue
        problems.append(RowProblem("hazards", n, text))
    return problems


def _bad_rechecks(sent: SentVisit, by: Account) -> list[RowProblem]:
    site, problems = sent.enterprise.site, []
    asked = [row.hazard_id for row in sent.rechecks]
    there = set(Hazard.objects.filter(pk__in=asked, site=site).values_list("pk", flat=True))
    unable = _why_not(by, "prevent.check", site.region) if asked else ""
    for n, hazard in enumerate(asked):
        text = unable
        if hazard not in there:
            text = _("Hazard %(number)d is not of this enterprise.") % {"number": hazard}
        if text:
            problems.append(RowProblem("rechecks", n, text))
    return problems


def _why_not(by: Account, permission: str, region: Region) -> str:
    try:
        by.require(permission, region=region)
    except NotAllowed as refusal:
        return refusal.message
    return ""


def _take_hazard(visit: Visit, row: Found, found_at: datetime, by: Account, at: datetime) -> Hazard:
    entry = (
        Entry.objects.select_related("version").get(pk=row.entry_id)
        if row.entry_id is not None
        else None
    )
    hazard = open_like(site=visit.enterprise.site, entry=entry) if entry else None
    if hazard is None:
        finding = Finding(
            what=row.what,
            grade=row.grade,
            basis=row.basis or (entry.basis if entry else ""),
            entry=entry,
            due_on=row.due_on,
            lon=row.lon if row.lon is not None else visit.lon,
            lat=row.lat if row.lat is not None else visit.lat,
        )
        hazard = report_found(visit, finding, found_at, by, at)
    if entry is not None:
        Answer.objects.filter(visit=visit, entry=entry).update(hazard=hazard)
    return hazard


def _announce(visit: Visit, sent: SentVisit, hazards: Sequence[Hazard]) -> None:
    """Write down which files belong to the visit and which to which hazard."""
    of_hazards = {
        (digest, hazard.pk)
        for row, hazard in zip(sent.hazards, hazards, strict=True)
        for digest in row.files
    }
    taken = {digest for digest, _pk in of_hazards}
    rows = [VisitFile(visit=visit, digest=d, hazard_id=pk) for d, pk in sorted(of_hazards)]
    rows += [
        VisitFile(visit=visit, digest=file.digest, role=file.role)
        for file in {file.digest: file for file in sent.files}.values()
        if file.digest not in taken
    ]
    VisitFile.objects.bulk_create(rows)
    if sent_files := [row.digest for row in rows]:
        attach_files(visit=visit, digests=sent_files)


def _take_rechecks(visit: Visit, rows: Sequence[Checked], by: Account, at: datetime) -> None:
    problems = []
    for n, row in enumerate(rows):
        try:
            check_again(
                visit=visit, hazard_id=row.hazard_id, passed=row.passed, note=row.note, by=by, at=at
            )
        except Refusal as refusal:
            problems.append(RowProblem("rechecks", n, refusal.message))
    if problems:
        raise VisitRefused(problems)
