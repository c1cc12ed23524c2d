"""Hazards: the list, each one's page, the rates by region."""

from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from anlan.base import clock
from anlan.base.errors import Refusal
from anlan.base.numbers import whole
from anlan.base.pages import SignedIn
from anlan.base.paging import sheet_of
from anlan.places.forms import region_asked
from anlan.work import further
from anlan.work import queries as work
from anlan.work.files import check_length
from anlan.work.submissions import TakenFile

from .. import printed
from ..forms.dates import day_or_none
from ..forms.hazards import HazardForm
from ..limits import beginning_of
from ..models import Campaign, Hazard
from ..queries import campaigns, rates, reports
from ..queries import enterprises as firms
from ..queries import hazards as queries
from ..queries import visits as visit_queries
from ..services.extensions import RUNNING, why_no_extension
from ..services.hazard_photos import MOST, report_with_photos, take_photos
from ..services.hazards import is_of_enterprise


@require_safe
@login_required
def hazard_list(request: SignedIn) -> HttpResponse:
    at, wanted = clock.now(), wanted_of(request)
    found = queries.find_hazards(actor=request.user, at=at, wanted=wanted)
    context = {
        "at": at,
        "wanted": wanted,
        "sheet": sheet_of(
            found, request.GET.get("page"), dress=lambda rows: queries.with_marks(rows, at)
        ),
        "standings": queries.STANDINGS.items(),
        "grades": Hazard.Grade.choices,
        "sources": Hazard.Source.choices,
        "enterprise": _enterprise_asked(request, wanted),
        "own_only": not request.user.may_anywhere("prevent.view"),
    }
    return render(request, "prevent/hazards.html", context)


def _enterprise_asked(request: SignedIn, wanted: queries.Wanted) -> Any:
    if not wanted.enterprise_id:
        return None
    return firms.get_to_read(actor=request.user, enterprise_id=wanted.enterprise_id)


def wanted_of(request: SignedIn) -> queries.Wanted:
    """What the filters say; what makes no sense is left out."""
    values = request.GET
    standing = values.get("standing", "open")
    return queries.Wanted(
        standing=standing if standing in {"", "open", "cancelled", *queries.STANDINGS} else "open",
        grade=_one_of(values.get("grade", ""), Hazard.Grade.values),
        source=_one_of(values.get("source", ""), Hazard.Source.values),
        region=region_asked(values, paths=request.user.regions_for("prevent.view")),
        campaign=campaign_asked(request),
        enterprise_id=whole(values.get("enterprise", "")) or 0,
        since=_since(values.get("since", "")),
        listed="listed" in values,
        again="again" in values,
        asked="asked" in values,
        counted="counted" in values,
        text=values.get("q", "").replace("\x00", "")[:40],
    )


def _since(text: str) -> Any:
    found = day_or_none(text)
    return beginning_of(found) if found else None


def _one_of(text: str, choices: list[str]) -> str:
    return text if text in choices else ""


def campaign_asked(request: SignedIn) -> Campaign | None:
    number = whole(request.GET.get("campaign", ""))
    return campaigns.get_campaign(actor=request.user, campaign_id=number) if number else None


@require_safe
@login_required
def hazard(request: SignedIn, hazard_id: int) -> HttpResponse:
    """One hazard with all that was decided about it. The moves of the loop are on its task."""
    at, actor = clock.now(), request.user
    found = queries.get_hazard(actor=actor, hazard_id=hazard_id, at=at)
    on_task = work.visible(actor).filter(pk=found.pk).exists()
    return render(
        request,
        "prevent/hazard.html",
        {
            "at": at,
            "hazard": found,
            "item": found.item,
            "clock": work.clock_of(found.item),
            "steps": work.steps_of(found.item),
            "people": work.holders_of(found.item.post, at) if found.item.post else [],
            "on_task": on_task,
            "moves": work.allowed_moves(actor=actor, item=found.item),
            "extensions": queries.extensions_of(found),
            "listings": queries.listings_of(found),
            "transfers": queries.transfers_of(found),
            "reports": reports.visible(actor).filter(hazard=found).order_by("pk"),
            "recurrences": found.recurrences.select_related("item").order_by("pk"),
            "files": visit_queries.files_of(found),
            "beside": work.beside_of(actor=actor, item=found.item),
            "further": further.links(
                actor=actor,
                region=found.item.region,
                hazard=found.pk,
                about=found.pk if on_task and found.item.is_open else None,
            ),
            "printed": printed.papers_of(found),
            "standing_label": queries.STANDINGS.get(found.standing, ""),  # type: ignore[attr-defined]
            "grades": Hazard.Grade.choices,
            **_rights(request, found, at),
        },
    )


