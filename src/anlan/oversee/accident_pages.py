"""Accident files: the list, opening one, the file with everything in it, decisions, look-back."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import localdate
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from anlan.base import clock
from anlan.base.errors import Refusal
from anlan.base.pages import SignedIn

from . import accidents, forms, report_papers
from .models import Accident, Verdict
from .pages import DOCX, PAGE_SIZE, crumbs_of, number_of, refused, region_of, send_paper, words
from .services import accident_sites, look_backs
from .services import accidents as service
from .severity import INVESTIGATES, Severity


@require_safe
@login_required
def accident_list(request: SignedIn) -> HttpResponse:
    """Accidents at and below a region."""
    region = region_of(request)
    year, severity = number_of(request.GET.get("year", "")), request.GET.get("severity", "")[:7]
    year = year if 2000 <= year <= 2100 else 0
    stage = request.GET.get("stage", "")[:9]
    found = accidents.list_accidents(
        actor=request.user, region=region, year=year, severity=severity, stage=stage
    )
    context = {
        "region": region,
        "crumbs": crumbs_of(request, region),
        "severities": Severity.choices,
        "severity": severity,
        "stage": stage,
        "year": year or "",
        "page": Paginator(found, PAGE_SIZE).get_page(request.GET.get("page")),
        "may_open": request.user.may_anywhere("oversee.investigate"),
    }
    return render(request, "oversee/accidents.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def open_accident(request: SignedIn) -> HttpResponse:
    """Open a file."""
    region_of(request, "oversee.investigate")  # refused where there is none
    form = forms.AccidentForm(request.POST or None, actor=request.user)
    if form.is_valid():
        try:
            made = service.open_accident(**form.arguments(), by=request.user, at=clock.now())
        except Refusal as refusal:
            refused(form, refusal)
        else:
            return redirect("oversee:accident", made.pk)
    status = 422 if form.errors else 200
    return render(request, "oversee/open_accident.html", {"form": form}, status=status)


@require_safe
@login_required
def accident(request: SignedIn, accident_id: int) -> HttpResponse:
    return _page(request, accidents.get_accident(actor=request.user, accident_id=accident_id))


@require_safe
@login_required
def of_item(request: SignedIn, item_id: int) -> HttpResponse:
    """The file that a work item belongs to."""
    found = accidents.accident_of_item(actor=request.user, item_id=item_id)
    return redirect("oversee:accident", found)


def _page(request: SignedIn, shown: Accident, status: int = 200, **more: Any) -> HttpResponse:
    region, today = shown.item.region, localdate(clock.now())
    investigates = request.user.may("oversee.investigate", region=region)
    writes = investigates and shown.item.state in {"OPEN", "DOING"}
    report = accidents.waiting_report(shown)
    look_back = accidents.look_back_of(shown)
    running = look_back and look_back.item and look_back.item.state in {"OPEN", "DOING"}
    remedies = list(accidents.remedies_of(shown))
    problems = list(accidents.problems_of(look_back)) if look_back else []
    proofs = accidents.proofs_of(
        [*(row.item_id for row in remedies if row.item_id), *(row.pk for row in problems)]
    )
    context = {
        "actor": request.user,
        "accident": shown,
        "today": today,
        "overdue": shown.item.is_overdue(clock.now()),
        "investigates_by_law": INVESTIGATES[Severity(shown.severity)],
        "counts": accidents.counts_of(shown),
        "site_changes": accidents.site_changes_of(shown),
        "persons": accidents.persons_of(shown),
        "findings": accidents.findings_of(shown),
        "remedies": [(row, proofs.get(row.item_id or 0)) for row in remedies],
        "reports": accidents.reports_of(shown),
        "look_back": look_back,
        "problems": [(row, proofs.get(row.pk)) for row in problems],
        "results": Verdict.Result.choices,
        "investigates": investigates,
        "writes": writes,
        "places": investigates and shown.item.state in accident_sites.CHANGEABLE,
        "looks_back": investigates and running,
        "decides": report
        and report.author_id != request.user.pk
        and request.user.may("oversee.approve", region=region),
    }
    return render(request, "oversee/accident.html", context | _forms(context) | more, status=status)


def _forms(context: dict[str, Any]) -> dict[str, Form]:
    """Only those that the reader may send."""
    shown = context["accident"]
    found: dict[str, Form] = {}
    if context["investigates"]:
        found["person_form"] = forms.PersonForm()
    if context["places"]:
        found["site_form"] = forms.SiteForm(actor=context["actor"])
    if context["writes"]:
        found |= {
            "count_form": forms.CountForm(),
            "finding_form": forms.FindingForm(),
            "remedy_form": forms.ToOffice(accident=shown),
            "report_form": forms.ReportForm(),
        }
    if context["looks_back"]:
        found["problem_form"] = forms.ProblemForm(accident=shown)
    return found


def _shown(request: SignedIn, accident_id: int) -> Accident:
    return accidents.get_accident(actor=request.user, accident_id=accident_id)


@require_POST
@login_required
def count(request: SignedIn, accident_id: int) -> HttpResponse:
    """A later count of casualties."""
    shown, form = _shown(request, accident_id), forms.CountForm(request.POST)
    if form.is_valid():
        service.count_casualties(
            accident=shown, count=form.count(), by=request.user, at=clock.now()
        )
        return redirect("oversee:accident", shown.pk)
    return _page(request, shown, 422, count_form=form)


@require_POST
@login_required
def site(request: SignedIn, accident_id: int) -> HttpResponse:
    """Name the enterprise at whose site it happened, or put it right."""
    shown = _shown(request, accident_id)
    form = forms.SiteForm(request.POST, actor=request.user)
    if form.is_valid():
        try:
            accident_sites.change_site(
                accident=shown, **form.arguments(), by=request.user, at=clock.now()
            )
        except Refusal as refusal:
            refused(form, refusal)
        else:
            return redirect("oversee:accident", shown.pk)
    return _page(request, shown, 422, site_form=form)


@require_POST
@login_required
def person(request: SignedIn, accident_id: int) -> HttpResponse:
    """A measure on a person."""
    shown, form = _shown(request, accident_id), forms.PersonForm(request.POST)
    if form.is_valid():
        service.add_person(accident=shown, person=form.person(), by=request.user, at=clock.now())
        return redirect("oversee:accident", shown.pk)
    return _page(request, shown, 422, person_form=form)


@require_POST
@login_required
def end_measure(request: SignedIn, accident_id: int, measure_id: int) -> HttpResponse:
    shown = _shown(request, accident_id)
    measure = accidents.get_measure(actor=request.user, accident=shown, measure_id=measure_id)
    at = clock.now()
    service.end_measure(measure=measure, on=localdate(at), by=request.user, at=at)
    return redirect("oversee:accident", shown.pk)


@require_POST
@login_required
def reveal(request: SignedIn, accident_id: int, measure_id: int) -> HttpResponse:
    """A person's name and number in full; the look is recorded."""
    shown = _shown(request, accident_id)
    measure = accidents.get_measure(actor=request.user, accident=shown, measure_id=measure_id)
    found = service.reveal_person(measure=measure, by=request.user, at=clock.now())
    return _page(request, shown, revealed=found)


