"""For every test: catalogues as they stand in the checkout, and data in a folder of its own."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent

# Before Django reads its settings: tests never touch a running Anlan's data.
os.environ.setdefault("ANLAN_DATA", tempfile.mkdtemp(prefix="anlan-tests-"))


def pytest_configure() -> None:
    subprocess.run([sys.executable, str(ROOT / "tools/translations.py"), "compile"], check=True)
