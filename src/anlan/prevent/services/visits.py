"""Visits: planned or on one's own initiative, written down at a desk or sent whole by a phone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from anlan.base.errors import BadInput, Refusal
from anlan.base.events import publish
from anlan.people.models import Account
from anlan.people.numbers import number_document
from anlan.work.models import Submission, WorkItem
from anlan.work.services import NewItem, advance, open_items
from anlan.work.submissions import keep_file

from ..limits import check_ahead, end_of
from ..models import (
    Answer,
    Campaign,
    Draw,
    Enterprise,
    Entry,
    Hazard,
    Recheck,
    StandardVersion,
    Visit,
    VisitFile,
    VisitPlan,
)
from ..queries.visits import to_order
from .campaigns import running_for
from .hazards import (
    Finding,
    is_of_enterprise,
    open_like,
    order_rectification,
    report_hazard,
)

KIND = "prevent.visit"
RECORD = {  # the word of each kind's record in its number
    Visit.Kind.INSPECTION: "检记",
    Visit.Kind.RECHECK: "复查",
    Visit.Kind.SELF: "自查",
    Visit.Kind.SERVICE: "服记",
}
MOST_HAZARDS = 100
S = WorkItem.State


@dataclass(frozen=True)
class Reply:
    """The answer to one line of the checklist."""

    entry_id: int
    result: str
    note: str = ""


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
    inspectors: tuple[Account, ...] = ()  # beside whoever sends it
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
    """One row of a visit that cannot be taken: "replies", "hazards" or "rechecks", from 0."""

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


@transaction.atomic
def plan_visits(
    *,
    enterprises: Sequence[Enterprise],
    due_on: date,
    kind: str = Visit.Kind.INSPECTION,
    campaign: Campaign | None = None,
    draw: Draw | None = None,
    inspectors: Sequence[Sequence[Account]] = (),
    by: Account,
    at: datetime,
) -> list[VisitPlan]:
    """Hand out visits until a day; `inspectors` names those of each enterprise, where they are."""
    for region in {enterprise.site.region for enterprise in enterprises}:
        if not by.may("prevent.campaign", region=region):
            by.require("prevent.inspect", region=region)
    check_ahead(due_on, at)
    items = open_items(
        kind=KIND,
        items=[
            NewItem(
                title=_("Visit %(name)s") % {"name": enterprise.site.name},
                region=enterprise.site.region,
                due_at=end_of(due_on),
                post=None,
            )
            for enterprise in enterprises
        ],
        by=by,
        at=at,
    )
    plans = VisitPlan.objects.bulk_create(
        [
            VisitPlan(item=item, enterprise=enterprise, kind=kind, campaign=campaign, draw=draw)
            for item, enterprise in zip(items, enterprises, strict=True)
        ],
        batch_size=500,
    )
    Named = VisitPlan.inspectors.through
    Named.objects.bulk_create(
        [
            Named(visitplan_id=plan.pk, account_id=person.pk)
            for plan, people in zip(plans, inspectors, strict=False)
            for person in people
        ],
        batch_size=500,
    )
    return plans


@transaction.atomic
def start_visit(
    *,
    enterprise: Enterprise,
    kind: str = Visit.Kind.INSPECTION,
    plan: VisitPlan | None = None,
    campaign: Campaign | None = None,
    version: StandardVersion | None = None,
    inspectors: Sequence[Account] = (),
    led_by_principal: bool = False,
    lon: float | None = None,
    lat: float | None = None,
    accuracy_m: float | None = None,
    visit_id: UUID | None = None,
    by: Account,
    at: datetime,
) -> Visit:
    """Begin a visit by the checklist in force for the enterprise."""
    _require_visitor(enterprise, kind, by)
    _check_plan(plan, enterprise, by)
    _check_campaign(campaign, enterprise)
    visit = Visit.objects.create(
        id=visit_id or uuid4(),
        kind=kind,
        enterprise=enterprise,
        region=enterprise.site.region,
        item=plan.item if plan else None,
        campaign=campaign
        or (plan.campaign if plan else None)
        or _campaign_of(enterprise, kind, at),
        version=version or version_for(enterprise),
        led_by_principal=led_by_principal,
        started_at=at,
        lon=lon,
        lat=lat,
        accuracy_m=accuracy_m,
    )
    visit.inspectors.set([by, *inspectors])
    return visit


def _campaign_of(enterprise: Enterprise, kind: str, at: datetime) -> Campaign | None:
    """What nobody named: an inspection counts to the campaign that is held there."""
    return running_for(enterprise, at) if kind == Visit.Kind.INSPECTION else None


def version_for(enterprise: Enterprise) -> StandardVersion | None:
    """The checklist in force for the enterprise's category."""
    if enterprise.standard_id is None:
        return None
    in_force = StandardVersion.State.IN_FORCE
    return StandardVersion.objects.filter(standard=enterprise.standard_id, state=in_force).first()


