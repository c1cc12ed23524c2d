"""The writer of the readings: batches of parcels in by a pipe, what became of them out.

It runs in a process of its own beside each process that has doors. Reading messages and storing
readings are both work for Python's one lock: as two threads they hand it to and fro a hundred times
a transaction and take twice the time for it.

A storm brings many small messages; a commit costs the same for one reading as for thousands. So
whatever has come in while the last commit ran goes into the next (group commit).
"""

import logging
import select
import signal
import time
from dataclasses import dataclass
from enum import StrEnum
from multiprocessing.connection import Connection
from typing import cast

from django.db import connection

from anlan.base import storage
from anlan.base.storage import DatabaseFault

from .parcels import Parcel, Receipt
from .store import Store

logger = logging.getLogger(__name__)

GROUP_ROWS = 10_000  # most rows in one transaction, but for what one message brings
TRIES = 3
# No further try after so long: the database has waited itself, and the devices wait for us.
PATIENCE_S = 5.0
RETRY_S = 0.2


class Trouble(StrEnum):
    """Why a parcel was not stored."""

    BUSY = "observe.busy"  # locked, or the database is away
    FULL = "observe.disk_full"
    FAULT = "observe.failed"  # a bug; it is in the log


Outcome = Receipt | Trouble


@dataclass(frozen=True, slots=True)
class Reply:
    """What became of a batch, in its order; how many transactions the writer has made so far."""

    outcomes: list[Outcome]
    groups: int


class Writer:
    """Stores parcels by whole groups, again where the database was locked for a moment."""

    def __init__(self, store: Store | None = None) -> None:
        self.store = store or Store()
        self.groups = 0

    def write(self, parcels: list[Parcel]) -> list[Outcome]:
        """Store in one transaction, or none of it where there is trouble with the database."""
        try:
            outcomes = self._try(parcels)
        except Exception:
            # Whatever it is, it must neither end the writer nor cost the other parcels: each is
            # written on its own, so that only the one that brought it fails.
            if len(parcels) > 1:
                return [outcome for parcel in parcels for outcome in self.write([parcel])]
            logger.exception("readings could not be stored")
            return [Trouble.FAULT]
        self.groups += 1
        return outcomes

    def flush(self) -> None:
        """Write the latest values that were gathered."""
        try:
            self.store.flush()
        except DatabaseFault:
            # The readings are stored; these come with the next ones, or a quarter second later.
            logger.warning("the latest values wait", exc_info=True)
            connection.close()

    def _try(self, parcels: list[Parcel]) -> list[Outcome]:
        give_up = time.monotonic() + PATIENCE_S
        for attempt in range(TRIES):
            try:
                return cast(list[Outcome], self.store.write(parcels, gather=True))
            except DatabaseFault as error:
                if not storage.is_trouble(error):
                    raise
                logger.warning("storing failed: %s", error)
                connection.close()  # a broken connection stays broken
                if storage.is_full(error):
                    return [Trouble.FULL] * len(parcels)
            if time.monotonic() > give_up:
                break
            if attempt + 1 < TRIES:
                time.sleep(RETRY_S * (attempt + 1))
        return [Trouble.BUSY] * len(parcels)


def serve(line: Connection, writer: Writer) -> None:
    """Answer batches until the other end says None or is gone."""
    poll = select.poll()
    poll.register(line.fileno(), select.POLLIN)
    ended = False
    while not ended:
        due_s = writer.store.latest.due_in()
        if not poll.poll(None if due_s is None else due_s * 1000):
            writer.flush()
            continue
        batches, ended = _receive(line, poll)
        parcels = [parcel for batch in batches for parcel in batch]
        outcomes = iter(writer.write(parcels) if parcels else ())
        for batch in batches:
            line.send(Reply([next(outcomes) for _parcel in batch], writer.groups))
    if writer.store.latest.due_in() is not None:
        writer.flush()


def _receive(line: Connection, poll: select.poll) -> tuple[list[list[Parcel]], bool]:
    """What has come in by now, and whether it was the last."""
    batches: list[list[Parcel]] = []
    rows = 0
    while not batches or (rows < GROUP_ROWS and poll.poll(0)):
        try:
            batch: list[Parcel] | None = line.recv()
        except (EOFError, ConnectionResetError):
            return batches, True
        if batch is None:
            return batches, True
        batches.append(batch)
        rows += sum(map(len, batch))
    return batches, False


def work(descriptor: int) -> None:
    """The process: it ends when its parent has ended, and not by a signal meant for the group."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    try:
        serve(Connection(descriptor), Writer())
    except BrokenPipeError:
        logger.warning("nobody waits for the writer's answer any more")
