"""A case from its proposal to the end of the inquiry, and decided on the spot."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from anlan.base.errors import BadInput, Refusal
from anlan.people.models import Account
from anlan.places.models import Region
from anlan.places.queries import lineage
from anlan.prevent.models import Enterprise, Hazard, Visit
from anlan.work.deadlines import BEIJING

from .. import rules
from ..models import (
    Approval,
    Case,
    Certificate,
    Evidence,
    Inquiry,
    Keeping,
    Organ,
    Party,
)
from ..stages import Outcome, Procedure, Stage
from . import approvals, joint, papers, serving, terms
from .findings import Finding, check_finding, check_table, check_time_bar, write_finding
from .moves import log, move_case, require_stage
from .numbers import take_number
from .officers import appoint, check_certificates, require_officer
from .succession import check_standing


@dataclass(frozen=True)
class PartyText:
    """Against whom, as written down by the officers."""

    kind: str
    name: str
    code: str = ""
    head: str = ""
    post: str = ""
    sex: str = ""
    age: int | None = None
    employer: str = ""
    address: str = ""
    postcode: str = ""
    phone: str = ""
    electronic: str = ""
    enterprise: Enterprise | None = None


def party_of(enterprise: Enterprise) -> PartyText:
    """An enterprise as its file has it now."""
    return PartyText(
        kind=Party.Kind.ORG,
        name=enterprise.site.name,
        code=enterprise.credit_code,
        head=enterprise.legal_person,
        address=enterprise.address,
        enterprise=enterprise,
    )


@transaction.atomic
def propose_case(
    *,
    organ: Organ,
    region: Region,
    party: PartyText,
    cause: str,
    source: str,
    summary: str,
    certificates: Sequence[Certificate],
    by: Account,
    at: datetime,
    visit: Visit | None = None,
    hazard: Hazard | None = None,
    offended_on: date | None = None,
    exercise: bool = False,
) -> Case:
    """Ask for a case to be filed. A number it gets when somebody else has agreed."""
    by.require("enforce.handle", region=region)
    _check_new(organ, region, party, cause, visit, hazard)
    _check_twice(organ, party, cause, stage=Stage.PROPOSED)
    check_time_bar(offended_on, harm=True, at=at)
    case = Case.objects.create(
        organ=organ,
        region=region,
        name=_name(party, cause),
        cause=cause,
        source=source,
        summary=summary,
        visit=visit,
        hazard=hazard,
        opened_at=at,
        offended_on=offended_on,
        exercise=exercise,
    )
    Party.objects.create(case=case, **_columns(party))
    appoint(case=case, certificates=certificates, by=by, at=at)
    log(case=case, move="propose", by=by, at=at, note=summary)
    approvals.ask(case=case, subject=Approval.Subject.FILING, request=summary, by=by, at=at)
    return case


def _name(party: PartyText, cause: str) -> str:
    return f"{party.name}{cause}案"[:120]


def _columns(party: PartyText) -> dict[str, object]:
    columns = asdict(party, dict_factory=dict)
    return columns | {"enterprise": party.enterprise}


def _check_new(
    organ: Organ,
    region: Region,
    party: PartyText,
    cause: str,
    visit: Visit | None,
    hazard: Hazard | None,
) -> None:
    check_standing(organ)
    if not organ.region.covers(region):
        raise BadInput(
            "enforce.not_its_region",
            _("%(organ)s has no power in %(region)s.") % {"organ": organ, "region": region.name},
            hint=_("The organ of the place of the offence is competent (art. 22)."),
        )
    if party.age is not None and party.age < rules.PUNISHABLE_AGE:
        raise Refusal(
            "enforce.too_young",
            _("Nobody under fourteen is punished."),
            hint=_("Have the guardian take care of it (art. 30)."),
        )
    if not party.name.strip() or not cause.strip():
        raise BadInput("enforce.no_party", _("Name the party and the cause."))
    # Where its region was recoded or another merged into it, inspections lie under an old path.
    own = tuple(lineage([organ.region.path]))
    for found in (visit and visit.region, hazard and hazard.item.region):
        if found and not found.path.startswith(own):
            raise BadInput("enforce.not_its_region", _("That inspection lies elsewhere."))
    if hazard and Case.objects.open().filter(hazard=hazard).exists():
        raise Refusal(
            "enforce.same_offence",
            _("There is a case about this hazard already."),
            hint=_("Nobody is fined twice for the same offence (art. 29)."),
        )


def _check_twice(organ: Organ, party: PartyText, cause: str, **same: object) -> None:
    """A form that was sent twice makes one case. The organ's row is held meanwhile."""
    Organ.objects.select_for_update().get(pk=organ.pk)
    twice = Case.objects.filter(
        organ=organ, party__name=party.name, party__code=party.code, cause=cause, **same
    )
    if twice.exists():
        raise Refusal(
            "enforce.same_offence",
            _("There is a case about this party and this offence already."),
            hint=_("Nobody is fined twice for the same offence (art. 29)."),
        )