def _require_visitor(enterprise: Enterprise, kind: str, by: Account) -> None:
    if kind not in Visit.Kind.values:
        raise BadInput("prevent.bad_kind", _("There is no such kind of visit."))
    if kind == Visit.Kind.SELF and is_of_enterprise(by, enterprise.site):
        return
    by.require("prevent.inspect", region=enterprise.site.region)


def _check_campaign(campaign: Campaign | None, enterprise: Enterprise) -> None:
    if campaign is not None and not campaign.region.covers(enterprise.site.region):
        raise BadInput(
            "prevent.other_campaign",
            _("The campaign “%(title)s” is not held here.") % {"title": campaign},
        )


def _check_plan(plan: VisitPlan | None, enterprise: Enterprise, by: Account) -> None:
    if plan is None:
        return
    if plan.item.doer_id not in {None, by.pk}:
        raise Refusal(
            "prevent.plan_taken",
            _("%(name)s has accepted this planned visit.") % {"name": plan.item.doer},
            hint=_("Have it assigned again, or make it a visit of its own."),
        )
    if plan.enterprise_id != enterprise.pk:
        raise BadInput("prevent.other_plan", _("That visit was planned for another enterprise."))
    if not plan.item.is_open:
        raise Refusal(
            "prevent.plan_over",
            _("This planned visit was made already, or called off."),
            hint=_("Make it a visit of its own."),
        )


@transaction.atomic
def answer(
    *, visit: Visit, entry: Entry, result: str, note: str = "", by: Account, at: datetime
) -> Answer:
    """Answer one line of the checklist, or answer it otherwise while the visit goes on."""
    _require_unfinished(visit, by)
    if entry.version_id != visit.version_id:
        raise BadInput("prevent.other_list", _("That line is not of this visit's checklist."))
    if result not in Answer.Result.values:
        raise BadInput("prevent.bad_answer", _("There is no such answer."))
    given, _made = Answer.objects.update_or_create(
        visit=visit, entry=entry, defaults={"result": result, "note": note.strip()[:300]}
    )
    return given


@transaction.atomic
def answer_lines(*, visit: Visit, replies: Sequence[Reply], by: Account, at: datetime) -> int:
    """Answer several lines at once, as a form does; how many."""
    entries = Entry.objects.in_bulk([row.entry_id for row in replies])
    for row in replies:
        entry = entries.get(row.entry_id)
        if entry is None:
            raise BadInput("prevent.other_list", _("That line is not of this visit's checklist."))
        answer(visit=visit, entry=entry, result=row.result, note=row.note, by=by, at=at)
    return len(replies)


@transaction.atomic
def add_file(
    *,
    visit: Visit,
    data: bytes,
    name: str,
    role: str = VisitFile.Role.PHOTO,
    hazard: Hazard | None = None,
    by: Account,
    at: datetime,
) -> VisitFile:
    """A photo, signature or voice note of a visit that goes on, or of a hazard found there."""
    _require_unfinished(visit, by)
    if role not in VisitFile.Role.values:
        raise BadInput("prevent.bad_role", _("There is no such kind of file."))
    if hazard is not None and hazard.visit_id != visit.pk:
        raise BadInput("prevent.other_visit", _("That hazard was not found at this visit."))
    attachment = keep_file(submission=_submission_of(visit, by, at), data=data, name=name)
    kept, _made = VisitFile.objects.get_or_create(
        visit=visit,
        digest=attachment.sent_digest,
        hazard=hazard,
        defaults={"role": role, "attachment": attachment},
    )
    return kept


def _submission_of(visit: Visit, by: Account, at: datetime) -> Submission:
    """What the files of a visit at a desk hang on, as those of a phone do."""
    if visit.submission is None:
        visit.submission = Submission.objects.create(
            digest="", by=by, made_at=at, received_at=at, state=Submission.State.ACCEPTED
        )
        visit.save(update_fields=["submission"])
    return visit.submission


