"""How many people live where, with the source and day of the count."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from .models import Population, Region


@dataclass(frozen=True)
class Count:
    """The people of a region: its own count, or the sum of what was counted below."""

    people: int
    counted_on: date  # the oldest of them, where several were summed up
    sources: tuple[str, ...]
    made_up: bool
    parts: int  # how many counts were summed up; 1: its own


def latest(*, paths: Iterable[str], on: date) -> dict[str, Population]:
    """By region path the newest count on or before a day, of regions in force in these subtrees."""
    rows = Population.objects.within(paths).filter(counted_on__lte=on, region__valid_to=None)
    return {row.region.path: row for row in rows.select_related("region").order_by("counted_on")}


def people_of(*, region: Region, paths: Iterable[str], on: date) -> Count | None:
    """How many people live in a region, as far as these subtrees reach; none: nobody counted."""
    held = list(paths)
    if region.path.startswith(tuple(held)):
        held = [region.path]
    wanted = [path for path in held if path.startswith(region.path)]
    found = latest(paths=wanted, on=on)
    taken: list[Population] = []
    for path in sorted(found):
        # A region that was counted itself is not counted again by its parts.
        if not taken or not path.startswith(taken[-1].region.path):
            taken.append(found[path])
    if not taken:
        return None
    sources = dict.fromkeys(row.source for row in taken)
    return Count(
        people=sum(row.people for row in taken),
        counted_on=min(row.counted_on for row in taken),
        sources=tuple(sources)[:3],
        made_up=any(row.made_up for row in taken),
        parts=len(taken),
    )
