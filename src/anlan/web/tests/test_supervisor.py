"""The supervised group: a crashed process comes back, all stop together, messages are clear."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from django.core.management import CommandError

from anlan.web import supervisor
from anlan.web.management.commands import up
from anlan.web.supervisor import Child, Supervisor, port_problem

SLEEPER = [sys.executable, "-S", "-c", "import time; time.sleep(60)"]


@pytest.fixture
def group():
    """A group under test; whatever happens, its processes are stopped."""
    made: list[Supervisor] = []

    def make(*children: Child) -> Supervisor:
        made.append(Supervisor(list(children)))
        return made[-1]

    yield make
    for one in made:
        one.stop(within_s=2)


def until(true: Callable[[], bool], each: Callable[[], None]) -> None:
    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline, "waited too long"
        each()
        time.sleep(0.01)


def test_a_killed_process_is_started_again(group):
    child = Child("sleeper", SLEEPER)
    supervisor = group(child)
    supervisor.round()
    first = child.process.pid
    os.kill(first, signal.SIGKILL)
    until(lambda: child.process is not None and child.process.pid != first, supervisor.round)
    assert child.restarts == 1


def test_quick_crashes_are_restarted_later_each_time(group):
    child = Child("crasher", [sys.executable, "-S", "-c", "raise SystemExit(3)"])
    group(child)
    waits = []
    for _ in range(9):
        child.start()
        child.process.wait()
        assert child.crashed()
        waits.append(child.delay)
        child.plan_restart()
    assert sorted(waits) == waits
    assert waits[0] == supervisor.FIRST_DELAY_S
    assert waits[-1] == supervisor.LONGEST_DELAY_S


def test_after_a_steady_run_the_restart_is_at_once_again(group):
    child = Child("steady", SLEEPER, delay=16.0)
    group(child)
    child.start()
    child.started -= supervisor.STEADY_S + 1
    child.tell(signal.SIGKILL)
    child.process.wait()
    child.plan_restart()
    assert child.start_at - time.monotonic() <= supervisor.FIRST_DELAY_S


def test_all_stop_together_and_one_that_will_not_is_killed(group):
    deaf = (
        "import signal,time; signal.signal(15, signal.SIG_IGN); print(flush=True); time.sleep(60)"
    )
    stubborn = Child("deaf", [sys.executable, "-S", "-c", deaf])
    willing = Child("sleeper", SLEEPER)
    supervisor = group(stubborn, willing)
    supervisor.round()
    pids = [stubborn.process.pid, willing.process.pid]
    # It is deaf only once it has said so; the loop below is short in practice.
    until(lambda: _ignores_sigterm(pids[0]), lambda: None)
    supervisor.stop(within_s=0.2)
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def _ignores_sigterm(pid: int) -> bool:
    with open(f"/proc/{pid}/status") as status:  # noqa: PTH123
        line = next(line for line in status if line.startswith("SigIgn"))
    return bool(int(line.split()[1], 16) >> (signal.SIGTERM - 1) & 1)


def test_children_stop_when_the_supervisor_is_killed():
    code = (
        "import sys; from anlan.web.supervisor import Child\n"
        f"c = Child('s', {SLEEPER!r}); c.start(); print(c.process.pid, flush=True)\n"
        "import time; time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    pid = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()

    def gone() -> bool:
        try:
            with open(f"/proc/{pid}/stat") as file:  # noqa: PTH123
                return file.read().rsplit(")", 1)[1].split()[0] == "Z"
        except FileNotFoundError:
            return True

    until(gone, lambda: None)


def test_a_taken_port_is_said_with_the_setting_to_change():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        text = port_problem("127.0.0.1", port, "ANLAN_WEB_PORT")
    assert str(port) in text
    assert "ANLAN_WEB_PORT" in text
    assert port_problem("127.0.0.1", port, "ANLAN_WEB_PORT") == ""


def test_a_door_that_is_turned_off_needs_no_port():
    assert port_problem("127.0.0.1", 0, "ANLAN_SL651_PORT") == ""


def key_and_certificate(folder, name):
    """Files of a key of its own and a certificate of it, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    today = datetime.now(UTC)
    made = x509.CertificateBuilder(who, who, key.public_key(), 1, today, today + timedelta(days=1))
    form = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    files = (folder / f"{name}.crt", folder / f"{name}.key")
    files[0].write_bytes(made.sign(key, SHA256()).public_bytes(Encoding.PEM))
    files[1].write_bytes(key.private_bytes(*form))
    return [str(file) for file in files]


def test_a_key_that_does_not_fit_its_certificate_is_refused_before_anything_starts(tmp_path):
    """Or the web process would end and be started again for ever."""
    cert, key = key_and_certificate(tmp_path, "city")
    _, anothers = key_and_certificate(tmp_path, "other")

    assert up.tls_env(cert, key)["ANLAN_TLS_CERT"] == cert
    for wrong in (anothers, str(tmp_path / "none.key"), ""):
        with pytest.raises(CommandError, match=r"."):
            up.tls_env(cert, wrong)
