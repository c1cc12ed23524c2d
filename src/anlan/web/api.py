"""The one API object: every room's router, and how a Refusal looks to a program."""

import logging

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.security import django_auth

from anlan import __version__
from anlan.base.errors import Refusal
from anlan.command.api import router as command
from anlan.observe.api import router as observe
from anlan.people.api import router as people
from anlan.places.api import router as places
from anlan.warn.api import router as warn
from anlan.work.api import router as work

from .board.api import router as board

logger = logging.getLogger(__name__)
api = NinjaAPI(
    title="Anlan", version=__version__, urls_namespace="api", auth=django_auth, docs_url="/docs"
)


@api.exception_handler(Refusal)
def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    return api.create_response(request, refusal.as_dict(), status=refusal.status)


@api.exception_handler(OperationalError)
def busy(request: HttpRequest, error: OperationalError) -> HttpResponse:
    """The database is locked or away: nothing was acknowledged, try again."""
    logger.error("database not available", exc_info=error)
    body = {
        "code": "server.busy",
        "message": _("The server is busy; nothing is lost."),
        "hint": _("Send it again in a few seconds."),
    }
    response = api.create_response(request, body, status=503)
    response["Retry-After"] = "5"
    return response


for router in (places, people, work, observe, warn, command, board):
    api.add_router("", router)
# By name: the demo stands above this room.
api.add_router("", "anlan.demo.api.router")
