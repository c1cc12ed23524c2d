"""Draws: fixed, drawn, published, and repeated by whoever doubts them."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from anlan.base import clock
from anlan.base.errors import BadInput, Refusal
from anlan.base.pages import SignedIn, typed
from anlan.base.paging import sheet_of

from .. import lots
from ..forms.campaigns import DrawForm
from ..queries import draws as queries
from ..services import draws as services
from .draw_lists import STEPS, Lists

MOST_BYTES = 8 * 1024 * 1024


@require_safe
@login_required
def draw_list(request: SignedIn) -> HttpResponse:
    found = queries.list_draws(actor=request.user)
    context = {
        "sheet": sheet_of(found, request.GET.get("page")),
        "may_draw": request.user.may_anywhere("prevent.campaign"),
    }
    return render(request, "prevent/draws.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def make(request: SignedIn) -> HttpResponse:
    """Fix a list. The small buttons only find people and enterprises and note who is left out."""
    at, stepping = clock.now(), any(name in request.POST for name in STEPS)
    lists = Lists.sent(request.POST)
    lists.step(request.POST)
    form = DrawForm(
        None if stepping else request.POST or None,
        actor=request.user,
        initial={**request.POST.dict(), **lists.texts()},
    )
    if form.is_valid() and not (stepping or lists.is_pending()):
        try:
            made = services.freeze_draw(**form.arguments(), by=request.user, at=at)
        except Refusal as refusal:
            form.add_error(None, f"{refusal.message} {refusal.hint}")
        else:
            return redirect("prevent:draw", made.pk)
    who = typed(request, "who")[:40]
    if (region := form.region_of(request.POST)) is not None:
        form.initial["region"] = region  # also where only its name was typed
        campaign = form.campaigns.get(request.POST.get("campaign", ""))
        lists.look_up(region=region, campaign=campaign, at=at, text=who)
    elif stepping:
        lists.problem = _("Choose the region first.")
    context = {"form": form, "lists": lists, "rows": lists.lines(), "who": who}
    status = 422 if form.errors or lists.problem else 200
    return render(request, "prevent/draw_form.html", context, status=status)


@require_safe
@login_required
def draw(request: SignedIn, draw_id: int) -> HttpResponse:
    found = queries.get_draw(actor=request.user, draw_id=draw_id)
    context = {
        "draw": found,
        "frozen": (frozen := lots.frozen_from(found.frozen)),
        "recused": queries.recused_of(frozen),
        "pairs": queries.pairs_of(found),
        "may_draw": request.user.may("prevent.campaign", region=found.region),
    }
    return render(request, "prevent/draw.html", context)


@require_POST
@login_required
def lots_drawn(request: SignedIn, draw_id: int) -> HttpResponse:
    services.draw_lots(
        draw_of=queries.get_draw(actor=request.user, draw_id=draw_id),
        seed=typed(request, "seed")[:200],
        source=typed(request, "seed_source")[:500],
        by=request.user,
        at=clock.now(),
    )
    return redirect("prevent:draw", draw_id)


@require_POST
@login_required
def call_off(request: SignedIn, draw_id: int) -> HttpResponse:
    services.call_off(
        draw_of=queries.get_draw(actor=request.user, draw_id=draw_id),
        note=typed(request, "note")[:500],
        by=request.user,
        at=clock.now(),
    )
    return redirect("prevent:draw", draw_id)


@require_safe
@login_required
def published(request: SignedIn, draw_id: int) -> HttpResponse:
    """The file that is put on the bureau's site."""
    found = queries.get_draw(actor=request.user, draw_id=draw_id)
    response = HttpResponse(services.publication(found), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="draw-{found.pk}.json"'
    return response


@require_http_methods(["GET", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """Anybody may repeat a published draw: from its file alone, nothing is kept or looked up."""
    context: dict[str, Any] = {}
    sent = request.FILES.get("file")
    if request.method == "POST":
        if sent is None or (sent.size or 0) > MOST_BYTES:
            raise BadInput("prevent.no_file_sent", _("Choose a file."))
        try:
            context["verdict"] = lots.verify(sent.read(), most=lots.MOST_ON_PAGE)
        except lots.BadDraw as error:
            raise BadInput(
                "prevent.bad_draw_file",
                _("This is not the file of a draw, or it is too large for this page."),
                hint=_("Large ones are repeated with: anlan draw verify FILE"),
            ) from error
    return render(request, "prevent/draw_verify.html", context)
