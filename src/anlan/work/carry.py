"""One's own tasks as a phone takes them along: enough to do them without a network."""

from datetime import datetime
from typing import Any

from django.db.models import Q, prefetch_related_objects

from anlan.people.models import Account
from anlan.places.models import PLACE

from . import kinds, queries
from .models import Step, WorkItem

MOST_TASKS = 500


def tasks_to_carry(*, actor: Account, at: datetime) -> list[dict[str, Any]]:
    """What waits for one's posts to accept it, and what one is doing; due first."""
    accept, doing = (queries.box(actor, name, at).values("pk") for name in ("accept", "doing"))
    items = WorkItem.objects.filter(Q(pk__in=accept) | Q(pk__in=doing))
    items = items.select_related(f"region__{PLACE}", "post__role", "post__region")
    found = list(items.order_by("due_at", "pk")[:MOST_TASKS])
    fetch_own_rows(found)
    returned = _returned(found)
    return [_row(item, returned.get(item.pk, "")) for item in found]


def fetch_own_rows(items: list[WorkItem]) -> None:
    """What their kinds say of them, in a few questions for all."""
    for code in {item.kind for item in items}:
        if (own_row := kinds.get(code).own_row) is not None:
            prefetch_related_objects([item for item in items if item.kind == code], own_row())


def _returned(items: list[WorkItem]) -> dict[int, str]:
    """Why each was sent back, if that was the last thing that happened to it."""
    steps = Step.objects.filter(item__in=items).order_by("pk")
    last = {item: (move, note) for item, move, note in steps.values_list("item", "move", "note")}
    return {item: note for item, (move, note) in last.items() if move == "return"}


def _row(item: WorkItem, returned: str) -> dict[str, Any]:
    kind = item.kind_of
    return {
        "id": item.pk,
        "kind": item.kind,
        "kind_label": str(kind.label),
        "title": item.title,
        "place": item.region.place(),
        "post": str(item.post or ""),
        "state": item.state,
        "state_label": item.get_state_display(),
        "due_at": item.due_at.isoformat() if item.due_at else None,
        "lines": kind.describe(item) if kind.describe else [],
        "photos": kind.proof.photos,
        "position": kind.proof.position,
        "note": kind.proof.note,
        "returned": returned,
        "exercise": item.exercise,
    }
