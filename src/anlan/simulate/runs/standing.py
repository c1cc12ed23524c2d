"""How forecasts stand: for the board, for the list of runs and for one run's page.

Every function takes the reader.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from anlan.base import clock
from anlan.base.errors import NotFound
from anlan.base.numbers import whole
from anlan.people.models import Account

from ..hits import outlook
from ..models import Run
from ..queries import LATE_AFTER, Health, run_health, visible_runs
from ..results import frames
from ..results.files import OVER_CM
from ..results.seen import VIEW, Seen, my_areas, my_run, see

# What goes into a run, by the names in its row.
INPUTS = {
    "terrain": gettext_lazy("terrain"),
    "rain_past": gettext_lazy("rain that was measured"),
    "rain_ahead": gettext_lazy("rain ahead"),
}
BALANCE = {
    "initial": gettext_lazy("there at first"),
    "rain": gettext_lazy("rain"),
    "inflow": gettext_lazy("flowed in"),
    "infiltrated": gettext_lazy("into the ground"),
    "drained": gettext_lazy("into drains"),
    "edge_outflow": gettext_lazy("over the edges"),
    "pumped_out": gettext_lazy("pumped out"),
    "stored": gettext_lazy("there at the end"),
    "error": gettext_lazy("not accounted for"),
}


def board(*, actor: Account, at: datetime) -> list[dict[str, Any]]:
    """For each area of the reader: how its forecast stands, and the last good one's pictures."""
    healths = [run_health(area=area, actor=actor, at=at) for area in my_areas(actor=actor)]
    return [_standing(actor, health) for health in healths]


def _standing(actor: Account, health: Health) -> dict[str, Any]:
    area, good, failed, underway = health.area, health.latest, health.failed, health.underway
    every = timedelta(seconds=area.every_s)
    return {
        "id": area.pk,
        "name": area.name,
        "made_up": area.terrain.made_up,
        "late_at": good and clock.to_epoch_ms(good.base_at + LATE_AFTER * every),
        "underway": underway and {"id": underway.pk, "at": clock.to_epoch_ms(underway.base_at)},
        "failed": failed
        and {
            "id": failed.pk,
            "at": clock.to_epoch_ms(failed.base_at),
            "message": failed.error.get("message", ""),
            "hint": failed.error.get("hint", ""),
        },
        "run": _pictures(actor, good) if good else None,
        "hits": outlook.list_hits(actor=actor, run=good).count() if good else 0,
    }


def _pictures(actor: Account, run: Run) -> dict[str, Any] | None:
    """None where the files are gone: there is nothing to show any more."""
    try:
        seen = see(actor=actor, run=run)
    except NotFound:
        return None
    return {
        "id": run.pk,
        "at": clock.to_epoch_ms(run.base_at),
        "rain": str(run.get_rain_source_display()),
        "times": [clock.to_epoch_ms(time) for time in seen.result.times],
        "sheets": frames.sheets(seen.result),
        "key": seen.key,
        "whole": seen.reach.cells is None,
        "corners": frames.placement(seen.result).corners,
    }


def list_runs(*, actor: Account, area: str = "", state: str = "", kind: str = "") -> QuerySet[Run]:
    """Runs of the areas that show something of the reader's regions, the newest first."""
    mine = [found.pk for found in my_areas(actor=actor, in_use=False)]
    runs = visible_runs(actor=actor).filter(area__in=mine)
    if (number := whole(area)) is not None:
        runs = runs.filter(area=number)
    if state in Run.State.values:
        runs = runs.filter(state=state)
    if kind in Run.Kind.values:
        runs = runs.filter(kind=kind)
    return runs.select_related("requested_by").order_by("-requested_at", "-pk")


@dataclass(frozen=True)
class RunPage:
    """One run for its page."""

    run: Run
    seen: Seen | None  # none: not finished, or its files are gone
    whole: bool  # all of its area is the reader's: sums over the area may be shown
    may_cancel: bool

    @property
    def inputs(self) -> list[tuple[str, str, str]]:
        """What went in: its name, what it was, its hash."""
        return [
            (str(INPUTS.get(name, name)), given.get("note", ""), given.get("sha256", ""))
            for name, given in self.run.inputs.items()
        ]

    @property
    def balance(self) -> list[tuple[str, str]]:
        """Where all water came from and went, as the engine kept account of it [m³]."""
        kept = self.run.summary.get("balance_m3", {})
        return [
            (str(label), f"{kept[name]:,.0f}") for name, label in BALANCE.items() if name in kept
        ]

    @property
    def members(self) -> list[Run]:
        """Of an ensemble: what each did differently."""
        return list(self.run.members.order_by("member"))

    @property
    def probabilities(self) -> list[int]:
        """Depths [cm] whose probability was kept."""
        if self.seen is None:
            return []
        return [cm for cm in OVER_CM if self.seen.result.has(f"over_{cm}cm")]

    @property
    def storm(self) -> str:
        """Of a scenario: its design storm in a few words."""
        given = self.run.settings.get("storm")
        if not given:
            return ""
        return _("once in %(years)g years, %(minutes)g min, peak at %(peak)g") % {
            "years": given["years"],
            "minutes": given["duration_min"],
            "peak": given["peak_ratio"],
        }

    @property
    def percent(self) -> int:
        return round(self.run.progress * 100)

    @property
    def deepest_m(self) -> float | None:
        """In the reader's regions."""
        if self.seen is None:
            return None
        with suppress(NotFound):  # the field is gone or damaged: the page still stands
            return frames.deepest_cm(result=self.seen.result, reach=self.seen.reach) / 100
        return None


def get_page(*, actor: Account, run_id: int) -> RunPage:
    """A run with what its page shows of it to this reader."""
    run = my_run(actor=actor, run_id=run_id)
    seen = None
    if run.state == Run.State.DONE:
        with suppress(NotFound):
            seen = see(actor=actor, run=run)
    return RunPage(
        run,
        seen,
        whole=actor.may(VIEW, region=run.area.region),
        may_cancel=run.is_unfinished and actor.may("simulate.run", region=run.area.region),
    )


def get_pictures(*, actor: Account, run_id: int) -> dict[str, Any]:
    """One finished run as the board's layer takes it, whatever became of later ones."""
    run = my_run(actor=actor, run_id=run_id)
    pictures = _pictures(actor, run) if run.state == Run.State.DONE else None
    if pictures is None:
        raise NotFound("simulate.no_pictures", _("This run has no pictures."))
    return {
        "id": run.area_id,
        "name": run.area.name,
        "made_up": run.area.terrain.made_up,
        "late_at": None,
        "underway": None,
        "failed": None,
        "run": pictures,
        "hits": outlook.list_hits(actor=actor, run=run).count(),
    }
