"""Many computations at once, on this machine or on a cluster, through Dask.

The same call for both: `ANLAN_DASK` names the cluster's scheduler, and where it is empty workers
are started here, one thread each. What a worker had when it died is computed by another.
"""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

logger = logging.getLogger(__name__)

T = TypeVar("T")
R = TypeVar("R")
LOOK_S = 1.0  # how often we hear whether to stop
MOST_TRIES = 4  # of one task, where its worker or its inputs are lost again and again


class Called(Exception):
    """Somebody wants it to stop."""


@contextmanager
def workers(address: str = "", *, most: int | None = None, folder: str = "") -> Iterator[Any]:
    """A client of the cluster at `address`, or of workers started here and ended with it."""
    import dask

    # Before the import, which sets its loggers up by this.
    quiet = dict.fromkeys(("distributed", "distributed.client"), "warning")
    dask.config.set({"logging": quiet})
    from distributed import Client, LocalCluster

    connect: Any = Client
    start: Any = LocalCluster

    settings = {"distributed.admin.tick.limit": "60s", "distributed.scheduler.worker-ttl": None}
    if folder:
        settings["temporary-directory"] = folder
    with dask.config.set(settings):
        if address:
            with connect(address, timeout="20s", set_as_default=False) as client:
                yield client
            return
        count = max(1, min(os.cpu_count() or 1, most or 64))
        # Reached from this machine only, and with a certificate made for this cluster: who may
        # send it work may run anything as us.
        with (
            start(
                n_workers=count,
                threads_per_worker=1,
                memory_limit=0,
                dashboard_address="127.0.0.1:0",
                host="127.0.0.1",
                security=True,
                silence_logs=logging.ERROR,
            ) as cluster,
            connect(cluster, set_as_default=False, security=cluster.security) as client,
        ):
            yield client


def each(
    client: Any,
    function: Callable[[T], R],
    tasks: Sequence[T],
    *,
    beat: Callable[[float], bool] = lambda part: False,
) -> Iterator[tuple[int, R]]:
    """Results with their task's number as they come, every task's exactly once.

    Raises `Called` where `beat`, told the part done, answers that somebody wants it to stop; and
    what a task raised itself.
    """
    from distributed import CancelledError, KilledWorker

    tries = dict.fromkeys(range(len(tasks)), 0)
    waiting: dict[Any, int] = {}
    done = 0
    try:
        while tries or waiting:
            for number in [n for n in tries if n not in waiting.values()]:
                waiting[_submit(client, function, tasks[number], tries, number)] = number
            if beat(done / len(tasks)):
                raise Called
            for future in _finished(client, list(waiting)):
                number = waiting.pop(future)
                try:
                    result = future.result()
                except (CancelledError, KilledWorker, OSError) as lost:
                    _note_loss(number, tries, lost)
                    continue
                del tries[number]
                done += 1
                yield number, result
    finally:
        client.cancel(list(waiting), force=True)


def _finished(client: Any, waiting: list[Any]) -> list[Any]:
    """Those that are over, after a second at most."""
    from distributed import wait

    waits: Any = wait
    with client.as_current():
        try:
            return list(waits(waiting, timeout=LOOK_S, return_when="FIRST_COMPLETED").done)
        except TimeoutError:
            return []


def _submit(
    client: Any, function: Callable[[T], R], task: T, tries: dict[int, int], number: int
) -> Any:
    tries[number] += 1
    key = f"member-{number}-{tries[number]}-{id(tries)}"
    with warnings.catch_warnings():
        # A ground of 20 MB goes with every task: so it is there whoever dies. Dask would rather
        # have it scattered, and lost with the worker that holds it.
        warnings.filterwarnings("ignore", "Sending large graph")
        return client.submit(function, task, pure=False, key=key)


def _note_loss(number: int, tries: dict[int, int], lost: Exception) -> None:
    logger.warning("a worker was lost, computing again", extra={"task": number, "why": repr(lost)})
    if tries[number] >= MOST_TRIES:
        raise lost
