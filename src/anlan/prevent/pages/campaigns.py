"""Campaigns: the list, a new one, how far each region is."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from anlan.base import clock
from anlan.base.errors import BadInput, Refusal
from anlan.base.numbers import whole
from anlan.base.pages import SignedIn
from anlan.base.paging import sheet_of
from anlan.places.forms import region_asked

from ..forms.campaigns import CampaignForm
from ..queries import campaigns as queries
from ..services import campaigns as services


@require_safe
@login_required
def campaign_list(request: SignedIn) -> HttpResponse:
    over = "over" in request.GET
    found = queries.list_campaigns(actor=request.user, over=over)
    context = {
        "sheet": sheet_of(found, request.GET.get("page")),
        "over": over,
        "may_hold": request.user.may_anywhere("prevent.campaign"),
    }
    return render(request, "prevent/campaigns.html", context)


@require_safe
@login_required
def campaign(request: SignedIn, campaign_id: int) -> HttpResponse:
    found = queries.get_campaign(actor=request.user, campaign_id=campaign_id)
    context = {
        "campaign": found,
        "colours": queries.colours_of(found),
        "rows": queries.progress(actor=request.user, campaign=found),
        "may_hold": request.user.may("prevent.campaign", region=found.region),
    }
    return render(request, "prevent/campaign.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def make(request: SignedIn) -> HttpResponse:
    form = CampaignForm(request.POST or None, actor=request.user)
    if form.is_valid():
        try:
            made = services.make_campaign(**form.arguments(), by=request.user, at=clock.now())
        except Refusal as refusal:
            form.add_error(None, f"{refusal.message} {refusal.hint}")
        else:
            return redirect("prevent:campaign", made.pk)
    context = {"form": form, "title": _("New campaign"), "back": "prevent:campaigns"}
    return render(request, "prevent/plain_form.html", context, status=422 if form.errors else 200)


@require_POST
@login_required
def quota(request: SignedIn, campaign_id: int) -> HttpResponse:
    region = region_asked(request.POST, paths=request.user.regions_for("prevent.campaign"))
    if region is None:
        raise BadInput("prevent.no_region", _("Choose a region."))
    services.set_quota(
        campaign=queries.get_campaign(actor=request.user, campaign_id=campaign_id),
        region=region,
        visits=whole(request.POST.get("visits", "")) or 0,
        by=request.user,
        at=clock.now(),
    )
    return redirect("prevent:campaign", campaign_id)


@require_POST
@login_required
def close(request: SignedIn, campaign_id: int) -> HttpResponse:
    services.close_campaign(
        campaign=queries.get_campaign(actor=request.user, campaign_id=campaign_id),
        by=request.user,
        at=clock.now(),
    )
    return redirect("prevent:campaign", campaign_id)
