"""The page behind an enterprise's QR code: for the public, and more for who is signed in."""

from collections.abc import Callable
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from anlan.base import clock
from anlan.base.errors import BadInput, Refusal
from anlan.base.pages import SignedIn
from anlan.people.sign_in_pages import address_of

from ..codes import sheet
from ..models import Enterprise
from ..queries import gate as queries
from ..services import gate as services
from .enterprises import asked_of


@require_safe
def gate(request: SignedIn, token: UUID) -> HttpResponse:
    """Name, standard, risk colour, notice and a form; the file only to who may see it."""
    return _gate(request, token)


@require_POST
def report(request: SignedIn, token: UUID) -> HttpResponse:
    """A hazard that somebody saw, without asking who."""
    found = queries.enterprise_at(token=token)
    text = request.POST.get("text", "")
    try:
        if request.POST.get("website"):  # people do not see this field; machines fill it in
            raise BadInput("prevent.gate_text", _("This report could not be taken."))
        services.report_at_gate(
            enterprise=found,
            what=text,
            address=address_of(request),
            machine_at=timezone.now(),
            at=clock.now(),
        )
    except Refusal as refusal:
        return _gate(request, token, refusal=refusal, text=text)
    return redirect(f"{reverse('gate:gate', args=[token])}?sent=1")


@require_safe
@login_required
def codes(request: SignedIn) -> HttpResponse:
    """The codes of the narrowed list, to print and cut out."""
    rows = queries.enterprises_to_print(actor=request.user, asked=asked_of(request))
    content = sheet(enterprises=rows, address=_address(request), at=clock.now())
    response = HttpResponse(content, content_type="application/pdf")
    name = _("enterprise-codes")
    response["Content-Disposition"] = content_disposition_header(False, f"{name}.pdf") or ""
    return response


def _address(request: HttpRequest) -> Callable[[Enterprise], str]:
    def address(enterprise: Enterprise) -> str:
        return request.build_absolute_uri(reverse("gate:gate", args=[enterprise.token]))

    return address


def _gate(
    request: SignedIn, token: UUID, *, refusal: Refusal | None = None, text: str = ""
) -> HttpResponse:
    found = queries.enterprise_at(token=token)
    at = clock.now()
    hazards = queries.open_hazards(actor=request.user, enterprise=found, at=at)
    context = {
        "gate": queries.gate_of(found),
        "token": token,
        "sent": "sent" in request.GET,
        "refusal": refusal,
        "text": text,
        "hazards": hazards,
        "enterprise_id": found.pk if hazards is not None else None,
        "may_inspect": queries.may_inspect(actor=request.user, enterprise=found),
    }
    response = render(
        request, "prevent/gate.html", context, status=refusal.status if refusal else 200
    )
    # The address is the right to look: it goes to no other site (the house's Referrer-Policy is
    # same-origin; none at all would make browsers send our own form as a stranger's) and into no
    # shared cache.
    response["X-Robots-Tag"] = "noindex"
    response["Cache-Control"] = "private, no-store"
    return response
