from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from anlan.base.errors import Refusal
from anlan.web.backup import back_up


class Command(BaseCommand):
    help = "Write database, files and journal heads into one file, while everything runs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--with-secret", action="store_true", help="also the key that signs sessions"
        )

    def handle(self, *, file: Path, with_secret: bool, **options: Any) -> None:
        try:
            manifest = back_up(file, with_secret=with_secret)
        except Refusal as refusal:
            raise CommandError(f"{refusal.message} {refusal.hint}") from refusal
        self.stdout.write(
            _("%(file)s: %(count)d files, %(size).1f MB")
            % {
                "file": file,
                "count": len(manifest["files"]),
                "size": file.stat().st_size / 1e6,
            }
        )
