"""Before the decision: the party is told, speaks, and may ask for a hearing."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from anlan.base.days import last_day, spoken
from anlan.base.errors import BadInput, NotAllowed, Refusal
from anlan.people.models import Account
from anlan.work import deadlines

from .. import rules
from ..models import Case, Hearing, Paper, Statement, Term
from ..stages import Stage
from . import papers, terms
from .moves import log, move_case, require_stage
from .officers import acting, check_unbiased, require_officer

# Penalties that bring the right to a hearing whatever the fine is (art. 63).
HEAVY = ("停产", "停业", "吊销", "关闭", "限制从业", "降低资质", "没收")


def may_be_heard(case: Case, at: datetime) -> bool:
    """Whether the penalty told to the party is one of art. 63."""
    limits = rules.on(rules.HEARING, timezone.localdate(at))
    organ, person = case.organ, case.party.is_person
    most = (organ.hearing_person or limits.person) if person else (organ.hearing_org or limits.org)
    if (case.told_fine or Decimal(0)) >= most:
        return True
    if case.told_confiscated:
        return True
    return any(penalty in case.told_besides for penalty in HEAVY)


@transaction.atomic
def issue_notice(*, case: Case, by: Account, at: datetime) -> list[Paper]:
    """Tell the party what is intended, why, and that it may speak, or ask for a hearing."""
    require_officer(case=case, by=by, at=at)
    require_stage(case, Stage.NOTICE)
    if papers.standing(case, "penalty_notice"):
        raise Refusal(
            "enforce.noticed",
            _("The notice has been issued already."),
            hint=_("A mistake in it needs a correction."),
        )
    made = [papers.issue(case=case, form="penalty_notice", by=by, at=at)]
    if may_be_heard(case, at):
        made.append(papers.issue(case=case, form="hearing_right", by=by, at=at))
    return made


@transaction.atomic
def take_statement(
    *,
    case: Case,
    person: str,
    text: str,
    waived: bool,
    accepted: bool,
    finding: str,
    by: Account,
    at: datetime,
) -> Statement:
    """What the party said, and what the organ found on looking at it again (art. 45)."""
    require_officer(case=case, by=by, at=at)
    require_stage(case, Stage.NOTICE, Stage.HEARING, Stage.DECISION)
    if not person.strip() or not (waived or text.strip()):
        raise BadInput("enforce.statement_incomplete", _("Say who spoke and what was said."))
    if not waived and not finding.strip():
        raise BadInput(
            "enforce.no_finding",
            _("Say what came of looking at it again."),
            hint=_("The organ must hear the party and re-examine what it says (art. 45)."),
        )
    made = Statement.objects.create(
        case=case,
        waived=waived,
        person=person,
        made_at=at,
        text=text,
        accepted=accepted,
        finding=finding,
        taken_by=by,
    )
    log(case=case, move="state", by=by, at=at, note=text or _("The party waived its right."))
    papers.issue(case=case, form="statement", by=by, at=at, about=made.pk)
    terms.meet(case=case, rule="enforce.statement", by=by, at=at)
    return made


@transaction.atomic
def request_hearing(*, case: Case, asked_at: datetime, by: Account, at: datetime) -> Hearing:
    """The party asked for a hearing in time."""
    require_officer(case=case, by=by, at=at)
    require_stage(case, Stage.NOTICE)
    notice = papers.standing(case, "hearing_right")
    term = _told(case, "penalty.hearing", notice) if notice else None
    if term is None:
        raise Refusal(
            "enforce.no_hearing_right",
            _("The party has not been told of a right to a hearing."),
            hint=_("Issue and serve the notice first."),
        )
    if not term.started_at <= asked_at <= at:
        raise BadInput(
            "enforce.bad_moment",
            _("The party was not told yet then, or the time lies in the future."),
            hint=_("The notice was served on %(day)s.")
            % {"day": spoken(timezone.localdate(term.started_at))},
        )
    if asked_at >= term.due_at:
        raise Refusal(
            "enforce.hearing_late",
            _("The hearing was not asked for in time."),
            hint=_("The limit ran until %(day)s.") % {"day": spoken(last_day(term.due_at))},
        )
    hearing = Hearing.objects.create(case=case, asked_at=asked_at)
    terms.meet(case=case, rule="penalty.hearing", by=by, at=at)
    move_case(case=case, move="hear", by=by, at=at)
    return hearing


@transaction.atomic
def arrange_hearing(
    *,
    case: Case,
    meets_at: datetime,
    place: str,
    public: bool,
    host: Account,
    clerk: Account,
    by: Account,
    at: datetime,
) -> Hearing:
    """Where and when, led by somebody who did not work on the case, told seven days before."""
    require_officer(case=case, by=by, at=at)
    require_stage(case, Stage.HEARING)
    officers = {officer.certificate.account_id for officer in acting(case)}
    if host.pk in officers or clerk.pk in officers:
        raise NotAllowed(
            "enforce.biased_host",
            _("An officer of the case does not lead its hearing."),
            hint=_("Name somebody who did not work on it (art. 64)."),
        )
    if host == clerk:
        raise BadInput(
            "enforce.one_host",
            _("Somebody else than the host keeps the record of the hearing."),
            hint=_("Name two people."),
        )
    check_unbiased(case, host)
    version = deadlines.get("enforce.hearing_notice").on(timezone.localdate(at))
    earliest = deadlines.due_at(version, at)
    if meets_at < earliest:
        raise BadInput(
            "enforce.hearing_too_soon",
            _("The party must be told seven days before the hearing."),
            hint=_("It can be held from %(day)s on.")
            % {"day": spoken(timezone.localdate(earliest))},
        )
    if not place.strip():
        raise BadInput("enforce.no_place", _("Say where the hearing is held."))
    Hearing.objects.filter(pk=case.pk).update(
        noticed_at=at, meets_at=meets_at, place=place, public=public, host=host, clerk=clerk
    )
    log(
        case=case,
        move="hearing",
        by=by,
        at=at,
        note=f"{spoken(timezone.localdate(meets_at))} {timezone.localtime(meets_at):%H:%M} {place}",
    )
    papers.issue(case=case, form="hearing_notice", by=by, at=at)
    return Hearing.objects.get(pk=case.pk)


def why_not_held(hearing: Hearing, at: datetime) -> Refusal | None:
    """Nothing where the hearing's report may be written."""
    meets_at = hearing.meets_at
    if meets_at is not None and at >= meets_at:
        return None
    local = timezone.localtime(meets_at) if meets_at else None
    hint = (
        _("It is set for %(time)s.") % {"time": f"{spoken(local.date())} {local:%H:%M}"}
        if local
        else ""
    )
    return Refusal("enforce.not_held", _("The hearing has not been held yet."), hint=hint)


