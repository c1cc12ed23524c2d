"""demo.load_s: how long `anlan demo` takes to load the reference city into an empty database."""

import os
import subprocess
import sys
import tempfile
import time
from typing import Any

AIM_S = 120.0


def run() -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory(prefix="anlan-bench-demo-") as folder:
        env = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"}
        env |= {"ANLAN_DEMO": "1", "ANLAN_DATA": folder}
        started = time.monotonic()
        subprocess.run(
            [sys.executable, "-m", "anlan", "demo", "--load-only"],
            env=env,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        took = time.monotonic() - started
    return [
        {
            "name": "demo.load_s",
            "value": round(took, 1),
            "unit": "s",
            "comparison": AIM_S,
            "ratio": round(took / AIM_S, 3),
        }
    ]


if __name__ == "__main__":
    print(run())