def _rights(request: SignedIn, found: Hazard, at: datetime) -> dict[str, bool]:
    """What the reader may do here; the services ask again."""
    actor, region = request.user, found.item.region
    running = found.item.state in RUNNING
    checks = actor.may("prevent.check", region=region)
    own = is_of_enterprise(actor, found.site)
    return {
        "may_order": running
        and not found.order_number
        and actor.may("prevent.inspect", region=region),
        "is_listed": found.listings.filter(lifted_at=None).exists(),
        "running": running,
        "may_ask": (own or actor.may("prevent.rectify", region=region))
        and why_no_extension(found, at) is None,
        "may_check": checks,
        "may_transfer": found.item.is_open and checks,
        "may_regrade": found.item.is_open and checks and found.found_by_id != actor.pk,
        "may_list": actor.may_anywhere("prevent.campaign"),
    }


@require_http_methods(["GET", "POST"])
@login_required
def report(request: SignedIn, enterprise_id: int) -> HttpResponse:
    """Write a hazard down at a desk."""
    enterprise = firms.get_enterprise(
        actor=request.user, enterprise_id=enterprise_id, permission="prevent.inspect"
    )
    form = HazardForm(request.POST or None)
    if form.is_valid():
        try:
            made = report_with_photos(
                site=enterprise.site,
                finding=form.finding(),
                source=form.cleaned_data["found_how"],
                photos=photos_of(request),
                by=request.user,
                at=clock.now(),
            )
        except Refusal as refusal:
            form.add_error(None, f"{refusal.message} {refusal.hint}")
        else:
            return redirect("prevent:hazard", made.pk)
    context = {"form": form, "enterprise": enterprise, "most": MOST}
    return render(request, "prevent/hazard_form.html", context, status=422 if form.errors else 200)


def photos_of(request: SignedIn) -> list[TakenFile]:
    """The pictures of a form, checked and stored; of more than are taken, one too many is read."""
    sent = request.FILES.getlist("photos")[: MOST + 1]
    for file in sent:
        check_length(str(file.size))
    return take_photos([(file.name or "", file.read()) for file in sent])


@require_safe
@login_required
def moved_away(request: SignedIn) -> HttpResponse:
    """Hazards that went to regions that the reader does not see."""
    found = queries.moved_away(actor=request.user)
    context = {"sheet": sheet_of(found, request.GET.get("page"))}
    return render(request, "prevent/moved_away.html", context)


@require_safe
@login_required
def rate_list(request: SignedIn) -> HttpResponse:
    """How much was put right, region by region; every number opens to its rows."""
    at, actor = clock.now(), request.user
    parent = region_asked(request.GET, paths=actor.regions_for("prevent.view"))
    campaign, since = campaign_asked(request), day_or_none(request.GET.get("since", ""))
    found = rates.rates_by_region(
        actor=actor,
        at=at,
        parent=parent,
        campaign=campaign,
        since=beginning_of(since) if since else None,
    )
    context = {
        "rates": found,
        "total": rates.total(found),
        "parent": parent,
        "above": rates.above(actor=actor, region=parent) if parent else [],
        "campaign": campaign,
        "campaigns": campaigns.list_campaigns(actor=actor)[:100],
        "since": since,
        "standings": queries.STANDINGS.items(),
    }
    return render(request, "prevent/rates.html", context)
