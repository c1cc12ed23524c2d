"""The bar that moves the demo's clock."""

from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from anlan.base import clock
from anlan.base.pages import SignedIn

from . import services


@require_POST
@login_required
def move_clock(request: HttpRequest) -> HttpResponse:
    """Set the rate or jump; then back to the page that asked."""
    by, at = cast(SignedIn, request).user, clock.now()
    if "storm" in request.POST:
        services.jump_to_storm(by=by, at=at)
    else:
        services.set_rate(rate=_rate(request.POST.get("rate", "")), by=by, at=at)
    back = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()})
    return redirect(back if safe else "/")


def _rate(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise services.bad_rate() from error
