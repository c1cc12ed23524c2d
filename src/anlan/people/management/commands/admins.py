"""`anlan admins add`: the first person who can sign in, and let others in."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from anlan.base import clock
from anlan.base.errors import Refusal
from anlan.people.models import Account
from anlan.people.services.administrators import make_administrator
from anlan.places.queries import get_region


class Command(BaseCommand):
    help = "Make an administrator of a region, who may do everything there; prints the password."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=["add"])
        parser.add_argument("username")
        parser.add_argument("--name", required=True, help="the person's name")
        parser.add_argument("--region", required=True, help="code of the city, county or town")

    def handle(self, *, username: str, name: str, region: str, **options: Any) -> None:
        try:
            account, password = make_administrator(
                username=username,
                name=name,
                region=get_region(code=region),
                by=Account.objects.system(),
                at=clock.now(),
            )
        except Refusal as refusal:
            raise CommandError(f"{refusal.message} {refusal.hint}") from refusal
        note = _("(to be changed at the first sign-in)")
        self.stdout.write(f"{account.username}  {password}  {note}")
