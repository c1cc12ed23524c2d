"""The page (or JSON) for a fault of ours: a reference number, nothing else."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string


def server_error(request: HttpRequest) -> HttpResponse:
    """Rendered without a request context: the database itself may be what failed."""
    reference = getattr(request, "reference", "")
    if request.path.startswith("/api/") or request.headers.get("HX-Request") == "true":
        return JsonResponse({"code": "server.fault", "reference": reference}, status=500)
    return HttpResponse(render_to_string("500.html", {"reference": reference}), status=500)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "404.html", status=404)
