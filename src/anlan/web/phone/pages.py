"""The phone's own page and what makes it work without a network. No account is asked for here:
what the page then shows comes by the API, to who is signed in."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from . import shell


@require_safe
def app(request: HttpRequest) -> HttpResponse:
    return _fresh(HttpResponse(shell.page(request)))


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """Below /phone/: that is the part of the site which it may answer for."""
    return _fresh(HttpResponse(shell.worker(request), content_type="text/javascript"))


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    return _fresh(JsonResponse(shell.manifest(), content_type="application/manifest+json"))


def _fresh(response: HttpResponse) -> HttpResponse:
    """Asked for anew each time: an old shell would call for files that are no more."""
    response["Cache-Control"] = "no-cache"
    return response
