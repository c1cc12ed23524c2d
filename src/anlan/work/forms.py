"""What pages read out of a request's words."""

from collections.abc import Mapping

from django.urls import NoReverseMatch, reverse

from .models import WorkItem
from .queries import BOXES, Filter


def inbox_filter(asked: Mapping[str, str], counts: dict[str, int]) -> Filter:
    """The box asked for, or the first that has something waiting in it."""
    box = asked.get("box", "")
    if box not in BOXES:
        box = next((name for name in ("doing", "accept", "verify") if counts[name]), "open")
    text = asked.get("q", "").replace("\x00", "").strip().lstrip("#")[:80]
    return Filter(box, asked.get("kind", "")[:40], asked.get("region", "")[:20], text)


def own_page(item: WorkItem) -> str:
    """The page of the room's own row, where its kind has one that is not ours."""
    page = item.kind_of.page
    if not page or page == "work:item":
        return ""
    try:
        return reverse(page, args=[item.pk])
    except NoReverseMatch:
        return ""
