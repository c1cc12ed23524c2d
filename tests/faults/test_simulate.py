"""kill -9 of a computing process: its run is computed by another, once."""

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from tests.house import ROOT, House, wait_until

pytestmark = pytest.mark.fault


def start(house):
    return subprocess.Popen(
        [sys.executable, "-m", "anlan", "simulate"],
        cwd=ROOT, env=house.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def progress(house):
    """Of the run, read from outside: starting a Python for every look would slow it down."""
    with closing(sqlite3.connect(house.folder / "anlan.sqlite3")) as line:
        return line.execute("SELECT progress, state FROM simulate_run").fetchone()


def test_a_run_whose_process_is_killed_is_computed_by_another_once(tmp_path):
    house = House(tmp_path, inside="tests.faults.inside_simulate")
    house.ask("prepare")
    first = start(house)
    second = None
    try:
        wait_until(lambda: progress(house)[0] > 0.05, "computing", within_s=120)
        second = start(house)
        os.kill(first.pid, signal.SIGKILL)
        first.wait(10)
        wait_until(lambda: progress(house)[1] == "DONE", "done by the other", 240)
    finally:
        for process in filter(None, (first, second)):
            process.kill()
            process.wait(10)

    found = house.ask("state")
    assert (found["attempts"], found["told"], found["error"]) == (2, 1, {})
    assert len(found["frames"]) == 19
    assert found["frames"][-1] > 50
    assert found["parts"] == []


def test_a_process_that_is_asked_to_end_puts_its_run_back_at_once(tmp_path):
    house = House(tmp_path, inside="tests.faults.inside_simulate")
    house.ask("prepare")
    process = start(house)
    try:
        wait_until(lambda: progress(house)[0] > 0.02, "computing", within_s=120)
        process.terminate()
        assert process.wait(15) == 0
    finally:
        process.kill()
        process.wait(10)

    assert house.ask("state")["state"] == "QUEUED"
