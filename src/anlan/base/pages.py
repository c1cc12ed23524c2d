"""Helpers for HTML pages: whole page or fragment, and the request of somebody signed in."""

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

if TYPE_CHECKING:
    from anlan.people.models import Account


class SignedIn(HttpRequest):
    """A request behind `login_required`: the user is an Account. For the type checker."""

    user: "Account"
    auth: "Account"


LONGEST_TEXT = 2000  # characters of a note, a reason, a summary


def typed(request: HttpRequest, name: str) -> str:
    """What somebody typed into a field, without what PostgreSQL cannot keep, and not endless."""
    return request.POST.get(name, "").replace("\x00", "").strip()[:LONGEST_TEXT]


def respond(
    request: HttpRequest, *, page: str, fragment: str, context: dict[str, Any]
) -> HttpResponse:
    """The fragment where htmx asks for one, the whole page otherwise (also on the back button)."""
    asked = request.headers.get("HX-Request") == "true"
    restoring = request.headers.get("HX-History-Restore-Request") == "true"
    response = render(request, fragment if asked and not restoring else page, context)
    patch_vary_headers(response, ["HX-Request"])
    return response
