"""Read cases. Every function takes the reader and shows only their regions."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar

from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from anlan.base.errors import NotFound
from anlan.people.models import Account, Grant, Holding
from anlan.places.models import PLACE, Region, overlap
from anlan.places.queries import became, paths_upwards
from anlan.prevent import lookups
from anlan.prevent.models import Hazard, Visit
from anlan.work import deadlines
from anlan.work import queries as work
from anlan.work.models import WorkItem

from .models import (
    Approval,
    Case,
    CaseOfficer,
    CaseStep,
    Certificate,
    DiscretionEntry,
    DiscretionTable,
    Evidence,
    Organ,
    Paper,
    Payment,
    Publication,
    Referral,
    Term,
)
from .models.cases import CaseQuerySet
from .rules import APPEALS, LARGE_FINE, SHOWN_YEARS, years_later
from .stages import Procedure, Stage

VIEW = "enforce.view"
# Documents that are evidence against every party of joined cases.
SHARED_FORMS = ("check_plan", "check_record", "inquiry", "scene_record", "sample", "keep_notice")
ABOUT_SHOWN = 5
T = TypeVar("T")


@dataclass(frozen=True)
class Filter:
    stage: str = "open"  # a stage, "open" or "all"
    region: Region | None = None
    overdue: bool = False
    mine: bool = False
    text: str = ""
    decided_from: date | None = None
    decided_to: date | None = None
    filed_from: date | None = None
    filed_to: date | None = None
    large: bool = False
    on_spot: bool = False


def list_cases(*, actor: Account, at: datetime, wanted: Filter) -> QuerySet[Case]:
    """Cases, the newest first."""
    found = Case.objects.sheet_within(overlap(actor.regions_for(VIEW), wanted.region))
    if wanted.stage == "open":
        found = found.filter(stage__in=set(Stage.values) - {Stage.CLOSED, Stage.NOT_FILED})
    elif wanted.stage in Stage.values:
        found = found.filter(stage=wanted.stage)
    if wanted.overdue:
        found = found.overdue(at)
    found = _filed(_decided(found, wanted), wanted)
    if wanted.mine:
        mine = CaseOfficer.objects.filter(certificate__account=actor, to_at=None)
        found = found.filter(pk__in=mine.values("case"))
    if wanted.text:
        text = wanted.text
        papers = Paper.objects.filter(number=text).exclude(number="")
        called = Q(**{f"name__{lookups.fastest(text)}": text})
        found = found.filter(called | Q(number=text) | Q(pk__in=papers.values("case")))
    return found.select_related("organ", "region").order_by("-opened_at", "-pk")


def ids_of(cases: QuerySet[Case]) -> QuerySet[Case, int]:
    """Only the numbers, in the same order: a page is cut from these, not from wide rows."""
    return cases.select_related(None).values_list("pk", flat=True)


def cases_of(ids: Iterable[int]) -> QuerySet[Case]:
    """The rows of one page."""
    found = Case.objects.filter(pk__in=list(ids)).defer("facts", "proof", "discussion", "summary")
    return found.select_related("party", f"region__{PLACE}").order_by("-opened_at", "-pk")


def _decided(found: CaseQuerySet, wanted: Filter) -> CaseQuerySet:
    """Penalties of a period, as the figures count them."""
    if wanted.decided_from or wanted.decided_to:
        found = found.filter(outcome="PENALTY", exercise=False)
    if wanted.decided_from:
        found = found.filter(decided_at__gte=_midnight(wanted.decided_from))
    if wanted.decided_to:
        found = found.filter(decided_at__lt=_midnight(wanted.decided_to + timedelta(days=1)))
    if wanted.on_spot:
        found = found.filter(procedure=Procedure.SUMMARY)
    return found.filter(fine__gte=LARGE_FINE) if wanted.large else found


def _filed(found: CaseQuerySet, wanted: Filter) -> CaseQuerySet:
    """Cases filed in a period, as the figures count them."""
    if wanted.filed_from or wanted.filed_to:
        found = found.filter(exercise=False)
    if wanted.filed_from:
        found = found.filter(filed_at__gte=_midnight(wanted.filed_from))
    if wanted.filed_to:
        found = found.filter(filed_at__lt=_midnight(wanted.filed_to + timedelta(days=1)))
    return found


def _midnight(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time(), deadlines.BEIJING)


def with_next_term(cases: Iterable[Case]) -> list[tuple[Case, Term | None]]:
    """Each case of a page with the organ's limit that ends first."""
    cases = list(cases)
    running = Term.objects.filter(case__in=cases, ours=True, met_at=None).order_by("-due_at")
    first = {term.case_id: term for term in running}
    return [(case, first.get(case.pk)) for case in cases]


