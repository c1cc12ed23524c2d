"""Work on lists in a thread of the worker, so that alarms and reminders need not wait for it."""

from __future__ import annotations

import logging
import threading
import time
from datetime import datetime

from django.db import close_old_connections, connection
from django.utils import timezone

from anlan.base import clock

from .models import ListImport
from .services import imports

logger = logging.getLogger(__name__)
_BEAT_S = 1.0
_busy = threading.Lock()


def start_waiting(_scenario: datetime) -> None:
    """Begin with the next list, unless this process is at one already."""
    if not imports_waiting() or not _busy.acquire(blocking=False):
        return
    threading.Thread(target=_run_all, name="list-imports", daemon=True).start()


def imports_waiting() -> bool:
    done = [ListImport.State.CHECKED, ListImport.State.DONE, ListImport.State.REFUSED]
    return ListImport.objects.exclude(state__in=done).exists()


def run_next() -> bool:
    """One list, here and now. False where none waits."""
    row = imports.take_next(at=timezone.now())
    if row is None:
        return False
    try:
        imports.carry_out(row=row, beat=_Beat(row), at=clock.now())
    except Exception:
        # Not the user's doing, and not mended by trying again: said, logged, on to the next.
        logger.exception("a list of enterprises failed", extra={"import": str(row.pk)})
        imports.give_up(row=row)
    return True


class _Beat:
    """Writes progress at most once a second."""

    def __init__(self, row: ListImport) -> None:
        self.row, self.last = row, time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        if time.monotonic() - self.last < _BEAT_S:
            return
        self.last = time.monotonic()
        ListImport.objects.filter(pk=self.row.pk).update(
            done=done, total=total, beat_at=timezone.now()
        )


def _run_all() -> None:
    try:
        while run_next():
            pass
    finally:
        close_old_connections()
        connection.close()
        _busy.release()
