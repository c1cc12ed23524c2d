"""Papers of visits and hazards without a case, set when somebody asks for one."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from anlan.base.errors import NotFound
from anlan.base.pages import SignedIn
from anlan.prevent.queries.hazards import get_hazard
from anlan.prevent.queries.visits import get_visit

from .paper_pages import DOCX
from .papers import of_visit, typeset

SET_AS = {"pdf": (typeset.pdf, "application/pdf"), "docx": (typeset.docx, DOCX)}


@require_safe
@login_required
def record(request: SignedIn, finished_visit_id: UUID, printed_as: str) -> HttpResponse:
    """现场检查记录"""
    visit = get_visit(actor=request.user, visit_id=finished_visit_id)
    return _send(of_visit.record(visit), printed_as)


@require_safe
@login_required
def order(
    request: SignedIn, finished_visit_id: UUID, ordered_id: int, printed_as: str
) -> HttpResponse:
    """责令限期整改指令书, of a hazard that the visit found: also where it now belongs elsewhere."""
    visit = get_visit(actor=request.user, visit_id=finished_visit_id)
    found = visit.hazards.select_related("site__enterprise", "ordered_by__organisation", "visit")
    hazard = found.filter(pk=ordered_id).first()
    return _send(of_visit.order(hazard) if hazard else None, printed_as)


@require_safe
@login_required
def recheck(request: SignedIn, recheck_visit_id: UUID, printed_as: str) -> HttpResponse:
    """整改复查意见书"""
    visit = get_visit(actor=request.user, visit_id=recheck_visit_id)
    return _send(of_visit.recheck(visit), printed_as)


@require_safe
@login_required
def hazard_order(request: SignedIn, ordered_id: int, printed_as: str) -> HttpResponse:
    hazard = get_hazard(actor=request.user, hazard_id=ordered_id)
    return _send(of_visit.order(hazard), printed_as)


@require_safe
@login_required
def hazard_recheck(request: SignedIn, ordered_id: int, printed_as: str) -> HttpResponse:
    hazard = get_hazard(actor=request.user, hazard_id=ordered_id)
    return _send(of_visit.recheck_of(hazard), printed_as)


def _send(sheet: of_visit.Sheet | None, printed_as: str) -> HttpResponse:
    if sheet is None or printed_as not in SET_AS:
        raise NotFound("enforce.not_printed", _("The record has no such document."))
    set_it, mime = SET_AS[printed_as]
    response = HttpResponse(set_it(sheet.form, sheet.values), content_type=mime)
    response["Content-Disposition"] = content_disposition_header(True, f"{sheet}.{printed_as}")
    return response
