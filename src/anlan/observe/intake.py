"""The one way of all doors: parcels go to the writer, and what became of them comes back.

A submitter's future is resolved after the commit: only then may a device be told that we have its
data. The writer is a process (`writer`); where it dies, what it held is refused as busy, to be sent
again, and another one is started.
"""

import contextlib
import logging
import os
import pickle
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from multiprocessing import Pipe
from multiprocessing.connection import Connection

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from anlan.base.storage import NotStored

from . import meters
from .parcels import Parcel, Receipt
from .writer import Outcome, Reply, Trouble, Writer, serve

logger = logging.getLogger(__name__)

WAITING_ROWS = 200_000  # more than this in work is refused: less than a second's work
BATCH_ROWS = 4_000  # sent in one piece, but for what one message brings
SWITCH_S = 0.0005
AGAIN_S = 1.0  # until a writer that died is started again

Waiting = tuple[Parcel, "Future[Receipt]"]


class Fault(Exception):
    """A bug kept these readings from being stored; it is in the log."""


class Intake:
    """This process's end of the line to its writer."""

    def __init__(self) -> None:
        # Sender and receiver need Python's lock for microseconds and would get it only 5 ms later
        # each time, while a door's thread is busy reading messages.
        sys.setswitchinterval(min(SWITCH_S, sys.getswitchinterval()))
        self._waiting: deque[Waiting] = deque()
        self._rows = 0  # waiting or with the writer
        lock = threading.Lock()
        self._wake, self._room = threading.Condition(lock), threading.Condition(lock)
        self._ending = threading.Event()
        self.groups = self.stored_rows = 0  # transactions so far, and rows in them
        self._line = Line()
        names = {"readings-out": self._send, "readings-back": self._receive}
        self._threads = [
            threading.Thread(target=run, name=name, daemon=True) for name, run in names.items()
        ]
        for thread in self._threads:
            thread.start()

    @property
    def writer_pid(self) -> int:
        return self._line.pid

    def submit(self, parcel: Parcel, *, wait_s: float = 0) -> "Future[Receipt]":
        """Hand over a parcel. The future gives its receipt after the commit, or raises.

        Where too much is in work already, it is refused as busy, after waiting for room.
        """
        future: Future[Receipt] = Future()
        with self._wake:
            self._room.wait_for(lambda: self._ending.is_set() or self._rows <= WAITING_ROWS, wait_s)
            if not self._ending.is_set() and self._rows <= WAITING_ROWS:
                self._waiting.append((parcel, future))
                self._rows += len(parcel)
                self._wake.notify()
                return future
        future.set_exception(_refusal(Trouble.BUSY))
        return future

    def stop(self, timeout_s: float = 30) -> None:
        """Store what waits, then end."""
        with self._wake:
            self._ending.set()
            self._wake.notify()
            self._room.notify_all()
        for thread in self._threads:
            thread.join(timeout_s)

    def _send(self) -> None:
        while batch := self._next_batch():
            if not self._line.send(batch):
                self._answer(batch, [Trouble.BUSY] * len(batch))
        self._line.say_end()

    def _next_batch(self) -> list[Waiting]:
        """What waits; nothing once we stop."""
        with self._wake:
            while not self._waiting and not self._ending.is_set():
                self._wake.wait()
            batch, rows = [], 0
            while self._waiting and rows < BATCH_ROWS:
                batch.append(self._waiting.popleft())
                rows += len(batch[-1][0])
            return batch

    def _receive(self) -> None:
        while True:
            try:
                batch, reply = self._line.receive()
            except OSError:
                lost = self._line.close()
                self._answer(lost, [Trouble.BUSY] * len(lost))
                if not self._start_again():
                    break
                continue
            self.groups = reply.groups
            self.stored_rows += sum(len(parcel) for parcel, _future in batch)
            self._answer(batch, reply.outcomes)
        logger.info("intake stopped", extra={"groups": self.groups, "rows": self.stored_rows})

    def _start_again(self) -> bool:
        """False where we end ourselves: nothing waits for another writer."""
        if self._ending.is_set():
            return False
        logger.error("the writer of the readings has ended; starting it again")
        if self._ending.wait(AGAIN_S):
            return False
        try:
            self._line = Line()
        except OSError:
            logger.exception("the writer of the readings could not be started")
        if self._ending.is_set():
            self._line.say_end()  # the sender may have said it to the one before
        return True

    def _answer(self, batch: list[Waiting], outcomes: Sequence[Outcome]) -> None:
        with self._wake:
            self._rows -= sum(len(parcel) for parcel, _future in batch)
            self._room.notify_all()
        for (parcel, future), outcome in zip(batch, outcomes, strict=True):
            if isinstance(outcome, Trouble):
                future.set_exception(_refusal(outcome))
            else:
                meters.count(parcel.door, outcome)
                future.set_result(outcome)


class Line:
    """A writer, and the batches that it has not answered yet."""

    def __init__(self) -> None:
        self._here, there = Pipe()
        self._sent: deque[list[Waiting]] = deque()
        self._lock, self._sending = threading.Lock(), threading.Lock()
        self._closed = False
        self._process: subprocess.Popen[bytes] | None = None
        if settings.READINGS_WRITER_APART:
            command = [sys.executable, "-m", "anlan", "readings_writer", str(there.fileno())]
            # A group of its own: a signal to ours would end it before it has learnt to ignore that.
            self._process = subprocess.Popen(  # noqa: S603 — our own command
                command, pass_fds=[there.fileno()], process_group=0
            )
            there.close()
        else:
            threading.Thread(target=_serve_here, args=(there,), name="writer", daemon=True).start()

    @property
    def pid(self) -> int:
        return self._process.pid if self._process else os.getpid()

    def send(self, batch: list[Waiting]) -> bool:
        """False where the line is closed. Whether it arrives shows in what is received."""
        data = pickle.dumps([parcel for parcel, _future in batch], pickle.HIGHEST_PROTOCOL)
        with self._lock:
            if self._closed:
                return False
            self._sent.append(batch)
        with self._sending, contextlib.suppress(OSError):
            self._here.send_bytes(data)
        return True

    def say_end(self) -> None:
        with self._sending, contextlib.suppress(OSError):
            self._here.send(None)

    def receive(self) -> tuple[list[Waiting], Reply]:
        """The next answer, and to what; raises OSError where the writer has ended."""
        try:
            reply: Reply = self._here.recv()
        except EOFError as error:
            raise ConnectionResetError from error
        with self._lock:
            return self._sent.popleft(), reply

    def close(self) -> list[Waiting]:
        """What will not be answered any more."""
        with self._lock:
            self._closed = True
            lost = [waiting for batch in self._sent for waiting in batch]
            self._sent.clear()
        with self._sending:
            self._here.close()
        if self._process:
            self._process.wait()
        return lost


def _serve_here(there: Connection) -> None:
    """The writer as a thread: for tests, whose database another process would not see."""
    try:
        serve(there, Writer())
    finally:
        there.close()
        connection.close()


def _refusal(trouble: Trouble) -> Exception:
    if trouble is Trouble.FAULT:
        return Fault("the readings could not be stored; the reason is in the log")
    if trouble is Trouble.FULL:
        return NotStored(
            trouble,
            _("The disk of the readings is full; none of this message was kept."),
            hint=_("Keep the readings and tell the administrator to make room."),
        )
    return NotStored(
        trouble,
        _("The readings could not be stored now; none of this message was kept."),
        hint=_("Keep them and send again in a few seconds."),
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
