"""The region tree and what stands in it; imports with a preview before anything changes."""

from datetime import date

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from anlan.base import clock
from anlan.base.errors import BadInput, NotAllowed
from anlan.base.pages import SignedIn

from . import divisions, kinds, populations, queries, services
from .forms import region_asked
from .models import Region
from .services import sites as site_service

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
@login_required
def index(request: SignedIn) -> HttpResponse:
    """One region: what lies in it, what stands in it, who answers."""
    paths = paths_for(request, "places.view")
    region = region_of(request, paths)
    counts = queries.count_sites(region=region, paths=paths)
    levels = dict(Region.Level.choices)
    context = {
        "region": region,
        "crumbs": queries.crumbs(region, paths=paths),
        "box": queries.box_of(region),
        "children": queries.list_children(region=region, paths=paths),
        "below": [
            (levels[level], n)
            for level, n in queries.count_below(region=region, paths=paths).items()
        ],
        "kinds": [(kinds.get(code), code, n) for code, n in counts.items()],
        "total": sum(counts.values()),
        "people": populations.people_of(region=region, paths=paths, on=localdate(clock.now())),
        "roads": queries.count_roads(region=region, paths=paths),
        "may_manage": request.user.may_anywhere("places.manage"),
        "shows_people": request.user.may("people.view", region=region),
    }
    return render(request, "places/index.html", context)


@require_safe
@login_required
def sites(request: SignedIn) -> HttpResponse:
    paths = paths_for(request, "places.view")
    region = region_of(request, paths)
    kind, text = request.GET.get("kind", ""), request.GET.get("q", "").strip()
    rows = queries.list_sites(region=region, paths=paths, kind=kind, text=text)
    page = Paginator(rows, 100).get_page(request.GET.get("page"))
    context = {
        "region": region,
        "crumbs": queries.crumbs(region, paths=paths),
        "page": page,
        "rows": [(site, kinds.get(site.kind)) for site in page],
        "kind": kind,
        "kinds": kinds.registered(),
        "text": text,
    }
    return render(request, "places/sites.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def import_divisions(request: SignedIn) -> HttpResponse:
    """Hand in a list of divisions, look at what it would change."""
    paths_for(request, "places.manage")
    context: dict[str, object] = {"columns": divisions.COLUMNS, "what": "divisions"}
    if request.method == "POST":
        content, name = file_of(request)
        context["plan"] = services.plan_divisions(content=content)
        context["upload"] = services.keep_upload(
            purpose="divisions", name=name, content=content, by=request.user, at=timezone.now()
        )
    return render(request, "places/import_divisions.html", context)


@require_POST
@login_required
def confirm_divisions(request: SignedIn, upload_id: str) -> HttpResponse:
    upload = queries.get_upload(pk=upload_id, owner_id=request.user.pk, purpose="divisions")
    plan = services.import_divisions(
        content=bytes(upload.content),
        valid_from=day_of(request.POST.get("valid_from", "")),
        expect=request.POST.get("digest", ""),
        by=request.user,
        at=clock.now(),
    )
    services.drop_upload(upload=upload)
    context = {"plan": plan, "done": True, "columns": divisions.COLUMNS}
    return render(request, "places/import_divisions.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def import_sites(request: SignedIn) -> HttpResponse:
    """Hand in a list of sites, look at what it would change."""
    paths_for(request, "places.manage")
    context: dict[str, object] = {"columns": site_service.COLUMNS, "kinds": kinds.registered()}
    if request.method == "POST":
        content, name = file_of(request)
        crs = request.POST.get("crs", "wgs84")
        context["crs"] = crs
        context["plan"] = services.plan_sites(content=content, crs=crs, by=request.user)
        context["upload"] = services.keep_upload(
            purpose="sites", name=name, content=content, by=request.user, at=timezone.now()
        )
    return render(request, "places/import_sites.html", context)


@require_POST
@login_required
def confirm_sites(request: SignedIn, upload_id: str) -> HttpResponse:
    upload = queries.get_upload(pk=upload_id, owner_id=request.user.pk, purpose="sites")
    plan = services.import_sites(
        content=bytes(upload.content),
        crs=request.POST.get("crs", "wgs84"),
        by=request.user,
        at=clock.now(),
    )
    services.drop_upload(upload=upload)
    context = {"plan": plan, "done": True, "columns": site_service.COLUMNS}
    return render(request, "places/import_sites.html", context)


@require_safe
@login_required
def site_errors(request: SignedIn, upload_id: str) -> HttpResponse:
    upload = queries.get_upload(pk=upload_id, owner_id=request.user.pk, purpose="sites")
    # With the coordinates that were chosen: a line that was good then is not bad now.
    crs = request.GET.get("crs", "wgs84")
    plan = services.plan_sites(content=bytes(upload.content), crs=crs, by=request.user)
    return workbook_response(services.error_list(plan), "sites-errors")


@require_http_methods(["GET", "POST"])
@login_required
def import_outlines(request: SignedIn) -> HttpResponse:
    """Outlines can be set again at any time, so they are taken at once."""
    paths_for(request, "places.manage")
    context: dict[str, object] = {}
    if request.method == "POST":
        content, name = file_of(request)
        context["outcome"] = services.import_outlines(
            content=content,
            crs=request.POST.get("crs", "wgs84"),
            source=request.POST.get("source", "").strip() or name,
            by=request.user,
            at=clock.now(),
        )
    return render(request, "places/import_outlines.html", context)


def paths_for(request: SignedIn, permission: str) -> list[str]:
    paths = request.user.regions_for(permission)
    if not paths:
        raise NotAllowed(
            "places.not_granted",
            _("You may not do this anywhere."),
            hint=_("Ask your office administrator."),
        )
    return paths


def region_of(request: SignedIn, paths: list[str]) -> Region:
    asked = region_asked(request.GET, paths=paths)
    if asked:
        return asked
    home = queries.home_region(paths)
    if home is None:
        raise NotAllowed("places.nowhere", _("None of your regions is in force any more."))
    return home


def file_of(request: SignedIn) -> tuple[bytes, str]:
    file = request.FILES.get("file")
    if file is None:
        raise BadInput("places.no_file", _("Choose a file."))
    return file.read(), str(file.name)


def day_of(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise BadInput("places.bad_day", _("Write the day as 2026-07-03.")) from error


def workbook_response(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=_XLSX)
    response["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    return response
