"""What Vite built: the addresses of scripts and styles, and what each needs beside itself."""

import json
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.templatetags.static import static

BUILD = Path(__file__).resolve().parent / "static/web/build"


def entry(source: str) -> dict[str, Any] | None:
    """What became of a source file; None where the front end has not been built."""
    found: dict[str, Any] | None = manifest().get(source)
    return found


def url(file: str) -> str:
    return static(f"web/build/{file}")


def closure(sources: Iterable[str], *, later: bool = False) -> tuple[list[str], list[str]]:
    """Scripts and styles of these sources with all that they import, `later` on demand too.

    What is imported comes first: styles build on those before them.
    """
    found = manifest()
    ordered: dict[str, None] = {}
    entered: set[str] = set()

    def enter(name: str) -> None:
        if name in entered or name not in found:
            return
        entered.add(name)
        one = found[name]
        for needed in (*one.get("imports", []), *(one.get("dynamicImports", []) if later else [])):
            enter(needed)
        ordered[name] = None

    for source in sources:
        enter(source)
    styles = dict.fromkeys(file for name in ordered for file in found[name].get("css", []))
    return [found[name]["file"] for name in ordered], list(styles)


def manifest() -> dict[str, Any]:
    return _read() if not settings.DEBUG else _read.__wrapped__()


@lru_cache(maxsize=1)
def _read() -> dict[str, Any]:
    path = BUILD / "manifest.json"
    if not path.exists():
        return {}
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found
