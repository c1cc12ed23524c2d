"""Roads and counts of people: a preview first, then the good lines."""

from datetime import date

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from anlan.base import clock
from anlan.base.pages import SignedIn

from . import queries, road_features, services
from .models import Region
from .pages import day_of, file_of, paths_for, workbook_response
from .services import populations as population_service
from .services import roads as road_service


@require_http_methods(["GET", "POST"])
@login_required
def import_roads(request: SignedIn) -> HttpResponse:
    """Hand in a file of roads, look at what it would change."""
    paths_for(request, "places.manage")
    context: dict[str, object] = {"columns": road_features.COLUMNS[:-1]}
    if request.method == "POST":
        content, name = file_of(request)
        crs, source, region = _road_choices(request, name)
        context["asked"] = {"crs": crs, "source": source, "region": region}
        context["plan"] = services.plan_roads(
            content=content, crs=crs, source=source, region=region, by=request.user
        )
        context["upload"] = services.keep_upload(
            purpose="roads", name=name, content=content, by=request.user, at=timezone.now()
        )
    return render(request, "places/import_roads.html", context)


@require_POST
@login_required
def confirm_roads(request: SignedIn, upload_id: str) -> HttpResponse:
    upload = queries.get_upload(pk=upload_id, owner_id=request.user.pk, purpose="roads")
    crs, source, region = _road_choices(request, upload.name)
    plan = services.import_roads(
        content=bytes(upload.content),
        crs=crs,
        source=source,
        region=region,
        by=request.user,
        at=clock.now(),
    )
    services.drop_upload(upload=upload)
    context = {"plan": plan, "done": True, "columns": road_features.COLUMNS[:-1]}
    return render(request, "places/import_roads.html", context)


@require_safe
@login_required
def road_errors(request: SignedIn, upload_id: str) -> HttpResponse:
    upload = queries.get_upload(pk=upload_id, owner_id=request.user.pk, purpose="roads")
    plan = services.plan_roads(content=bytes(upload.content), source=upload.name, by=request.user)
    return workbook_response(road_service.error_list(plan), "roads-errors")


@require_http_methods(["GET", "POST"])
@login_required
def import_populations(request: SignedIn) -> HttpResponse:
    """Hand in a list of counts, look at what it would change."""
    paths_for(request, "places.manage")
    context: dict[str, object] = {"columns": population_service.COLUMNS}
    if request.method == "POST":
        content, name = file_of(request)
        source, counted_on = _count_choices(request)
        context["asked"] = {"source": source, "counted_on": counted_on}
        context["plan"] = services.plan_populations(
            content=content, source=source, counted_on=counted_on, by=request.user, at=clock.now()
        )
        context["upload"] = services.keep_upload(
            purpose="populations", name=name, content=content, by=request.user, at=timezone.now()
        )
    return render(request, "places/import_populations.html", context)


@require_POST
@login_required
def confirm_populations(request: SignedIn, upload_id: str) -> HttpResponse:
    upload = queries.get_upload(pk=upload_id, owner_id=request.user.pk, purpose="populations")
    source, counted_on = _count_choices(request)
    plan = services.import_populations(
        content=bytes(upload.content),
        source=source,
        counted_on=counted_on,
        by=request.user,
        at=clock.now(),
    )
    services.drop_upload(upload=upload)
    context = {"plan": plan, "done": True, "columns": population_service.COLUMNS}
    return render(request, "places/import_populations.html", context)


@require_safe
@login_required
def population_errors(request: SignedIn, upload_id: str) -> HttpResponse:
    upload = queries.get_upload(pk=upload_id, owner_id=request.user.pk, purpose="populations")
    plan = services.plan_populations(
        content=bytes(upload.content),
        source=upload.name,
        counted_on=day_of(request.GET.get("counted_on", "")),
        by=request.user,
        at=clock.now(),
    )
    return workbook_response(population_service.error_list(plan), "population-errors")


def _road_choices(request: SignedIn, name: str) -> tuple[str, str, Region | None]:
    """Coordinates, source and region, the same at the preview and at its confirmation."""
    code = request.POST.get("region", "").strip()
    paths = paths_for(request, "places.manage")
    region = queries.get_scoped_region(code=code, paths=paths) if code else None
    return (
        request.POST.get("crs", "wgs84"),
        request.POST.get("source", "").strip() or name,
        region,
    )


def _count_choices(request: SignedIn) -> tuple[str, date | None]:
    return request.POST.get("source", "").strip(), day_of(request.POST.get("counted_on", ""))
