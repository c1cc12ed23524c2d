"""How far forecasts can be trusted, for people: every count, and the forecasts behind it.

Every function takes the reader and shows only gauges in their regions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Avg, Count, F, Q, QuerySet
from django.utils.translation import gettext as _

from anlan.base.errors import NotFound
from anlan.observe.models import Series
from anlan.people.models import Account
from anlan.places.models import PLACE

from ..models import PointForecast, Score, Verified
from ..queries import visible_areas
from ..results.seen import VIEW
from .contingency import LEADS_S, QUIET, UNKNOWN, Contingency, tally
from .records import Dry, centimetres, dry_counts
from .verification import THRESHOLDS_M, thresholds

DAYS = (7, 30, 90, 365)
MOST_POINTS = 200
MOST_RECENT = 12


@dataclass(frozen=True)
class Asked:
    """What is looked at: how far back, and which depth."""

    days: int = 30
    threshold_m: float = THRESHOLDS_M[1]

    def since(self, at: datetime) -> datetime:
        return at - timedelta(days=self.days)


@dataclass(frozen=True)
class LeadRow:
    """One stretch of lead time, all gauges together."""

    lead_s: int
    table: Contingency
    timing_s: float | None  # mean over what was passed in both; positive: said too late
    peak_m: float | None  # mean of said minus seen, over hits; positive: said too deep

    @property
    def begins_min(self) -> int:
        return max((lead for lead in (0, *LEADS_S) if lead < self.lead_s), default=0) // 60

    @property
    def ends_min(self) -> int:
        return self.lead_s // 60


@dataclass(frozen=True)
class PointRow:
    """One gauge, every stretch of lead time together."""

    series: Series
    table: Contingency
    timing_s: float | None = None

    @property
    def wrong(self) -> int:
        return self.table.misses + self.table.false_alarms


@dataclass
class Report:
    asked: Asked
    leads: list[LeadRow]
    points: list[PointRow]
    runs: int  # forecasts that were scored in this time
    waiting: int  # whose time is not over yet
    thresholds: list[float] = field(default_factory=thresholds)

    @property
    def nearest(self) -> LeadRow:
        return self.leads[0]


def report(*, actor: Account, at: datetime, asked: Asked) -> Report:
    """Everything that the page shows."""
    dry = _dry(actor, at, asked)
    gauges = {series.pk: series for series in _gauges(actor)}
    scores = _scores(actor, at, asked)
    whole = dry.table(gauges)
    verified = Verified.objects.filter(
        base_at__gte=asked.since(at), run__area__in=visible_areas(actor=actor)
    )
    return Report(
        asked,
        [_lead_row(scores.filter(lead_s=lead), lead, whole) for lead in LEADS_S],
        _point_rows(scores, gauges),
        verified.count() if gauges else 0,
        _waiting(gauges),
    )


def _gauges(actor: Account) -> QuerySet[Series]:
    visible = Series.objects.within(actor.regions_for(VIEW)).filter(quantity="ponding_depth")
    return visible.select_related("station__site", f"station__region__{PLACE}")


def _scores(actor: Account, at: datetime, asked: Asked) -> QuerySet[Score]:
    low = (centimetres(asked.threshold_m) - 0.5) / 100
    return (
        Score.objects.within(actor.regions_for(VIEW))
        .filter(run__base_at__gte=asked.since(at))
        .filter(threshold_m__gt=low, threshold_m__lt=low + 0.01)
    )


def _dry(actor: Account, at: datetime, asked: Asked) -> Dry:
    return dry_counts(Verified.objects.filter(base_at__gte=asked.since(at)))


def _lead_row(scores: QuerySet[Score], lead_s: int, dry: Contingency) -> LeadRow:
    told = tally(scores.order_by().values_list("outcome").annotate(n=Count("pk")))
    hits = scores.filter(outcome=Score.Outcome.HIT)
    means = scores.aggregate(timing=Avg("timing_error_s"))
    peak = hits.aggregate(peak=Avg(F("forecast_peak_m") - F("observed_peak_m")))["peak"]
    return LeadRow(lead_s, told + dry, means["timing"], peak)


def _point_rows(scores: QuerySet[Score], gauges: dict[int, Series]) -> list[PointRow]:
    counts: dict[int, list[tuple[str, int]]] = defaultdict(list)
    rows = scores.order_by().values_list("series", "outcome").annotate(n=Count("pk"))
    for series, outcome, count in rows:
        counts[series].append((outcome, count))
    timing = dict(scores.order_by().values_list("series").annotate(mean=Avg("timing_error_s")))
    found = [
        PointRow(gauges[pk], tally(own), timing.get(pk))
        for pk, own in counts.items()
        if pk in gauges
    ]
    found = [row for row in found if row.table.said or row.table.seen]
    found.sort(key=lambda row: (-row.wrong, -row.table.hits, row.series.station.name))
    return found[:MOST_POINTS]


def _waiting(gauges: Iterable[int]) -> int:
    points = PointForecast.objects.filter(series__in=list(gauges), run__verified=None)
    return points.filter(run__kind="FORECAST").values("run").distinct().count()


# Behind a number --------------------------------------------------------------------------------


def list_scores(
    *,
    actor: Account,
    at: datetime,
    asked: Asked,
    lead_s: int | None = None,
    outcome: str = "",
    series_id: int | None = None,
) -> QuerySet[Score]:
    """The scores behind a number, newest first."""
    scores = _scores(actor, at, asked)
    if lead_s is not None:
        scores = scores.filter(lead_s=lead_s)
    if outcome:
        scores = scores.filter(outcome=outcome)
    if series_id is not None:
        scores = scores.filter(series=series_id)
    return scores.select_related("run__area", "series__station", f"region__{PLACE}").order_by(
        "-run__base_at", "series__station__name", "lead_s"
    )


@dataclass(frozen=True)
class DryRun:
    """A forecast with gauges at which nothing was said and nothing seen, or nothing known."""

    run_id: int
    base_at: datetime
    gauges: int


def list_dry(
    *, actor: Account, at: datetime, asked: Asked, outcome: str, series_id: int | None = None
) -> list[DryRun]:
    """The forecasts behind the counts of which no more is kept, newest first."""
    if outcome not in {QUIET, UNKNOWN}:
        return []
    mine = set(_gauges(actor).values_list("pk", flat=True))
    mine &= {series_id} if series_id is not None else mine
    column = "quiet" if outcome == QUIET else "unknown"
    rows = Verified.objects.filter(base_at__gte=asked.since(at)).order_by("-base_at")
    found = (
        DryRun(run_id, base_at, len(mine.intersection(series)))
        for run_id, base_at, series in rows.values_list("run", "base_at", column)
    )
    return [dry for dry in found if dry.gauges]


@dataclass(frozen=True)
class Story:
    """One forecast of one gauge against its readings."""

    point: PointForecast
    scores: list[Score]

    @property
    def rows(self) -> list[tuple[float, list[Score]]]:
        """By threshold its stretches, the shortest lead first."""
        found: dict[float, list[Score]] = defaultdict(list)
        for score in self.scores:
            found[score.threshold_m].append(score)
        return sorted(found.items())


def get_story(*, actor: Account, run_id: int, series_id: int) -> Story:
    # By `__pk`: a number that no row can have finds none, and is no fault.
    point = _points(actor).filter(run__pk=run_id, series__pk=series_id).first()
    if point is None:
        raise NotFound(
            "simulate.no_score", _("There is no such forecast of a gauge in your regions.")
        )
    scores = Score.objects.filter(run=run_id, series=series_id).order_by("threshold_m", "lead_s")
    return Story(point, list(scores))


def recent(*, actor: Account) -> list[PointForecast]:
    """The last forecasts of gauges at which something was said or seen, for small pictures."""
    told = Score.objects.within(actor.regions_for(VIEW)).exclude(outcome__in=[QUIET, UNKNOWN])
    pairs = told.order_by("-run__base_at", "series").values_list("run", "series")
    chosen = list(dict.fromkeys(pairs[:400]))[:MOST_RECENT]
    condition = Q(pk__in=[])
    for run, series in chosen:
        condition |= Q(run=run, series=series)
    points = {(point.run_id, point.series_id): point for point in _points(actor).filter(condition)}
    return [points[pair] for pair in chosen if pair in points]


def _points(actor: Account) -> QuerySet[PointForecast]:
    return PointForecast.objects.filter(series__in=_gauges(actor).values("pk")).select_related(
        "run__area__terrain", "series__station__site", f"series__station__region__{PLACE}"
    )


def sentence(row: LeadRow, asked: Asked) -> str:
    """What a stretch of lead time comes to, in words."""
    table = row.table
    words = {
        "begin": row.begins_min,
        "end": row.ends_min,
        "depth": centimetres(asked.threshold_m),
        "seen": table.seen,
        "said": table.said,
        "hits": table.hits,
        "misses": table.misses,
        "false": table.false_alarms,
    }
    if not table.seen and not table.said:
        return (
            _("%(begin)d–%(end)d minutes ahead: no water over %(depth)d cm, said or seen.") % words
        )
    return (
        _(
            "%(begin)d–%(end)d minutes ahead: water over %(depth)d cm was seen %(seen)d times,"
            " %(hits)d of them forecast, %(misses)d missed; it was forecast %(said)d times,"
            " %(false)d of them for nothing."
        )
        % words
    )


def trust(row: LeadRow) -> str:
    """good, fair, poor, or nothing to say: a lamp for who has a minute. docs/rules/flood.md."""
    csi = row.table.csi
    if csi is None or row.table.seen + row.table.said < 10:
        return ""
    return "good" if csi >= 0.5 else "fair" if csi >= 0.25 else "poor"


def minutes_text(seconds: float | None) -> str:
    """晚5分钟"""
    if seconds is None:
        return "–"
    whole = round(seconds / 60)
    if whole == 0:
        return _("on time")
    text = _("%(n)d minutes late") if whole > 0 else _("%(n)d minutes early")
    return text % {"n": abs(whole)}
