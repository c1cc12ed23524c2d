"""/health and /metrics. Details are for this machine, for the token, and for who may operate."""

import hmac
from typing import cast

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from anlan.base.errors import NotAllowed, NotFound
from anlan.base.pages import SignedIn

from . import ops

_OF_PROXIES = ("X-Forwarded-For", "Forwarded", "X-Real-Ip", "Via")
TEXT = "text/plain; version=0.0.4; charset=utf-8"


@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """The process answers. Does not ask the database: a busy one must not get us killed."""
    return HttpResponse("ok", content_type="text/plain")


@require_safe
@never_cache
def health(request: HttpRequest) -> HttpResponse:
    """200 where we can serve, 503 where something has failed; details to those who may see them."""
    found = ops.as_json(ops.checks())
    status = 503 if found["status"] == ops.FAILED else 200
    return JsonResponse(found if _trusted(request) else {"status": found["status"]}, status=status)


@require_safe
@never_cache
@login_required
def health_page(request: HttpRequest) -> HttpResponse:
    if not cast(SignedIn, request).user.may_anywhere("web.operate"):
        raise NotAllowed("web.not_granted", _("You may not see how the system is doing."))
    found = ops.checks()
    return render(request, "web/health.html", {"checks": found, "worst": ops.worst(found)})


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    if not _trusted(request):
        raise NotFound("web.no_page", _("There is no such page."))
    return HttpResponse(ops.metrics(), content_type=TEXT)


def _trusted(request: HttpRequest) -> bool:
    """This machine itself (not what a proxy on it passes on), or the bearer of the token."""
    given, token = request.headers.get("Authorization", ""), settings.METRICS_TOKEN
    if token and hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
        return True
    passed_on = any(name in request.headers for name in _OF_PROXIES)
    return request.META.get("REMOTE_ADDR") in {"127.0.0.1", "::1"} and not passed_on
