"""Who answers here on a day, whom to ring, what is vacant or stale; one post's history."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from anlan.base import clock
from anlan.base.errors import BadInput, NotAllowed
from anlan.base.numbers import whole
from anlan.base.pages import SignedIn
from anlan.places.forms import region_asked
from anlan.places.models import Region
from anlan.places.queries import ancestors, get_region, home_region, list_children

from . import permissions, queries
from .models import Account
from .services import accounts, posts


@require_safe
@login_required
def index(request: SignedIn) -> HttpResponse:
    """Who answers for this region, on this day."""
    on = day_of(request.GET)
    region = region_of(request, "people.view", on=on)
    actor = request.user
    today = localdate(clock.now())
    context = {
        "region": region,
        "crumbs": ancestors(region),
        "children": list_children(region=region, paths=actor.regions_for("people.view")),
        "on": on,
        "is_today": on == today,
        "chain": queries.line_of_command(actor=actor, region=region, on=on),
        "counts": queries.count_posts(actor=actor, region=region, on=on),
        "duty": queries.on_duty(region, clock.now()) if on == today else [],
        "may_manage": actor.may("people.manage", region=region),
        "may_call": actor.may_anywhere("people.unmask"),
        "roles": queries.list_roles(level=region.level),
    }
    return render(request, "people/index.html", context)


@require_safe
@login_required
def here(request: SignedIn) -> HttpResponse:
    """A fragment for other rooms' pages: who answers here now."""
    on = localdate(clock.now())
    region = region_of(request, "people.view", on=on)
    answers = queries.who_answers(actor=request.user, region=region, on=on)
    context = {
        "answers": answers,
        "region": region,
        "may_call": request.user.may_anywhere("people.unmask"),
    }
    return render(request, "people/_answers.html", context)


@require_safe
@login_required
def gaps(request: SignedIn) -> HttpResponse:
    """Vacant posts, and holdings that nobody has confirmed this year."""
    on = day_of(request.GET)
    region = region_of(request, "people.view", on=on)
    context = {
        "region": region,
        "crumbs": ancestors(region),
        "on": on,
        "vacant": queries.list_gaps(actor=request.user, region=region, on=on)[: queries.MOST],
        "stale": queries.list_stale(actor=request.user, region=region, on=on)[: queries.MOST],
        "counts": queries.count_posts(actor=request.user, region=region, on=on),
        "may_manage": request.user.may("people.manage", region=region),
    }
    return render(request, "people/gaps.html", context)


@require_safe
@login_required
def post(request: SignedIn, post_id: int) -> HttpResponse:
    """One post: who held it, and the forms of whoever manages people there."""
    found = queries.get_post(actor=request.user, pk=post_id)
    manages = request.user.may("people.manage", region=found.region)
    context = {
        "post": found,
        "crumbs": ancestors(found.region),
        "holdings": queries.list_holdings(post=found),
        "may_manage": manages,
        "people": queries.list_accounts(actor=request.user, permission="people.manage")[:500]
        if manages
        else [],
        "today": localdate(clock.now()),
        "carries": [permissions.label(code) for code in found.role.permissions],
    }
    return render(request, "people/post.html", context)


@require_POST
@login_required
def open_post(request: SignedIn) -> HttpResponse:
    region = region_of(request, "people.manage")
    role = queries.get_role(code=request.POST.get("role", ""))
    made = posts.open_post(role=role, region=region, by=request.user, at=clock.now())
    return redirect("people:post", made.pk)


@require_POST
@login_required
def appoint(request: SignedIn, post_id: int) -> HttpResponse:
    found = queries.get_post(actor=request.user, pk=post_id)
    holding = posts.appoint(
        post=found,
        account=account_of(request),
        from_date=day_of(request.POST),
        by=request.user,
        at=clock.now(),
    )
    return redirect("people:post", holding.post_id)


@require_POST
@login_required
def hand_over(request: SignedIn, holding_id: int) -> HttpResponse:
    holding = queries.get_holding(actor=request.user, pk=holding_id)
    posts.hand_over(
        holding=holding,
        to=account_of(request),
        on=day_of(request.POST),
        by=request.user,
        at=clock.now(),
    )
    return redirect("people:post", holding.post_id)


@require_POST
@login_required
def end(request: SignedIn, holding_id: int) -> HttpResponse:
    holding = queries.get_holding(actor=request.user, pk=holding_id)
    posts.end_holding(holding=holding, on=day_of(request.POST), by=request.user, at=clock.now())
    return redirect("people:post", holding.post_id)


@require_POST
@login_required
def confirm(request: SignedIn, holding_id: int) -> HttpResponse:
    holding = queries.get_holding(actor=request.user, pk=holding_id)
    posts.confirm_holding(holding=holding, by=request.user, at=clock.now())
    return redirect("people:post", holding.post_id)


@require_POST
@login_required
def phone(request: SignedIn, account_id: int) -> HttpResponse:
    """The whole number in place of the masked one; the look is in the journal."""
    account = queries.get_reachable(actor=request.user, pk=account_id)
    number = accounts.reveal_phone(account=account, by=request.user, at=clock.now())
    return render(request, "people/_phone.html", {"number": number})


class _ToTelephone(HttpResponseRedirect):
    allowed_schemes = ["tel"]


@require_POST
@login_required
def call(request: SignedIn, account_id: int) -> HttpResponse:
    """One tap: note the look, then hand the number to the telephone."""
    account = queries.get_reachable(actor=request.user, pk=account_id)
    number = accounts.reveal_phone(account=account, by=request.user, at=clock.now())
    return _ToTelephone("tel:" + number.replace(" ", ""))


def day_of(values: Mapping[str, Any]) -> date:
    """The day that was asked for, today where none was."""
    text = str(values.get("on") or "")
    if not text:
        return localdate(clock.now())
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadInput("people.bad_day", _("Write the day as 2026-07-03.")) from error


def region_of(request: SignedIn, permission: str, on: date | None = None) -> Region:
    """The region that was asked for, or the reader's own highest one."""
    actor = request.user
    values = request.POST if request.method == "POST" else request.GET
    code = values.get("region", "").strip()
    if not code and values.get("region-text", "").strip():
        # Typed, not chosen: the picker's list needs scripts.
        named = region_asked(values, paths=actor.regions_for(permission))
        code = named.code if named else ""
    if not actor.may_anywhere(permission):
        raise NotAllowed(
            "people.not_granted",
            _("You may not do this anywhere."),
            hint=_("Ask your office administrator for “%(permission)s”.")
            % {"permission": permissions.label(permission)},
        )
    if code and permission == "people.view":
        return queries.get_visible_region(actor=actor, code=code, on=on)
    if code:
        region = get_region(code=code)
        actor.require(permission, region=region)
        return region
    home = home_region(actor.regions_for(permission))
    if home is None:
        raise NotAllowed("people.nowhere", _("None of your regions is in force any more."))
    return home


def account_of(request: SignedIn) -> Account:
    """The person chosen in a form: one whom the actor manages."""
    number = whole(request.POST.get("account"))
    if number is None:
        raise BadInput("people.nobody", _("Choose at least one person."))
    return queries.get_account(actor=request.user, pk=number, permission="people.manage")
