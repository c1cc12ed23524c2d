from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from anlan.base import given_files
from anlan.base.errors import Refusal
from anlan.prevent.lots import BadDraw, Candidate, Verdict, verify


class Command(BaseCommand):
    help = "Repeat a published draw from its file and say whether it comes out the same."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=["verify"])
        parser.add_argument("file", type=Path)

    def handle(self, *, action: str, file: Path, **options: Any) -> None:
        try:
            verdict = verify(given_files.read(file))
        except BadDraw as error:
            raise CommandError(
                _("Cannot read %(file)s: %(why)s") % {"file": file, "why": error}
            ) from error
        except Refusal as refusal:
            raise CommandError(refusal.message) from refusal
        for line in _lines(verdict):
            self.stdout.write(line)
        if not verdict.is_right:
            raise CommandError(_("This is not what the published list and seed give."))


def _lines(verdict: Verdict) -> list[str]:
    yes, no = _("right"), _("WRONG")
    return [
        verdict.title,
        _("%(targets)d targets, %(inspectors)d inspectors")
        % {"targets": verdict.targets, "inspectors": verdict.inspectors},
        f"SHA-256 {verdict.digest}",
        f"{_('Published digest')}: {yes if verdict.digest_right else no}",
        f"{_('List fixed before the seed')}: {yes if verdict.seed_after else no}",
        f"{_('Result')}: {yes if verdict.result_right else no}",
        *(
            f"{_said(pair.target)} ← {'、'.join(map(_said, pair.inspectors))}"
            for pair in verdict.pairs
        ),
    ]


def _said(one: Candidate) -> str:
    return f"{one.name}（{one.code}）"
