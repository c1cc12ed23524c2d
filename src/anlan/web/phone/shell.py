"""The phone's page, its manifest and its service worker: the same for everybody, no data."""

import hashlib
import json
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _

from anlan.base.errors import NotFound

from .. import built

APP, WORKER = "src/phone/app.ts", "src/phone/sw.ts"
DRAWINGS = ["web/icons.svg", "web/favicon.svg", "web/icon-192.png", "web/icon-512.png"]


def page(request: HttpRequest) -> str:
    """HTML without a word about who asks: the service worker keeps it for whoever comes."""
    entry = built.entry(APP)
    _files, styles = built.closure([APP])
    context = {
        "script": built.url(entry["file"]) if entry else "",
        "styles": [built.url(file) for file in styles],
    }
    return render_to_string("web/phone.html", context, request)


def worker(request: HttpRequest) -> str:
    """The script with the list of what it keeps; another build or language is another script."""
    entry = built.entry(WORKER)
    if entry is None:
        raise NotFound("web.not_built", _("The front end has not been built."))
    files, styles = built.closure([APP], later=True)
    kept = [built.url(file) for file in (*files, *styles)] + [static(name) for name in DRAWINGS]
    digest = hashlib.sha256("\n".join([*kept, page(request)]).encode()).hexdigest()
    shell = {"version": digest[:16], "page": reverse("web:phone"), "files": kept}
    script = (built.BUILD / entry["file"]).read_text(encoding="utf-8")
    return f"const SHELL = {json.dumps(shell)};\n{script}"


def manifest() -> dict[str, Any]:
    """What a phone asks for before it puts us on its home screen."""
    icons = [
        {"src": static(f"web/icon-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png"}
        for size in (192, 512)
    ]
    return {
        "id": reverse("web:phone"),
        "name": _("Anlan in the field"),
        "short_name": _("Anlan"),
        "lang": "zh-Hans",
        "start_url": reverse("web:phone"),
        "scope": "/",
        "display": "standalone",
        "background_color": "#0f2f4d",
        "theme_color": "#0f2f4d",
        # Drawn to the edges, with room around what must not be cut off.
        "icons": [icon | {"purpose": use} for icon in icons for use in ("any", "maskable")],
    }
