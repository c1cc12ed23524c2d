"""What belongs to an enterprise's file and is changed on its own: contacts, five haves, colour."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from anlan.base import clock
from anlan.base.pages import SignedIn
from anlan.work.pages import send_file

from ..models import Enterprise
from ..queries import enterprises as queries
from ..services import contacts, enterprises, haves


@require_POST
@login_required
def set_colour(request: SignedIn, enterprise_id: int) -> HttpResponse:
    """By hand, or back to the rule."""
    given = request.POST.get("colour", "")
    enterprises.set_colour(
        enterprise=_managed(request, enterprise_id),
        colour=int(given) if given in {"1", "2", "3", "4"} else None,
        why=request.POST.get("why", ""),
        by=request.user,
        at=clock.now(),
    )
    return redirect("prevent:enterprise", enterprise_id)


@require_POST
@login_required
def renew_token(request: SignedIn, enterprise_id: int) -> HttpResponse:
    found = _managed(request, enterprise_id)
    enterprises.renew_token(enterprise=found, by=request.user, at=clock.now())
    return redirect("prevent:enterprise", enterprise_id)


@require_POST
@login_required
def add_contact(request: SignedIn, enterprise_id: int) -> HttpResponse:
    contacts.add_contact(
        enterprise=_managed(request, enterprise_id),
        role=request.POST.get("contact_role", ""),
        name=request.POST.get("name", ""),
        phone=request.POST.get("phone", ""),
        by=request.user,
        at=clock.now(),
    )
    return redirect("prevent:enterprise", enterprise_id)


@require_POST
@login_required
def remove_contact(request: SignedIn, contact_id: int) -> HttpResponse:
    contact = queries.get_contact(
        actor=request.user, contact_id=contact_id, permission="prevent.manage"
    )
    enterprise_id = contact.enterprise_id
    contacts.remove_contact(contact=contact, by=request.user, at=clock.now())
    return redirect("prevent:enterprise", enterprise_id)


@require_POST
@login_required
def sign_in(request: SignedIn, contact_id: int) -> HttpResponse:
    """Who signs in for the enterprise."""
    contact = queries.get_contact(
        actor=request.user, contact_id=contact_id, permission="prevent.manage"
    )
    contacts.set_sign_in(
        contact=contact, username=request.POST.get("username", ""), by=request.user, at=clock.now()
    )
    return redirect("prevent:enterprise", contact.enterprise_id)


@require_POST
@login_required
def phone(request: SignedIn, contact_id: int) -> HttpResponse:
    """The whole number in place of the masked one; the look is in the journal."""
    contact = queries.get_contact(actor=request.user, contact_id=contact_id)
    number = contacts.reveal_phone(contact=contact, by=request.user, at=clock.now())
    return render(request, "people/_phone.html", {"number": number})


@require_POST
@login_required
def confirm_have(request: SignedIn, enterprise_id: int) -> HttpResponse:
    haves.confirm_have(
        enterprise=_managed(request, enterprise_id),
        what=request.POST.get("have", ""),
        note=request.POST.get("note", ""),
        uploads=[(str(file.name), file.read()) for file in request.FILES.getlist("files")],
        by=request.user,
        at=clock.now(),
    )
    return redirect("prevent:enterprise", enterprise_id)


@require_POST
@login_required
def withdraw_have(request: SignedIn, enterprise_id: int) -> HttpResponse:
    haves.withdraw_have(
        enterprise=_managed(request, enterprise_id),
        what=request.POST.get("have", ""),
        why=request.POST.get("why", ""),
        by=request.user,
        at=clock.now(),
    )
    return redirect("prevent:enterprise", enterprise_id)


@require_safe
@login_required
def evidence(request: SignedIn, evidence_id: int) -> HttpResponseBase:
    found = queries.get_evidence(actor=request.user, evidence_id=evidence_id)
    return send_file(found.path, found.mime, found.name)


def _managed(request: SignedIn, enterprise_id: int) -> Enterprise:
    return queries.get_enterprise(
        actor=request.user, enterprise_id=enterprise_id, permission="prevent.manage"
    )
