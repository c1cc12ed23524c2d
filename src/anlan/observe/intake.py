"""The one way of all doors: parcels wait in a queue, one thread stores what waits together.

A storm brings many small messages; a commit costs the same for one reading as for thousands. So
whatever has come in while the last commit ran goes into the next (group commit). A submitter's
future is resolved after the commit: only then may a device be told that we have its data.
"""

import logging
import os
import sys
import threading
import time
from collections import deque
from concurrent.futures import Future

from django.db import connection
from django.utils.translation import gettext as _

from anlan.base import storage
from anlan.base.storage import NotStored

from .store import Parcel, Receipt, Store

logger = logging.getLogger(__name__)

GROUP_ROWS = 10_000  # most rows in one transaction
WAITING_ROWS = 200_000  # more than this waiting is refused: about ten seconds' work
TRIES = 3
# No further try after so long: the database has waited itself, and the devices wait for us.
PATIENCE_S = 5.0
SWITCH_S = 0.0005
RETRY_S = 0.2


class Intake:
    """The writer of this process."""

    def __init__(self, store: Store | None = None) -> None:
        # The writer lets go of Python's lock at every statement and would get it back only 5 ms
        # later each time, while a door's thread is busy reading messages.
        sys.setswitchinterval(min(SWITCH_S, sys.getswitchinterval()))
        self.store = store or Store()
        self._waiting: deque[tuple[Parcel, Future[Receipt]]] = deque()
        self._rows = 0
        self._wake = threading.Condition()
        self._stopping = False
        self.groups = self.stored_rows = 0  # transactions so far, and rows in them
        self._thread = threading.Thread(target=self._run, name="intake", daemon=True)
        self._thread.start()

    def submit(self, parcel: Parcel) -> "Future[Receipt]":
        """Queue a parcel. The future gives its receipt after the commit, or raises a Refusal."""
        future: Future[Receipt] = Future()
        with self._wake:
            if self._stopping or self._rows > WAITING_ROWS:
                future.set_exception(_busy())
                return future
            self._waiting.append((parcel, future))
            self._rows += len(parcel.at_ms)
            self._wake.notify()
        return future

    def stop(self, timeout_s: float = 30) -> None:
        """Store what waits, then end."""
        with self._wake:
            self._stopping = True
            self._wake.notify()
        self._thread.join(timeout_s)

    def _run(self) -> None:
        while True:
            group = self._next_group()
            if not group:
                break
            self._store_group(group)
        logger.info("intake stopped", extra={"groups": self.groups, "rows": self.stored_rows})
        connection.close()

    def _next_group(self) -> list[tuple[Parcel, "Future[Receipt]"]]:
        with self._wake:
            while not self._waiting and not self._stopping:
                self._wake.wait()
            group, rows = [], 0
            while self._waiting and rows < GROUP_ROWS:
                parcel, future = self._waiting.popleft()
                rows += len(parcel.at_ms)
                group.append((parcel, future))
            self._rows -= rows
            return group

    def _store_group(self, group: list[tuple[Parcel, "Future[Receipt]"]]) -> None:
        try:
            receipts = self._write([parcel for parcel, _future in group])
        except NotStored as refusal:
            _fail(group, refusal)
        except Exception as error:
            if len(group) > 1:
                # Something in one parcel broke it: each on its own, so that only that one fails.
                for one in group:
                    self._store_group([one])
                return
            logger.exception("readings could not be stored")
            _fail(group, error)
        else:
            self.groups += 1
            self.stored_rows += sum(len(parcel.at_ms) for parcel, _future in group)
            for (_parcel, future), receipt in zip(group, receipts, strict=True):
                future.set_result(receipt)

    def _write(self, parcels: list[Parcel]) -> list[Receipt]:
        give_up = time.monotonic() + PATIENCE_S
        for attempt in range(TRIES):
            try:
                return self.store.write(parcels, more_waits=lambda: bool(self._waiting))
            except Exception as error:
                if not storage.is_trouble(error):
                    raise
                logger.warning("storing failed: %s", error)
                connection.close()  # a broken connection stays broken
                if storage.is_full(error):
                    raise _full() from error
                if time.monotonic() > give_up:
                    break
                if attempt + 1 < TRIES:
                    time.sleep(RETRY_S * (attempt + 1))
        raise _busy()


def _fail(group: list[tuple[Parcel, "Future[Receipt]"]], error: Exception) -> None:
    for _parcel, future in group:
        future.set_exception(error)


def _busy() -> NotStored:
    return NotStored(
        "observe.busy",
        _("The readings could not be stored now; none of this message was kept."),
        hint=_("Keep them and send again in a few seconds."),
    )


def _full() -> NotStored:
    return NotStored(
        "observe.disk_full",
        _("The disk of the readings is full; none of this message was kept."),
        hint=_("Keep the readings and tell the administrator to make room."),
    )


_intake: tuple[int, Intake] | None = None
_lock = threading.Lock()


def intake() -> Intake:
    """This process's intake, started at the first use (and again after a fork)."""
    global _intake
    with _lock:
        if _intake is None or _intake[0] != os.getpid():
            _intake = (os.getpid(), Intake())
        return _intake[1]


def stop() -> None:
    """Store what waits and end this process's intake, where one was started."""
    global _intake
    with _lock:
        found, _intake = _intake, None
    if found and found[0] == os.getpid():
        found[1].stop()
