"""What every request passes through."""

import logging
import secrets
from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

from anlan.base import storage
from anlan.base.errors import Refusal

from . import errors

logger = logging.getLogger(__name__)


class browser_policy:  # noqa: N801 — named as the setting reads
    """Tell the browser what our pages may do. A page with a stricter policy of its own keeps it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", settings.CONTENT_SECURITY_POLICY)
        response.headers.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
        return response


class chosen_language:  # noqa: N801 — named as the setting reads
    """Chinese, unless English was chosen in the menu; what the browser would like is not asked.

    Office computers come with English browsers, and nobody there means it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        code = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        language = code if code in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        patch_vary_headers(response, ["Cookie"])
        response.headers.setdefault("Content-Language", language)
        return response


class refusals:  # noqa: N801 — named as the setting reads
    """A Refusal that a page did not handle becomes a page that says what to do next.

    To htmx it is JSON, which the front end shows as a toast and never swaps into the page. Any
    other error gets the number that the log and the error page have in common.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED or response.content:
            return response
        return _only_from_its_form(request, response["Allow"])

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if storage.is_trouble(error):
            return errors.not_stored(request, error)
        if not isinstance(error, Refusal):
            request.reference = secrets.token_hex(4).upper()  # type: ignore[attr-defined]
            logger.error(
                "page failed",
                exc_info=error,
                extra={"reference": request.reference, "path": request.path},  # type: ignore[attr-defined]
            )
            return None
        if request.headers.get("HX-Request") == "true":
            return JsonResponse(error.as_dict(), status=error.status)
        context = {"refusal": error, "back": page_before(request)}
        return render(request, "web/refusal.html", context, status=error.status)


def _only_from_its_form(request: HttpRequest, allowed: str) -> HttpResponse:
    """An address that takes what a form sends was opened by itself: after signing in anew, say.

    Leads to the page above it, where the form stands.
    """
    refusal = Refusal(
        "web.only_from_its_form",
        _("This address cannot be opened by itself: it takes what a form sends."),
        hint=_("Nothing was changed. Go to the page of the form and send it from there."),
    )
    if errors.wants_json(request):
        response: HttpResponse = JsonResponse(refusal.as_dict(), status=405)
    else:
        context = {"refusal": refusal, "above": _page_above(request.path)}
        response = render(request, "web/refusal.html", context, status=405)
    response["Allow"] = allowed
    return response


def _page_above(path: str) -> str:
    """The nearest address above this one that leads anywhere."""
    while path.count("/") > 2:
        path = path.rstrip("/").rpartition("/")[0] + "/"
        try:
            resolve(path)
        except Resolver404:
            continue
        return path
    return ""


def page_before(request: HttpRequest) -> str:
    """Where the reader came from, if it was a page of this house."""
    came_from = request.headers.get("Referer", "")
    return came_from if came_from.startswith(request.build_absolute_uri("/")) else ""
