"""Terrains and forecast areas, for who keeps them."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from anlan.base import clock
from anlan.base.errors import Refusal
from anlan.base.pages import SignedIn

from ..forms import AreaForm
from ..ground import keeping, shade
from ..ground.terrain_files import missing_files
from ..services import areas as services

HOUR_S = 3600


@require_safe
@login_required
def grounds(request: SignedIn) -> HttpResponse:
    """What forecasts stand on: terrains, areas, the weather service's files."""
    return render(
        request, "simulate/grounds.html", {"kept": keeping.everything(actor=request.user)}
    )


@require_http_methods(["GET", "POST"])
@login_required
def ground(request: SignedIn, terrain_id: int) -> HttpResponse:
    """One terrain with what its check found, and the form for an area on it."""
    terrain = keeping.get_terrain(actor=request.user, terrain_id=terrain_id)
    whole = {"rows": terrain.rows, "cols": terrain.cols, "name": terrain.name}
    form = AreaForm(request.POST or None, initial=whole)
    status = 422 if form.errors else 200
    if form.is_valid():
        try:
            services.make_area(terrain=terrain, **form.values(), by=request.user, at=clock.now())
            return redirect("simulate:grounds")
        except Refusal as refusal:
            form.add_error(None, f"{refusal.message} {refusal.hint}")
            status = refusal.status
    context = {
        "terrain": terrain,
        "form": form,
        "report": keeping.report(terrain),
        "missing": missing_files(terrain),
    }
    return render(request, "simulate/ground.html", context, status=status)


@require_safe
@login_required
def estimate(request: SignedIn, terrain_id: int) -> HttpResponse:
    """What an area that is being entered would need of the machine."""
    terrain = keeping.get_terrain(actor=request.user, terrain_id=terrain_id)
    form = AreaForm(request.GET)
    need = keeping.need(terrain=terrain, **form.values()) if form.is_valid() else None
    return render(request, "simulate/_need.html", {"need": need})


@require_safe
@login_required
def picture(request: SignedIn, terrain_id: int) -> HttpResponse:
    terrain = keeping.get_terrain(actor=request.user, terrain_id=terrain_id)
    response = HttpResponse(shade.picture(terrain), content_type="image/png")
    patch_cache_control(response, private=True, max_age=HOUR_S)
    return response


@require_POST
@login_required
def switch(request: SignedIn, area_id: int) -> HttpResponse:
    """Forecast an area on the clock, or no more."""
    area = keeping.get_area(actor=request.user, area_id=area_id)
    enabled = request.POST.get("enabled") == "1"
    services.switch_area(area=area, enabled=enabled, by=request.user, at=clock.now())
    return redirect("simulate:grounds")
