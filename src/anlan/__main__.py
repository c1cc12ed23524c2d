"""The `anlan` command: every verb is a management command of some room."""

import os
import sys
import tempfile
from pathlib import Path

# Commands that need no data of a city: what Django's settings make goes out of the way.
ALONE = {"flood"}


def main() -> None:
    if sys.argv[1:2] and sys.argv[1] in ALONE:
        os.environ.setdefault(
            "ANLAN_DATA", str(Path(tempfile.gettempdir()) / f"anlan-{os.getuid()}")
        )
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.web.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(["anlan", *sys.argv[1:]])


if __name__ == "__main__":
    main()
