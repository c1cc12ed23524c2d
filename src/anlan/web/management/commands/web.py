"""The web process: pages, API, the HTTP door for readings and the live feed."""

import contextvars
import os
import socket
from argparse import ArgumentParser
from typing import Any

import uvicorn
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from anlan.web.feed import door as feed
from anlan.web.protocol import BoundedProtocol

# What is still being answered when the process is asked to end.
LEAVE_WITHIN_S = 5
BACKLOG = 2048


class Server(uvicorn.Server):
    """Ends the open feeds first, then waits for what is still being answered."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await feed.stop()
        await super().shutdown(sockets)


class Command(BaseCommand):
    help = "Serve pages, API, the HTTP door and the live feed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default=settings.WEB_HOST)
        parser.add_argument("--port", type=int, default=settings.WEB_PORT)
        parser.add_argument("--tls-cert", default=os.environ.get("ANLAN_TLS_CERT", ""))
        parser.add_argument("--tls-key", default=os.environ.get("ANLAN_TLS_KEY", ""))

    def handle(self, **options: Any) -> None:
        cert, key = options["tls_cert"], options["tls_key"]
        if bool(cert) != bool(key):
            raise CommandError(_("HTTPS needs both --tls-cert and --tls-key."))
        config = uvicorn.Config(
            "anlan.web.asgi:application",
            host=options["host"],
            port=options["port"],
            ssl_certfile=cert or None,
            ssl_keyfile=key or None,
            timeout_graceful_shutdown=LEAVE_WITHIN_S,
            lifespan="on",
            http=BoundedProtocol,
            # Django's own logging stands; a line for each request belongs to the proxy.
            log_config=None,
            access_log=False,
            server_header=False,
            backlog=BACKLOG,
        )
        # A context of its own: Django keeps connections by context, and one that the start of this
        # command opened would be lent to every request's thread.
        sockets = [shared_socket(options["host"], options["port"])]
        contextvars.Context().run(Server(config).run, sockets)


def shared_socket(host: str, port: int) -> socket.socket:
    """Other web processes of the group may listen there too; the kernel shares out who connects."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sharing = settings.WEB_PROCESSES > 1 and hasattr(socket, "SO_REUSEPORT")
    return socket.create_server((host, port), family=family, backlog=BACKLOG, reuse_port=sharing)
