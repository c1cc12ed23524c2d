"""Pages of documents: one document, its files, its service, its correction; the whole file."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_safe

from anlan.base import clock
from anlan.base.errors import Refusal
from anlan.base.pages import SignedIn
from anlan.work.pages import send_file

from . import queries
from .models import Paper
from .paper_forms import CorrectForm, ServeForm
from .papers import catalogue
from .services import papers, serving

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@require_safe
@login_required
def paper(request: SignedIn, paper_id: int) -> HttpResponse:
    """One document: what it says, how it was served."""
    return _paper(request, paper_id)


@require_http_methods(["POST"])
@login_required
def serve(request: SignedIn, paper_id: int) -> HttpResponse:
    found = queries.get_paper(actor=request.user, paper_id=paper_id)
    form = ServeForm(request.POST)
    if form.is_valid():
        delivery = serving.Delivery(**form.cleaned_data)
        try:
            serving.serve(paper=found, delivery=delivery, by=request.user, at=clock.now())
        except Refusal as refusal:
            form.add_error(None, f"{refusal.message} {refusal.hint}")
        else:
            return redirect("enforce:paper", paper_id)
    return _paper(request, paper_id, serve_form=form)


@require_http_methods(["POST"])
@login_required
def correct(request: SignedIn, paper_id: int) -> HttpResponse:
    found = queries.get_paper(actor=request.user, paper_id=paper_id)
    form = CorrectForm(request.POST)
    if form.is_valid():
        try:
            made = papers.correct(paper=found, **form.cleaned_data, by=request.user, at=clock.now())
        except Refusal as refusal:
            form.add_error(None, f"{refusal.message} {refusal.hint}")
        else:
            return redirect("enforce:paper", made.pk)
    return _paper(request, paper_id, correct_form=form)


def _paper(request: SignedIn, paper_id: int, **forms: object) -> HttpResponse:
    found = queries.get_paper(actor=request.user, paper_id=paper_id)
    form = catalogue.edition(found.edition).form(found.form)
    acts = any(
        officer.certificate.account_id == request.user.pk and officer.to_at is None
        for officer in queries.officers_of(case=found.case)
    )
    context = {
        "paper": found,
        "case": found.case,
        "receipt": getattr(found, "receipt", None),
        "unchanged": papers.unchanged(found),
        "may_serve": acts and form.served and found.state == "ISSUED",
        "may_correct": acts and found.state not in Paper.GONE,
        "serve_form": ServeForm(initial={"place": found.case.party.address}),
        "correct_form": CorrectForm(initial={"text": found.fields.get("text", "")}),
        **forms,
    }
    return render(request, "enforce/paper.html", context, status=422 if forms else 200)


@require_safe
@login_required
def pdf(request: SignedIn, paper_id: int) -> HttpResponseBase:
    found = queries.get_paper(actor=request.user, paper_id=paper_id)
    return send_file(found.pdf, "application/pdf", f"{found}.pdf")


@require_safe
@login_required
def docx(request: SignedIn, paper_id: int) -> HttpResponseBase:
    found = queries.get_paper(actor=request.user, paper_id=paper_id)
    return send_file(found.docx, DOCX, f"{found}.docx")


@require_safe
@login_required
def evidence(request: SignedIn, evidence_id: int) -> HttpResponseBase:
    """The file of a piece of evidence."""
    found = queries.get_evidence(actor=request.user, evidence_id=evidence_id)
    return send_file(found.path, found.mime, found.file_name)


@require_safe
@login_required
def file(request: SignedIn, case_id: int) -> HttpResponse:
    """The whole file of a case as one PDF with a table of contents."""
    from . import whole_file  # the library takes a fifth of a second, and only this page reads it

    found = queries.get_case(actor=request.user, case_id=case_id)
    response = HttpResponse(
        whole_file.bind(case=found, at=clock.now()), content_type="application/pdf"
    )
    response["Content-Disposition"] = content_disposition_header(True, f"{found.name}.pdf")
    return response
