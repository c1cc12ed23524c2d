"""The classification of industries: looked up, and taken in from the bureau's list."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from anlan.base import clock
from anlan.base.pages import SignedIn
from anlan.base.tables import clean
from anlan.places.pages import file_of, paths_for

from ..queries import enterprises as queries
from ..services import industries as services
from ..services.standards import PERMISSION

MOST = 500


@require_http_methods(["GET", "POST"])
@login_required
def industries(request: SignedIn) -> HttpResponse:
    """The good lines of a list are taken at once: they are names, and can be taken again."""
    paths_for(request, "prevent.view")
    context: dict[str, object] = {}
    if request.method == "POST":
        content, _name = file_of(request)
        context["plan"] = services.import_industries(
            content=content, by=request.user, at=clock.now()
        )
    text = clean(request.GET.get("q", ""))[:40]
    context |= {
        "text": text,
        "industries": queries.list_industries(text=text, limit=MOST),
        "labels": {c.name: c.headers[0] for c in services.COLUMNS},
        "may_write": request.user.may_anywhere(PERMISSION),
    }
    return render(request, "prevent/industries.html", context)
