"""Pages of plans: the library, one version, its draft."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from anlan.base import clock
from anlan.base.errors import Refusal
from anlan.base.numbers import whole
from anlan.base.pages import SignedIn
from anlan.places import kinds as site_kinds

from . import queries
from .forms import StepForm
from .models import PlanVersion, ResponseLevel
from .services import plans


@require_safe
@login_required
def plan_list(request: SignedIn) -> HttpResponse:
    found = queries.plan_library(actor=request.user)
    return render(request, "command/plans.html", {"plans": found})


@require_safe
@login_required
def version(request: SignedIn, version_id: int) -> HttpResponse:
    """One version, its steps by level; a draft can be edited."""
    found = queries.get_version(actor=request.user, version_id=version_id)
    return render(request, "command/version.html", _context(request, found))


@require_POST
@login_required
def draft(request: SignedIn, version_id: int) -> HttpResponse:
    """Start the next version from this one's plan."""
    found = queries.get_version(actor=request.user, version_id=version_id)
    made = plans.draft_version(plan=found.plan, by=request.user, at=clock.now())
    return redirect("command:version", made.pk)


@require_POST
@login_required
def save_step(request: SignedIn, version_id: int) -> HttpResponse:
    """Add a step to a draft, or rewrite one."""
    found = queries.get_version(actor=request.user, version_id=version_id)
    form = _step_form(request)
    if form.is_valid():
        try:
            plans.save_step(
                version=found,
                step=form.text(),
                order=whole(request.POST.get("order")),
                by=request.user,
                at=clock.now(),
            )
        except Refusal as refusal:
            form.add_error(None, f"{refusal.message} {refusal.hint}")
        else:
            return redirect("command:version", version_id)
    context = _context(request, found) | {"form": form}
    return render(request, "command/version.html", context, status=422)


@require_POST
@login_required
def remove_step(request: SignedIn, version_id: int, order: int) -> HttpResponse:
    found = queries.get_version(actor=request.user, version_id=version_id)
    plans.remove_step(version=found, order=order, by=request.user, at=clock.now())
    return redirect("command:version", version_id)


@require_POST
@login_required
def approve(request: SignedIn, version_id: int) -> HttpResponse:
    found = queries.get_version(actor=request.user, version_id=version_id)
    plans.approve_version(version=found, by=request.user, at=clock.now())
    return redirect("command:version", version_id)


def _step_form(request: SignedIn) -> StepForm:
    kinds = [(kind.code, str(kind.label)) for kind in site_kinds.registered()]
    return StepForm(request.POST or None, site_kinds=kinds)


def _context(request: SignedIn, found: PlanVersion) -> dict[str, object]:
    actor, region = request.user, found.plan.region
    is_draft = found.state == PlanVersion.State.DRAFT
    may_edit = is_draft and actor.may("command.plan", region=region)
    return {
        "version": found,
        "versions": queries.versions_of(found),
        "levels": queries.steps_by_level(found),
        "level_names": ResponseLevel.choices,
        "is_draft": is_draft,
        "may_edit": may_edit,
        "may_draft": not is_draft and actor.may("command.plan", region=region),
        "may_approve": is_draft
        and actor.may("command.approve", region=region)
        and found.author_id != actor.pk,
        "form": _step_form(request) if may_edit else None,
    }
