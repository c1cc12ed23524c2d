"""Pages that span rooms."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from anlan.base.pages import SignedIn

from . import queries


@require_safe
@login_required
def search(request: SignedIn) -> HttpResponse:
    text = request.GET.get("q", "").strip()[:80]
    groups = queries.search(actor=request.user, text=text) if text else []
    return render(request, "web/search.html", {"text": text, "groups": groups})
