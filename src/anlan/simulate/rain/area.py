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

from ..ground.grid import Grid, project
from ..models import Area, RainForecast, Run
from .field import Floats, RainField, between, joined, middles
from .gauges import Gauges, read_gauges
from .netcdf import read_rain
from .radar import nowcast

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
    """The rain ahead and where its beginning is from: radar for an hour and a half, then the
    newest forecast file that covers the area, then (or where there is neither) the gauges."""
    rain = expected(area.grid, at=at, horizon_s=horizon_s)
    source: str = Run.Rain.GAUGES
    files = RainForecast.objects.filter(region__path__in=paths_upwards(area.region.path))
    for kind, file in (
        (Run.Rain.FILE, files.usable(at).order_by("-issued_at", "-pk").first()),
        (Run.Rain.RADAR, files.fresh_radar(at).order_by("-last_at", "-pk").first()),
    ):
        if file is None:
            continue
        try:
            head = _from_file(file, area, at, horizon_s)
        except Refusal as refusal:
            # A file that cannot be used must not cost the run; its note says so.
            logger.warning("rain not used", extra={"file": file.pk, "code": refusal.code})
            rain = replace(rain, note=f"{rain.note}; {file.name}: {refusal.message}")
            continue
        rain, source = _before(head, rain, horizon_s), kind
    return rain, source


def _from_file(file: RainForecast, area: Area, at: datetime, horizon_s: float) -> RainField:
    if file.kind == RainForecast.Kind.RADAR:
        told = nowcast(file, area.grid, at=at, horizon_s=horizon_s)
        stood = file.last_at
    else:
        given = read_rain(Path(settings.DATA_DIR) / file.folder, variable=file.variable)
        told = given.over(area.grid, since=at)
        told = between(told, 0.0, min(float(told.edges_s[-1]), horizon_s))
        stood = file.issued_at
    note = f"{file.name} ({timezone.localtime(stood):%m-%d %H:%M})"
    facts = {"file": file.pk, "file_sha256": file.sha256, "made_up": file.made_up}
    return replace(told, note=note, facts=facts)


def _before(head: RainField, rest: RainField, horizon_s: float) -> RainField:
    """The first as long as it lasts, then what the second says of later."""
    ends_s = float(head.edges_s[-1])
    facts = {**rest.facts, **head.facts}
    if ends_s >= horizon_s - 1e-6:
        return replace(head, facts=facts)
    tail = between(rest, ends_s, horizon_s)
    shape = tuple(
        max(a, b) for a, b in zip(head.rate_mm_h.shape[1:], tail.rate_mm_h.shape[1:], strict=True)
    )
    one, other = (
        replace(part, rate_mm_h=np.broadcast_to(part.rate_mm_h, (len(part.rate_mm_h), *shape)))
        for part in (head, tail)
    )
    return replace(joined(one, other), note=f"{head.note}; {rest.note}", facts=facts)


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
