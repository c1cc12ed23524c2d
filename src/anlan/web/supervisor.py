"""Keep a group of processes running: start, restart with back-off, stop all together.

No shared state and no messages: every process keeps what matters in the database, so one that is
killed at any moment is simply started again.
"""

import ctypes
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import FrameType

from django.utils.translation import gettext as _

logger = logging.getLogger(__name__)

POLL_S = 0.1
FIRST_DELAY_S = 0.2
LONGEST_DELAY_S = 30.0
# Having run so long, a process counts as healthy and its next crash is restarted at once.
STEADY_S = 60.0
STOP_WITHIN_S = 15.0
_PR_SET_PDEATHSIG = 1


def _die_with_parent() -> None:
    """In the child: stop when the supervisor is gone, even if it was killed (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass
class Child:
    """One process of the group."""

    name: str
    command: list[str]
    env: Mapping[str, str] = field(default_factory=dict)  # added to ours
    process: "subprocess.Popen[bytes] | None" = None
    started: float = 0.0
    delay: float = FIRST_DELAY_S
    start_at: float = 0.0
    restarts: int = 0

    def start(self) -> None:
        # A session of its own: Ctrl-C reaches only the supervisor, which stops all in order.
        self.process = subprocess.Popen(  # noqa: S603 — our own commands
            self.command,
            env={**os.environ, **self.env},
            start_new_session=True,
            preexec_fn=_die_with_parent,
        )
        self.started = time.monotonic()
        logger.info("started", extra={"child": self.name, "pid": self.process.pid})

    def crashed(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def plan_restart(self) -> None:
        """Wait longer after each quick crash, not at all long after a steady run."""
        code = self.process.returncode if self.process else None
        if time.monotonic() - self.started > STEADY_S:
            self.delay = FIRST_DELAY_S
        logger.error(
            "stopped by itself, starting again",
            extra={"child": self.name, "code": code, "after_s": self.delay},
        )
        self.process, self.start_at = None, time.monotonic() + self.delay
        self.delay = min(self.delay * 2, LONGEST_DELAY_S)
        self.restarts += 1

    def tell(self, number: int) -> None:
        """Signal the process and everything that it started."""
        if self.process is not None and self.process.poll() is None:
            try:
                os.killpg(self.process.pid, number)
            except ProcessLookupError:
                return


class Supervisor:
    def __init__(self, children: list[Child], *, on_round: Callable[[], None] | None = None):
        self.children = children
        self.stopping = False
        self._on_round = on_round or (lambda: None)

    def run(self) -> int:
        """Run until SIGTERM or SIGINT; 0 after an orderly stop."""
        before = {n: signal.signal(n, self._stop) for n in (signal.SIGTERM, signal.SIGINT)}
        try:
            while not self.stopping:
                self.round()
                time.sleep(POLL_S)
        finally:
            self.stop()
            for number, handler in before.items():
                signal.signal(number, handler)
        return 0

    def round(self) -> None:
        """Start what is to be started and notice what has stopped."""
        for child in self.children:
            if child.crashed():
                child.plan_restart()
            if child.process is None and time.monotonic() >= child.start_at:
                child.start()
        self._on_round()

    def stop(self, within_s: float = STOP_WITHIN_S) -> None:
        """Ask all to stop at once; kill what has not stopped in time."""
        for child in self.children:
            child.tell(signal.SIGTERM)
        deadline = time.monotonic() + within_s
        for child in self.children:
            if child.process is None:
                continue
            try:
                child.process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                logger.warning("did not stop, killed", extra={"child": child.name})
                child.tell(signal.SIGKILL)
                child.process.wait()
        logger.info("all stopped")

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.stopping = True


def port_problem(host: str, port: int, setting: str) -> str:
    """Why we cannot listen there, for people; empty where we can. Port 0 means turned off."""
    if not port:
        return ""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return _(
                "Cannot listen on %(host)s port %(port)s (%(why)s). "
                "Stop what uses it, or set %(setting)s."
            ) % {
                "host": host,
                "port": port,
                "why": error.strerror,
                "setting": setting,
            }
    return ""