def _require_unfinished(visit: Visit, by: Account) -> None:
    if not visit.inspectors.filter(pk=by.pk).exists():
        raise Refusal("prevent.not_your_visit", _("Only those who make this visit write it down."))
    if visit.finished_at is not None:
        raise Refusal(
            "prevent.visit_over", _("This visit is finished; its record is not changed any more.")
        )


@transaction.atomic
def find_hazard(*, visit: Visit, finding: Finding, by: Account, at: datetime) -> Hazard:
    """A hazard found during a visit that goes on."""
    _require_unfinished(visit, by)
    return _report(visit, finding, at, by, at)


def _report(
    visit: Visit, finding: Finding, found_at: datetime, by: Account, at: datetime
) -> Hazard:
    own = visit.kind == Visit.Kind.SELF
    return report_hazard(
        site=visit.enterprise.site,
        finding=finding,
        source=Hazard.Source.SELF if own else Hazard.Source.VISIT,
        visit=visit,
        found_at=found_at,
        exercise=visit.exercise,
        by=by,
        at=at,
    )


@transaction.atomic
def finish_visit(*, visit: Visit, note: str = "", by: Account, at: datetime) -> Visit:
    """End a visit: hazards from what was not in order, its number, and the planned duty is done."""
    _require_unfinished(visit, by)
    return _finish(visit, finished_at=at, note=note or visit.note, by=by, at=at)


def _finish(visit: Visit, *, finished_at: datetime, note: str, by: Account, at: datetime) -> Visit:
    number = number_document(
        word=RECORD[Visit.Kind(visit.kind)], by=by, region=visit.region, at=finished_at
    )
    open_one = Visit.objects.filter(pk=visit.pk, finished_at=None)
    if not open_one.update(finished_at=finished_at, number=number, note=note):
        raise Refusal("prevent.visit_over", _("This visit has just been finished."))
    visit.refresh_from_db()
    for given in visit.answers.filter(result=Answer.Result.WRONG, hazard=None).select_related(
        "entry__version"
    ):
        _follow_up(visit, given, by, at)
    _close_plan(visit, by, at)
    publish(
        "prevent.visit.finished",
        at=at,
        by=by,
        region_path=visit.region.path,
        visit_id=str(visit.pk),
        number=number,
        kind=visit.kind,
        hazards=visit.hazards.count(),
        campaign_id=visit.campaign_id,
    )
    return visit


@transaction.atomic
def order_from_visit(*, visit: Visit, due_on: date | None = None, by: Account, at: datetime) -> str:
    """One order for all that a visit found and that nobody has ordered yet."""
    hazards = list(to_order(visit).select_related("item__region", "site").order_by("pk"))
    if not hazards:
        raise Refusal("prevent.nothing_to_order", _("Nothing of this visit waits for an order."))
    return order_rectification(hazards=hazards, due_on=due_on, by=by, at=at)


def _follow_up(visit: Visit, given: Answer, by: Account, at: datetime) -> None:
    """What is not in order is a hazard; one that is still open is not opened a second time."""
    entry, site = given.entry, visit.enterprise.site
    hazard = visit.hazards.filter(entry=entry).first() or open_like(site=site, entry=entry)
    if hazard is None:
        finding = Finding(
            what=given.note or entry.text,
            grade=Hazard.Grade.MAJOR if entry.major else Hazard.Grade.GENERAL,
            basis=entry.basis,
            entry=entry,
            lon=visit.lon,
            lat=visit.lat,
        )
        hazard = _report(visit, finding, visit.finished_at or at, by, at)
    given.hazard = hazard
    given.save(update_fields=["hazard"])


