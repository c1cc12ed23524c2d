"""A house of its own for a benchmark: an empty database in a folder, web process and worker."""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parent.parent
PORT = int(os.environ.get("ANLAN_BENCH_PORT", "8640"))
ADDRESS = f"http://127.0.0.1:{PORT}"
CHROMIUM = "/usr/bin/chromium"
CHROMIUM_ARGS = [
    "--headless=new",
    "--no-sandbox",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextlib.contextmanager
def folder(**more: str) -> Iterator[dict[str, str]]:
    """The environment of a house whose data is thrown away afterwards."""
    with tempfile.TemporaryDirectory(prefix="anlan-bench-") as data:
        yield {
            **os.environ,
            "ANLAN_DATA": data,
            "DATABASE_URL": "",
            "ANLAN_SL651_PORT": "0",
            "ANLAN_MQTT": "",
            "ANLAN_LOG_LEVEL": "WARNING",
            "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), os.environ.get("PYTHONPATH", "")]),
            **more,
        }


def anlan(env: dict[str, str], *words: str) -> str:
    """Run one command and return what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "anlan", *words],
        env=env,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return done.stdout


def sessions(env: dict[str, str], *usernames: str) -> list[str]:
    """A signed-in session for each account."""
    code = (
        "from django.test import Client; from anlan.people.models import Account\n"
        f"for name in {usernames!r}:\n"
        "    c = Client(); c.force_login(Account.objects.get(username=name))\n"
        "    print('session', c.session.session_key)"
    )
    lines = anlan(env, "shell", "-v0", "-c", code).splitlines()
    return [line.split()[1] for line in lines if line.startswith("session ")]


@contextlib.contextmanager
def running(env: dict[str, str], *, worker: bool = True) -> Iterator[None]:
    """As many web processes as `anlan up` starts, unless ANLAN_WEB_PROCESSES says otherwise."""
    several = int(os.environ.get("ANLAN_WEB_PROCESSES", min(2 * (os.cpu_count() or 1), 6)))
    web = ["web", "--port", str(PORT)]
    commands = [web] * several + ([["worker"]] if worker else [])
    processes = [subprocess.Popen([sys.executable, "-m", "anlan", *c], env=env) for c in commands]
    try:
        wait_for_web()
        yield
    finally:
        for process in processes:
            process.send_signal(signal.SIGTERM)
        for process in processes:
            process.wait(20)


def wait_for_web() -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            urlopen(f"{ADDRESS}/sign-in/", timeout=5).close()
            return
        except (URLError, OSError):
            time.sleep(0.2)
    raise TimeoutError("the web process did not start")


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
