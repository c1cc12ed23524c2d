"""One ASGI process: what must be quick or stay open natively, everything else Django's WSGI.

A row of PREFIXES sends a path to its own ASGI application, past Django's middleware.
"""

import gc
import os
import threading
from typing import Any, cast

import django
from a2wsgi import WSGIMiddleware
from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.web.settings")
django.setup()

from anlan.observe import intake  # noqa: E402 — models need the setup above
from anlan.observe.doors import http as readings  # noqa: E402
from anlan.web import hosts, map_door  # noqa: E402
from anlan.web.bodies import App, Receive, Scope, Send, body_first, refuse  # noqa: E402
from anlan.web.feed import door as feed  # noqa: E402

PREFIXES: dict[str, App] = {
    "/ingest/": readings.app,
    "/feed/": feed.app,
    "/places/tiles/": map_door.app,
}
NOT_SERVED = (
    "本服务器不以此名称提供服务。请用正确的网址访问，或由管理员在 ANLAN_HOSTS 中列出该名称。\n"
    "This server does not answer to that name; the administrator lists names in ANLAN_HOSTS.\n"
)
# Threads only take Python's lock from each other (processes share the cores better): the second one
# is for the line that is slow, or the page that is long.
pages = body_first(cast(App, WSGIMiddleware(cast(Any, get_wsgi_application()), workers=2)))


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        await _live(receive, send)
        return
    if scope["type"] != "http":
        return
    host = dict(scope["headers"]).get(b"host", b"").decode("latin-1")
    if not hosts.is_served(host):
        await refuse(send, 400, NOT_SERVED)
        return
    for prefix, app in PREFIXES.items():
        if scope["path"].startswith(prefix):
            await app(scope, receive, send)
            return
    await pages(scope, receive, send)


async def _live(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            intake.intake()  # its writer takes a second to start: not at the first reading
            await send({"type": "lifespan.startup.complete"})
            # Not in the loop's own threads: the end of the process would wait for it.
            threading.Thread(target=_warm, name="warm", daemon=True).start()
        else:
            await feed.stop()
            # What was received is stored before the process ends.
            intake.stop()
            await send({"type": "lifespan.shutdown.complete"})
            return


def _warm() -> None:
    """What the first page and the first tile would wait for.

    All that is loaded then stays: looking through it for garbage held up a page for a third of a
    second each time.
    """
    get_resolver().url_patterns  # noqa: B018 — asking loads every page's module
    gc.collect()
    gc.freeze()
    map_door.warm()
