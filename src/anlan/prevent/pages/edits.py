"""What phones have handed in and a person must look at: both side by side, and a choice."""

from datetime import datetime
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_POST, require_safe

from anlan.base import clock
from anlan.base.pages import SignedIn
from anlan.work.queries import list_unsettled

from ..models import Edit
from ..queries import edits as queries
from ..services import edits as services


@require_safe
@login_required
def edit_list(request: SignedIn) -> HttpResponse:
    waiting = queries.list_edits(actor=request.user, state=Edit.State.OPEN)
    context = {
        "waiting": waiting[:200],
        "done": queries.list_edits(actor=request.user).exclude(state=Edit.State.OPEN)[:50],
        "unsettled": list_unsettled(actor=request.user)[:200],
    }
    return render(request, "prevent/edits.html", context)


@require_safe
@login_required
def edit(request: SignedIn, edit_id: UUID) -> HttpResponse:
    found = queries.get_edit(actor=request.user, edit_id=edit_id)
    region = found.enterprise.site.region
    context = {
        "edit": found,
        "lines": queries.lines_of(found),
        "may_settle": request.user.may("prevent.manage", region=region),
    }
    return render(request, "prevent/edit.html", context)


@require_POST
@login_required
def settle(request: SignedIn, edit_id: UUID) -> HttpResponse:
    found = queries.get_edit(actor=request.user, edit_id=edit_id)
    services.settle_edit(
        edit=found,
        choices={name: request.POST.get(name, "") for name in found.open},
        seen_at=_moment(request.POST.get("version", "")),
        by=request.user,
        at=clock.now(),
    )
    return redirect("prevent:edit", edit_id)


def _moment(text: str) -> datetime | None:
    try:
        return parse_datetime(text)
    except ValueError:
        return None
