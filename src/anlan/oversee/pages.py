"""Letters: the list, one letter with its answer, writing one, its paper."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from anlan.base import clock
from anlan.base.errors import NotAllowed, Refusal
from anlan.base.pages import SignedIn
from anlan.places.forms import region_asked
from anlan.places.models import Region
from anlan.places.queries import crumbs, home_region
from anlan.work.models import WorkItem

from . import forms, printing, queries
from .models import Letter
from .services import letters as service

PAGE_SIZE = 50
ANSWER_IN = timedelta(days=7)
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def region_of(request: SignedIn, permission: str = "oversee.view") -> Region:
    """The region that a filter names, or where the reader begins."""
    paths = request.user.regions_for(permission)
    region = region_asked(request.GET, paths=paths) or home_region(paths)
    if region is None:
        raise NotAllowed("oversee.no_region", _("You have no region in which to look at this."))
    return region


def crumbs_of(request: SignedIn, region: Region) -> list[tuple[Region, bool]]:
    """The regions above one, and which of them the reader may open."""
    return crumbs(region, paths=request.user.regions_for("oversee.view"))


def refused(form: Form, refusal: Refusal) -> None:
    """A refusal on top of the form that caused it."""
    form.add_error(None, f"{refusal.message} {refusal.hint}")


def number_of(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


def words(request: SignedIn, name: str) -> str:
    """A field of a small form, as typed."""
    return request.POST.get(name, "").replace("\x00", "")[:2000]


@require_safe
@login_required
def letters(request: SignedIn) -> HttpResponse:
    """Letters to offices at and below a region."""
    region, at = region_of(request), clock.now()
    year = number_of(request.GET.get("year", ""))
    wanted = queries.LetterFilter(
        year=year if 2000 <= year <= 2100 else 0,
        kind=request.GET.get("kind", "")[:9],
        state=request.GET.get("state", "")[:9],
        text=request.GET.get("q", "").replace("\x00", "").strip()[:80],
    )
    found = queries.list_letters(actor=request.user, region=region, wanted=wanted, at=at)
    context = {
        "region": region,
        "crumbs": crumbs_of(request, region),
        "wanted": wanted,
        "kinds": Letter.Kind.choices,
        "states": WorkItem.State.choices,
        "page": Paginator(found, PAGE_SIZE).get_page(request.GET.get("page")),
        "at": at,
        "may_issue": request.user.may_anywhere("oversee.issue"),
    }
    return render(request, "oversee/letters.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def write(request: SignedIn) -> HttpResponse:
    """Write a letter, of one's own accord or about a task."""
    at, actor = clock.now(), request.user
    number = number_of(request.GET.get("about", ""))
    about = queries.get_about(actor=actor, item_id=number) if number else None
    region = about.region if about else region_of(request, "oversee.issue")
    start: dict[str, Any] = {"reply_by": localdate(at) + ANSWER_IN}
    if about:
        start |= {"to": queries.office_for(about), "post": about.post_id}
    form = forms.LetterForm(request.POST or None, actor=actor, region=region, initial=start)
    if form.is_valid():
        try:
            made = service.issue_letter(letter=form.letter(), about=about, by=actor, at=at)
        except Refusal as refusal:
            refused(form, refusal)
        else:
            return redirect("oversee:letter", made.pk)
    context = {"form": form, "about": about, "region": region}
    return render(request, "oversee/write.html", context, status=422 if form.errors else 200)


@require_safe
@login_required
def letter(request: SignedIn, letter_id: int) -> HttpResponse:
    return _page(request, queries.get_letter(actor=request.user, letter_id=letter_id))


def _page(request: SignedIn, shown: Letter, status: int = 200, **more: Any) -> HttpResponse:
    at = clock.now()
    interview = queries.interview_of(shown)
    asks = shown.kind == Letter.Kind.INTERVIEW and interview is None
    may_record = asks and request.user.may("oversee.issue", region=shown.item.region)
    context = {
        "letter": shown,
        "at": at,
        "overdue": shown.item.is_overdue(at),
        "interview": interview,
        "steps": queries.steps_of(shown),
        "climb": queries.climb_of(shown.about) if shown.about else None,
        "form": forms.InterviewForm(initial={"held_on": localdate(at)}) if may_record else None,
    }
    return render(request, "oversee/letter.html", context | more, status=status)


@require_POST
@login_required
def interview(request: SignedIn, letter_id: int) -> HttpResponse:
    """Write an interview down."""
    shown = queries.get_letter(actor=request.user, letter_id=letter_id)
    form = forms.InterviewForm(request.POST)
    if form.is_valid():
        try:
            service.record_interview(
                letter=shown, talk=form.talk(), by=request.user, at=clock.now()
            )
        except Refusal as refusal:
            refused(form, refusal)
        else:
            return redirect("oversee:letter", shown.pk)
    return _page(request, shown, 422, form=form)


@require_safe
@login_required
def letter_pdf(request: SignedIn, letter_id: int) -> HttpResponse:
    shown = queries.get_letter(actor=request.user, letter_id=letter_id)
    return send_paper(printing.pdf(shown), "application/pdf", f"{shown.number}.pdf")


@require_safe
@login_required
def letter_docx(request: SignedIn, letter_id: int) -> HttpResponse:
    from . import word

    shown = queries.get_letter(actor=request.user, letter_id=letter_id)
    return send_paper(word.letter_paper(shown), DOCX, f"{shown.number}.docx")


def send_paper(content: bytes, mime: str, name: str) -> HttpResponse:
    """A document: PDF opens in the browser, Word is saved."""
    response = HttpResponse(content, content_type=mime)
    inline = mime == "application/pdf"
    response["Content-Disposition"] = content_disposition_header(not inline, name) or ""
    return response
