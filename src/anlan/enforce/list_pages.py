"""The publicity list and its export, possible crimes, figures."""

from datetime import date

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from anlan.base import clock
from anlan.base.pages import SignedIn
from anlan.base.tables import workbook
from anlan.places.forms import region_asked

from . import export, figures, queries
from .fields import parse_day
from .publicity import COLUMNS

PAGE_SIZE = 50
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
@login_required
def publicity(request: SignedIn) -> HttpResponse:
    """What the public reads, and what still has to be put there."""
    actor = request.user
    withdrawn = bool(request.GET.get("withdrawn"))
    found = queries.list_publications(actor=actor, at=clock.now(), withdrawn=withdrawn)
    context = {
        "page": Paginator(found, PAGE_SIZE).get_page(request.GET.get("page")),
        "withdrawn": withdrawn,
        "waiting": queries.to_publish(actor=actor)[:PAGE_SIZE],
        "may_publish": actor.may_anywhere("enforce.publish"),
    }
    return render(request, "enforce/publicity.html", context)


@require_safe
@login_required
def publicity_file(request: SignedIn, as_file: str) -> HttpResponse:
    """The list for the credit platform, as Excel or CSV."""
    rows = export.rows(actor=request.user, at=clock.now())
    if as_file == "csv":
        response = HttpResponse(export.csv_text(rows), content_type="text/csv; charset=utf-8")
    else:
        response = HttpResponse(workbook(COLUMNS, rows), content_type=XLSX)
    name = f"attachment; filename=penalties.{'csv' if as_file == 'csv' else 'xlsx'}"
    response["Content-Disposition"] = name
    return response


@require_safe
@login_required
def referrals(request: SignedIn) -> HttpResponse:
    """Cases that may be crimes, and what became of them."""
    over = bool(request.GET.get("over"))
    found = queries.list_referrals(actor=request.user, over=over)
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "enforce/referrals.html", {"page": page, "over": over})


@require_safe
@login_required
def sums(request: SignedIn) -> HttpResponse:
    """Penalties by region in a period."""
    actor, today = request.user, timezone.localdate(clock.now())
    paths = actor.regions_for(queries.VIEW)
    region = region_asked(request.GET, paths=paths) or queries.widest(actor=actor)
    since = parse_day(request.GET.get("since")) or date(today.year, 1, 1)
    until = parse_day(request.GET.get("until")) or today
    sheet = figures.sums(actor=actor, region=region, since=since, until=until) if region else None
    context = {"sheet": sheet, "region": region, "since": since, "until": until}
    return render(request, "enforce/figures.html", context)
