"""For every test: catalogues as they stand in the checkout, and data in a folder of its own."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent

# Before Django reads its settings: tests never touch a running Anlan's data.
os.environ.setdefault("ANLAN_DATA", tempfile.mkdtemp(prefix="anlan-tests-"))

# Before the first string is looked up: Django keeps the catalogues that it found then.
subprocess.run([sys.executable, str(ROOT / "tools/translations.py"), "compile"], check=True)
