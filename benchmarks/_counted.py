"""Run one of our commands; on SIGUSR1 it says what its writer did and what CPU time both took."""

import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any


def tell(*_signal: Any) -> None:
    from anlan.observe.intake import intake

    doors = intake()
    cpu_s = {"door_s": time.process_time(), "writer_s": _cpu_s(doors.writer_pid)}
    done = {"groups": doors.groups, "rows": doors.stored_rows, **cpu_s}
    os.write(1, json.dumps(done).encode() + b"\n")


def _cpu_s(pid: int) -> float:
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, after_name[11:13])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    signal.signal(signal.SIGUSR1, tell)
    from anlan.__main__ import main

    sys.argv[0] = "anlan"
    main()
