"""The enabled rules spelled out: one row for each rule and series that it watches, as arrays.

Read afresh when a rule or the stations changed. Rows on values come first, sorted by series, so
that a batch of readings finds its rows at once.
"""

import secrets
import time
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock

import numpy as np
from django.db import connection
from django.db.models import F
from numpy.typing import NDArray

from anlan.base import clock
from anlan.observe.models import Series

from .automaton import Terms, at_once
from .hours import hours_of
from .models import OF_FORECASTS, Measure, Revision, Rule, RuleVersion, SeriesLevel

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

# Changes that nobody marked (a station moved by hand) are seen after so long.
READ_EVERY_S = 300.0


@dataclass(frozen=True)
class Watched:
    """What is told about a series when an alarm is raised."""

    pk: int
    station_code: str
    station_name: str
    kind: str
    quantity: str
    unit: str
    interval_s: int
    region_id: int
    region_path: str


@dataclass(frozen=True)
class Compiled:
    """One rule's version with what the evaluator needs of it."""

    version: RuleVersion
    terms: Terms

    @property
    def is_group(self) -> bool:
        return self.version.stations > 1


@dataclass
class Table:
    """Rows (rule, series). `first_other` is where the rows begin that do not watch a value."""

    revision: tuple[int, ...]
    made_at: float  # monotonic
    rules: list[Compiled]
    rule: Ints  # by row: index into `rules`
    series: Ints  # by row: series id
    limit: Floats  # by row: threshold
    clear: Floats  # by row: cleared beyond this
    sign: Floats  # by row: -1 where low values are bad
    first_other: int
    watched: dict[int, Watched]
    row_of: dict[tuple[int, int], int] = field(default_factory=dict)  # (rule id, series id)

    def __post_init__(self) -> None:
        ids = [compiled.version.rule_id for compiled in self.rules]
        pairs = zip(self.rule.tolist(), self.series.tolist(), strict=True)
        self.row_of = {(ids[rule], series): row for row, (rule, series) in enumerate(pairs)}

    @cached_property
    def value_series(self) -> Ints:
        """The series whose values some rule watches, sorted."""
        return np.unique(self.series[: self.first_other])

    @cached_property
    def start(self) -> Ints:
        return np.searchsorted(self.series[: self.first_other], self.value_series).astype(np.int64)

    @cached_property
    def count(self) -> Ints:
        return np.diff(np.append(self.start, self.first_other)).astype(np.int64)

    @cached_property
    def ceiling(self) -> Floats:
        """By value series: a value below it fulfils none of its rules on high values."""
        return self._extreme(1, np.inf)

    @cached_property
    def floor(self) -> Floats:
        return -self._extreme(-1, np.inf)

    def _extreme(self, sign: int, nothing: float) -> Floats:
        if not self.first_other:
            return np.empty(0)
        part = slice(0, self.first_other)
        mine = np.where(self.sign[part] == sign, self.sign[part] * self.limit[part], nothing)
        return np.asarray(np.minimum.reduceat(mine, self.start))

    @cached_property
    def interval_ms(self) -> Ints:
        """By row: how often the series is expected to speak."""
        watched = self.watched
        return np.array([watched[pk].interval_s * 1000 for pk in self.series.tolist()], np.int64)

    @cached_property
    def made_ms(self) -> Ints:
        """By row: when the rule's version was made."""
        made = [clock.to_epoch_ms(rule.version.made_at) for rule in self.rules]
        return np.array(made, np.int64)[self.rule] if made else _none()

    @cached_property
    def may_lapse(self) -> NDArray[np.bool_]:
        """By row: whether silence alone may end what is open."""
        lapses = [rule.is_group or rule.version.forget_s > 0 for rule in self.rules]
        return np.array(lapses, bool)[self.rule] if lapses else np.empty(0, bool)

    def rows_where(self, measure: str) -> Ints:
        wanted = [compiled.version.measure == measure for compiled in self.rules]
        return np.flatnonzero(np.array(wanted, bool)[self.rule]) if self.rules else _none()


def _none() -> Ints:
    return np.empty(0, np.int64)


_lock = Lock()
_table: Table | None = None


def current() -> tuple[Table, int]:
    """The table as it stands and the counter of states, with one query where nothing changed."""
    global _table
    revision, states = _revision()
    table = _table
    fresh = table is not None and time.monotonic() - table.made_at < READ_EVERY_S
    if table is None or table.revision != revision or not fresh:
        table = read(revision)
        with _lock:
            _table = table
    return table, states


