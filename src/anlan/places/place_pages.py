"""Pages of what stands or runs somewhere: one site, roads, one road."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from anlan.base.pages import SignedIn

from . import kinds, panels, queries
from . import roads as road_queries
from .pages import paths_for, region_of


@require_safe
@login_required
def site(request: SignedIn, site_id: int) -> HttpResponse:
    """One site: where it is, and what every room has to say about it."""
    paths = paths_for(request, "places.view")
    found = queries.get_site(site_id=site_id, paths=paths)
    context = {
        "site": found,
        "kind": kinds.get(found.kind),
        "region": found.region,
        "crumbs": queries.crumbs(found.region, paths=paths),
        "panels": panels.for_place(found, request.user),
    }
    return render(request, "places/site.html", context)


@require_safe
@login_required
def roads(request: SignedIn) -> HttpResponse:
    paths = paths_for(request, "places.view")
    region = region_of(request, paths)
    text = request.GET.get("q", "").strip()
    rows = road_queries.list_roads(region=region, paths=paths, text=text)
    context = {
        "region": region,
        "crumbs": queries.crumbs(region, paths=paths),
        "page": Paginator(rows, 100).get_page(request.GET.get("page")),
        "text": text,
    }
    return render(request, "places/roads.html", context)


@require_safe
@login_required
def road(request: SignedIn, road_id: int) -> HttpResponse:
    """One stretch of road, and what every room has to say about it."""
    paths = paths_for(request, "places.view")
    found = road_queries.get_road(road_id=road_id, paths=paths)
    lon, lat = road_queries.middle(found)
    context = {
        "road": found,
        "lon": lon,
        "lat": lat,
        "region": found.region,
        "crumbs": queries.crumbs(found.region, paths=paths),
        "panels": panels.for_place(found, request.user),
    }
    return render(request, "places/road.html", context)
