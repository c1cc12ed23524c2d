"""Model towns: standards by year, the towns' places, one town's assessment and its review."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from anlan.base import clock
from anlan.base.errors import BadInput, Refusal
from anlan.base.numbers import whole
from anlan.base.pages import SignedIn
from anlan.people.models import Account
from anlan.places.forms import region_asked
from anlan.work import files
from anlan.work.pages import send_file

from ..forms.towns import ClaimForm, LineForm, ReviewForm, TownStandardForm
from ..models import Assessment, TownStandard
from ..queries import towns as queries
from ..services import towns as services

S = Assessment.State
MOST_AWARDS = 300


@require_http_methods(["GET", "POST"])
@login_required
def standards(request: SignedIn) -> HttpResponse:
    """The standards of all years and who was awarded; a new standard is begun here."""
    form = TownStandardForm(request.POST or None, actor=request.user)
    if form.is_valid():
        try:
            made = services.make_standard(**form.cleaned_data, by=request.user, at=clock.now())
        except Refusal as refusal:
            form.add_error(None, f"{refusal.message} {refusal.hint}")
        else:
            return redirect("prevent:town_standard", made.pk)
    region = region_asked(request.GET, paths=request.user.regions_for(queries.VIEW))
    asked = whole(request.GET.get("year", "")) or 0
    year = asked if 2000 <= asked <= 2100 else 0
    context = {
        "standards": queries.list_standards(actor=request.user),
        "region": region,
        "year": year,
        "awards": queries.list_awards(actor=request.user, region=region, year=year)[:MOST_AWARDS],
        "form": form,
        "may_write": request.user.may_anywhere(services.WRITE),
    }
    status = 422 if form.errors else 200
    return render(request, "prevent/town_standards.html", context, status=status)


@require_safe
@login_required
def standard(request: SignedIn, town_standard_id: int) -> HttpResponse:
    found = queries.get_standard(actor=request.user, town_standard_id=town_standard_id)
    return _standard(request, found)


@require_POST
@login_required
def save_line(request: SignedIn, town_standard_id: int) -> HttpResponse:
    """Add a line to a draft, or rewrite the one of this number."""
    found = queries.get_standard(actor=request.user, town_standard_id=town_standard_id)
    form = LineForm(request.POST)
    if form.is_valid():
        try:
            services.save_line(
                standard=found,
                line=form.line(),
                number=_number(request.POST.get("number", "")),
                by=request.user,
                at=clock.now(),
            )
        except Refusal as refusal:
            form.add_error(None, f"{refusal.message} {refusal.hint}")
        else:
            return redirect("prevent:town_standard", town_standard_id)
    return _standard(request, found, form=form)


@require_POST
@login_required
def remove_line(request: SignedIn, town_standard_id: int, number: int) -> HttpResponse:
    found = queries.get_standard(actor=request.user, town_standard_id=town_standard_id)
    services.remove_line(standard=found, number=number, by=request.user, at=clock.now())
    return redirect("prevent:town_standard", town_standard_id)


@require_POST
@login_required
def put_in_force(request: SignedIn, town_standard_id: int) -> HttpResponse:
    found = queries.get_standard(actor=request.user, town_standard_id=town_standard_id)
    services.put_in_force(standard=found, by=request.user, at=clock.now())
    return redirect("prevent:town_standard", town_standard_id)


@require_POST
@login_required
def begin(request: SignedIn, town_standard_id: int) -> HttpResponse:
    """A town of the reader's begins its assessment, or goes on with it."""
    found = queries.get_standard(actor=request.user, town_standard_id=town_standard_id)
    town = region_asked(request.POST, paths=request.user.regions_for(services.ASSESS))
    if town is None:
        return redirect("prevent:town_standard", town_standard_id)
    made = services.begin(standard=found, town=town, by=request.user, at=clock.now())
    return redirect("prevent:assessment", made.pk)


@require_safe
@login_required
def assessment(request: SignedIn, assessment_id: int) -> HttpResponse:
    found = queries.get_assessment(actor=request.user, assessment_id=assessment_id)
    return _assessment(request, found)


@require_POST
@login_required
def claim(request: SignedIn, assessment_id: int, number: int) -> HttpResponse:
    """The town's score for one line, with files."""
    found = queries.get_assessment(actor=request.user, assessment_id=assessment_id)
    line = queries.get_line(standard=found.standard, number=number)
    form = ClaimForm(request.POST)
    if form.is_valid():
        try:
            services.claim(
                assessment=found,
                line=line,
                **form.cleaned_data,
                uploads=_uploads(request),
                by=request.user,
                at=clock.now(),
            )
        except BadInput as refusal:  # what one can put right; all else is no matter of this form
            form.add_error(None, f"{refusal.message} {refusal.hint}")
        else:
            return redirect("prevent:assessment", assessment_id)
    return _assessment(request, found, claim=(number, form))


