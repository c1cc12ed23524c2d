"""How forecasts have done so far, for whoever has to say how far to trust one.

For machinery: nothing here asks for an actor. Pages read through `reliability`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count, QuerySet

from anlan.observe.models import Series

from ..models import Area, Score, Verified
from .contingency import LEADS_S, Contingency, tally

LOOKED_BACK = timedelta(days=90)
Key = tuple[int, int, int]  # series, lead in seconds, threshold in whole centimetres


@dataclass(frozen=True)
class Record:
    """How such forecasts have done so far: at the place itself, or in the whole area."""

    of: str  # "point", "area"; "" where nothing is known yet
    lead_s: int  # end of the stretch of lead time
    threshold_m: float
    table: Contingency

    def as_dict(self) -> dict[str, object]:
        t = self.table
        return {
            "of": self.of,
            "lead_s": self.lead_s,
            "threshold_m": self.threshold_m,
            "hits": t.hits,
            "misses": t.misses,
            "false_alarms": t.false_alarms,
            "quiets": t.quiets,
            "unknown": t.unknown,
        }


@dataclass
class Dry:
    """Of each series how often it was rightly quiet all the time, or nobody knows."""

    quiet: Counter[int] = field(default_factory=Counter)
    unknown: Counter[int] = field(default_factory=Counter)

    def table(self, series: Iterable[int]) -> Contingency:
        own = list(series)
        return Contingency(
            quiets=sum(self.quiet[pk] for pk in own), unknown=sum(self.unknown[pk] for pk in own)
        )


def dry_counts(verified: QuerySet[Verified]) -> Dry:
    found = Dry()
    for quiet, unknown in verified.values_list("quiet", "unknown"):
        found.quiet.update(quiet)
        found.unknown.update(unknown)
    return found


class Records:
    """The record of an area's forecasts up to an instant, read once for many questions."""

    def __init__(self, *, area: Area, before: datetime) -> None:
        since = before - LOOKED_BACK
        scores = Score.objects.filter(
            run__area=area, run__base_at__gte=since, scored_at__lte=before
        ).order_by()
        rows = scores.values_list("series", "lead_s", "threshold_m", "outcome").annotate(
            n=Count("pk")
        )
        self.told: dict[Key, list[tuple[str, int]]] = defaultdict(list)
        for series, lead_s, threshold_m, outcome, count in rows:
            self.told[series, lead_s, centimetres(threshold_m)].append((outcome, count))
        self.dry = dry_counts(
            Verified.objects.filter(run__area=area, base_at__gte=since, scored_at__lte=before)
        )
        self.by_site: dict[int, list[int]] = defaultdict(list)
        gauges = Series.objects.filter(quantity="ponding_depth", station__site__isnull=False)
        for pk, site in gauges.values_list("pk", "station__site"):
            self.by_site[site].append(pk)

    def at(self, *, site_id: int, lead_s: float, threshold_m: float) -> Record:
        """At the site's own gauges; where it has none that was ever scored, in the whole area."""
        end = stretch_end(lead_s)
        here = self._table(self.by_site.get(site_id, []), end, threshold_m)
        if here.known:
            return Record("point", end, threshold_m, here)
        everywhere = {key[0] for key in self.told} | set(self.dry.quiet)
        area = self._table(everywhere, end, threshold_m)
        return Record("area" if area.known else "", end, threshold_m, area)

    def _table(self, series: Iterable[int], lead_s: int, threshold_m: float) -> Contingency:
        own, depth = list(series), centimetres(threshold_m)
        told = tally(row for pk in own for row in self.told.get((pk, lead_s, depth), ()))
        return told + self.dry.table(own)


def stretch_end(lead_s: float) -> int:
    """The stretch of lead time that an instant so long after the base falls into."""
    return next((end for end in LEADS_S if lead_s <= end), LEADS_S[-1])


def centimetres(depth_m: float) -> int:
    """A depth as it is compared: 0.27 read from a file is 0.27 typed in a form."""
    return round(depth_m * 100)
