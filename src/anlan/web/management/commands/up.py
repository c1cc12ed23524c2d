"""Web, worker, listeners and computation as one supervised group."""

import os
import ssl
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _

from anlan.base.errors import Refusal
from anlan.base.operations import refuse_the_half_migrated
from anlan.web import running
from anlan.web.ops import forget_old_counters
from anlan.web.supervisor import Child, Supervisor, port_problem


class Command(BaseCommand):
    help = "Run web, worker, listeners and computation as a group; crashed ones start again."
    requires_system_checks = "__all__"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--tls", action="store_true", help="HTTPS; also where --cert or ANLAN_TLS_CERT is given"
        )
        parser.add_argument("--cert", default=os.environ.get("ANLAN_TLS_CERT", ""))
        parser.add_argument("--key", default=os.environ.get("ANLAN_TLS_KEY", ""))
        parser.add_argument("--workers", type=int, default=1, help="how many workers")
        parser.add_argument(
            "--migrate",
            action="store_true",
            help="bring the database up to date first (always done on SQLite)",
        )

    def handle(self, **options: Any) -> None:
        try:
            with running.alone():
                self.run_group(**options)
        except Refusal as refusal:
            raise CommandError(f"{refusal.message} {refusal.hint}") from refusal

    def run_group(self, **options: Any) -> None:
        forget_old_counters()
        wanted = options["tls"] or options["cert"] or options["key"]
        tls = tls_env(options["cert"], options["key"]) if wanted else {}
        refuse_taken_ports()
        self.bring_up_to_date(allowed=options["migrate"])
        scheme = "https" if tls else "http"
        self.stdout.write(f"{scheme}://{settings.WEB_HOST}:{settings.WEB_PORT}/", ending="\n")
        self.stdout.flush()
        sys.exit(Supervisor(children(workers=options["workers"], web_env=tls)).run())

    def bring_up_to_date(self, *, allowed: bool) -> None:
        """Migrate an embedded database; a city's own only when asked to."""
        refuse_the_half_migrated()
        connection = connections[DEFAULT_DB_ALIAS]
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if not waiting:
            return
        if not (allowed or connection.vendor == "sqlite"):
            raise CommandError(
                _("%(count)s migrations are missing. Back up, then run “anlan migrate”.")
                % {"count": len(waiting)}
            )
        call_command("migrate", verbosity=0, interactive=False)
        connections.close_all()


def refuse_taken_ports() -> None:
    problems = [
        port_problem(settings.WEB_HOST, settings.WEB_PORT, "ANLAN_WEB_PORT"),
        port_problem("0.0.0.0", settings.SL651_PORT, "ANLAN_SL651_PORT"),  # noqa: S104
    ]
    if any(problems):
        raise CommandError("\n".join(filter(None, problems)))


def children(*, workers: int = 1, web_env: dict[str, str] | None = None) -> list[Child]:
    """The group: web processes, workers, the listeners of all doors, one that computes."""
    anlan = [sys.executable, "-m", "anlan"]
    group = [
        Child(f"web-{n + 1}", [*anlan, "web"], env=web_env or {})
        for n in range(settings.WEB_PROCESSES)
    ]
    group += [Child(f"worker-{n + 1}", [*anlan, "worker"]) for n in range(workers)]
    group.append(Child("ingest", [*anlan, "ingest"]))
    group.append(Child("simulate", [*anlan, "simulate"]))
    return group


def tls_env(cert: str, key: str) -> dict[str, str]:
    """What the web process needs for HTTPS with the city's own certificate."""
    for path in (cert, key):
        if not path or not Path(path).is_file():
            raise CommandError(
                _("For --tls give the certificate and its key: --cert FILE --key FILE.")
            )
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(cert, key)
    except OSError as error:  # the web process would fail at it again and again
        raise CommandError(
            _("The certificate %(cert)s and the key %(key)s do not go together: %(why)s")
            % {"cert": cert, "key": key, "why": error}
        ) from error
    return {"ANLAN_TLS_CERT": cert, "ANLAN_TLS_KEY": key, "ANLAN_HTTPS": "1"}