@require_POST
@login_required
def submit(request: SignedIn, assessment_id: int) -> HttpResponse:
    found = queries.get_assessment(actor=request.user, assessment_id=assessment_id)
    services.submit(assessment=found, by=request.user, at=clock.now())
    return redirect("prevent:assessment", assessment_id)


@require_POST
@login_required
def review(request: SignedIn, assessment_id: int) -> HttpResponse:
    """Every line scored anew, or all of it sent back."""
    found = queries.get_assessment(actor=request.user, assessment_id=assessment_id)
    if "send_back" in request.POST:
        why = request.POST.get("why", "")
        services.send_back(assessment=found, why=why, by=request.user, at=clock.now())
        return redirect("prevent:assessment", assessment_id)
    form = ReviewForm(request.POST, rows=queries.scores_of(found))
    if form.is_valid():
        try:
            services.review(assessment=found, found=form.found(), by=request.user, at=clock.now())
        except Refusal as refusal:
            form.add_error(None, f"{refusal.message} {refusal.hint}")
        else:
            return redirect("prevent:assessment", assessment_id)
    return _assessment(request, found, form=form)


@require_POST
@login_required
def award(request: SignedIn, assessment_id: int) -> HttpResponse:
    """Name the town a model, or take that back."""
    found = queries.get_assessment(actor=request.user, assessment_id=assessment_id)
    if "withdraw" in request.POST:
        why = request.POST.get("why", "")
        services.withdraw(assessment=found, why=why, by=request.user, at=clock.now())
    else:
        services.award(assessment=found, by=request.user, at=clock.now())
    return redirect("prevent:assessment", assessment_id)


@require_safe
@login_required
def score_file(request: SignedIn, score_file_id: int) -> HttpResponseBase:
    found = queries.get_file(actor=request.user, score_file_id=score_file_id)
    return send_file(found.path, found.mime, found.name)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else None


def _uploads(request: SignedIn) -> list[tuple[str, bytes]]:
    sent = request.FILES.getlist("files")[: services.MOST_FILES]
    for file in sent:
        files.check_length(str(file.size))
    return [(file.name or "", file.read()) for file in sent]


def _standard(
    request: SignedIn, found: TownStandard, *, form: LineForm | None = None
) -> HttpResponse:
    actor, is_draft = request.user, found.state == TownStandard.State.DRAFT
    may_write = is_draft and actor.may(services.WRITE, region=found.region)
    is_over = found.region.successor_id is not None
    context = {
        "standard": found,
        "lines": queries.lines_of(found),
        "full": services.full_marks(found),
        "rows": [] if is_draft else _towns(actor, found, is_over),
        "is_draft": is_draft,
        "may_write": may_write,
        "may_approve": may_write and found.author_id != actor.pk and not is_over,
        "is_over": is_over,
        "form": form or LineForm(),
    }
    status = 422 if form and form.errors else 200
    return render(request, "prevent/town_standard.html", context, status=status)


def _towns(
    actor: Account, standard: TownStandard, is_over: bool
) -> list[tuple[queries.TownRow, bool]]:
    """Each town, and whether the reader may begin its assessment."""
    return [
        (
            row,
            not is_over and row.assessment is None and actor.may(services.ASSESS, region=row.town),
        )
        for row in queries.towns_of(actor=actor, standard=standard)
    ]


def _assessment(
    request: SignedIn,
    found: Assessment,
    *,
    form: ReviewForm | None = None,
    claim: tuple[int, ClaimForm] | None = None,
) -> HttpResponse:
    actor, rows = request.user, queries.scores_of(found)
    over = actor.may(services.REVIEW, region=found.standard.region)
    had_part = actor.pk in {found.submitted_by_id, *(row.score.by_id for row in rows if row.score)}
    reviewing = over and found.state == S.SUBMITTED and not had_part
    to_award = over and found.state == S.REVIEWED and found.passes and found.awarded_on is None
    form = form or (ReviewForm(rows=rows) if reviewing else None)
    wrong_line, claim_form = claim or (0, None)
    context = {
        "assessment": found,
        "rows": [(row, _fields(form, row.line.number)) for row in rows],
        "form": form,
        "claim_form": claim_form,
        "wrong_line": wrong_line,
        "full": sum(row.line.points for row in rows),
        "claimed": sum(row.score.claimed for row in rows if row.score),
        "may_write": found.state == S.WRITING and actor.may(services.ASSESS, region=found.town),
        "may_review": reviewing,
        "may_award": to_award and found.reviewed_by_id != actor.pk,
        "by_another": to_award and found.reviewed_by_id == actor.pk,
        "may_withdraw": over and found.is_model,
    }
    bad = (form and form.errors) or (claim_form and claim_form.errors)
    return render(request, "prevent/assessment.html", context, status=422 if bad else 200)


def _fields(form: ReviewForm | None, number: int) -> list[object]:
    names = (f"points-{number}", f"note-{number}")
    return [form[name] for name in names if form is not None and name in form.fields]
