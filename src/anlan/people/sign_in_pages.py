"""The door: sign in, second factor, first change of password, the identity provider, sign out."""

import time

from django.conf import settings
from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from anlan.base.errors import Refusal

from . import queries
from .forms import CodeForm, PasswordForm, SignInForm
from .models import Account
from .services import openid, sign_in

_BACKEND = "django.contrib.auth.backends.ModelBackend"
_PENDING = "people.pending"  # between the password and being signed in
_PENDING_S = 600


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def enter(request: HttpRequest) -> HttpResponse:
    if request.method == "GET":
        if request.user.is_authenticated:
            return redirect(_onwards(request))
        return _door(request, SignInForm())
    form = SignInForm(request.POST)
    if not form.is_valid():
        return _door(request, form, status=422)
    try:
        account = sign_in.check_credentials(
            username=form.cleaned_data["username"],
            password=form.cleaned_data["password"],
            address=address_of(request),
            at=timezone.now(),
        )
    except Refusal as refusal:
        return _door(request, form, refusal)
    _remember(request, account, way="password")
    return _go_on(request, account, code_given=not account.totp_secret)


@never_cache
@require_http_methods(["GET", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    account = _pending(request)
    if account is None or not account.totp_secret:
        return redirect("sign_in")
    form = CodeForm(request.POST or None)
    refusal = None
    if form.is_valid():
        try:
            sign_in.check_code(
                account=account,
                code=form.cleaned_data["code"],
                address=address_of(request),
                at=timezone.now(),
            )
        except Refusal as refused:
            refusal = refused
        else:
            return _go_on(request, account, code_given=True)
    status = refusal.status if refusal else 422 if form.errors else 200
    context = {"form": form, "refusal": refusal}
    return render(request, "people/code.html", context, status=status)


@never_cache
@sensitive_post_parameters("new", "again")
@require_http_methods(["GET", "POST"])
def first_password(request: HttpRequest) -> HttpResponse:
    """Whoever signs in with a password that somebody else set chooses their own first."""
    account = _pending(request)
    if account is None or not request.session[_PENDING].get("code_given"):
        return redirect("sign_in")
    form = PasswordForm(request.POST or None)
    refusal = None
    if form.is_valid():
        try:
            account = sign_in.change_password(
                account=account,
                old=None,
                new=form.cleaned_data["new"],
                by=account,
                at=timezone.now(),
            )
        except Refusal as refused:
            refusal = refused
        else:
            return _let_in(request, account)
    status = refusal.status if refusal else 422 if form.errors else 200
    context = {"form": form, "refusal": refusal, "first": True}
    return render(request, "people/password.html", context, status=status)


@never_cache
@require_safe
def to_provider(request: HttpRequest) -> HttpResponse:
    if not openid.is_on():
        return redirect("sign_in")
    try:
        url, attempt = openid.begin(redirect_uri=_callback(request))
    except Refusal as refusal:
        return _door(request, SignInForm(), refusal)
    request.session["people.oidc"] = attempt.as_dict() | {"next": request.GET.get("next", "")}
    return redirect(url)


@never_cache
@require_safe
def from_provider(request: HttpRequest) -> HttpResponse:
    kept = request.session.pop("people.oidc", None)
    if not openid.is_on() or not kept:
        return redirect("sign_in")
    onwards = kept.pop("next", "")
    try:
        account = openid.finish(
            attempt=openid.Attempt(**kept),
            state=request.GET.get("state", ""),
            code=request.GET.get("code", ""),
            redirect_uri=_callback(request),
        )
    except Refusal as refusal:
        return _door(request, SignInForm(), refusal)
    _remember(request, account, way="oidc", onwards=onwards)
    return _let_in(request, account)


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    logout(request)
    # The door then has the browser forget what the phone's page had taken along.
    return redirect(f"{reverse('sign_in')}?left=1")


def _door(
    request: HttpRequest, form: SignInForm, refusal: Refusal | None = None, status: int = 200
) -> HttpResponse:
    context = {
        "form": form,
        "refusal": refusal,
        "next": request.POST.get("next") or request.GET.get("next", ""),
        "left": request.method == "GET" and "left" in request.GET,
        "provider": settings.OIDC_LABEL if openid.is_on() else "",
    }
    status = refusal.status if refusal else status
    return render(request, "people/sign_in.html", context, status=status)


def _remember(
    request: HttpRequest, account: Account, *, way: str, onwards: str | None = None
) -> None:
    """Who has shown a right password; they are not signed in yet."""
    request.session.cycle_key()
    request.session[_PENDING] = {
        "account": account.pk,
        "until": time.time() + _PENDING_S,
        "next": request.POST.get("next", "") if onwards is None else onwards,
        "way": way,
    }


def _pending(request: HttpRequest) -> Account | None:
    kept = request.session.get(_PENDING)
    if not kept or kept["until"] < time.time():
        return None
    return queries.active_account(pk=kept["account"])


def _go_on(request: HttpRequest, account: Account, *, code_given: bool) -> HttpResponse:
    if not code_given:
        return redirect("sign_in_code")
    if account.must_change_password:
        kept = request.session[_PENDING]
        request.session[_PENDING] = {**kept, "code_given": True}
        return redirect("first_password")
    return _let_in(request, account)


def _let_in(request: HttpRequest, account: Account) -> HttpResponse:
    kept = request.session.pop(_PENDING, {})
    login(request, account, backend=_BACKEND)
    sign_in.note_sign_in(account=account, way=kept.get("way", "password"), at=timezone.now())
    return redirect(_onwards(request, kept.get("next", "")))


def _onwards(request: HttpRequest, wanted: str | None = None) -> str:
    """Only to this site: a link that leads through our door must not end at somebody else's."""
    url = request.GET.get("next", "") if wanted is None else wanted
    safe = url_has_allowed_host_and_scheme(
        url, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return url if safe and url else settings.LOGIN_REDIRECT_URL


def _callback(request: HttpRequest) -> str:
    return request.build_absolute_uri(reverse("oidc_back"))


def address_of(request: HttpRequest) -> str:
    """The peer's address; a proxy's word only where the city has said that there is one."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    if settings.BEHIND_PROXY and forwarded:
        return str(forwarded).rsplit(",", 1)[-1].strip()
    return str(request.META.get("REMOTE_ADDR", ""))
