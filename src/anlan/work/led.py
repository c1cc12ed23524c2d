"""Inspections led by principal leaders (主要领导带队检查): each room counts those that it keeps.

A leader's inspection is written down once, where it is made. Committees show the counts beside
their year lists without knowing who keeps them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.http import urlencode

from anlan.people.models import Account
from anlan.places.models import Region


@dataclass(frozen=True)
class Kept:
    """A room's record of led inspections."""

    page: str  # name of the list that shows exactly those of ?led&region&year
    permission: str  # without it nothing is counted
    count: Callable[[Account, int], dict[str, int]]  # reader, year → by region path


_kept: list[Kept] = []


def register(kept: Kept) -> None:
    """Add a room's record. Called once, from `ready`."""
    _kept.append(kept)


@dataclass(frozen=True)
class Led:
    """How many were led in a region and below, and the list that shows them."""

    count: int
    address: str


def led_below(*, actor: Account, regions: Iterable[Region], year: int) -> dict[int, list[Led]]:
    """By region: how many inspections of a year principal leaders led there and below."""
    regions = list(regions)
    found: dict[int, list[Led]] = {region.pk: [] for region in regions}
    for kept in _kept:
        if not actor.may_anywhere(kept.permission):
            continue
        sums = _sums(kept.count(actor, year))
        for region in {region.pk: region for region in regions}.values():
            asked = urlencode({"led": "on", "region": region.code, "year": str(year)})
            address = f"{reverse(kept.page)}?{asked}"
            found[region.pk].append(Led(sums[region.path], address))
    return found


def _sums(counts: dict[str, int]) -> Counter[str]:
    """Every region with what lies below it."""
    sums: Counter[str] = Counter()
    for path, count in counts.items():
        codes = path.rstrip("/").split("/")
        for n in range(1, len(codes) + 1):
            sums["/".join(codes[:n]) + "/"] += count
    return sums
