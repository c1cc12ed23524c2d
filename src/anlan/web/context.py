"""What every page's frame needs: the menu, the clock, the colours."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest
from django.urls import reverse

from anlan.base import clock, navigation

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

THEMES = ("light", "dark")


@dataclass(frozen=True)
class MenuItem:
    label: "StrOrPromise"
    url: str
    icon: str
    current: bool


def shell(request: HttpRequest) -> dict[str, Any]:
    theme = request.COOKIES.get("theme", "")
    frame = {"now": clock.now(), "menu": [], "theme": theme if theme in THEMES else "light"}
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return frame
    entries = [entry for entry in navigation.registered() if entry.is_for(user)]
    return frame | {
        "menu": menu(entries, request.path),
        "clock_rate": clock.rate(),
        "is_scenario": clock.is_scenario(),
    }


def menu(entries: list[navigation.Entry], path: str) -> list[MenuItem]:
    """The entries with their addresses; the longest that begins the page's path is the current."""
    urls = [reverse(entry.url_name) for entry in entries]
    here = [url for url in urls if path == url or (url != "/" and path.startswith(url))]
    current = max(here, key=len, default="")
    return [
        MenuItem(entry.label, url, entry.icon, url == current)
        for entry, url in zip(entries, urls, strict=True)
    ]
