"""The rain of an area: what fell by its gauges, what they and a forecast say of the next hours."""

import logging
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from anlan.base.errors import Refusal
from anlan.engines import rain as engine
from anlan.places.queries import paths_upwards

from .gauges import Gauges, read_gauges
from .grid import Grid, project
from .models import Area, RainForecast, Run
from .netcdf import read_rain
from .rainfield import Floats, RainField, between, joined, middles

logger = logging.getLogger(__name__)

LOOK_BACK = timedelta(hours=2)  # that the rain's motion and its mean are judged by
CARRIED = 3  # intervals for which the last rain is believed where no gauge has reported yet


def fallen(grid: Grid, *, since: datetime, until: datetime, required: bool = True) -> RainField:
    """The field that the gauges saw; where none reported, refused, or dry if not required."""
    gauges = _carried(read_gauges(grid, since=since, until=until))
    heard = int(gauges.heard.sum())
    if not heard:
        if required:
            raise _no_rain(since)
        return _dry((until - since).total_seconds())
    found = engine.on_grid(_for_engine(gauges, grid), engine.Target(*middles(grid)))
    return RainField(found.edges_s, found.rate_mm_h, _gauge_note(heard), {"gauges": heard})


def _no_rain(since: datetime) -> Refusal:
    return Refusal(
        "simulate.no_rain",
        _("No rain gauge in or around the area has reported since %(since)s.")
        % {"since": f"{timezone.localtime(since):%Y-%m-%d %H:%M}"},
        hint=_("Check the gauges, or give a rain forecast with “anlan rain import”."),
    )


def _dry(span_s: float) -> RainField:
    return RainField(np.array([0.0, span_s]), np.zeros((1, 1, 1)), _("no gauge reports"))


def expected(grid: Grid, *, at: datetime, horizon_s: float) -> RainField:
    """What the gauges say of the next hours: their rain moves on and fades into its mean."""
    gauges = _carried(read_gauges(grid, since=at - LOOK_BACK, until=at))
    heard = int(gauges.heard.sum())
    if not heard:
        return _dry(horizon_s)
    found = engine.run(_for_engine(gauges, grid), engine.Target(*middles(grid)), lead_s=horizon_s)
    facts = {
        "gauges": heard,
        "motion_m_s": [round(v, 1) for v in found.motion_m_s],
        "mean_mm_h": round(found.mean_mm_h, 2),
        "left_out": int(found.left_out.any(axis=0).sum()),
    }
    edges = found.field.edges_s - found.field.edges_s[0]
    return RainField(edges, found.field.rate_mm_h, _gauge_note(heard), facts)


def foreseen(area: Area, *, at: datetime, horizon_s: float) -> tuple[RainField, str]:
    """The rain ahead and where it is from: the newest forecast file that covers the area, then
    (or after its end) the gauges."""
    by_gauges = expected(area.grid, at=at, horizon_s=horizon_s)
    file = _file_for(area, at)
    if file is None:
        return by_gauges, Run.Rain.GAUGES
    try:
        given = read_rain(Path(settings.DATA_DIR) / file.folder, variable=file.variable)
        told = given.over(area.grid, since=at)
    except Refusal as refusal:
        # A forecast that cannot be used must not cost the run; its note says so.
        logger.warning("rain forecast not used", extra={"file": file.pk, "code": refusal.code})
        note = f"{by_gauges.note}; {file.name}: {refusal.message}"
        return replace(by_gauges, note=note), Run.Rain.GAUGES
    ends_s = min(float(told.edges_s[-1]), horizon_s)
    note = f"{file.name} ({timezone.localtime(file.issued_at):%m-%d %H:%M})"
    facts = {"file": file.pk, "file_sha256": file.sha256, "made_up": file.made_up}
    head = replace(between(told, 0.0, ends_s), note=note, facts=facts)
    if ends_s >= horizon_s:
        return head, Run.Rain.FILE
    tail = between(by_gauges, ends_s, horizon_s)
    whole = joined(head, _on_blocks_of(tail, head))
    return replace(whole, note=note, facts={**by_gauges.facts, **facts}), Run.Rain.FILE


def _file_for(area: Area, at: datetime) -> RainForecast | None:
    """The newest usable one of the area's region or of one around it."""
    around = RainForecast.objects.usable(at).filter(
        region__path__in=paths_upwards(area.region.path)
    )
    return around.order_by("-issued_at", "-pk").first()


def _on_blocks_of(rain: RainField, like: RainField) -> RainField:
    shape = (len(rain.rate_mm_h), *like.rate_mm_h.shape[1:])
    return replace(rain, rate_mm_h=np.broadcast_to(rain.rate_mm_h, shape))


def _gauge_note(heard: int) -> str:
    return _("%(count)d gauges") % {"count": heard}


def _for_engine(gauges: Gauges, grid: Grid) -> engine.Gauges:
    x, y = project(grid.epsg, gauges.lon, gauges.lat)
    hours: Floats = np.diff(gauges.edges_s) / 3600.0
    return engine.Gauges(x, y, gauges.edges_s, gauges.rate_mm_h * hours[:, None])


def _carried(gauges: Gauges) -> Gauges:
    """Where no gauge at all has reported yet, the rain goes on for a quarter of an hour."""
    rate = gauges.rate_mm_h.copy()
    since = 0
    for n in range(1, len(rate)):
        since = 0 if np.isfinite(rate[n]).any() else since + 1
        if 0 < since <= CARRIED:
            rate[n] = rate[n - 1]
    return replace(gauges, rate_mm_h=rate)
