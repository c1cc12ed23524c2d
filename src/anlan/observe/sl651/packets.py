"""Messages in several packets (mode M3): put together in any order, gaps asked for.

Time comes in as seconds of any clock that only goes forward; nothing here reads one.
"""

from dataclasses import dataclass, field
from typing import Final

from anlan.observe.sl651.messages import Frame

Key = tuple[str, int, str]
_REPEATS: Final = 2
"""6.3.1.2 c: a packet is sent again at most twice."""


@dataclass(frozen=True, slots=True)
class Complete:
    frames: list[Frame]


@dataclass(frozen=True, slots=True)
class Missing:
    """Ask the station for this packet."""

    frame: Frame
    sequence: int
    first: Frame | None
    """Packet 1, which has the serial number, when it is here."""


@dataclass(frozen=True, slots=True)
class Repeated:
    """All of it came before and is stored: confirm again. Sent for the last packet only."""

    frames: list[Frame]


@dataclass(frozen=True, slots=True)
class Abandoned:
    """Given up; what came of it."""

    frames: list[Frame]
    missing: list[int]


Outcome = Complete | Missing | Repeated | Abandoned


@dataclass(slots=True)
class _Transfer:
    total: int
    heard_at: float
    parts: dict[int, Frame] = field(default_factory=dict)
    asked: dict[int, int] = field(default_factory=dict)
    ended: bool = False
    """The last packet came once: from now on gaps are losses."""

    def add(self, frame: Frame, at: float) -> None:
        self.parts[frame.sequence] = frame
        self.heard_at = at
        # Not by ETX: some stations end every packet with it.
        self.ended = self.ended or frame.sequence == self.total

    def missing(self) -> list[int]:
        return [n for n in range(1, self.total + 1) if n not in self.parts]

    def frames(self) -> list[Frame]:
        return [self.parts[n] for n in sorted(self.parts)]

    @property
    def size(self) -> int:
        return sum(len(frame.body) for frame in self.parts.values())


class Assembler:
    """One per connection."""

    def __init__(
        self,
        *,
        ask_after: float = 10.0,
        most_transfers: int = 8,
        most_bytes: int = 4 * 1024 * 1024,
    ) -> None:
        self._ask_after = ask_after
        self._most_transfers = most_transfers
        self._most_bytes = most_bytes
        self._open: dict[Key, _Transfer] = {}
        self._done: dict[Key, list[Frame]] = {}

    @property
    def waiting(self) -> int:
        return len(self._open)

    def add(self, frame: Frame, at: float) -> Outcome | None:
        """Takes one packet in; says what is to be done now, if anything."""
        if frame.total == 0 or not 1 <= frame.sequence <= frame.total:
            return None
        key = (frame.station, frame.function, frame.encoding.value)
        transfer = self._open.get(key)
        if transfer is None and (again := self._repetition(key, frame)):
            return again if frame.sequence == frame.total else None
        if transfer is None or _is_another(transfer, frame):
            transfer = self._begin(key, frame, at)
        transfer.add(frame, at)
        if len(transfer.parts) == transfer.total:
            del self._open[key]
            return Complete(transfer.frames())
        if transfer.size > self._most_bytes:
            del self._open[key]
            return Abandoned(transfer.frames(), transfer.missing())
        if transfer.ended and transfer.missing()[0] not in transfer.asked:
            return self._ask(key, transfer)
        return None  # more may be on its way; silence is for `due`

    def remember(self, frames: list[Frame]) -> None:
        """These are stored: if the confirmation is lost and they come again, confirm again."""
        head = frames[0]
        if head.total:
            self._done[(head.station, head.function, head.encoding.value)] = frames
            while len(self._done) > self._most_transfers:
                del self._done[next(iter(self._done))]

    def due(self, at: float) -> list[Missing | Abandoned]:
        """What to ask again, or to give up, after silence."""
        outcomes: list[Missing | Abandoned] = []
        for key, transfer in list(self._open.items()):
            if at - transfer.heard_at >= self._ask_after:
                transfer.heard_at = at
                outcomes.append(self._ask(key, transfer))
        return outcomes

    def _repetition(self, key: Key, frame: Frame) -> Repeated | None:
        done = self._done.get(key)
        if not done or done[0].total != frame.total:
            return None
        same = done[frame.sequence - 1].body == frame.body
        return Repeated(done) if same else None

    def _begin(self, key: Key, frame: Frame, at: float) -> _Transfer:
        self._open.pop(key, None)
        while len(self._open) >= self._most_transfers:
            del self._open[next(iter(self._open))]
        self._open[key] = transfer = _Transfer(frame.total, at)
        return transfer

    def _ask(self, key: Key, transfer: _Transfer) -> Missing | Abandoned:
        missing = transfer.missing()
        wanted = missing[0]
        count = transfer.asked.get(wanted, 0)
        if count >= _REPEATS:
            del self._open[key]
            return Abandoned(transfer.frames(), missing)
        transfer.asked[wanted] = count + 1
        known = next(iter(transfer.parts.values()))
        return Missing(known, wanted, transfer.parts.get(1))


def _is_another(transfer: _Transfer, frame: Frame) -> bool:
    """Another total, or other content in a place already filled: the station began anew."""
    before = transfer.parts.get(frame.sequence)
    return frame.total != transfer.total or (before is not None and before.body != frame.body)
