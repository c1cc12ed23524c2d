"""`anlan flood run case.toml`: the flood engine for hydrologists, without a database."""

import signal
import sys
import threading
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from anlan.base.errors import Refusal
from anlan.simulate.casefile.read import CaseFile, read_case
from anlan.simulate.casefile.solo import Progress, run_file
from anlan.simulate.describe import case_lines, summary_lines
from anlan.simulate.words import in_our_words


class Command(BaseCommand):
    help = "Check or run a flood case; writes GeoTIFF, Zarr and a summary. Needs no database."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=["run", "check"])
        parser.add_argument("case", type=Path, help="TOML: see docs/guide/flood.md")
        parser.add_argument("-o", "--output", type=Path, help="folder (the case's name)")
        parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint")

    def handle(self, *, action: str, case: Path, output: Path | None, **options: Any) -> None:
        try:
            file = read_case(case)
            check(file)
            for line in case_lines(file):
                self.stdout.write(line)
            if action == "run":
                self.run(file, output or case.with_suffix(""), resume=options["resume"])
        except Refusal as refusal:
            raise CommandError(f"{refusal.message} {refusal.hint}".strip()) from refusal

    def run(self, file: CaseFile, folder: Path, *, resume: bool) -> None:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        self.stdout.write(_("Preparing the engine (the first time some seconds) …"))
        bar = Bar(self.stdout)
        summary = run_file(file, folder, resume=resume, show=bar.show, stop=stop.is_set)
        bar.close()
        if summary is None:
            raise CommandError(_("Stopped; go on with --resume."))
        for line in summary_lines(summary):
            self.stdout.write(line)
        self.stdout.write(str(folder))


class Bar:
    """One line that is written over on a terminal; elsewhere a line every tenth."""

    def __init__(self, out: Any) -> None:
        self.out, self.told = out, -1
        self.live = sys.stdout.isatty()

    def show(self, progress: Progress) -> None:
        percent = int(100 * progress.part)
        if percent == self.told or not (self.live or percent % 10 == 0):
            return
        self.told = percent
        left = progress.steps_s * (1 - progress.part) / max(progress.part, 1e-6)
        text = _("%(percent)3d %%  %(hours).2f h simulated, %(took)d s, about %(left)d s left") % {
            "percent": percent,
            "hours": progress.time_s / 3600,
            "took": progress.steps_s,
            "left": left,
        }
        self.out.write(f"\r{text}" if self.live else text, ending="" if self.live else "\n")
        self.out.flush()

    def close(self) -> None:
        if self.live and self.told >= 0:
            self.out.write("")


def check(file: CaseFile) -> None:
    """As the engine does before it runs."""
    from anlan.engines.flood.checks import check as engine_check

    with in_our_words():
        engine_check(file.case)
