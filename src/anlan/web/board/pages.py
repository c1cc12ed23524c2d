"""The start page for each role, and the board."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from anlan.base import navigation
from anlan.base.pages import SignedIn
from anlan.people.models import Account
from anlan.places import kinds

from . import queries

WATCHES = ("warn.acknowledge", "command.lead")
SEES = ("warn.view", "observe.view", "command.view")


@require_safe
@login_required
def home(request: SignedIn) -> HttpResponse:
    """Who has work to do lands on it; who watches or leads lands on the board."""
    user = request.user
    if user.may_anywhere("work.do") and not holds_any(user, WATCHES):
        return redirect("work:inbox")
    if holds_any(user, SEES):
        return redirect("web:board")
    if user.may_anywhere("work.view"):
        return redirect("work:inbox")
    # No right in any region: what is shown to them for another reason (an enterprise's people).
    own = [entry for entry in navigation.registered() if entry.shown_to and entry.is_for(user)]
    return redirect(own[0].url_name) if own else render(request, "web/welcome.html")


def holds_any(user: Account, permissions: tuple[str, ...]) -> bool:
    return any(user.may_anywhere(code) for code in permissions)


@require_safe
@login_required
@ensure_csrf_cookie
def board(request: SignedIn) -> HttpResponse:
    """The frame only: stations, alarms and map come as JSON, then by the live feed."""
    context = {
        "view": queries.view(actor=request.user),
        "sees_water": request.user.may_anywhere("simulate.view"),
        "layers": [
            {"code": k.code, "label": str(k.label), "group": str(k.group), "colour": k.colour}
            for k in kinds.registered()
        ],
    }
    return render(request, "web/board.html", context)