@approvals.when_agreed(Approval.Subject.FILING)
def _file(approval: Approval, by: Account, at: datetime) -> None:
    case = approval.case
    lead = case.joined
    if lead:
        # One filing for all parties: one number, one day from which the ninety days run.
        number, filed_at = joint.next_number(lead), lead.filed_at or at
    else:
        number = take_number(organ=case.organ, word=papers.word("filing", at), at=at)
        filed_at = at
    move_case(case=case, move="file", by=by, at=at, note=number, number=number, filed_at=filed_at)
    terms.start_duty(
        case=case, rule="penalty.decision", by=approval.asked_by, at=at, started_at=filed_at
    )
    papers.issue(case=case, form="filing", by=by, at=at, number=number)


@approvals.when_returned(Approval.Subject.FILING)
def _do_not_file(approval: Approval, by: Account, at: datetime) -> None:
    move_case(case=approval.case, move="refuse", by=by, at=at, note=approval.opinion, closed_at=at)


@transaction.atomic
def conclude_inquiry(
    *, case: Case, finding: Finding, request: str, by: Account, at: datetime
) -> Approval:
    """End the inquiry with what was found and proposed; a reviewer looks at it next."""
    require_officer(case=case, by=by, at=at)
    require_stage(case, Stage.INQUIRY)
    check_finding(case, finding)
    if finding.discretion:
        check_table(case, finding.discretion, timezone.localdate(at))
    harm = bool(finding.deaths or finding.injured or finding.loss)
    check_time_bar(finding.offended_on or case.offended_on, harm=harm, at=case.filed_at or at)
    evidence = Evidence.objects.filter(case.of_group())
    if not evidence.exists() and not Inquiry.objects.filter(case.of_group()).exists():
        raise Refusal(
            "enforce.no_evidence",
            _("There is no evidence in the file yet."),
            hint=_("Without clear facts and evidence nobody may be punished (art. 40)."),
        )
    open_keeping = Keeping.objects.filter(case.of_group(), decided_at=None).exists()
    if open_keeping:
        raise Refusal(
            "enforce.kept_open",
            _("Registered and kept evidence has not been decided on."),
            hint=_("Decide on it first; the law gives seven working days (art. 56)."),
        )
    write_finding(case, finding, by, at)
    move_case(case=case, move="conclude", by=by, at=at, note=request)
    return approvals.ask(case=case, subject=Approval.Subject.REVIEW, request=request, by=by, at=at)


@approvals.when_agreed(Approval.Subject.REVIEW)
def _pass_review(approval: Approval, by: Account, at: datetime) -> None:
    if approval.case.stage == Stage.DECISION:
        return  # the second look, after a hearing (art. 58)
    move_case(case=approval.case, move="pass", by=by, at=at, note=approval.opinion)


@approvals.when_returned(Approval.Subject.REVIEW)
def _fail_review(approval: Approval, by: Account, at: datetime) -> None:
    move_case(case=approval.case, move="return", by=by, at=at, note=approval.opinion)


@transaction.atomic
def ask_extension(*, case: Case, until: date, reason: str, by: Account, at: datetime) -> Approval:
    """More time for the decision than the ninety days, where a law or rule allows it (art. 60)."""
    require_officer(case=case, by=by, at=at)
    running = case.terms.filter(rule="penalty.decision", met_at=None).first()
    if running is None or running.due_at < at:
        raise Refusal(
            "enforce.no_extension",
            _("The time limit has run out or does not run."),
            hint=_("Finish the task; the delay stays in its record."),
        )
    if until <= timezone.localdate(running.due_at):
        raise BadInput("enforce.not_later", _("The new day must be later than the present one."))
    return approvals.ask(
        case=case,
        subject=Approval.Subject.EXTENSION,
        request=reason,
        by=by,
        at=at,
        data={"until": until.isoformat(), "term": running.pk},
    )


