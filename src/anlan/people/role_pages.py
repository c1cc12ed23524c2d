"""Kinds of post: the list, one with what comes with it; added, renamed, retired."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from anlan.base import clock
from anlan.base.errors import NotAllowed, Refusal
from anlan.base.pages import SignedIn, typed
from anlan.places.models import Region

from . import permissions, queries
from .forms import RoleForm, RolePermissionsForm
from .models import Role
from .pages import region_of
from .services import role_list as service


def may_write(request: SignedIn) -> bool:
    """Kinds of post hold for the whole tree: whoever manages people everywhere writes them."""
    try:
        service.require_everywhere(request.user)
    except NotAllowed:
        return False
    return True


@require_http_methods(["GET", "POST"])
@login_required
def roles(request: SignedIn) -> HttpResponse:
    """All kinds of post by level; a new one is added here."""
    region = region_of(request, "people.view")
    form = RoleForm(request.POST or None)
    if form.is_valid():
        try:
            made = service.make_role(
                **form.cleaned_data,
                code=service.code_for(form.cleaned_data["name"], form.cleaned_data["level"]),
                by=request.user,
                at=clock.now(),
            )
        except Refusal as refusal:
            form.add_error(None, f"{refusal.message} {refusal.hint}")
        else:
            return redirect("people:role", made.pk)
    context = {
        "region": region,
        "roles": queries.roles_with_posts(actor=request.user),
        "form": form if may_write(request) else None,
    }
    return render(request, "people/roles.html", context, status=422 if form.errors else 200)


@require_safe
@login_required
def role(request: SignedIn, role_id: int) -> HttpResponse:
    return _page(request, queries.get_role_row(pk=role_id))


def _page(
    request: SignedIn, found: Role, status: int = 200, form: RolePermissionsForm | None = None
) -> HttpResponse:
    region = region_of(request, "people.view")
    posts = queries.posts_of_role(actor=request.user, role=found)
    context = {
        "role": found,
        "level": Region.Level(found.level).label,
        "region": region,
        "carries": sorted(permissions.label(code) for code in found.permissions),
        "posts": posts[: queries.MOST],
        "post_count": posts.count(),
        "may_write": may_write(request),
        "form": form or RolePermissionsForm(initial={"permissions": found.permissions}),
    }
    return render(request, "people/role.html", context, status=status)


@require_POST
@login_required
def rename(request: SignedIn, role_id: int) -> HttpResponse:
    found = queries.get_role_row(pk=role_id)
    service.rename_role(role=found, name=typed(request, "name"), by=request.user, at=clock.now())
    return redirect("people:role", found.pk)


@require_POST
@login_required
def carry(request: SignedIn, role_id: int) -> HttpResponse:
    """What comes with holding a post of this kind."""
    found = queries.get_role_row(pk=role_id)
    form = RolePermissionsForm(request.POST)
    if not form.is_valid():
        return _page(request, found, 422, form)
    service.set_role_permissions(
        role=found, codes=form.cleaned_data["permissions"], by=request.user, at=clock.now()
    )
    return redirect("people:role", found.pk)


@require_POST
@login_required
def retire(request: SignedIn, role_id: int) -> HttpResponse:
    found = queries.get_role_row(pk=role_id)
    service.retire_role(role=found, by=request.user, at=clock.now())
    return redirect("people:role", found.pk)


@require_POST
@login_required
def restore(request: SignedIn, role_id: int) -> HttpResponse:
    found = queries.get_role_row(pk=role_id)
    service.restore_role(role=found, by=request.user, at=clock.now())
    return redirect("people:role", found.pk)
