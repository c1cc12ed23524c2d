"""The rain of an area: what fell by its gauges, and what they say of the next hours."""

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
from django.utils.translation import gettext as _

from anlan.base.errors import Refusal
from anlan.engines import rain as engine

from .gauges import Gauges, read_gauges
from .grid import Grid, project
from .rainfield import Floats, RainField, middles

LOOK_BACK = timedelta(hours=2)  # that the rain's motion and its mean are judged by
CARRIED = 3  # intervals for which the last rain is believed where no gauge has reported yet


def observed(grid: Grid, *, since: datetime, until: datetime) -> RainField:
    """The field that the gauges saw; refuses where none reported."""
    gauges = _carried(read_gauges(grid, since=since, until=until))
    heard = int(gauges.heard.sum())
    if not heard:
        raise Refusal(
            "simulate.no_rain",
            _("No rain gauge in or around the area has reported since %(since)s.")
            % {"since": f"{since:%Y-%m-%d %H:%M}"},
            hint=_("Check the gauges, or give a rain forecast with “anlan rain import”."),
        )
    found = engine.on_grid(_for_engine(gauges, grid), engine.Target(*middles(grid)))
    return RainField(found.edges_s, found.rate_mm_h, _gauge_note(heard), {"gauges": heard})


def expected(grid: Grid, *, at: datetime, horizon_s: float) -> RainField:
    """What the gauges say of the next hours: their rain moves on and fades into its mean."""
    gauges = _carried(read_gauges(grid, since=at - LOOK_BACK, until=at))
    heard = int(gauges.heard.sum())
    if not heard:
        return RainField(np.array([0.0, horizon_s]), np.zeros((1, 1, 1)), _("no gauge reports"))
    found = engine.run(_for_engine(gauges, grid), engine.Target(*middles(grid)), lead_s=horizon_s)
    facts = {
        "gauges": heard,
        "motion_m_s": [round(v, 1) for v in found.motion_m_s],
        "mean_mm_h": round(found.mean_mm_h, 2),
        "left_out": int(found.left_out.any(axis=0).sum()),
    }
    edges = found.field.edges_s - found.field.edges_s[0]
    return RainField(edges, found.field.rate_mm_h, _gauge_note(heard), facts)


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
