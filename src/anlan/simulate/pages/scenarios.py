"""Scenarios: asked for with a form, their members beside the run's own page."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_cache_control
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_safe

from anlan.base import clock
from anlan.base.errors import Refusal
from anlan.base.pages import SignedIn
from anlan.engines.rain import IntensityFormula

from .. import queries
from ..forms import ScenarioForm
from ..results import seen
from ..services.scenarios import Spread, Storm, request_scenario

Q_PER_MM_MIN = 167.0  # L/(s ha) in a millimetre a minute
PLAIN = Spread()


@require_http_methods(["GET", "POST"])
@login_required
def scenario(request: SignedIn, area_id: int) -> HttpResponse:
    """Ask for a scenario of an area; the last one's numbers are the form's first."""
    area = queries.get_area(actor=request.user, area_id=area_id)
    request.user.require("simulate.run", region=area.region)
    form = ScenarioForm(request.POST or None, initial=_last(request, area_id))
    status = 422 if form.errors else 200
    if form.is_valid():
        given = form.cleaned_data
        try:
            run = request_scenario(
                area=area,
                storm=storm_of(given),
                spread=spread_of(given),
                name=given["name"],
                by=request.user,
                at=clock.now(),
            )
            return redirect("simulate:run", run.pk)
        except Refusal as refusal:
            form.add_error(None, f"{refusal.message} {refusal.hint}")
            status = refusal.status
    return render(request, "simulate/scenario.html", {"area": area, "form": form}, status=status)


@require_safe
@login_required
def probability(request: SignedIn, run_id: int, depth_cm: int) -> HttpResponse:
    """How likely a depth is, as a GeoTIFF, no data outside the reader's regions."""
    body, name = seen.get_probability(actor=request.user, run_id=run_id, depth_cm=depth_cm)
    response = HttpResponse(body, content_type="image/tiff; application=geotiff")
    response["Content-Disposition"] = content_disposition_header(True, name) or ""
    patch_cache_control(response, private=True, no_cache=True)
    return response


def storm_of(given: dict[str, Any]) -> Storm | None:
    """The design storm of a filled-in form; none where the rain of now is asked for."""
    if given["rain"] != "design":
        return None
    formula = IntensityFormula(given["a"] / Q_PER_MM_MIN, given["c"], given["b"], given["n"])
    return Storm(formula, given["years"], given["duration"], given["peak"])


def spread_of(given: dict[str, Any]) -> Spread | None:
    spread = Spread(given["rain_factors"], given["manning_factors"], given["drain_factors"])
    return None if spread == PLAIN else spread


def _last(request: SignedIn, area_id: int) -> dict[str, Any]:
    """The numbers of the formula last used for this area: a city has one."""
    storm = queries.last_storm(actor=request.user, area_id=area_id)
    if storm is None:
        return {}
    formula = storm["formula"]
    return {
        "a": round(formula["a1_mm_min"] * Q_PER_MM_MIN, 3),
        "c": formula["c"],
        "b": formula["b_min"],
        "n": formula["n"],
        "years": storm["years"],
        "duration": storm["duration_min"],
        "peak": storm["peak_ratio"],
    }