def _close_plan(visit: Visit, by: Account, at: datetime) -> None:
    """The record is the proof of a planned visit, so the system closes the duty itself."""
    if visit.item is None:
        return
    item = WorkItem.objects.select_related("region", "post", "doer").get(pk=visit.item.pk)
    if item.state == S.PAUSED:
        advance(item=item, move="resume", by=Account.objects.system(), at=at)
    if item.state == S.OPEN:
        advance(item=item, move="accept", by=by, at=at)
    advance(item=item, move="submit", by=by, at=at, note=str(visit))
    advance(item=item, move="verify", by=Account.objects.system(), at=at, note=str(visit))


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
    _check_rows(sent)
    _check_inspectors(sent, by)
    # A phone's clock is shown, not believed: nothing was found after it was received.
    finished = min(sent.finished_at, at)
    started = min(sent.started_at, finished)
    visit = start_visit(
        enterprise=sent.enterprise,
        kind=sent.kind,
        plan=_still_planned(sent.plan, by),
        campaign=sent.campaign,
        version=sent.version,
        inspectors=sent.inspectors,
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
    return _finish(visit, finished_at=finished, note=sent.note, by=by, at=at)


def _still_planned(plan: VisitPlan | None, by: Account) -> VisitPlan | None:
    """A plan that was called off, done or taken over meanwhile does not make the visit undone."""
    fits = plan is not None and plan.item.is_open and plan.item.doer_id in {None, by.pk}
    return plan if fits else None


def _check_inspectors(sent: SentVisit, by: Account) -> None:
    for person in sent.inspectors:
        if person.pk != by.pk:
            person.require("prevent.inspect", region=sent.enterprise.site.region)


def _check_rows(sent: SentVisit) -> None:
    """Every row that cannot be taken, at once: nobody corrects a visit one row a day."""
    problems = [*_bad_replies(sent), *_bad_hazards(sent), *_bad_rechecks(sent)]
    if problems:
        raise VisitRefused(problems)


def _entries(sent: SentVisit) -> dict[int, Entry]:
    version = sent.version or version_for(sent.enterprise)
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


def _bad_hazards(sent: SentVisit) -> list[RowProblem]:
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
        elif row.due_on is not None and row.due_on < sent.finished_at.date():
            text = _("The last day of hazard %(n)d lies before the visit.") % {"n": n + 1}
        else:
            continue
        problems.append(RowProblem("hazards", n, text))
    return problems


def _bad_rechecks(sent: SentVisit) -> list[RowProblem]:
    there = set(
        Hazard.objects.filter(
            pk__in=[row.hazard_id for row in sent.rechecks], site=sent.enterprise.site
        ).values_list("pk", flat=True)
    )
    return [
        RowProblem(
            "rechecks",
            n,
            _("Hazard %(number)d is not of this enterprise.") % {"number": row.hazard_id},
        )
        for n, row in enumerate(sent.rechecks)
        if row.hazard_id not in there
    ]


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
        hazard = _report(visit, finding, found_at, by, at)
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


def attach_files(*, visit: Visit, digests: Sequence[str] = ()) -> int:
    """Bind what has arrived with the visit's submission to the visit; how many still lack."""
    visit.refresh_from_db(fields=["submission"])
    if visit.submission is not None:
        for attachment in visit.submission.attachments.all():
            waiting = visit.files.filter(digest=attachment.sent_digest, attachment=None)
            waiting.update(attachment=attachment)
    return visit.files.filter(attachment=None).count()


def _take_rechecks(visit: Visit, rows: Sequence[Checked], by: Account, at: datetime) -> None:
    for n, row in enumerate(rows):
        try:
            check_again(
                visit=visit, hazard_id=row.hazard_id, passed=row.passed, note=row.note, by=by, at=at
            )
        except Refusal as refusal:
            raise VisitRefused([RowProblem("rechecks", n, refusal.message)]) from refusal


@transaction.atomic
def check_again(
    *, visit: Visit, hazard_id: int, passed: bool, note: str = "", by: Account, at: datetime
) -> Recheck:
    """On the spot, an earlier hazard: what waits for its re-check is closed or sent back by it."""
    _require_unfinished(visit, by)
    by.require("prevent.check", region=visit.region)
    there = Hazard.objects.select_related("item__region", "item__doer", "item__post")
    hazard = there.filter(pk=hazard_id, site=visit.enterprise.site_id).first()
    if hazard is None:
        raise BadInput(
            "prevent.other_site",
            _("Hazard %(number)d is not of this enterprise.") % {"number": hazard_id},
        )
    note = note.strip()
    if not passed and not note:
        raise BadInput("prevent.no_reason", _("Say why, in a few words."))
    if hazard.item.state == S.SUBMITTED:
        move = "verify" if passed else "return"
        advance(item=hazard.item, move=move, by=by, at=at, note=note)
    checked, _made = Recheck.objects.update_or_create(
        visit=visit, hazard=hazard, defaults={"passed": passed, "note": note[:300]}
    )
    return checked