@require_POST
@login_required
def finding(request: SignedIn, accident_id: int) -> HttpResponse:
    shown, form = _shown(request, accident_id), forms.FindingForm(request.POST)
    if form.is_valid():
        service.add_finding(accident=shown, **form.cleaned_data, by=request.user, at=clock.now())
        return redirect("oversee:accident", shown.pk)
    return _page(request, shown, 422, finding_form=form)


@require_POST
@login_required
def drop_finding(request: SignedIn, accident_id: int, finding_id: int) -> HttpResponse:
    shown = _shown(request, accident_id)
    line = accidents.get_finding(accident=shown, finding_id=finding_id)
    service.drop_line(line=line, by=request.user, at=clock.now())
    return redirect("oversee:accident", shown.pk)


@require_POST
@login_required
def remedy(request: SignedIn, accident_id: int) -> HttpResponse:
    shown = _shown(request, accident_id)
    form = forms.ToOffice(request.POST, accident=shown)
    if form.is_valid():
        try:
            service.add_remedy(accident=shown, **form.chosen(), by=request.user, at=clock.now())
        except Refusal as refusal:
            refused(form, refusal)
        else:
            return redirect("oversee:accident", shown.pk)
    return _page(request, shown, 422, remedy_form=form)


@require_POST
@login_required
def drop_remedy(request: SignedIn, accident_id: int, remedy_id: int) -> HttpResponse:
    shown = _shown(request, accident_id)
    line = accidents.get_remedy(accident=shown, remedy_id=remedy_id)
    service.drop_line(line=line, by=request.user, at=clock.now())
    return redirect("oversee:accident", shown.pk)


