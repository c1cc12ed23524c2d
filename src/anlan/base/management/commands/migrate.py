"""Django's migrate, after a look whether the database can be brought up to date at all."""

from typing import Any

from django.core.management.commands import migrate

from anlan.base.operations import refuse_the_half_migrated


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        refuse_the_half_migrated(options["database"])
        super().handle(*args, **options)
