"""The page (or JSON) for a fault of ours: a reference number, nothing else."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _


def server_error(request: HttpRequest) -> HttpResponse:
    """Rendered without a request context: the database itself may be what failed."""
    reference = getattr(request, "reference", "")
    if request.path.startswith("/api/") or request.headers.get("HX-Request") == "true":
        body = {
            "code": "server.fault",
            "message": _("Something went wrong on the server."),
            "hint": _("Tell your administrator this number: %(number)s") % {"number": reference},
            "reference": reference,
        }
        return JsonResponse(body, status=500)
    return HttpResponse(render_to_string("500.html", {"reference": reference}), status=500)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path.startswith("/api/"):
        missing = {"code": "api.no_operation", "message": _("There is no such operation.")}
        return JsonResponse({**missing, "hint": _("See /api/docs.")}, status=404)
    return render(request, "404.html", status=404)
