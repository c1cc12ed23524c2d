"""A whole Anlan of its own, started as a city starts it, to be killed at random moments."""

import fcntl
import hashlib
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import django
import httpx

ROOT = Path(__file__).parent.parent
DATABASE = "anlan.sqlite3"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(met: Callable[[], bool], what: str, within_s: float = 60) -> None:
    """Look again and again until it is so; a test sleeps for nothing else."""
    pause, give_up = threading.Event(), time.monotonic() + within_s
    while not met():
        if time.monotonic() > give_up:
            raise AssertionError(f"not within {within_s:.0f} s: {what}")
        pause.wait(0.1)


def furnish(folder: Path, name: str = DATABASE) -> None:
    """Put a database with all its tables into an empty folder: to make them takes far longer."""
    if not (folder / name).exists():
        shutil.copyfile(_tables(), folder / name)


def _tables() -> Path:
    """An empty database as `anlan migrate` makes it, made once for all processes and runs.

    An edited or new migration makes it anew, and whoever opens it migrates as ever.
    """
    source = ROOT / "src/anlan"
    used = [*source.glob("*/migrations/*.py"), source / "base/operations.py"]
    said = [django.__version__.encode(), *(path.read_bytes() for path in sorted(used))]
    kept = ROOT / "build/tables" / f"{hashlib.sha256(b''.join(said)).hexdigest()[:16]}.sqlite3"
    kept.parent.mkdir(parents=True, exist_ok=True)
    with (kept.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            for old in kept.parent.glob("*.sqlite3"):
                old.unlink()
            _make_tables(kept)
    return kept


def _make_tables(target: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="anlan-tables-") as folder:
        env = os.environ | {"ANLAN_DATA": folder, "DATABASE_URL": "", "ANLAN_DEMO": ""}
        env |= {"PYTHONPATH": str(ROOT / "src"), "DJANGO_SETTINGS_MODULE": "anlan.web.settings"}
        subprocess.run([sys.executable, "-m", "anlan", "migrate", "-v0"], env=env, check=True)
        made = Path(folder) / DATABASE
        with closing(sqlite3.connect(made)) as line:
            line.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        half = target.with_suffix(".half")
        shutil.copyfile(made, half)
        half.replace(target)


class House:
    """`anlan up` in a folder and on ports of its own, on SQLite where no DATABASE_URL is given."""

    verb, up_within_s = "up", 180.0
    furnished = True  # stands with its tables before it is started

    def __init__(
        self, folder: Path, *, inside: str, log: Path | None = None, **settings: str
    ) -> None:
        self.inside = inside  # the module whose functions `ask` runs in there
        self.web, self.sl651 = free_port(), free_port()
        self.folder, self.log = folder, log or folder / "house.log"
        self.env = {
            **{k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"},
            "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
            "ANLAN_DATA": str(folder),
            "ANLAN_WEB_PORT": str(self.web),
            "ANLAN_SL651_PORT": str(self.sl651),
            "DJANGO_SETTINGS_MODULE": "anlan.web.settings",
            "DATABASE_URL": "",
            "ANLAN_WEB_PROCESSES": "1",
            **settings,
        }
        self.process: subprocess.Popen[bytes] | None = None
        if self.furnished and not self.env["DATABASE_URL"]:
            furnish(folder)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.web}"

    def ask(self, what: str, *words: str) -> dict:
        """Run a function of the `inside` module in the house's own settings."""
        command = [sys.executable, "-m", "tests.inside", self.inside, what, *words]
        done = subprocess.run(command, cwd=ROOT, env=self.env, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    def look(self, query: str) -> list[tuple]:
        """A question to the house's own SQLite file, from outside and at once."""
        file = f"file:{self.folder}/{DATABASE}?mode=ro"
        with closing(sqlite3.connect(file, uri=True)) as line:
            return line.execute(query).fetchall()

    def count(self, table: str, where: str = "1") -> int:
        return int(self.look(f"SELECT count(*) FROM {table} WHERE {where}")[0][0])

    def start(self, *options: str) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "anlan", self.verb, *options],
                cwd=ROOT,
                env=self.env,
                stdout=log,
                stderr=log,
            )
        try:
            self.wait_until_up()
        except AssertionError:
            self.stop()  # or it would stay behind: no fixture has it yet
            raise

    def wait_until_up(self) -> None:
        """Until the web process answers and the SL 651 port is open."""
        try:
            wait_until(self._answers, "up", self.up_within_s)
        except AssertionError as error:
            raise AssertionError("not up:\n" + self.log.read_text()[-4000:]) from error

    def _answers(self) -> bool:
        # Ports first: each question of httpx reads all certificates anew.
        try:
            for port in (self.sl651, self.web):
                socket.create_connection(("127.0.0.1", port), timeout=2).close()
            httpx.get(f"{self.url}/sign-in/", timeout=2)
        except (httpx.HTTPError, OSError):
            return False
        return True

    def children(self) -> dict[str, int]:
        """What runs now: {"web": pid, "worker": pid, …}; a second one is "worker-2".

        The writers of the readings are "writer of web" and "writer of ingest".
        """
        assert self.process is not None
        found: dict[str, int] = {}
        for pid in _children_of(self.process.pid):
            name = _command(pid)
            same = sum(1 for other in found if other.startswith(name))
            found[f"{name}-{same + 1}" if same else name] = pid
            for below in _children_of(pid):
                if _command(below) == "readings_writer":
                    found[f"writer of {name}"] = below
        return found

    def kill(self, name: str) -> bool:
        """kill -9. False where it was not running at this moment."""
        pid = self.children().get(name)
        if pid is not None:
            os.kill(pid, signal.SIGKILL)
        return pid is not None

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(30)


class WebHouse(House):
    """The web process alone, with its writer of readings: a third of a whole house's cost."""

    verb = "web"

    def _answers(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.web), timeout=2).close()
            return httpx.get(f"{self.url}/health/live", timeout=2).is_success
        except (httpx.HTTPError, OSError):
            return False


def _children_of(pid: int) -> list[int]:
    """Of every thread; none where it has just ended."""
    try:
        texts = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/children")]
    except OSError:
        return []
    return [int(word) for text in texts for word in text.split()]


def _command(pid: int) -> str:
    """The verb of an `anlan` process; nothing where it has just ended."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return ""
    return words[3].decode() if len(words) > 3 else ""
