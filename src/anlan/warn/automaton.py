"""How one rule gets on with one series: pure steps on a small state, the same at every door.

A reading moves the state by its own time. The house's clock moves it too, so that a duration ends
and a quiet series clears also when nothing arrives; it waits LATE_MS first, because a reading that
says otherwise may be on its way.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

IDLE, PENDING, OPEN, MUTED = 0, 1, 2, 3
LATE_MS = 60_000


@dataclass
class State:
    phase: int = IDLE
    since_ms: int = 0  # PENDING: fulfilled from when
    quiet_ms: int = 0  # OPEN: beyond the clear level from when; 0: not
    bits: int = 0  # the last readings, the newest in the lowest bit
    seen_ms: int = 0  # the reading that brought it here

    def copy(self) -> "State":
        return replace(self)


def at_once(at_ms: int) -> int:
    return at_ms


@dataclass(frozen=True)
class Terms:
    hold_ms: int = 0
    hits: int = 1
    of: int = 1
    clear_after_ms: int = 0
    # The earliest instant from this one on at which an alarm may open: later in silent hours.
    opens_at: Callable[[int], int] = at_once

    def due_ms(self, since_ms: int) -> int:
        """When what is fulfilled since then opens."""
        return self.opens_at(since_ms + self.hold_ms)


@dataclass(frozen=True)
class Move:
    opened: bool  # otherwise cleared
    at_ms: int
    value: float
    why: str = ""  # of a clearing: "quiet", "silent" …; "" is by the reading


def step(state: State, terms: Terms, at_ms: int, value: float, up: bool, down: bool) -> Move | None:
    """Take one reading: `up` fulfils the condition, `down` is beyond the clear level."""
    if state.phase == OPEN:
        return _while_open(state, terms, at_ms, value, down)
    if state.phase == MUTED:
        if down:
            _reset(state, at_ms)
        return None
    if not _hit(state, terms, at_ms, up):
        if state.phase == PENDING:
            state.phase, state.since_ms, state.seen_ms = IDLE, 0, at_ms
        return None
    if state.phase == IDLE:
        state.phase, state.since_ms, state.seen_ms = PENDING, at_ms, at_ms
    # Below the duration the hours need not be asked: this runs for every reading that fulfils.
    if at_ms - state.since_ms < terms.hold_ms or at_ms < (due := terms.due_ms(state.since_ms)):
        return None
    return _open(state, due, at_ms, value)


def pass_time(state: State, terms: Terms, now_ms: int, value: float) -> Move | None:
    """What the clock alone brings: a duration that is over, a clearing that is due."""
    if state.phase == PENDING and now_ms - state.since_ms >= terms.hold_ms + LATE_MS:
        due = terms.due_ms(state.since_ms)
        return _open(state, due, due, value) if now_ms >= due + LATE_MS else None
    if state.phase == OPEN and state.quiet_ms:
        due_ms = state.quiet_ms + terms.clear_after_ms
        if now_ms >= due_ms + LATE_MS:
            _reset(state, due_ms)
            return Move(False, due_ms, value, "quiet")
    return None


def _hit(state: State, terms: Terms, at_ms: int, up: bool) -> bool:
    if terms.of == 1:
        return up
    before = state.bits
    state.bits = ((before << 1) | up) & ((1 << terms.of) - 1)
    if state.bits != before:
        state.seen_ms = at_ms
    return state.bits.bit_count() >= terms.hits


def _open(state: State, opened_ms: int, at_ms: int, value: float) -> Move:
    state.phase, state.quiet_ms, state.bits, state.seen_ms = OPEN, 0, 0, at_ms
    return Move(True, opened_ms, value)


def _while_open(state: State, terms: Terms, at_ms: int, value: float, down: bool) -> Move | None:
    if not down:
        state.quiet_ms = 0
        return None
    if not state.quiet_ms:
        state.quiet_ms = at_ms
    if at_ms - state.quiet_ms < terms.clear_after_ms:
        return None
    _reset(state, at_ms)
    return Move(False, at_ms, value)


def _reset(state: State, at_ms: int) -> None:
    state.phase, state.since_ms, state.quiet_ms, state.bits = IDLE, 0, 0, 0
    state.seen_ms = at_ms
