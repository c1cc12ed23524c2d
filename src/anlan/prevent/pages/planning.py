"""Plan one visit by hand, from the enterprise's file."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from anlan.base import clock
from anlan.base.errors import Refusal
from anlan.base.pages import SignedIn, typed

from ..forms.planning import PlanForm
from ..queries import enterprises as firms
from ..queries.inspectors import people_to_send
from ..services import planning


@require_http_methods(["GET", "POST"])
@login_required
def plan_visit(request: SignedIn, enterprise_id: int) -> HttpResponse:
    """By when, by whom, by which checklist."""
    actor, at = request.user, clock.now()
    found = firms.get_enterprise(
        actor=actor, enterprise_id=enterprise_id, permission=planning.INSPECT
    )
    finding = "find" in request.POST  # more people to choose from; nothing is sent yet
    chosen = request.POST.getlist("inspectors") if request.POST else [str(actor.pk)]
    people = people_to_send(
        region=found.site.region, at=at, reader=actor, text=typed(request, "who"), chosen=chosen
    )
    form = PlanForm(
        None if finding else request.POST or None,
        people=people.shown,
        standards=firms.list_standards(),
        initial=request.POST.dict(),
    )
    if form.is_valid():
        try:
            made = planning.plan_visit(enterprise=found, **form.arguments(), by=actor, at=at)
        except Refusal as refusal:
            form.add_error(None, f"{refusal.message} {refusal.hint}")
        else:
            return redirect("prevent:plan", made.pk)
    context = {
        "form": form,
        "enterprise": found,
        "people": people,
        "chosen": chosen,
        "who": typed(request, "who"),
    }
    return render(request, "prevent/plan_form.html", context, status=422 if form.errors else 200)
