"""The process that computes: takes one waiting run after the other.

A run is taken by comparing and setting its state; `attempts` tells who has it. Its process gives
a sign of life every two seconds; one that is silent for half a minute has died, and the run is
taken again, three times at most. All transactions are a statement or two: the database stays free
for the readings' writer.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Case, F, When
from django.utils import timezone
from django.utils.translation import gettext as _

from anlan.base import clock
from anlan.base.errors import Refusal
from anlan.base.events import publish
from anlan.people.models import Account

from ..hits import rows as hits
from ..models import Run
from ..results import reach
from . import ensemble, flood

logger = logging.getLogger(__name__)

BEAT_S = 2.0
LOST_AFTER = timedelta(seconds=30)
MOST_ATTEMPTS = 3


def take_next() -> Run | None:
    """The run that has waited longest, as ours; None where nothing waits.

    Forecasts go before scenarios: people stand in their water.
    """
    waiting = Run.objects.filter(state=Run.State.QUEUED).exclude(kind=Run.Kind.MEMBER)
    turn = Case(When(kind=Run.Kind.FORECAST, then=0), default=1)
    for pk in waiting.order_by(turn, "requested_at", "pk").values_list("pk", flat=True)[:5]:
        now = timezone.now()
        mine = Run.objects.filter(pk=pk, state=Run.State.QUEUED).update(
            state=Run.State.RUNNING,
            started_at=now,
            heard_at=now,
            progress=0.0,
            attempts=F("attempts") + 1,
        )
        if mine:
            return Run.objects.select_related("area__terrain", "area__region").get(pk=pk)
    return None


def put_back_lost(at: datetime) -> int:
    """Runs whose process has died: to be taken again, or given up. Called by the ticker too."""
    lost = Run.objects.filter(
        state=Run.State.RUNNING, heard_at__lt=timezone.now() - LOST_AFTER
    ).select_related("area__region")
    for run in lost:
        if run.attempts < MOST_ATTEMPTS:
            again = _mine(run).filter(heard_at=run.heard_at)
            again.update(state=Run.State.QUEUED, heard_at=None, progress=0.0)
            logger.warning("a run's process died, queued again", extra={"run": run.pk})
        else:
            message = _("The process that computed it died %(count)d times.")
            hint = _("The area may be too large for this machine's memory: choose a higher factor.")
            reason = Refusal("simulate.lost", message % {"count": run.attempts}, hint=hint)
            _fail(run, reason, at=at)
    return len(lost)


@dataclass
class Pulse:
    """Says that a run's process lives and how far it is; hears whether it is to stop."""

    run: Run
    part: float = 0.0
    stop: threading.Event = field(default_factory=threading.Event)  # cancelled, or not ours
    leave: threading.Event = field(default_factory=threading.Event)  # the process is to end
    _over: threading.Event = field(default_factory=threading.Event)

    def beat(self, part: float) -> bool:
        """Called from the computation; costs nothing."""
        self.part = part
        return self.stop.is_set() or self.leave.is_set()

    def tell(self) -> None:
        """One statement, and one look."""
        told = _mine(self.run).update(heard_at=timezone.now(), progress=self.part)
        asked = _mine(self.run).filter(cancel_asked=True).exists()
        if asked or not told:
            self.stop.set()

    def __enter__(self) -> "Pulse":
        self._thread = threading.Thread(target=self._go_on, name="pulse", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        self._thread.join()

    def _go_on(self) -> None:
        try:
            while not self._over.wait(BEAT_S):
                try:
                    self.tell()
                except Exception:
                    # The database may be away for a moment; the computation goes on.
                    logger.exception("no sign of life could be given", extra={"run": self.run.pk})
        finally:
            connection.close()


def compute(run: Run, pulse: Pulse) -> None:
    """Compute a run that is ours, and write how it ended."""
    try:
        outcome = _engine_for(run)(run, pulse.beat)
        _find_hits(run)
        # Whose each cell is takes seconds the first time: no reader of the map shall wait for it.
        reach.cell_regions(run.area.grid)
    except flood.Stopped:
        _stopped(run, cancelled=pulse.stop.is_set())
    except Refusal as refusal:
        logger.warning("run refused", extra={"run": run.pk, "code": refusal.code})
        _fail(run, refusal, at=clock.now())
    except Exception as error:
        logger.exception("run failed", extra={"run": run.pk})
        message = _("The computation failed: %(error)s")
        text = f"{type(error).__name__}: {error}"[:300]
        hint = _("The log of “anlan simulate” has the details.")
        _fail(run, Refusal("simulate.failed", message % {"error": text}, hint=hint), at=clock.now())
    else:
        _done(run, outcome)


def _engine_for(run: Run) -> Callable[[Run, flood.Beat], flood.Outcome]:
    return ensemble.compute if run.kind == Run.Kind.SCENARIO else flood.forecast


def _find_hits(run: Run) -> None:
    """Before the run is done: whoever hears that it is done finds what it hits."""
    found = hits.find_hits(run)
    if not _mine(run).exists():
        raise flood.Stopped
    hits.write_hits(run, found)


def _mine(run: Run) -> Any:
    return Run.objects.filter(pk=run.pk, state=Run.State.RUNNING, attempts=run.attempts)


@transaction.atomic
def _done(run: Run, outcome: flood.Outcome) -> None:
    finished = _mine(run).update(
        state=Run.State.DONE,
        finished_at=timezone.now(),
        progress=1.0,
        engine=flood.ENGINE,
        rain_source=outcome.rain_source,
        inputs=outcome.inputs,
        summary=outcome.summary,
        folder=f"simulate/runs/{run.pk}",
    )
    if finished:
        _tell("simulate.run.done", run, at=clock.now())
        logger.info("run done", extra={"run": run.pk, "took_s": outcome.summary.get("took_s")})


@transaction.atomic
def _fail(run: Run, refusal: Refusal, *, at: datetime) -> None:
    failed = _mine(run).update(
        state=Run.State.FAILED, finished_at=timezone.now(), error=refusal.as_dict()
    )
    if failed:
        _drop_members(run)
        _tell("simulate.run.failed", run, at=at, code=refusal.code)


@transaction.atomic
def _stopped(run: Run, *, cancelled: bool) -> None:
    """Over for good, or back in the queue where only this process ends."""
    if not cancelled:
        _mine(run).update(state=Run.State.QUEUED, heard_at=None, progress=0.0)
    elif _mine(run).update(state=Run.State.CANCELLED, finished_at=timezone.now()):
        _drop_members(run)
        _tell("simulate.run.cancelled", run, at=clock.now())


def _drop_members(run: Run) -> None:
    """Members that had not been computed never will be."""
    waiting = run.members.filter(state=Run.State.QUEUED)
    waiting.update(state=Run.State.CANCELLED, finished_at=timezone.now())


def _tell(name: str, run: Run, *, at: datetime, **data: Any) -> None:
    publish(
        name,
        at=at,
        by=Account.objects.system(),
        region_path=run.area.region.path,
        run_id=run.pk,
        area_id=run.area_id,
        **data,
    )
