"""A release made here, installed where no network is, as on a server without the internet."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
# What a stranger's shell has, and nothing of this checkout.
CLEAN = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}


@pytest.fixture(scope="session")
def installed(tmp_path_factory) -> Path:
    """Where install.sh put a release that was made just now. Its `venv/bin` has `anlan`."""
    if shutil.which("unshare") is None or subprocess.run(["unshare", "-n", "true"]).returncode:
        pytest.skip("no network namespace may be made here, so nothing proves it asks no registry")
    make = [sys.executable, "tools/release.py"]
    subprocess.run(make, cwd=ROOT, check=True, capture_output=True)
    (release,) = (ROOT / "dist").glob("anlan-*")
    target = tmp_path_factory.mktemp("opt") / "anlan"
    subprocess.run(["unshare", "-n", release / "install.sh", target], cwd="/", check=True)
    return target
