"""The one API object: every room's router, and how a Refusal looks to a program."""

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.security import django_auth

from anlan import __version__
from anlan.base.errors import Refusal

api = NinjaAPI(
    title="Anlan", version=__version__, urls_namespace="api", auth=django_auth, docs_url="/docs"
)


@api.exception_handler(Refusal)
def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    return api.create_response(request, refusal.as_dict(), status=refusal.status)
