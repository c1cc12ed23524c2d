"""The application index: by region, and the enterprises behind each figure."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from anlan.base import clock
from anlan.base.pages import SignedIn
from anlan.base.paging import sheet_of
from anlan.places.forms import region_asked

from ..queries import regions as tree
from ..queries import usage as queries


@require_safe
@login_required
def index(request: SignedIn) -> HttpResponse:
    """How far each region really uses the system."""
    at, actor = clock.now(), request.user
    parent, regions = tree.regions_below(
        actor=actor, permission=queries.VIEW, code=request.GET.get("region", "")
    )
    context = {
        "parent": parent,
        "rows": queries.usage_by_region(actor=actor, at=at, regions=regions, parent=parent),
        "indicators": queries.INDICATORS,
    }
    return render(request, "prevent/usage.html", context)


@require_safe
@login_required
def enterprises(request: SignedIn) -> HttpResponse:
    """The enterprises that meet an indicator or do not, with all that each meets."""
    at, actor = clock.now(), request.user
    region = region_asked(request.GET, paths=actor.regions_for(queries.VIEW))
    indicator = request.GET.get("indicator", "")
    met = {"yes": True, "no": False}.get(request.GET.get("met", ""))
    found = queries.list_usage(actor=actor, at=at, region=region, indicator=indicator, met=met)
    sheet = sheet_of(found, request.GET.get("page"))
    context = {
        "sheet": sheet,
        "rows": queries.usage_of(enterprises=sheet.rows, at=at),
        "indicators": queries.INDICATORS,
        "region": region,
        "indicator": indicator,
        "met": met,
    }
    return render(request, "prevent/usage_enterprises.html", context)
