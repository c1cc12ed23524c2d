"""Checklists on screen: drafted by one person, put in force by another."""

from collections.abc import Sequence

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from anlan.base import clock
from anlan.base.pages import SignedIn
from anlan.base.tables import Problem, clean
from anlan.people.staff_pages import workbook_response
from anlan.places.pages import file_of

from ..models import StandardVersion
from ..queries import standards as queries
from ..services import standards as services
from ..services.standards import Text


@require_safe
@login_required
def standard_list(request: SignedIn) -> HttpResponse:
    context = {
        "categories": queries.list_categories(actor=request.user),
        "may_write": request.user.may_anywhere(services.PERMISSION),
    }
    return render(request, "prevent/standards.html", context)


@require_POST
@login_required
def make(request: SignedIn) -> HttpResponse:
    made = services.make_standard(
        code=clean(request.POST.get("code", "")),
        name=clean(request.POST.get("name", "")),
        notice=clean(request.POST.get("notice", "")),
        by=request.user,
        at=clock.now(),
    )
    return redirect("prevent:standard", made.pk)


@require_safe
@login_required
def standard(request: SignedIn, standard_id: int) -> HttpResponse:
    """One category: its versions, and what is read at the gate."""
    found = queries.get_standard(actor=request.user, standard_id=standard_id)
    context = {
        "standard": found,
        "versions": queries.list_versions(standard=found),
        "may_write": request.user.may_anywhere(services.PERMISSION),
    }
    return render(request, "prevent/standard.html", context)


@require_POST
@login_required
def change(request: SignedIn, standard_id: int) -> HttpResponse:
    services.change_standard(
        standard=queries.get_standard(actor=request.user, standard_id=standard_id),
        name=clean(request.POST.get("name", "")),
        notice=clean(request.POST.get("notice", "")),
        by=request.user,
        at=clock.now(),
    )
    return redirect("prevent:standard", standard_id)


@require_POST
@login_required
def retire(request: SignedIn, standard_id: int) -> HttpResponse:
    found = queries.get_standard(actor=request.user, standard_id=standard_id)
    services.retire_standard(standard=found, by=request.user, at=clock.now())
    return redirect("prevent:standards")


@require_POST
@login_required
def draft(request: SignedIn, standard_id: int) -> HttpResponse:
    found = queries.get_standard(actor=request.user, standard_id=standard_id)
    made = services.draft_version(standard=found, by=request.user, at=clock.now())
    return redirect("prevent:checklist", made.pk)


@require_safe
@login_required
def checklist(request: SignedIn, checklist_id: int) -> HttpResponse:
    """One version with its lines; its author may change a draft's."""
    return _checklist(request, _version(request, checklist_id))


@require_safe
@login_required
def differences(request: SignedIn, checklist_id: int) -> HttpResponse:
    """What is other than in the version before."""
    version = _version(request, checklist_id)
    before = queries.version_before(version=version)
    rows = queries.compare(before=before, after=version) if before else []
    context = {"version": version, "before": before, "rows": rows}
    return render(request, "prevent/checklist_diff.html", context)


@require_POST
@login_required
def save_entry(request: SignedIn, checklist_id: int) -> HttpResponse:
    number = request.POST.get("number", "")
    services.save_entry(
        version=_version(request, checklist_id),
        number=int(number) if number.isdecimal() else None,
        given=Text(
            text=clean(request.POST.get("text", "")),
            section=clean(request.POST.get("section", "")),
            basis=clean(request.POST.get("basis", "")),
            how=clean(request.POST.get("how", "")),
            major="major" in request.POST,
        ),
        by=request.user,
        at=clock.now(),
    )
    return redirect("prevent:checklist", checklist_id)


@require_POST
@login_required
def remove_entry(request: SignedIn, checklist_id: int, number: int) -> HttpResponse:
    version = _version(request, checklist_id)
    services.remove_entry(version=version, number=number, by=request.user, at=clock.now())
    return redirect("prevent:checklist", checklist_id)


@require_POST
@login_required
def move_entry(request: SignedIn, checklist_id: int, number: int) -> HttpResponse:
    services.move_entry(
        version=_version(request, checklist_id),
        number=number,
        by_lines=-1 if request.POST.get("move") == "up" else 1,
        by=request.user,
        at=clock.now(),
    )
    return redirect("prevent:checklist", checklist_id)


@require_POST
@login_required
def import_entries(request: SignedIn, checklist_id: int) -> HttpResponse:
    """A workbook's lines in place of the draft's, all or none."""
    version = _version(request, checklist_id)
    content, _name = file_of(request)
    problems = services.import_entries(
        version=version, content=content, by=request.user, at=clock.now()
    )
    if problems:
        return _checklist(request, version, problems=problems, status=422)
    return redirect("prevent:checklist", checklist_id)


@require_safe
@login_required
def export_entries(request: SignedIn, checklist_id: int) -> HttpResponse:
    version = _version(request, checklist_id)
    name = f"{version.standard.code}-{version.number}"
    return workbook_response(services.export_entries(version), name)


@require_POST
@login_required
def put_in_force(request: SignedIn, checklist_id: int) -> HttpResponse:
    version = _version(request, checklist_id)
    services.put_in_force(version=version, by=request.user, at=clock.now())
    return redirect("prevent:checklist", checklist_id)


@require_POST
@login_required
def give_up(request: SignedIn, checklist_id: int) -> HttpResponse:
    version = _version(request, checklist_id)
    standard_id = version.standard_id
    services.give_up_draft(version=version, by=request.user, at=clock.now())
    return redirect("prevent:standard", standard_id)


def _version(request: SignedIn, checklist_id: int) -> StandardVersion:
    return queries.get_version(actor=request.user, checklist_id=checklist_id)


def _checklist(
    request: SignedIn,
    version: StandardVersion,
    *,
    problems: Sequence[Problem] = (),
    status: int = 200,
) -> HttpResponse:
    writes = request.user.may_anywhere(services.PERMISSION)
    is_draft = version.state == StandardVersion.State.DRAFT
    own = version.author_id == request.user.pk
    context = {
        "version": version,
        "entries": queries.list_entries(version=version),
        "before": queries.version_before(version=version),
        "problems": problems,
        "labels": {c.name: c.headers[0] for c in services.COLUMNS},
        "may_edit": writes and is_draft and own,
        "may_approve": writes and is_draft and not own,
        "is_draft": is_draft,
    }
    return render(request, "prevent/checklist.html", context, status=status)
