"""Evidence, questioning, keeping and measures, while the inquiry runs."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from anlan.base.errors import BadInput, Refusal
from anlan.people.models import Account
from anlan.work import files

from ..models import Approval, Case, Evidence, Inquiry, Keeping, Measure
from ..stages import Stage
from . import approvals, papers, terms
from .moves import log, require_stage
from .officers import acting, require_officer

INQUIRING = (Stage.INQUIRY, Stage.REVIEW, Stage.NOTICE, Stage.HEARING)


@dataclass(frozen=True)
class Thing:
    """A piece of evidence as written down."""

    kind: str
    name: str
    proves: str
    spec: str = ""
    quantity: str = ""
    place: str = ""


@transaction.atomic
def add_evidence(
    *,
    case: Case,
    thing: Thing,
    by: Account,
    at: datetime,
    data: bytes = b"",
    file_name: str = "",
) -> Evidence:
    """Enter a piece of evidence; a file with it is checked, stripped and kept by its hash."""
    require_officer(case=case, by=by, at=at)
    require_stage(case, *INQUIRING)
    if not thing.name.strip() or not thing.proves.strip():
        raise BadInput("enforce.thing_incomplete", _("Say what it is and what it is to show."))
    stored = files.take(data) if data else None
    made = Evidence.objects.create(
        case=case,
        **vars(thing),
        taken_at=at,
        taken_by=by,
        path=stored.path if stored else "",
        mime=stored.mime if stored else "",
        file_name=files.tidy(file_name, stored.path) if stored else "",
        digest=hashlib.sha256(data).hexdigest() if stored else "",
    )
    log(case=case, move="evidence", by=by, at=at, note=f"{made.get_kind_display()}：{made.name}")
    return made


@dataclass(frozen=True)
class Questioned:
    """Who was questioned, where, and what was said."""

    person: str
    place: str
    text: str
    sex: str = ""
    age: int | None = None
    identity: str = ""
    employer: str = ""
    post: str = ""
    address: str = ""
    phone: str = ""


@transaction.atomic
def add_inquiry(
    *,
    case: Case,
    said: Questioned,
    started_at: datetime,
    ended_at: datetime,
    written_by: Account,
    by: Account,
    at: datetime,
) -> Inquiry:
    """A questioning by two officers of the case, one asking, one writing."""
    require_officer(case=case, by=by, at=at)
    require_stage(case, *INQUIRING)
    if not said.person.strip() or not said.text.strip():
        raise BadInput("enforce.inquiry_incomplete", _("Say who was questioned and what was said."))
    if not started_at < ended_at <= at:
        raise BadInput(
            "enforce.inquiry_times", _("The questioning must have begun before it ended.")
        )
    officers = {officer.certificate.account_id for officer in acting(case)}
    if written_by.pk not in officers or written_by.pk == by.pk:
        raise BadInput(
            "enforce.second_officer",
            _("A second officer of the case writes the record."),
            hint=_("At least two officers question somebody (art. 42, 55)."),
        )
    _check_not_twice(case, by, written_by, started_at, ended_at)
    made = Inquiry.objects.create(
        case=case,
        nth=case.inquiries.filter(person=said.person).count() + 1,
        **vars(said),
        started_at=started_at,
        ended_at=ended_at,
        asked_by=by,
        written_by=written_by,
    )
    log(case=case, move="inquire", by=by, at=at, note=made.person)
    papers.issue(case=case, form="inquiry", by=by, at=at, about=made.pk)
    return made


def _check_not_twice(
    case: Case, one: Account, other: Account, started_at: datetime, ended_at: datetime
) -> None:
    """Nobody questions two people at the same time: such records are thrown out in court."""
    people = {one.pk, other.pk}
    at_once = Inquiry.objects.filter(started_at__lt=ended_at, ended_at__gt=started_at)
    for inquiry in at_once.filter(case__organ=case.organ):
        if people & {inquiry.asked_by_id, inquiry.written_by_id}:
            raise Refusal(
                "enforce.two_at_once",
                _("One of the officers was questioning %(person)s at that time.")
                % {"person": inquiry.person},
                hint=_("Check the times of both records."),
            )


@transaction.atomic
def ask_keeping(
    *,
    case: Case,
    things: Sequence[Thing],
    place: str,
    on_site: bool,
    reason: str,
    by: Account,
    at: datetime,
) -> Approval:
    """Ask to register and keep evidence that might be lost (art. 56)."""
    require_officer(case=case, by=by, at=at)
    require_stage(case, Stage.INQUIRY)
    if not things:
        raise BadInput("enforce.nothing_to_keep", _("Name what is to be kept."))
    return approvals.ask(
        case=case,
        subject=Approval.Subject.KEEPING,
        request=reason,
        by=by,
        at=at,
        data={"things": [vars(t) for t in things], "place": place, "on_site": on_site},
    )


@approvals.when_agreed(Approval.Subject.KEEPING)
def _keep(approval: Approval, by: Account, at: datetime) -> None:
    case, data = approval.case, approval.data
    term = terms.start_duty(case=case, rule="penalty.evidence", by=approval.asked_by, at=at)
    keeping = Keeping.objects.create(
        case=case,
        approval=approval,
        term=term,
        place=data["place"],
        on_site=data["on_site"],
        kept_at=at,
    )
    for thing in data["things"]:
        Evidence.objects.create(
            case=case, **thing, taken_at=at, taken_by=approval.asked_by, keeping=keeping
        )
    names = "、".join(thing["name"] for thing in data["things"])
    log(case=case, move="keep", by=approval.asked_by, at=at, note=names)
    papers.issue(case=case, form="keep_notice", by=approval.asked_by, at=at, about=keeping.pk)


@transaction.atomic
def decide_keeping(
    *, keeping: Keeping, outcome: str, note: str, by: Account, at: datetime
) -> Keeping:
    """What becomes of kept evidence, within seven working days."""
    case = keeping.case
    require_officer(case=case, by=by, at=at)
    if outcome not in Keeping.Outcome.values:
        raise BadInput("enforce.no_outcome", _("Choose what becomes of it."))
    undecided = Keeping.objects.filter(pk=keeping.pk, decided_at=None)
    if not undecided.update(outcome=outcome, decided_at=at, note=note[:300]):
        raise Refusal("enforce.decided", _("This has been decided already."))
    keeping.refresh_from_db()
    terms.meet_term(term=keeping.term, by=by, at=at, note=keeping.get_outcome_display())
    log(case=case, move="unkeep", by=by, at=at, note=keeping.get_outcome_display())
    papers.issue(case=case, form="keep_decision", by=by, at=at, about=keeping.pk)
    return keeping


# Measures that a head must approve before they are taken (行政强制法 18).
COMPULSORY = {Measure.Kind.SEAL, Measure.Kind.SEIZE, Measure.Kind.POWER}


@transaction.atomic
def take_measure(
    *,
    case: Case,
    kind: str,
    what: str,
    basis: str,
    until: datetime | None,
    by: Account,
    at: datetime,
) -> Measure | Approval:
    """Order something while the case runs; sealing, seizing and cutting power are asked for."""
    require_officer(case=case, by=by, at=at)
    if not case.is_open:
        require_stage(case, Stage.INQUIRY)
    if not what.strip() or not basis.strip():
        raise BadInput("enforce.measure_incomplete", _("Say what is ordered and by which article."))
    if kind in COMPULSORY:
        return approvals.ask(
            case=case,
            subject=Approval.Subject.MEASURE,
            request=what,
            by=by,
            at=at,
            data={"kind": kind, "basis": basis},
        )
    if kind == Measure.Kind.RECTIFY and (until is None or until <= at):
        raise BadInput("enforce.no_day", _("Say until when it is to be put right."))
    made = Measure.objects.create(
        case=case, kind=kind, what=what, basis=basis, from_at=at, until=until
    )
    log(case=case, move="measure", by=by, at=at, note=f"{made.get_kind_display()}：{what}")
    form = "rectify_order" if kind == Measure.Kind.RECTIFY else "spot_measure"
    papers.issue(case=case, form=form, by=by, at=at, about=made.pk)
    return made


@approvals.when_agreed(Approval.Subject.MEASURE)
def _seal(approval: Approval, by: Account, at: datetime) -> None:
    case, kind, officer = approval.case, approval.data["kind"], approval.asked_by
    limited = kind in {Measure.Kind.SEAL, Measure.Kind.SEIZE}
    term = terms.start_duty(case=case, rule="enforce.seal", by=officer, at=at) if limited else None
    made = Measure.objects.create(
        case=case,
        kind=kind,
        approval=approval,
        what=approval.request,
        basis=approval.data["basis"],
        from_at=at,
        until=term.due_at if term else None,
        term=term,
    )
    note = f"{made.get_kind_display()}：{made.what}"
    log(case=case, move="measure", by=officer, at=at, note=note)
    form = "seal_decision" if limited else "power_decision"
    papers.issue(case=case, form=form, by=officer, at=at, about=made.pk)


@transaction.atomic
def end_measure(*, measure: Measure, note: str, by: Account, at: datetime) -> Measure:
    """The measure is over: put right, given back, power on again."""
    case = measure.case
    require_officer(case=case, by=by, at=at)
    if not note.strip():
        raise BadInput("enforce.no_reason", _("Say why, in a few words."))
    running = Measure.objects.filter(pk=measure.pk, ended_at=None)
    if not running.update(ended_at=at, end_note=note[:300]):
        raise Refusal("enforce.ended", _("It has ended already."))
    measure.refresh_from_db()
    if measure.term:
        terms.meet_term(term=measure.term, by=by, at=at, note=note)
    log(case=case, move="lift", by=by, at=at, note=f"{measure.get_kind_display()}：{note}")
    forms = {Measure.Kind.RECTIFY: "recheck", Measure.Kind.POWER: "power_restore"}
    form = forms.get(Measure.Kind(measure.kind))
    if measure.term:
        form = "seal_outcome"
    if form:
        papers.issue(case=case, form=form, by=by, at=at, about=measure.pk)
    return measure


@transaction.atomic
def extend_measure(*, measure: Measure, reason: str, by: Account, at: datetime) -> Measure:
    """Thirty more days of sealing, once, by a head (行政强制法 25)."""
    case = measure.case
    by.require("enforce.approve", region=case.region)
    if not reason.strip():
        raise BadInput("enforce.no_reason", _("Say why, in a few words."))
    if measure.term is None or measure.ended_at or measure.extended or measure.term.due_at < at:
        raise Refusal("enforce.no_extension", _("It cannot be extended, or not again."))
    terms.prolong(term=measure.term, rule="enforce.seal_longer")
    measure.term.refresh_from_db()
    Measure.objects.filter(pk=measure.pk).update(extended=True, until=measure.term.due_at)
    measure.refresh_from_db()
    log(case=case, move="measure", by=by, at=at, note=reason)
    papers.issue(case=case, form="seal_extension", by=by, at=at, about=measure.pk)
    return measure
