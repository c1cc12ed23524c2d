"""What is new since the last look: events, and the latest values that changed.

PostgreSQL hands out ids before it commits, so a lower id may appear after a higher one. The reader
remembers the gaps between the ids it has seen and asks for them again for GAP_S.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from anlan.base import clock
from anlan.base.models import Event
from anlan.observe.models import Series

GAP_S = 60.0
MOST_GAPS = 5000
# A transaction may stamp a value and commit it this much later.
LATE_MS = 5000
MOST_AT_ONCE = 2000
# Before anybody listens: ids that may be on their way while the reader starts.
START_WINDOW = 500

Describe = Callable[[list[Event]], dict[int, dict[str, Any]]]
_describers: dict[str, Describe] = {}


def describe(prefix: str, function: Describe) -> None:
    """What boards are told of events of this prefix beyond their data: {event id: fields}."""
    _describers[prefix] = function


@dataclass(frozen=True)
class News:
    """An event on its way to the boards."""

    id: int
    name: str
    path: str
    body: dict[str, Any]


@dataclass(frozen=True)
class Value:
    """A series' new latest value."""

    path: str
    row: tuple[int, int, int, float | None, int]  # station, series, at_ms, value, flag


@dataclass
class Batch:
    events: list[News] = field(default_factory=list)
    values: list[Value] = field(default_factory=list)
    safe_id: int = 0  # every event up to here has been given out
    clock: dict[str, Any] = field(default_factory=dict)


class Reader:
    """One a process; not for two threads at once."""

    def __init__(self) -> None:
        self._high = 0  # the highest event id seen
        self._gaps: dict[int, float] = {}  # missing id → when it was missed
        self._since_ms = 0
        self._known: dict[int, tuple[int, float | None, int]] = {}  # series → (at_ms, value, flag)
        self._series: dict[int, tuple[int, str]] = {}  # series → (station, region path)
        self._series_at = float("-inf")

    def start(self) -> None:
        """Begin with what happens from now on."""
        last = Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        low = max(0, last - START_WINDOW)
        there = set(Event.objects.filter(pk__gt=low).values_list("pk", flat=True))
        now = time.monotonic()
        self._high = last
        self._gaps = {pk: now for pk in range(low + 1, last) if pk not in there}
        self._since_ms = round(time.time() * 1000)
        self._read_values()
        self._load_series()

    @property
    def safe_id(self) -> int:
        """Resuming after this id loses nothing."""
        return min(self._gaps, default=self._high + 1) - 1

    def read(self) -> Batch:
        """Everything new. Cheap when there is nothing: two indexed look-ups."""
        return Batch(self.read_events(), self.read_values(), self.safe_id, clock_now())

    def read_events(self) -> list[News]:
        now = time.monotonic()
        fresh = list(Event.objects.filter(pk__gt=self._high).order_by("pk")[:MOST_AT_ONCE])
        late: list[Event] = []
        gaps = list(self._gaps)
        for start in range(0, len(gaps), 500):
            late += Event.objects.filter(pk__in=gaps[start : start + 500])
        # Described before they count as read: where the database fails here, they come again.
        found = news(late + fresh)
        for event in late:
            del self._gaps[event.pk]
        for event in fresh:
            for missing in range(self._high + 1, event.pk):
                self._gaps[missing] = now
            self._high = event.pk
        self._forget_gaps(now)
        return found

    def _forget_gaps(self, now: float) -> None:
        """A rolled-back transaction leaves a gap for good: stop asking after a while."""
        self._gaps = {pk: at for pk, at in self._gaps.items() if now - at < GAP_S}
        for pk in sorted(self._gaps)[: max(0, len(self._gaps) - MOST_GAPS)]:
            del self._gaps[pk]

    def read_values(self) -> list[Value]:
        changed = self._read_values()
        if any(series not in self._series for series, *_rest in changed):
            self._load_series()
        found = []
        for series, at_ms, value, flag in changed:
            known = self._series.get(series)
            if known is not None:
                found.append(Value(known[1], (known[0], series, at_ms, value, flag)))
        return found

    def _read_values(self) -> list[tuple[int, int, float | None, int]]:
        """Rows of Latest that differ from what was seen, among those received lately."""
        sql = (
            "SELECT series_id, at_ms, value, flag, received_ms FROM observe_latest "
            "WHERE received_ms >= %s"
        )
        with connection.cursor() as cursor:
            cursor.execute(sql, [self._since_ms - LATE_MS])
            rows = cursor.fetchall()
        changed = []
        for series, at_ms, value, flag, received_ms in rows:
            seen = (at_ms, value, flag)
            if self._known.get(series) != seen:
                self._known[series] = seen
                changed.append((series, *seen))
            self._since_ms = max(self._since_ms, received_ms)
        return changed

    def _load_series(self) -> None:
        """Who owns which series; again when an unknown one turns up, at most every 5 s."""
        if time.monotonic() - self._series_at < 5:
            return
        rows = Series.objects.values_list("pk", "station_id", "station__region__path")
        self._series = {pk: (station, path) for pk, station, path in rows}
        self._series_at = time.monotonic()


def events_after(last_id: int, limit: int) -> list[News]:
    """What a board that was away has missed, oldest first; one more than `limit` if too much."""
    return news(list(Event.objects.filter(pk__gt=last_id).order_by("pk")[: limit + 1]))


def news(events: list[Event]) -> list[News]:
    details = _details(events)
    return [
        News(
            event.pk,
            event.name,
            event.region_path,
            {
                "id": event.pk,
                "name": event.name,
                "at": clock.to_epoch_ms(event.at),
                "data": event.data,
                **details.get(event.pk, {}),
            },
        )
        for event in events
    ]


def _details(events: Iterable[Event]) -> dict[int, dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    for prefix, function in _describers.items():
        own = [event for event in events if event.name.startswith(prefix)]
        if own:
            found.update(function(own))
    return found


def clock_now() -> dict[str, Any]:
    """The house's clock, so that a paused or faster scenario shows everywhere at once."""
    return {"now": clock.to_epoch_ms(clock.now()), "rate": clock.rate()}
