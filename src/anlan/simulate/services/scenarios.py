"""Scenarios: a design storm, or the rain of now, with what may be otherwise."""

from dataclasses import asdict, dataclass, field
from datetime import datetime
from itertools import product
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from anlan.base.errors import BadInput, Refusal
from anlan.base.events import publish
from anlan.engines import rain as rain_engine
from anlan.people.models import Account

from ..models import Area, Run
from ..runs.ensemble import design_storm
from ..runs.member import Change
from ..words import in_our_words
from .areas import LONGEST_S, require_ground

MOST_MEMBERS = 60
MOST_WAITING = 10  # scenarios of an area
LEAST, MOST = 0.1, 5.0  # of a factor
AFTER_S = 3600  # a design storm's water is followed for an hour after it


@dataclass(frozen=True)
class Storm:
    """A design storm; see `anlan.engines.rain`."""

    formula: rain_engine.IntensityFormula
    years: float
    duration_min: float = 120.0
    peak_ratio: float = 0.4


@dataclass(frozen=True)
class Spread:
    """Factors that are each tried with each: their product is the members."""

    rain: tuple[float, ...] = field(default=(1.0,))
    manning: tuple[float, ...] = field(default=(1.0,))
    drain: tuple[float, ...] = field(default=(1.0,))

    @property
    def count(self) -> int:
        return len(self.rain) * len(self.manning) * len(self.drain)

    def members(self) -> list[Change]:
        return [Change(*factors) for factors in product(self.rain, self.manning, self.drain)]


@transaction.atomic
def request_scenario(
    *,
    area: Area,
    storm: Storm | None = None,
    spread: Spread | None = None,
    name: str = "",
    by: Account,
    at: datetime,
) -> Run:
    """Ask for a scenario; without a storm, of the water and the rain of now."""
    by.require("simulate.run", region=area.region)
    require_ground(area)
    _require_room(area)
    changes = _members(spread) if spread else []
    settings: dict[str, Any] = {"name": name.strip()[:120]}
    horizon_s = area.horizon_s
    if storm is not None:
        with in_our_words():
            design_storm(asdict(storm))
        settings["storm"] = asdict(storm)
        horizon_s = _long_enough(area, storm)
    run = _row(area, Run.Kind.SCENARIO, settings, horizon_s, by, at)
    for number, change in enumerate(changes, 1):
        child = _row(area, Run.Kind.MEMBER, {"change": asdict(change)}, horizon_s, by, at)
        Run.objects.filter(pk=child.pk).update(parent=run, member=number)
    data = {"run_id": run.pk, "area_id": area.pk, "members": len(changes)}
    publish("simulate.run.requested", at=at, by=by, region_path=area.region.path, **data)
    return run


def _row(
    area: Area, kind: str, settings: dict[str, Any], horizon_s: int, by: Account, at: datetime
) -> Run:
    return Run.objects.create(
        area=area,
        kind=kind,
        settings=settings,
        rain_source=Run.Rain.DESIGN if "storm" in settings else Run.Rain.GAUGES,
        base_at=at.replace(second=0, microsecond=0),
        horizon_s=horizon_s,
        frame_s=area.frame_s,
        requested_at=at,
        requested_by=by,
    )


def _long_enough(area: Area, storm: Storm) -> int:
    """Until an hour after the storm, in whole frames."""
    wanted = storm.duration_min * 60 + AFTER_S
    frames = -(-max(wanted, area.horizon_s) // area.frame_s)
    if frames * area.frame_s > LONGEST_S:
        raise BadInput("simulate.storm_long", _("A design storm may last 23 hours at most."))
    return int(frames * area.frame_s)


def _require_room(area: Area) -> None:
    """One process computes; what nobody will look at keeps others' waiting."""
    waiting = area.runs.unfinished().filter(kind=Run.Kind.SCENARIO).count()
    if waiting >= MOST_WAITING:
        raise Refusal(
            "simulate.scenarios_waiting",
            _("%(count)d scenarios of “%(area)s” are waiting already.")
            % {"count": waiting, "area": area.name},
            hint=_("Call one off, or wait until they are computed."),
        )


def _members(spread: Spread) -> list[Change]:
    # Counted first: three long lists would fill the memory with their products.
    if spread.count > MOST_MEMBERS:
        raise BadInput(
            "simulate.members",
            _("%(count)d members are too many; %(most)d at most.")
            % {"count": spread.count, "most": MOST_MEMBERS},
        )
    changes = spread.members()
    if any(not LEAST <= factor <= MOST for c in changes for factor in asdict(c).values()):
        raise BadInput(
            "simulate.spread",
            _("Factors of rain, roughness and drains lie between %(least)g and %(most)g.")
            % {"least": LEAST, "most": MOST},
        )
    return changes