@transaction.atomic
def record_hearing(
    *, case: Case, record: str, opinion: str, absent: bool, by: Account, at: datetime
) -> Hearing:
    """What was said there, and the host's report. Only the host writes it."""
    require_stage(case, Stage.HEARING)
    hearing = Hearing.objects.get(pk=case.pk)
    if hearing.host_id != by.pk:
        raise NotAllowed("enforce.not_host", _("The host of the hearing writes its report."))
    if refusal := why_not_held(hearing, at):
        raise refusal
    if not opinion.strip() or not (absent or record.strip()):
        raise BadInput(
            "enforce.hearing_incomplete", _("Write down what was said and your opinion.")
        )
    Hearing.objects.filter(pk=case.pk).update(
        held_at=at, record=record, opinion=opinion, absent=absent
    )
    log(case=case, move="heard", by=by, at=at, note=opinion)
    for form in ("hearing_record", "hearing_report"):
        papers.issue(case=case, form=form, by=by, at=at)
    move_case(case=case, move="ready", by=by, at=at)
    return Hearing.objects.get(pk=case.pk)


@transaction.atomic
def end_notice(*, case: Case, by: Account, at: datetime) -> Case:
    """Go on to the decision once the party spoke, gave it up, or let the limits run out."""
    require_officer(case=case, by=by, at=at)
    require_stage(case, Stage.NOTICE)
    if refusal := why_notice_runs(case, at):
        raise refusal
    # What still runs now was given up by the party; else the decision would have to wait.
    given_up = case.terms.filter(rule__in=terms.TOLD, due_at__gt=at)
    terms.drop(terms=given_up, by=by, at=at, why=_("The party gave it up."))
    for rule in terms.TOLD:
        terms.meet(case=case, rule=rule, by=by, at=at)
    return move_case(case=case, move="ready", by=by, at=at)


def why_notice_runs(case: Case, at: datetime) -> Refusal | None:
    """Nothing where the case may go on to the decision."""
    waiting = _waits_for(case, at)
    hint = _("Without it a decision would be void (art. 62).")
    return Refusal("enforce.notice_runs", waiting, hint=hint) if waiting else None


def _told(case: Case, rule: str, notice: Paper) -> Term | None:
    """The limit that began when this notice was served."""
    since = terms.minute(notice.issued_at)
    found = Term.objects.filter(case=case, rule=rule, started_at__gte=since)
    return found.order_by("-pk").first()


def _waits_for(case: Case, at: datetime) -> str:
    """What must still happen before the decision, or nothing."""
    notice = papers.standing(case, "penalty_notice")
    if notice is None:
        return _("The notice has not been served yet.")
    # What was said about an earlier notice, which was taken back, does not count for this one.
    waived = case.statements.filter(waived=True, made_at__gte=notice.issued_at).exists()
    rights = ["enforce.statement"]
    if may_be_heard(case, at):
        rights.append("penalty.hearing")
    told = [_told(case, rule, notice) for rule in rights]
    if None in told:
        return _("The notice has not been served yet.")
    running = [term.due_at for term in told if term and term.met_at is None and term.due_at > at]
    if not running or waived:
        return ""
    return _("The party may still speak or ask for a hearing, until %(day)s.") % {
        "day": spoken(last_day(max(running)))
    }
