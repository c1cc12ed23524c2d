"""Where the room's entry in the menu leads."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from anlan.base import navigation
from anlan.base.errors import NotAllowed
from anlan.base.pages import SignedIn


@require_safe
@login_required
def index(request: SignedIn) -> HttpResponse:
    """The first of the room's tabs that the reader may see."""
    for entry in navigation.group("prevent"):
        if request.user.may_anywhere(entry.permission):
            return redirect(entry.url_name)
    raise NotAllowed(
        "prevent.not_granted",
        _("You may not see enterprises anywhere."),
        hint=_("Ask your office administrator."),
    )
