"""Read visits, planned and made."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Exists, IntegerField, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from anlan.base.errors import NotFound
from anlan.people.models import Account
from anlan.places.models import PLACE, Region, Site, overlap
from anlan.work.models import Attachment, WorkItem

from .. import lookups
from ..models import Answer, Campaign, Enterprise, Entry, Hazard, Visit, VisitFile, VisitPlan
from ..models.hazards import HazardQuerySet
from ..models.visits import VisitQuerySet
from .hazards import visible as visible_hazards


@dataclass(frozen=True)
class Wanted:
    """What a list of visits is narrowed to."""

    kind: str = ""
    region: Region | None = None
    campaign: Campaign | None = None
    enterprise_id: int = 0
    led_by_principal: bool = False
    year: int = 0  # visits finished that began in it, exercises left out
    mine: bool = False
    counted: bool = False  # only what figures are made of: finished, no exercises
    text: str = ""


def visible(actor: Account) -> VisitQuerySet:
    """Visits in the reader's regions, and those of enterprises that they sign in for."""
    return _or_own(Visit.objects.within(actor.regions_for("prevent.view")), actor)


def _or_own(found: VisitQuerySet, actor: Account, region: Region | None = None) -> VisitQuerySet:
    firms = list(actor.enterprises.values_list("enterprise", flat=True))
    if not firms:
        return found
    own = Visit.objects.filter(enterprise__in=firms)
    return found | (own.filter(region__path__under=region.path) if region else own)


def list_visits(*, actor: Account, wanted: Wanted) -> QuerySet[Visit]:
    """Visits as asked for, the latest first, with what a list shows."""
    return with_places(find_visits(actor=actor, wanted=wanted))


def find_visits(*, actor: Account, wanted: Wanted) -> QuerySet[Visit]:
    """The same without what is shown beside them: for `sheet_of`, which asks for that itself."""
    paths = overlap(actor.regions_for("prevent.view"), wanted.region)
    rows = _or_own(Visit.objects.sheet_within(paths), actor, wanted.region)
    return rows.filter(_narrowed(wanted, actor)).order_by("-started_at", "-pk")


def with_places(rows: QuerySet[Visit]) -> QuerySet[Visit]:
    """With the enterprise, the place, who made it and how many hazards it found."""
    counted = Hazard.objects.filter(visit=OuterRef("pk")).order_by().values("visit")
    number = Subquery(counted.annotate(n=Count("pk")).values("n"), output_field=IntegerField())
    return (
        rows.select_related("enterprise__site", f"region__{PLACE}", "campaign")
        .prefetch_related("inspectors")
        .annotate(hazard_count=Coalesce(number, 0))
    )


def _narrowed(wanted: Wanted, actor: Account) -> Q:
    condition = Q()
    if wanted.kind:
        condition &= Q(kind=wanted.kind)
    if wanted.campaign is not None:
        condition &= Q(campaign=wanted.campaign)
    if wanted.enterprise_id:
        condition &= Q(enterprise=wanted.enterprise_id)
    if wanted.led_by_principal:
        condition &= Q(led_by_principal=True)
    if wanted.year:
        condition &= Q(started_at__year=wanted.year)
    if wanted.year or wanted.counted:
        condition &= Q(finished_at__isnull=False, exercise=False)
    if wanted.mine:
        condition &= Q(inspectors=actor)
    if wanted.text.strip():
        text = wanted.text.strip()
        has = lookups.fastest(text)
        called = Site.objects.filter(kind="enterprise", **{f"name__{has}": text}).values("pk")
        condition &= Q(**{f"number__{has}": text}) | Q(enterprise__in=called)
    return condition


def count_led(actor: Account, year: int) -> dict[str, int]:
    """By region path: a year's visits that principal leaders led, as the list shows them."""
    wanted = Wanted(led_by_principal=True, year=year)
    rows = visible(actor).filter(_narrowed(wanted, actor)).order_by()
    return dict(rows.values_list("region__path").annotate(n=Count("pk")))


def get_visit(*, actor: Account, visit_id: UUID) -> Visit:
    """One visit with what its page needs, or NotFound."""
    made = Visit.inspectors.through._default_manager.filter(visit=OuterRef("pk"), account=actor)
    rows = visible(actor) | Visit.objects.filter(Exists(made))
    visit = (
        rows.select_related(
            f"region__{PLACE}",
            "enterprise__site__region",
            "version__standard",
            "campaign",
            "item",
            "submission",
        )
        .filter(pk=visit_id)
        .first()
    )
    if visit is None:
        raise NotFound("prevent.no_visit", _("There is no such visit in your regions."))
    return visit


@dataclass(frozen=True)
class Line:
    """A line of the checklist with the answer that it got."""

    entry: Entry
    given: Answer | None


def lines_of(visit: Visit) -> list[Line]:
    """The whole checklist, answered or not, in its order."""
    if visit.version is None:
        return []
    given = {answer.entry_id: answer for answer in visit.answers.select_related("hazard")}
    entries = visit.version.entries.order_by("number")
    return [Line(entry, given.get(entry.pk)) for entry in entries]


def hazards_of(visit: Visit) -> QuerySet[Hazard]:
    files = Prefetch("files", VisitFile.objects.select_related("attachment"))
    return visit.hazards.select_related("item").prefetch_related(files).order_by("pk")


def to_order(visit: Visit) -> HazardQuerySet:
    """What a visit found that is open and that nobody has ordered to be put right."""
    handed_in = [WorkItem.State.SUBMITTED, WorkItem.State.CLOSED, WorkItem.State.CANCELLED]
    rows = Hazard.objects.filter(visit=visit, order_number="")
    return rows.exclude(item__state__in=handed_in)