def get_case(*, actor: Account, case_id: int, permission: str = VIEW) -> Case:
    """One case, or NotFound: one outside the actor's regions is not there."""
    visible = Case.objects.within(actor.regions_for(permission))
    rows = visible.select_related(
        "organ__region", "party__enterprise", "visit", f"region__{PLACE}",
        "hearing__host", "hearing__clerk",
    )  # fmt: skip
    return _found(rows.filter(pk=case_id).first(), _("There is no such case in your regions."))


def _found(row: T | None, message: str) -> T:
    if row is None:
        raise NotFound("enforce.none", message)
    return row


def cases_about(actor: Account, items: QuerySet[WorkItem]) -> list[Case]:
    """The newest cases that came of these duties: a hazard has its task's number."""
    found = Case.objects.within(actor.regions_for(VIEW)).filter(hazard_id__in=items.values("pk"))
    return list(found.order_by("-opened_at", "-pk")[:ABOUT_SHOWN])


def get_paper(*, actor: Account, paper_id: int) -> Paper:
    visible = actor.regions_for(VIEW)
    cases = Case.objects.within(visible)
    found = Paper.objects.filter(case__in=cases).select_related(
        "case__organ", "case__party", "case__region", "issued_by", "receipt", "corrects"
    )
    return _found(found.filter(pk=paper_id).first(), _("There is no such document."))


def get_evidence(*, actor: Account, evidence_id: int) -> Evidence:
    cases = Case.objects.within(actor.regions_for(VIEW))
    found = Evidence.objects.filter(case__in=cases, pk=evidence_id).exclude(path="").first()
    return _found(found, _("There is no such file."))


def get_referral(*, actor: Account, case_id: int) -> Referral:
    found = Referral.objects.within(actor.regions_for(VIEW)).filter(pk=case_id).first()
    return _found(found, _("There is no such case in your regions."))


def get_publication(*, actor: Account, case_id: int) -> Publication:
    found = Publication.objects.within(actor.regions_for("enforce.publish")).filter(pk=case_id)
    return _found(found.first(), _("There is no such case in your regions."))


def case_of_item(*, actor: Account, item_id: int) -> Case:
    """The case that a duty or an approval of the loop belongs to."""
    linked = Q(approvals__item=item_id) | Q(terms__item=item_id)
    visible = Case.objects.within(actor.regions_for(VIEW))
    found = visible.filter(linked).distinct().first()
    return _found(found, _("There is no such case in your regions."))


def open_approvals(*, actor: Account, case: Case) -> list[Approval]:
    """What waits in this case for a decision that the actor may make."""
    waiting = case.approvals.filter(result="").select_related("item", "asked_by")
    return [
        approval
        for approval in waiting.order_by("asked_at")
        if approval.asked_by_id != actor.pk
        and actor.may(approval.item.kind_of.may_check, region=case.region)
    ]


@dataclass(frozen=True)
class TermView:
    """A limit with its lamp: how urgent it is, by what law."""

    term: Term
    label: str
    source: str
    lamp: str  # "met", "late", "dropped", "over", "ended", "soon", "running"
    unsure: bool  # rests on holidays that have not been announced


def terms_of(*, case: Case, at: datetime) -> list[TermView]:
    """The case's limits, those that run first."""
    views = []
    for term in case.terms.order_by("met_at", "due_at"):
        rule = deadlines.get(term.rule)
        version = rule.on(term.rule_version)
        unsure = deadlines.counts_on_unknown_days(version, term.started_at, term.due_at)
        views.append(TermView(term, str(rule.label), version.source, _lamp(term, at), unsure))
    return sorted(views, key=lambda view: (view.lamp not in RUNNING, view.term.due_at))


RUNNING = ("over", "soon", "running")


def _lamp(term: Term, at: datetime) -> str:
    if term.dropped:
        return "dropped"
    met_at = None if term.rule in APPEALS else term.met_at
    if met_at and (term.ours or met_at <= term.due_at):
        return "met" if met_at <= term.due_at else "late"
    if met_at or term.due_at < at:
        return "over" if term.ours else "ended"
    return "soon" if (term.due_at - at).days < 2 else "running"


def list_organs(*, actor: Account, permission: str = VIEW) -> QuerySet[Organ]:
    found = Organ.objects.within(actor.regions_for(permission))
    return found.select_related("region").order_by("region__path")


def organs_for(*, actor: Account) -> list[Organ]:
    """Organs for whose region, or a part of it, the actor handles cases; none that has ended."""
    paths = actor.regions_for("enforce.handle")
    standing = Organ.objects.filter(region__successor=None)
    return [
        organ
        for organ in standing.select_related("region").order_by("region__path")
        if any(p.startswith(organ.region.path) or organ.region.path.startswith(p) for p in paths)
    ]


def certificates_of(*, organ: Organ, on: date | None = None) -> QuerySet[Certificate]:
    """Of an organ; with a day, only those in force."""
    found = Certificate.objects.filter(organ=organ)
    if on is not None:
        found = found.valid_on(on)
    return found.select_related("account").order_by("account__name", "number")