@require_POST
@login_required
def report(request: SignedIn, accident_id: int) -> HttpResponse:
    """Hand the report in."""
    shown, form = _shown(request, accident_id), forms.ReportForm(request.POST)
    if form.is_valid():
        try:
            service.hand_in_report(
                accident=shown, text=form.cleaned_data["text"], by=request.user, at=clock.now()
            )
        except Refusal as refusal:
            refused(form, refusal)
        else:
            return redirect("oversee:accident", shown.pk)
    return _page(request, shown, 422, report_form=form)


def _paper(said: dict[str, Any], as_file: str) -> HttpResponse:
    name = f"{said['title']}.{'docx' if as_file == 'docx' else 'pdf'}"
    if as_file == "docx":
        from . import word

        return send_paper(word.report_paper(said), DOCX, name)
    return send_paper(report_papers.pdf(said), "application/pdf", name)


@require_safe
@login_required
def report_file(request: SignedIn, accident_id: int, number: int, as_file: str) -> HttpResponse:
    """A version of the investigation's report as PDF or Word."""
    shown = _shown(request, accident_id)
    found = accidents.get_report(accident=shown, number=number)
    return _paper(report_papers.investigation(shown, found), as_file)


@require_safe
@login_required
def look_back_file(request: SignedIn, accident_id: int, as_file: str) -> HttpResponse:
    """The look-back's report as PDF or Word; before its end marked as such."""
    found = accidents.get_look_back(accident=_shown(request, accident_id))
    return _paper(report_papers.look_back_report(found, clock.now()), as_file)


@require_POST
@login_required
def approve(request: SignedIn, accident_id: int) -> HttpResponse:
    waiting = accidents.get_waiting_report(accident=_shown(request, accident_id))
    service.approve_report(report=waiting, by=request.user, at=clock.now())
    return redirect("oversee:accident", accident_id)


@require_POST
@login_required
def send_back(request: SignedIn, accident_id: int) -> HttpResponse:
    waiting = accidents.get_waiting_report(accident=_shown(request, accident_id))
    note = words(request, "note")
    service.return_report(report=waiting, note=note, by=request.user, at=clock.now())
    return redirect("oversee:accident", accident_id)


@require_POST
@login_required
def judge(request: SignedIn, accident_id: int, remedy_id: int) -> HttpResponse:
    """What the look-back says of one line."""
    shown = _shown(request, accident_id)
    look_backs.judge(
        look_back=accidents.get_look_back(accident=shown),
        remedy=accidents.get_remedy(accident=shown, remedy_id=remedy_id),
        result=request.POST.get("result", ""),
        note=words(request, "note"),
        by=request.user,
        at=clock.now(),
    )
    return redirect("oversee:accident", shown.pk)


@require_POST
@login_required
def problem(request: SignedIn, accident_id: int) -> HttpResponse:
    """Hand a problem out."""
    shown = _shown(request, accident_id)
    form = forms.ProblemForm(request.POST, accident=shown)
    look_back = accidents.get_look_back(accident=shown)
    if form.is_valid():
        try:
            look_backs.hand_out(
                look_back=look_back, **form.chosen(), by=request.user, at=clock.now()
            )
        except Refusal as refusal:
            refused(form, refusal)
        else:
            return redirect("oversee:accident", shown.pk)
    return _page(request, shown, 422, problem_form=form)


@require_POST
@login_required
def finish(request: SignedIn, accident_id: int) -> HttpResponse:
    look_back = accidents.get_look_back(accident=_shown(request, accident_id))
    look_backs.finish(look_back=look_back, by=request.user, at=clock.now())
    return redirect("oversee:accident", accident_id)