def files_of(hazard: Hazard) -> QuerySet[VisitFile]:
    """Photos of a hazard that the reader was given, as far as they have arrived."""
    return hazard.files.exclude(attachment=None).select_related("attachment").order_by("pk")


def to_recheck(visit: Visit) -> QuerySet[Hazard]:
    """Open hazards of the enterprise from before this visit, those handed in first."""
    rows = Hazard.objects.unresolved().filter(site=visit.enterprise_id).exclude(visit=visit)
    return rows.select_related("item").order_by("-item__state", "item__due_at", "pk")


def get_file(*, actor: Account, file_id: int) -> Attachment:
    """A photo, signature or voice note of a visit that the reader may see."""
    seen = Q(visit__in=visible(actor)) | Q(hazard__in=visible_hazards(actor))
    rows = VisitFile.objects.filter(seen, pk=file_id).exclude(attachment=None)
    found = rows.select_related("attachment").first()
    if found is None or found.attachment is None:
        raise NotFound("prevent.no_file", _("There is no such file in your regions."))
    return found.attachment


def list_plans(*, actor: Account, wanted: Wanted) -> QuerySet[VisitPlan]:
    """Visits still to be made, the nearest day first; with `mine`, those that name the reader."""
    return with_people(find_plans(actor=actor, wanted=wanted))


def find_plans(*, actor: Account, wanted: Wanted) -> QuerySet[VisitPlan]:
    """The same without what is shown beside them: for `sheet_of`."""
    paths = overlap(actor.regions_for("prevent.view"), wanted.region)
    rows = VisitPlan.objects.sheet_within(paths).filter(item__state__in=WorkItem.OPEN_STATES)
    if wanted.campaign is not None:
        rows = rows.filter(campaign=wanted.campaign)
    if wanted.mine:
        rows = rows.filter(Q(inspectors=actor) | Q(item__doer=actor)).distinct()
    if text := wanted.text.strip():
        rows = rows.filter(**{f"enterprise__site__name__{lookups.fastest(text)}": text})
    return rows.order_by("item__due_at", "pk")


def with_people(rows: QuerySet[VisitPlan]) -> QuerySet[VisitPlan]:
    return rows.select_related(
        f"item__region__{PLACE}", "item__doer", "enterprise__site", "campaign", "draw"
    ).prefetch_related("inspectors")


def get_plan(*, actor: Account, item_id: int) -> VisitPlan:
    paths = {p for c in ("prevent.view", "prevent.inspect") for p in actor.regions_for(c)}
    rows = VisitPlan.objects.within(sorted(paths)).select_related(
        "item__region", "item__doer", "enterprise__site__region", "campaign", "draw", "standard"
    )
    plan = rows.filter(item__pk=item_id).first()
    if plan is None:
        raise NotFound("prevent.no_plan", _("There is no such planned visit in your regions."))
    return plan


def going_on(
    *, actor: Account, enterprise: Enterprise, kind: str, plan: VisitPlan | None
) -> Visit | None:
    """The visit that the actor has begun there and not finished: it is gone on with."""
    mine = Visit.objects.filter(enterprise=enterprise, kind=kind, inspectors=actor)
    return mine.filter(finished_at=None, item=plan.item if plan else None).first()


def visit_of(plan: VisitPlan) -> Visit | None:
    """The visit that fulfilled a plan which the reader was given."""
    return Visit.objects.filter(item=plan.item).first()


def missed_plan(visit: Visit) -> VisitPlan | None:
    """The plan by which a phone made a visit that was given to the reader and did not fulfil it."""
    asked = visit.submission.data.get("plan") if visit.submission else None
    if asked is None or visit.item_id is not None:
        return None
    plans = VisitPlan.objects.filter(pk=asked, enterprise=visit.enterprise_id)
    return plans.select_related("item").first()


def also_sent_for(visit: Visit) -> QuerySet[Visit]:
    """Visits that phones made by the same plan, which this one had fulfilled before."""
    same = Visit.objects.filter(enterprise=visit.enterprise_id, item=None)
    same = same.filter(submission__data__plan=visit.item_id) if visit.item_id else same.none()
    return same.prefetch_related("inspectors").order_by("started_at", "pk")


def tell_missed(plan: VisitPlan, fulfilled: Visit | None) -> str:
    """Why a visit stands beside its plan."""
    if fulfilled is None:
        text = _("The planned visit #%(plan)d was called off or is no longer yours.")
        return text % {"plan": plan.pk}
    who = "、".join(map(str, fulfilled.inspectors.order_by("pk")))
    if fulfilled.finished_at is None:
        text = _("The planned visit #%(plan)d was begun at a desk by %(who)s and is not finished.")
    else:
        text = _("The planned visit #%(plan)d had been made already by %(who)s.")
    return text % {"plan": plan.pk, "who": who}


def own_files_of(visit: Visit) -> QuerySet[VisitFile]:
    """Files of a visit itself, not of its hazards, as far as they have arrived."""
    rows = visit.files.filter(hazard=None).exclude(attachment=None)
    return rows.select_related("attachment").order_by("pk")


def get_own_enterprise(*, actor: Account, enterprise_id: int) -> Enterprise:
    """The enterprise that the reader signs in for."""
    rows = Enterprise.objects.filter(pk=enterprise_id, contacts__account=actor)
    found = rows.select_related("site__region", "standard").distinct().first()
    if found is None:
        raise NotFound("prevent.not_your_firm", _("You do not sign in for this enterprise."))
    return found


def own_enterprises(*, actor: Account) -> QuerySet[Enterprise]:
    """The enterprises that the reader signs in for."""
    rows = Enterprise.objects.filter(contacts__account=actor)
    return rows.select_related(f"site__region__{PLACE}", "standard").distinct().order_by("pk")