@approvals.when_agreed(Approval.Subject.EXTENSION)
def _extend(approval: Approval, by: Account, at: datetime) -> None:
    # The last day ends at midnight.
    after = date.fromisoformat(approval.data["until"]) + timedelta(days=1)
    terms.set_due(
        term=approval.case.terms.get(pk=approval.data["term"]),
        due_at=datetime.combine(after, datetime.min.time(), BEIJING),
    )


@transaction.atomic
def decide_on_spot(
    *,
    organ: Organ,
    region: Region,
    party: PartyText,
    cause: str,
    finding: Finding,
    certificates: Sequence[Certificate],
    receiver: str,
    by: Account,
    at: datetime,
    visit: Visit | None = None,
    exercise: bool = False,
) -> Case:
    """The summary procedure: small fines and warnings, told, decided and handed over at once."""
    by.require("enforce.handle", region=region)
    _check_new(organ, region, party, cause, visit, None)
    check_time_bar(finding.offended_on, harm=False, at=at)
    check_certificates(certificates, organ, timezone.localdate(at))
    if by.pk not in {certificate.account_id for certificate in certificates}:
        raise BadInput("enforce.not_there", _("You must be one of the officers on the spot."))
    person = party.kind == Party.Kind.PERSON
    limits = rules.on(rules.SUMMARY, timezone.localdate(at))
    most = limits.person if person else limits.org
    if (finding.fine or 0) > most:
        raise Refusal(
            "enforce.too_much_on_spot",
            _("On the spot at most %(most)s yuan may be imposed here.") % {"most": most},
            hint=_("Propose a case for the ordinary procedure (%(source)s).")
            % {"source": limits.source},
        )
    if finding.confiscated or finding.besides.strip() not in rules.ON_THE_SPOT_BESIDES:
        raise Refusal(
            "enforce.not_on_spot",
            _("On the spot only a fine and a warning (警告) may be imposed."),
            hint=_("Propose a case for the ordinary procedure (%(source)s).")
            % {"source": limits.source},
        )
    today = datetime.combine(timezone.localdate(at), datetime.min.time(), BEIJING)
    _check_twice(
        organ,
        party,
        cause,
        procedure=Procedure.SUMMARY,
        fine=finding.fine,
        decided_at__gte=today,
        decided_at__lt=today + timedelta(days=1),
    )
    case = Case.objects.create(
        organ=organ,
        region=region,
        name=_name(party, cause),
        cause=cause,
        source=Case.Source.VISIT,
        visit=visit,
        procedure=Procedure.SUMMARY,
        stage=Stage.SERVICE,
        outcome=Outcome.PENALTY,
        opened_at=at,
        decided_at=at,
        fine=finding.fine,
        besides=finding.besides,
        exercise=exercise,
    )
    Party.objects.create(case=case, **_columns(party))
    check_finding(case, finding)
    appoint(case=case, certificates=certificates, by=by, at=at)
    write_finding(case, finding, by, at)
    log(case=case, move="on_spot", by=by, at=at, note=finding.facts)
    papers.issue_decision(case=case, by=by, at=at)
    serving.serve_on_spot(case=case, receiver=receiver, by=by, at=at)
    return case


@transaction.atomic
def drop_case(*, case: Case, reason: str, by: Account, at: datetime) -> Case:
    """Facts that cannot be proven, or an offence out of time: the case is dropped (art. 57)."""
    by.require("enforce.approve", region=case.region)
    if not reason.strip():
        raise BadInput("enforce.no_reason", _("Say why, in a few words."))
    move_case(
        case=case,
        move="drop",
        by=by,
        at=at,
        note=reason,
        outcome=Outcome.DROPPED,
        result=reason,
        closed_at=at,
    )
    terms.drop(terms=case.terms.all(), by=by, at=at, why=reason)
    return case
