"""How forecasts turned out: the page, the forecasts behind each number, one of them."""

import json
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from anlan.base import clock
from anlan.base.errors import NotAllowed
from anlan.base.numbers import whole
from anlan.base.pages import SignedIn

from ..models import PointForecast, Score
from ..results.seen import VIEW
from ..scores import reliability
from ..scores.contingency import LEADS_S
from ..scores.reliability import Asked

PAGE_SIZE = 100


@require_safe
@login_required
def scores(request: SignedIn) -> HttpResponse:
    """What anyone on duty can read in a minute."""
    asked = _asked(request)
    found = reliability.report(actor=request.user, at=clock.now(), asked=asked)
    context = {
        "report": found,
        "asked": asked,
        "days": reliability.DAYS,
        "leads": [
            (row, reliability.sentence(row, asked), reliability.trust(row)) for row in found.leads
        ],
        "bars": json.dumps([_bar(row) for row in found.leads]),
        "recent": [_picture(point) for point in reliability.recent(actor=request.user)],
    }
    return render(request, "simulate/scores.html", context)


@require_safe
@login_required
def score_list(request: SignedIn) -> HttpResponse:
    """The forecasts behind a number."""
    asked, at = _asked(request), clock.now()
    lead_s = whole(request.GET.get("lead"))
    outcome = request.GET.get("outcome", "")
    chosen: dict[str, Any] = {
        "outcome": outcome if outcome in Score.Outcome.values else "",
        "series_id": whole(request.GET.get("series")),
    }
    lead_s = lead_s if lead_s in LEADS_S else None
    found = reliability.list_scores(actor=request.user, at=at, asked=asked, lead_s=lead_s, **chosen)
    context = {
        "page": Paginator(found, PAGE_SIZE).get_page(request.GET.get("page")),
        "dry": reliability.list_dry(actor=request.user, at=at, asked=asked, **chosen)[:500],
        "asked": asked,
        "lead_s": lead_s,
        "leads": LEADS_S,
        "outcomes": Score.Outcome.choices,
        "chosen": chosen,
        "days": reliability.DAYS,
    }
    return render(request, "simulate/score_list.html", context)


@require_safe
@login_required
def story(request: SignedIn, run_id: int, series_id: int) -> HttpResponse:
    """One forecast of one gauge: its curve, the readings, and what came of each stretch."""
    found = reliability.get_story(actor=request.user, run_id=run_id, series_id=series_id)
    context = {"story": found, "picture": _picture(found.point), "leads": LEADS_S}
    return render(request, "simulate/story.html", context)


def _asked(request: SignedIn) -> Asked:
    if not request.user.may_anywhere(VIEW):
        raise NotAllowed(
            "simulate.not_granted",
            _("You may not see forecasts anywhere."),
            hint=_("Ask your office administrator."),
        )
    days, depth = whole(request.GET.get("days")), whole(request.GET.get("depth"))
    given = Asked()
    return Asked(
        days=days if days in reliability.DAYS else given.days,
        threshold_m=depth / 100 if depth and depth < 1000 else given.threshold_m,
    )


def _bar(row: reliability.LeadRow) -> dict[str, Any]:
    table = row.table
    return {
        "label": _("%(begin)d–%(end)d min") % {"begin": row.begins_min, "end": row.ends_min},
        "hits": table.hits,
        "misses": table.misses,
        "false": table.false_alarms,
    }


def _picture(point: PointForecast) -> dict[str, Any]:
    """What draws a forecast beside its readings."""
    return {
        "point": point,
        "depths": json.dumps(point.depths_m),
        "base": clock.to_epoch_ms(point.run.base_at),
        "frame": point.run.frame_s,
        "src": reverse("api:readings", args=[point.series_id]),
        "lines": json.dumps([{"value": 0.27, "severity": 2}]),
    }
