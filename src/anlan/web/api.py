"""The one API object: every room's router, and how a Refusal looks to a program."""

import logging

from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from ninja.errors import HttpError, ValidationError
from ninja.security import django_auth

from anlan import __version__
from anlan.base import storage
from anlan.base.errors import Refusal
from anlan.base.storage import DatabaseFault
from anlan.command.api import router as command
from anlan.enforce.api import router as enforce
from anlan.govern.api import router as govern
from anlan.observe.api import router as observe
from anlan.oversee.api import router as oversee
from anlan.people.api import router as people
from anlan.places.api import router as places
from anlan.prevent.api import router as prevent
from anlan.simulate.api import router as simulate
from anlan.warn.api import router as warn
from anlan.work.api import router as work

from .board.api import router as board
from .openapi import DescribedAPI
from .phone.api import router as phone

logger = logging.getLogger(__name__)
api = DescribedAPI(
    title="Anlan", version=__version__, urls_namespace="api", auth=django_auth, docs_url="/docs"
)


@api.exception_handler(Refusal)
def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    return api.create_response(request, refusal.as_dict(), status=refusal.status)


@api.exception_handler(ValidationError)
def unreadable(request: HttpRequest, error: ValidationError) -> HttpResponse:
    body = {
        "code": "api.bad_input",
        "message": _("What was sent does not fit the description of this operation."),
        "hint": _("“detail” names the fields; the description is at /api/docs."),
        "detail": error.errors,
    }
    return api.create_response(request, body, status=422)


_BEFORE = {
    400: (
        "api.not_json",
        gettext_lazy("What was sent is not JSON that we can read."),
        gettext_lazy("Send JSON in UTF-8."),
    ),
    401: (
        "api.not_signed_in",
        gettext_lazy("You are not signed in."),
        gettext_lazy("Sign in, then try again."),
    ),
    403: (
        "api.no_csrf_token",
        gettext_lazy("The request does not come from a page of ours."),
        gettext_lazy("Load the page again; programs send X-CSRFToken beside the cookie."),
    ),
    413: (
        "api.too_large",
        gettext_lazy("What was sent is too large."),
        gettext_lazy("Send it in parts, or at a lower resolution."),
    ),
}


@api.exception_handler(HttpError)
@api.exception_handler(BadRequest)
@api.exception_handler(SuspiciousOperation)
@api.exception_handler(MultiPartParserError)
def before_the_operation(request: HttpRequest, error: Exception) -> HttpResponse:
    """What Ninja and Django themselves refuse, in the same shape as a Refusal."""
    status = 413 if isinstance(error, RequestDataTooBig) else getattr(error, "status_code", 400)
    code, message, hint = _BEFORE.get(status, ("api.refused", str(error), ""))
    body = {"code": code, "message": str(message), "hint": str(hint)}
    return api.create_response(request, body, status=status)


@api.exception_handler(DatabaseFault)
def no_database(request: HttpRequest, error: DatabaseFault) -> HttpResponse:
    """Locked, full or away: nothing was acknowledged, send it again."""
    if not storage.is_trouble(error):
        raise error
    logger.error("database not available", exc_info=error)
    answer = storage.refusal(error)
    response = api.create_response(request, answer.as_dict(), status=answer.status)
    response["Retry-After"] = "5"
    return response


ROUTERS = (
    places, people, work, observe, simulate, warn, command, govern, prevent, enforce, oversee,
    board, phone,
)  # fmt: skip
for router in ROUTERS:
    api.add_router("", router)
# By name: the demo stands above this room.
api.add_router("", "anlan.demo.api.router")
