"""The `anlan` command: every verb is a management command of some room."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.web.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(["anlan", *sys.argv[1:]])


if __name__ == "__main__":
    main()
