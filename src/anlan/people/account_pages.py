"""One's own account: password, second factor, what one may do."""

import segno
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from anlan.base.errors import Refusal
from anlan.base.pages import SignedIn

from . import permissions
from .forms import CodeForm, PasswordForm
from .services import sign_in

_SECRET = "people.totp"  # noqa: S105 — the session's key for it


@never_cache
@require_safe
@login_required
def account(request: SignedIn) -> HttpResponse:
    rights = [
        (permissions.label(code), request.user.regions_named(code))
        for code in permissions.registered()
        if request.user.may_anywhere(code)
    ]
    return render(request, "people/account.html", {"account": request.user, "rights": rights})


@never_cache
@sensitive_post_parameters("old", "new", "again")
@require_http_methods(["GET", "POST"])
@login_required
def password(request: SignedIn) -> HttpResponse:
    form = PasswordForm(request.POST or None)
    refusal = None
    if form.is_valid():
        try:
            changed = sign_in.change_password(
                account=request.user,
                old=form.cleaned_data["old"],
                new=form.cleaned_data["new"],
                by=request.user,
                at=timezone.now(),
            )
        except Refusal as refused:
            refusal = refused
        else:
            update_session_auth_hash(request, changed)  # this session stays, all others end
            return redirect("people:account")
    status = refusal.status if refusal else 422 if form.errors else 200
    context = {"form": form, "refusal": refusal, "first": False}
    return render(request, "people/password.html", context, status=status)


@never_cache
@require_http_methods(["GET", "POST"])
@login_required
def second_factor(request: SignedIn) -> HttpResponse:
    """Show the secret as a QR code; a right code turns it on."""
    secret = request.session.setdefault(_SECRET, sign_in.new_secret())
    form = CodeForm(request.POST or None)
    refusal = None
    if form.is_valid():
        try:
            sign_in.enrol_second_factor(
                account=request.user,
                secret=secret,
                code=form.cleaned_data["code"],
                by=request.user,
                at=timezone.now(),
            )
        except Refusal as refused:
            refusal = refused
        else:
            del request.session[_SECRET]
            return redirect("people:account")
    uri = sign_in.enrolment_uri(request.user, secret)
    picture = segno.make(uri, micro=False).svg_inline(scale=5, border=2)
    context = {
        "form": form,
        "refusal": refusal,
        "secret": secret,
        "picture": mark_safe(picture),  # noqa: S308 — drawn here, from our own text
    }
    status = refusal.status if refusal else 422 if form.errors else 200
    return render(request, "people/second_factor.html", context, status=status)


@sensitive_post_parameters("password")
@require_POST
@login_required
def drop_factor(request: SignedIn) -> HttpResponse:
    sign_in.drop_second_factor(
        account=request.user,
        password=request.POST.get("password", ""),
        by=request.user,
        at=timezone.now(),
    )
    return redirect("people:account")