def mark_changed() -> None:
    """Tell every evaluator, in the transaction that changes rules or levels."""
    # A number never used before: after a rollback, a counter would come to the same one again.
    number = secrets.randbits(62)
    Revision.objects.update_or_create(pk=1, defaults={"rules": number})


def _revision() -> tuple[tuple[int, ...], int]:
    with connection.cursor() as cursor:
        # Newest ids catch what was loaded in bulk by someone who marked nothing.
        cursor.execute(
            "SELECT (SELECT rules FROM warn_revision WHERE id = 1),"
            " (SELECT max(id) FROM warn_ruleversion), (SELECT max(id) FROM observe_series),"
            " (SELECT max(number) FROM observe_registryrevision),"
            " (SELECT states FROM warn_revision WHERE id = 1)"
        )
        *rules, states = [value or 0 for value in cursor.fetchone()]
    return tuple(rules), states


def read(revision: tuple[int, ...]) -> Table:
    """Spell out every enabled rule on readings."""
    versions = RuleVersion.objects.filter(rule__enabled=True, number=F("rule__number"))
    versions = versions.exclude(measure__in=OF_FORECASTS)
    versions = versions.select_related("rule__region").order_by("pk")
    return compile_table(list(versions), read_watched(), revision)


def read_watched() -> dict[int, Watched]:
    rows = Series.objects.filter(station__retired_at=None).values_list(
        "pk",
        "station__code",
        "station__name",
        "station__kind",
        "quantity",
        "unit",
        "interval_s",
        "station__region_id",
        "station__region__path",
    )
    return {row[0]: Watched(*row) for row in rows}


def compile_table(
    versions: list[RuleVersion], watched: dict[int, Watched], revision: tuple[int, ...] = ()
) -> Table:
    by_quantity: dict[str, list[Watched]] = {}
    for one in watched.values():
        by_quantity.setdefault(one.quantity, []).append(one)
    levels: dict[tuple[str, int], float] = {
        (name, series): value
        for name, series, value in SeriesLevel.objects.values_list("name", "series_id", "value")
    }
    rows: list[tuple[bool, int, int, float, float, float]] = []
    for index, version in enumerate(versions):
        sign = -1.0 if version.below else 1.0
        other = version.measure != Measure.VALUE
        for one in in_scope(version, version.rule, by_quantity.get(version.quantity, [])):
            limits = limits_of(version, one, levels.get((version.level, one.pk)))
            if limits:
                rows.append((other, one.pk, index, *limits, sign))
    rows.sort(key=lambda row: row[:3])
    columns = list(zip(*rows, strict=True)) or [()] * 6
    return Table(
        revision=revision,
        made_at=time.monotonic(),
        rules=[Compiled(version, terms_of(version)) for version in versions],
        rule=np.array(columns[2], np.int64),
        series=np.array(columns[1], np.int64),
        limit=np.array(columns[3], np.float64),
        clear=np.array(columns[4], np.float64),
        sign=np.array(columns[5], np.float64),
        first_other=sum(not row[0] for row in rows),
        watched=watched,
    )


def in_scope(version: RuleVersion, rule: Rule, series: list[Watched]) -> list[Watched]:
    """The series of its quantity that a rule watches."""
    path, kinds, chosen = rule.region.path, set(version.station_kinds), set(version.series)
    return [
        one
        for one in series
        if one.region_path.startswith(path)
        and (not kinds or one.kind in kinds)
        and (not chosen or one.pk in chosen)
    ]


def limits_of(
    version: RuleVersion, watched: Watched, level: float | None
) -> tuple[float, float] | None:
    """Threshold and clear level for one series; none where it lacks the level."""
    if version.measure == Measure.SILENCE:
        # A station that speaks every hour is not silent after half an hour.
        limit = max(float(version.threshold or 0), 2.0 * watched.interval_s)
        return limit, limit
    if not version.level:
        limit = float(version.threshold or 0)
        return limit, limit if version.clear is None else version.clear
    if level is None:
        return None
    back = version.clear or 0.0
    limit = level + (version.threshold or 0.0)
    return limit, limit + back if version.below else limit - back


def terms_of(version: RuleVersion) -> Terms:
    hours = hours_of(version)
    return Terms(
        hold_ms=version.hold_s * 1000,
        hits=version.hits,
        of=version.of,
        clear_after_ms=version.clear_after_s * 1000,
        opens_at=hours.opens_at if hours else at_once,
    )