def acting_for(organ: Organ) -> list[int]:
    """Keys of the organs whose officers may act in its cases: where it has ended, two."""
    if not organ.has_ended:
        return [organ.pk]
    over = Organ.objects.filter(region=became()[organ.region_id])
    return [organ.pk, *over.values_list("pk", flat=True)]


def certificates_for(*, case: Case, on: date) -> QuerySet[Certificate]:
    """In force on a day, of officers who may be put into a case."""
    found = Certificate.objects.filter(organ__in=acting_for(case.organ)).valid_on(on)
    return found.select_related("account").order_by("account__name", "number")


def get_certificate(*, actor: Account, certificate_id: int) -> Certificate:
    visible = Certificate.objects.within(actor.regions_for("enforce.manage"))
    return _found(visible.filter(pk=certificate_id).first(), _("There is no such certificate."))


def get_organ(*, actor: Account, organ_id: int, permission: str = "enforce.manage") -> Organ:
    visible = Organ.objects.within(actor.regions_for(permission))
    return _found(visible.filter(pk=organ_id).first(), _("There is no such organ in your regions."))


def discretion_on(*, organ: Organ, day: date) -> DiscretionTable | None:
    """The table that an organ goes by on a day: of its region, or of the nearest around it."""
    around = DiscretionTable.objects.filter(region__path__in=paths_upwards(organ.region.path))
    # A longer path begins with the shorter one, and so is the last in order.
    return around.filter(since__lte=day).order_by("-region__path", "-since").first()


def discretion_entries(*, organ: Organ, day: date, person: bool) -> QuerySet[DiscretionEntry]:
    table = discretion_on(organ=organ, day=day)
    found = DiscretionEntry.objects.filter(table=table, for_person=person)
    return found.select_related("table").order_by("code", "gravity")


def list_tables() -> QuerySet[DiscretionTable]:
    """Of every region: they are public."""
    return DiscretionTable.objects.select_related("region").order_by("region__path", "-since")


def list_publications(
    *, actor: Account, at: datetime, withdrawn: bool = False
) -> QuerySet[Publication]:
    """The publicity list, newest first; or what was taken off, or has been shown long enough."""
    found = Publication.objects.within(actor.regions_for(VIEW))
    today = timezone.localdate(at)
    oldest = _midnight(years_later(today, -SHOWN_YEARS))
    over = Q(case__decided_at__lt=oldest)
    found = (
        found.exclude(Q(withdrawn_at=None) & ~over) if withdrawn else found.shown().exclude(over)
    )
    return found.select_related("case__region").order_by("-published_at", "-pk")


def to_publish(*, actor: Account) -> QuerySet[Case]:
    """Penalties that have been served and stand on no list yet, the most urgent first."""
    found = Case.objects.within(actor.regions_for("enforce.publish")).filter(
        outcome="PENALTY",
        stage__in=[Stage.FULFIL, Stage.ENFORCE, Stage.CLOSED],
        exercise=False,
    )
    # On no list, or only what was taken off before the case was decided anew.
    gone = Q(publication__withdrawn_at__lte=F("decided_at"))
    found = found.filter(Q(publication=None) | gone)
    return found.select_related("party", "region").order_by("decided_at", "pk")


def list_referrals(*, actor: Account, over: bool = False) -> QuerySet[Referral]:
    """Possible crimes, open or settled."""
    found = Referral.objects.within(actor.regions_for(VIEW))
    done = Q(state__in=[Referral.State.DISMISSED, Referral.State.OVER])
    found = found.filter(done) if over else found.exclude(done)
    return found.select_related("case__region", "case__party").order_by("-flagged_at")


def get_visit(*, actor: Account, visit_id: str) -> Visit:
    """A visit to start a case from."""
    visible = Visit.objects.within(actor.regions_for("prevent.view"))
    found = visible.select_related("enterprise__site__region").filter(pk=visit_id).first()
    return _found(found, _("There is no such visit in your regions."))


def get_hazard(*, actor: Account, hazard_id: int) -> Hazard:
    """A hazard to start a case from."""
    visible = Hazard.objects.within(actor.regions_for("prevent.view"))
    found = visible.select_related("site__region", "item__region").filter(pk=hazard_id).first()
    return _found(found, _("There is no such hazard in your regions."))


def steps_of(*, case: Case) -> QuerySet[CaseStep]:
    """The history, newest first."""
    return case.steps.select_related("by").order_by("-at", "-pk")


def papers_of(*, case: Case) -> QuerySet[Paper]:
    """The documents in the order of the file."""
    return case.papers.select_related("receipt").order_by("issued_at", "pk")


