"""The head's sheet of figures, on screen and as a workbook."""

from __future__ import annotations

import io

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from anlan.base import clock
from anlan.base.pages import SignedIn
from anlan.places.forms import region_asked
from anlan.places.queries import crumbs, home_region, list_children

from . import figures
from .pages import number_of, region_of

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _asked(request: SignedIn) -> figures.Ask:
    """Whoever sees committees anywhere sees the figures that they may."""
    at, actor = clock.now(), request.user
    paths = actor.regions_for("govern.view")
    region = region_asked(request.GET, paths=paths) or home_region(paths)
    year = number_of(request.GET.get("year", ""))
    return figures.Ask(
        actor=actor,
        region=region or region_of(request),
        year=year if 2000 <= year <= 2100 else localdate(at).year,
        at=at,
    )


@require_safe
@login_required
def sheet(request: SignedIn) -> HttpResponse:
    """A region and each one directly below it."""
    ask = _asked(request)
    paths = request.user.regions_for("govern.view")
    rows = figures.sheet(ask=ask, regions=list_children(region=ask.region, paths=paths))
    context = {
        "region": ask.region,
        "crumbs": crumbs(ask.region, paths=paths),
        "year": ask.year,
        "years": [ask.year - 1, ask.year, ask.year + 1],
        "rows": rows,
        "labels": [cell.label for cell in rows[0].cells],
        "overseen": request.user.may_anywhere("oversee.view"),
    }
    return render(request, "oversee/figures.html", context)


@require_safe
@login_required
def workbook(request: SignedIn) -> HttpResponse:
    ask = _asked(request)
    paths = request.user.regions_for("govern.view")
    rows = figures.sheet(ask=ask, regions=list_children(region=ask.region, paths=paths))
    response = HttpResponse(_book(rows), content_type=XLSX)
    name = _("Responsibility figures of %(region)s %(year)d.xlsx") % {
        "region": ask.region.name,
        "year": ask.year,
    }
    response["Content-Disposition"] = content_disposition_header(True, name) or ""
    return response


def _book(rows: list[figures.Row]) -> bytes:
    import xlsxwriter  # only who writes one reads the library

    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(out, options)
    page = book.add_worksheet()
    head = book.add_format({"bold": True, "bg_color": "#E8EEF5", "bottom": 1, "text_wrap": True})
    for n, label in enumerate([_("Region"), *(str(cell.label) for cell in rows[0].cells)]):
        page.write_string(0, n, label, head)
    for r, row in enumerate(rows, start=1):
        page.write_string(r, 0, row.region.name)
        for c, cell in enumerate(row.cells, start=1):
            page.write_number(r, c, cell.count)
    page.set_column(0, len(rows[0].cells), 12)
    page.freeze_panes(1, 1)
    book.close()
    return out.getvalue()
