"""The duty rota of a desk: who is on, who comes next, hand-overs."""

from datetime import datetime, time, timedelta

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from anlan.base import clock
from anlan.base.errors import BadInput
from anlan.base.numbers import whole
from anlan.base.pages import SignedIn

from . import queries
from .models import Account
from .pages import day_of, region_of
from .services import duty

_SPANS = {"week": 7, "month": 31}


@require_safe
@login_required
def rota(request: SignedIn) -> HttpResponse:
    """A week or a month of one desk, with its gaps and overlaps."""
    region = region_of(request, "people.view")
    span = request.GET.get("span", "week")
    length = _SPANS.get(span, 7)
    first = day_of(request.GET)
    if span == "week":
        first -= timedelta(days=first.weekday())
    else:
        first = first.replace(day=1)
    since = timezone.make_aware(datetime.combine(first, time(0)))
    until = since + timedelta(days=length)
    now = clock.now()
    actor = request.user
    shifts = queries.list_shifts(actor=actor, region=region, since=since, until=until)
    plans = actor.may("people.duty", region=region)
    context = {
        "region": region,
        "desks": queries.desks(actor=actor),
        "span": span,
        "first": first,
        "last": first + timedelta(days=length - 1),
        "before": first - timedelta(days=length),
        "after": first + timedelta(days=length),
        "today": localdate(now),
        "days": queries.by_day(shifts, first, length),
        "now": now,
        "on_duty": queries.on_duty(region, now),
        "mine": [s for s in shifts if s.account_id == actor.pk and s.starts_at <= now],
        "to_take": queries.waiting_for(account=actor),
        "gaps": queries.find_uncovered([s for s in shifts if not s.leads], max(since, now), until),
        "overlaps": queries.find_overlaps(shifts),
        "may_plan": plans,
        "people": queries.list_accounts(actor=actor)[:500],
    }
    return render(request, "people/duty.html", context)


@require_POST
@login_required
def plan(request: SignedIn) -> HttpResponse:
    """One turn."""
    region = region_of(request, "people.duty")
    duty.plan_shift(
        region=region,
        account=account_of_rota(request, request.POST.get("account", "")),
        starts_at=_instant(request.POST, "starts_at"),
        ends_at=_instant(request.POST, "ends_at"),
        leads="leads" in request.POST,
        by=request.user,
        at=clock.now(),
    )
    return _back(region.code)


@require_POST
@login_required
def rotate(request: SignedIn) -> HttpResponse:
    """Turn after turn among the chosen."""
    region = region_of(request, "people.duty")
    try:
        changes_at = time.fromisoformat(request.POST.get("changes_at", "08:00"))
        days, hours = int(request.POST.get("days", "7")), int(request.POST.get("hours", "12"))
    except ValueError as error:
        raise BadInput("people.bad_rotation", _("Turns last 4, 6, 8, 12 or 24 hours.")) from error
    duty.plan_rotation(
        region=region,
        accounts=[account_of_rota(request, pk) for pk in request.POST.getlist("accounts")],
        first=day_of(request.POST),
        days=days,
        changes_at=changes_at,
        hours=hours,
        leads="leads" in request.POST,
        by=request.user,
        at=clock.now(),
    )
    return _back(region.code)


@require_POST
@login_required
def drop(request: SignedIn, shift_id: int) -> HttpResponse:
    shift = queries.get_shift(actor=request.user, pk=shift_id)
    duty.drop_shift(shift=shift, by=request.user, at=clock.now())
    return _back(shift.region.code)


@require_POST
@login_required
def hand_over(request: SignedIn, shift_id: int) -> HttpResponse:
    shift = queries.get_shift(actor=request.user, pk=shift_id)
    duty.hand_over_shift(
        shift=shift,
        to=account_of_rota(request, request.POST.get("account", "")),
        note=request.POST.get("note", ""),
        by=request.user,
        at=clock.now(),
    )
    return _back(shift.region.code)


@require_POST
@login_required
def take_over(request: SignedIn, shift_id: int) -> HttpResponse:
    shift = queries.get_shift(actor=request.user, pk=shift_id)
    duty.take_over_shift(shift=shift, by=request.user, at=clock.now())
    return _back(shift.region.code)


def account_of_rota(request: SignedIn, text: str) -> Account:
    """Somebody whom the planner sees."""
    number = whole(text)
    if number is None:
        raise BadInput("people.nobody", _("Choose at least one person."))
    return queries.get_account(actor=request.user, pk=number)


def _instant(values: QueryDict, name: str) -> datetime:
    try:
        at = datetime.fromisoformat(str(values.get(name, "")))
    except ValueError as error:
        raise BadInput("people.bad_time", _("Give a day and a time.")) from error
    return timezone.make_aware(at) if timezone.is_naive(at) else at


def _back(code: str) -> HttpResponse:
    return redirect(f"{reverse('people:duty')}?region={code}")
