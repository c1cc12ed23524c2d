"""The page (or JSON) for what no room answers: faults of ours, a database or disk that cannot.

None asks the database: it may be what failed.
"""

import logging
import sys

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from anlan.base import storage

logger = logging.getLogger(__name__)


def server_error(request: HttpRequest) -> HttpResponse:
    """A fault of ours: a reference number, nothing else."""
    error = sys.exc_info()[1]
    if error is not None and storage.is_trouble(error):  # met after the page: a session not saved
        return not_stored(request, error)
    reference = getattr(request, "reference", "")
    if wants_json(request):
        body = {
            "code": "server.fault",
            "message": _("Something went wrong on the server."),
            "hint": _("Tell your administrator this number: %(number)s") % {"number": reference},
            "reference": reference,
        }
        return JsonResponse(body, status=500)
    return HttpResponse(render_to_string("500.html", {"reference": reference}), status=500)


def not_stored(request: HttpRequest, error: BaseException) -> HttpResponse:
    """The database is locked, full or away: nothing was changed, try again."""
    logger.error("database not available", exc_info=error, extra={"path": request.path})
    refusal = storage.refusal(error)
    response: HttpResponse
    if wants_json(request):
        response = JsonResponse(refusal.as_dict(), status=refusal.status)
    else:
        page = render_to_string("503.html", {"refusal": refusal})
        response = HttpResponse(page, status=refusal.status)
    response["Retry-After"] = "5"
    return response


def wants_json(request: HttpRequest) -> bool:
    return request.path.startswith("/api/") or request.headers.get("HX-Request") == "true"


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path.startswith("/api/"):
        missing = {"code": "api.no_operation", "message": _("There is no such operation.")}
        return JsonResponse({**missing, "hint": _("See /api/docs.")}, status=404)
    return render(request, "404.html", status=404)