def officers_of(*, case: Case) -> QuerySet[CaseOfficer]:
    found = case.officers.select_related("certificate__account")
    return found.order_by("to_at", "-leads", "pk")


def may_host(*, case: Case, at: datetime) -> QuerySet[Account]:
    """Who may lead a hearing: people of the organ, by post or grant, who did not work on it."""
    rights, region = {"enforce.review", "enforce.handle", "enforce.approve"}, case.organ.region
    held = Holding.objects.filter(post__region__path=region.path).on(timezone.localdate(at))
    posts = held.values_list("account_id", "post__role__permissions")
    by_post = [account for account, codes in posts if rights & set(codes)]
    granted = Grant.objects.filter(permission__in=rights, region__path=region.path)
    officers = CaseOfficer.objects.filter(case=case).values("certificate__account")
    found = Account.objects.filter(
        Q(pk__in=by_post) | Q(pk__in=granted.values("account")) | Q(certificates__organ=case.organ)
    )
    return found.exclude(pk__in=officers).filter(is_active=True).distinct().order_by("name", "pk")


def standing_payments(*, case: Case) -> QuerySet[Payment]:
    """Payments that have not been cancelled."""
    found = Payment.objects.filter(fine=case.pk, cancels=None, cancelled_by=None)
    return found.order_by("paid_on", "pk")


def evidence_of(*, case: Case) -> QuerySet[Evidence]:
    """What was taken in this case and in those that it is joined with."""
    found = Evidence.objects.filter(case.of_group()).select_related("taken_by", "keeping")
    return found.order_by("taken_at", "pk")


def papers_of_file(*, case: Case) -> QuerySet[Paper]:
    """The case's own documents, and those of its joined cases that are evidence for all."""
    own = Q(case=case)
    shared = case.of_group() & Q(form__in=SHARED_FORMS)
    return Paper.objects.filter(own | shared).order_by("issued_at", "pk")


def items_of(*, case: Case) -> QuerySet[WorkItem]:
    """The case's limits and approvals, and the hazard that it came from."""
    terms, approvals = (m.objects.filter(case=case).values("item") for m in (Term, Approval))
    hazard = [case.hazard_id] if case.hazard_id else []
    return WorkItem.objects.filter(Q(pk__in=terms) | Q(pk__in=approvals) | Q(pk__in=hazard))


def next_duty(*, actor: Account, case: Case) -> int | None:
    """The number of the case's open duty that is due first, among those that the reader sees."""
    terms, approvals = (m.objects.filter(case=case).values("item") for m in (Term, Approval))
    rows = work.visible(actor).filter(Q(pk__in=terms) | Q(pk__in=approvals)).open()
    found: int | None = (
        rows.order_by(F("due_at").asc(nulls_last=True), "pk").values_list("pk", flat=True).first()
    )
    return found


def group_of(*, case: Case) -> QuerySet[Case]:
    """The cases of all parties to the same offence, the first one first; none where it is alone."""
    lead = case.joined_id or case.pk
    found = Case.objects.filter(Q(pk=lead) | Q(joined=lead)).select_related("party")
    alone = not case.joined_id and not case.joint_cases.exists()
    return found.none() if alone else found.order_by("pk")


def approvals_of(*, case: Case) -> QuerySet[Approval]:
    found = case.approvals.select_related("asked_by", "decided_by")
    return found.order_by("-asked_at", "-pk")


def referral_of(*, case: Case) -> Referral | None:
    return Referral.objects.filter(case=case).prefetch_related("consultations").first()


def widest(*, actor: Account) -> Region | None:
    """The uppermost region whose cases the actor sees."""
    held = Region.objects.filter(path__in=actor.regions_for(VIEW), valid_to=None)
    return held.order_by("level", "path").first()


def widest_managed(*, actor: Account) -> Region | None:
    """The uppermost region whose organs the actor keeps."""
    held = Region.objects.filter(path__in=actor.regions_for("enforce.manage"), valid_to=None)
    return held.order_by("level", "path").first()


def officer_called(*, actor: Account, username: str, organ: Organ) -> Account:
    """An account by its user name, of somebody who handles cases for this organ."""
    found = Account.objects.filter(username=username, is_active=True).first()
    if found is None or not found.may("enforce.handle", region=organ.region):
        raise NotFound(
            "enforce.no_officer",
            _("Nobody of that user name handles cases for %(organ)s.") % {"organ": organ},
            hint=_("Grant “handle cases as an officer” first."),
        )
    return found


def get_table(*, table_id: int) -> DiscretionTable:
    """Discretion tables are public (art. 34): whoever is signed in reads them."""
    found = DiscretionTable.objects.select_related("region").filter(pk=table_id).first()
    return _found(found, _("There is no such table."))


def lines_of(table: DiscretionTable) -> QuerySet[DiscretionEntry]:
    return table.entries.order_by("code", "for_person", "gravity")
