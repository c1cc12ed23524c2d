"""Plan one visit by hand, from the enterprise's file."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from anlan.base import clock
from anlan.base.errors import Refusal
from anlan.base.pages import SignedIn

from ..forms.planning import PlanForm
from ..queries import enterprises as firms
from ..queries.draws import inspectors_for
from ..services import planning


@require_http_methods(["GET", "POST"])
@login_required
def plan_visit(request: SignedIn, enterprise_id: int) -> HttpResponse:
    """By when, by whom, by which checklist."""
    actor, at = request.user, clock.now()
    found = firms.get_enterprise(
        actor=actor, enterprise_id=enterprise_id, permission=planning.INSPECT
    )
    form = PlanForm(
        request.POST or None,
        people=inspectors_for(found.site.region, at, [planning.INSPECT]),
        standards=firms.list_standards(),
        initial={"inspectors": [str(actor.pk)]},
    )
    if form.is_valid():
        try:
            made = planning.plan_visit(enterprise=found, **form.arguments(), by=actor, at=at)
        except Refusal as refusal:
            form.add_error(None, f"{refusal.message} {refusal.hint}")
        else:
            return redirect("prevent:plan", made.pk)
    context = {"form": form, "enterprise": found}
    return render(request, "prevent/plan_form.html", context, status=422 if form.errors else 200)
