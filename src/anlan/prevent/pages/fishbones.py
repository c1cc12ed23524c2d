"""Fishbones: the library, one version with its drawing, writing its bones, hazards at a bone."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from anlan.base import clock
from anlan.base.errors import Refusal
from anlan.base.pages import SignedIn
from anlan.base.paging import sheet_of

from ..forms.fishbones import BoneForm, FishboneForm
from ..models import Bone, Entry, FishboneVersion
from ..queries import fishbones as queries
from ..services import fishbones as services


@require_http_methods(["GET", "POST"])
@login_required
def library(request: SignedIn) -> HttpResponse:
    """All fishbones of the reader's regions; a new one is begun here."""
    form = FishboneForm(request.POST or None, actor=request.user)
    if form.is_valid():
        try:
            made = services.make_fishbone(**form.arguments(), by=request.user, at=clock.now())
        except Refusal as refusal:
            form.add_error(None, f"{refusal.message} {refusal.hint}")
        else:
            return redirect("prevent:fishbone", made.pk)
    context = {
        "shelves": queries.list_fishbones(actor=request.user),
        "form": form,
        "may_write": request.user.may_anywhere(queries.WRITE),
    }
    status = 422 if form.errors else 200
    return render(request, "prevent/fishbones.html", context, status=status)


@require_safe
@login_required
def version(request: SignedIn, fishbone_version_id: int) -> HttpResponse:
    found = queries.get_version(actor=request.user, fishbone_version_id=fishbone_version_id)
    return _version(request, found)


@require_safe
@login_required
def drawing(request: SignedIn, fishbone_version_id: int) -> HttpResponse:
    """The drawing alone, as a file that prints sharp at any size."""
    found = queries.get_version(actor=request.user, fishbone_version_id=fishbone_version_id)
    mains = queries.tree_of(actor=request.user, version=found)
    context = {"version": found, "drawing": queries.drawing_of(found, mains), "alone": True}
    response = render(request, "prevent/fishbone.svg", context, content_type="image/svg+xml")
    response["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    response["Content-Disposition"] = 'attachment; filename="fishbone.svg"'
    return response


@require_POST
@login_required
def draft(request: SignedIn, fishbone_version_id: int) -> HttpResponse:
    """Start the next version."""
    found = queries.get_version(actor=request.user, fishbone_version_id=fishbone_version_id)
    made = services.draft_version(fishbone=found.fishbone, by=request.user, at=clock.now())
    return redirect("prevent:fishbone", made.pk)


@require_POST
@login_required
def put_in_force(request: SignedIn, fishbone_version_id: int) -> HttpResponse:
    found = queries.get_version(actor=request.user, fishbone_version_id=fishbone_version_id)
    services.put_in_force(version=found, by=request.user, at=clock.now())
    return redirect("prevent:fishbone", fishbone_version_id)


@require_POST
@login_required
def add_bone(request: SignedIn, fishbone_version_id: int) -> HttpResponse:
    """A main bone, or a cause of another one."""
    found = queries.get_version(actor=request.user, fishbone_version_id=fishbone_version_id)
    named = request.POST.get("bone", "")
    bone_id = int(named) if named.isascii() and named.isdecimal() and len(named) < 16 else 0
    parent = queries.get_bone(actor=request.user, bone_id=bone_id) if named else None
    form = BoneForm(request.POST, region=found.fishbone.region)
    if form.is_valid():
        try:
            services.add_bone(
                version=found, parent=parent, given=form.given(), by=request.user, at=clock.now()
            )
        except Refusal as refusal:
            form.add_error(None, f"{refusal.message} {refusal.hint}")
        else:
            return redirect("prevent:fishbone", fishbone_version_id)
    return _version(request, found, form=form)


@require_http_methods(["GET", "POST"])
@login_required
def bone(request: SignedIn, bone_id: int) -> HttpResponse:
    """One bone: what it says, and the open hazards behind its number; a draft's is rewritten."""
    found = queries.get_bone(actor=request.user, bone_id=bone_id)
    lines = queries.lines_to_bind(found)
    form = BoneForm(
        request.POST or None,
        region=found.version.fishbone.region,
        lines=lines,
        initial=_as(found, lines),
    )
    if form.is_valid():
        try:
            services.change_bone(bone=found, given=form.given(), by=request.user, at=clock.now())
        except Refusal as refusal:
            form.add_error(None, f"{refusal.message} {refusal.hint}")
        else:
            return redirect("prevent:fishbone", found.version_id)
    hazards = queries.hazards_at(actor=request.user, bone=found)
    context = {
        "bone": found,
        "version": found.version,
        "sheet": sheet_of(hazards, request.GET.get("page")),
        "form": form,
        "may_write": _may_write(request, found.version),
    }
    status = 422 if form.errors else 200
    return render(request, "prevent/bone.html", context, status=status)


@require_POST
@login_required
def move_bone(request: SignedIn, bone_id: int) -> HttpResponse:
    found = queries.get_bone(actor=request.user, bone_id=bone_id)
    services.move_bone(bone=found, by=request.user, at=clock.now())
    return redirect("prevent:fishbone", found.version_id)


@require_POST
@login_required
def remove_bone(request: SignedIn, bone_id: int) -> HttpResponse:
    found = queries.get_bone(actor=request.user, bone_id=bone_id)
    services.remove_bone(bone=found, by=request.user, at=clock.now())
    return redirect("prevent:fishbone", found.version_id)


def _version(
    request: SignedIn, found: FishboneVersion, *, form: BoneForm | None = None
) -> HttpResponse:
    mains = queries.tree_of(actor=request.user, version=found)
    may = request.user.may(queries.WRITE, region=found.fishbone.region)
    is_draft = found.state == FishboneVersion.State.DRAFT
    context = {
        "version": found,
        "versions": queries.versions_of(found.fishbone),
        "mains": mains,
        "drawing": queries.drawing_of(found, mains),
        "form": form or BoneForm(region=found.fishbone.region),
        "may_write": _may_write(request, found),
        "may_draft": may and not is_draft,
        "may_approve": may and is_draft and found.author_id != request.user.pk,
    }
    status = 422 if form and form.errors else 200
    return render(request, "prevent/fishbone.html", context, status=status)


def _may_write(request: SignedIn, version: FishboneVersion) -> bool:
    is_draft = version.state == FishboneVersion.State.DRAFT
    return is_draft and request.user.may(queries.WRITE, region=version.fishbone.region)


def _as(bone: Bone, lines: list[Entry]) -> dict[str, object]:
    names = ("text", "measures", "section", "keywords")
    given: dict[str, object] = {name: getattr(bone, name) for name in names}
    given["lines"] = [line.pk for line in lines if line.text in bone.lines]
    return given | {"unit": bone.unit_id or "", "standard": bone.standard_id or ""}
