"""What is decided about a hazard beyond the loop: orders, extensions, listing, transfer, grade."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from anlan.base import clock
from anlan.base.errors import BadInput
from anlan.base.pages import SignedIn, typed
from anlan.places.forms import region_asked
from anlan.places.models import Region

from ..forms.dates import day_of, day_or_none
from ..queries import hazards as queries
from ..services import extensions, listings
from ..services import hazards as services


@require_POST
@login_required
def order(request: SignedIn, hazard_id: int) -> HttpResponse:
    services.order_rectification(
        hazards=[queries.get_hazard(actor=request.user, hazard_id=hazard_id)],
        due_on=day_or_none(request.POST.get("due_on", "")),
        by=request.user,
        at=clock.now(),
    )
    return redirect("prevent:hazard", hazard_id)


@require_POST
@login_required
def ask(request: SignedIn, hazard_id: int) -> HttpResponse:
    extensions.ask_extension(
        hazard=queries.get_hazard(actor=request.user, hazard_id=hazard_id),
        until=day_of(request.POST.get("until", "")),
        reason=typed(request, "reason")[:500],
        by=request.user,
        at=clock.now(),
    )
    return redirect("prevent:hazard", hazard_id)


@require_POST
@login_required
def decide(request: SignedIn, extension_id: int) -> HttpResponse:
    found = queries.get_extension(actor=request.user, extension_id=extension_id)
    extensions.decide_extension(
        extension=found,
        granted=request.POST.get("granted", "") == "yes",
        note=typed(request, "note")[:500],
        by=request.user,
        at=clock.now(),
    )
    return redirect("prevent:hazard", found.hazard_id)


@require_POST
@login_required
def hang(request: SignedIn, hazard_id: int) -> HttpResponse:
    """Put it under listed supervision."""
    listings.list_hazard(
        hazard=queries.get_hazard(actor=request.user, hazard_id=hazard_id),
        region=_region(request, "prevent.campaign"),
        until=day_of(request.POST.get("until", "")),
        reason=typed(request, "reason")[:500],
        by=request.user,
        at=clock.now(),
    )
    return redirect("prevent:hazard", hazard_id)


@require_POST
@login_required
def lift(request: SignedIn, listing_id: int) -> HttpResponse:
    found = queries.get_listing(actor=request.user, listing_id=listing_id)
    listings.lift_listing(
        listing=found, note=typed(request, "note")[:500], by=request.user, at=clock.now()
    )
    return redirect("prevent:hazard", found.hazard_id)


@require_POST
@login_required
def transfer(request: SignedIn, hazard_id: int) -> HttpResponse:
    found = queries.get_hazard(actor=request.user, hazard_id=hazard_id)
    services.transfer_hazard(
        hazard=found,
        region=_region(request, "prevent.check"),
        reason=typed(request, "reason")[:500],
        by=request.user,
        at=clock.now(),
    )
    return redirect("prevent:hazard", hazard_id)


@require_POST
@login_required
def regrade(request: SignedIn, hazard_id: int) -> HttpResponse:
    services.regrade_hazard(
        hazard=queries.get_hazard(actor=request.user, hazard_id=hazard_id),
        grade=request.POST.get("grade", ""),
        reason=typed(request, "reason")[:500],
        by=request.user,
        at=clock.now(),
    )
    return redirect("prevent:hazard", hazard_id)


def _region(request: SignedIn, permission: str) -> Region:
    found = region_asked(request.POST, paths=request.user.regions_for(permission))
    if found is None:
        raise BadInput("prevent.no_region", _("Choose a region."))
    return found
