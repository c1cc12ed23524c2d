"""Questions about the tree. Codes and names of regions are public; what lies in them is not."""

from collections.abc import Iterable
from datetime import date

import numpy as np
from django.db.models import F, Q
from django.utils.translation import gettext as _

from anlan.base.errors import NotFound

from . import position
from .layers import Features
from .models import Region, Revision, Site


def get_region(*, code: str, on: date | None = None) -> Region:
    """The version of a region in force on a day (now, where none is given)."""
    versions = Region.objects.filter(code=code)
    versions = versions.valid_on(on) if on else versions.filter(valid_to=None)
    region = versions.first()
    if region is None:
        raise NotFound(
            "places.no_region",
            _("There is no region with the code %(code)s.") % {"code": code},
            hint=_("Check the code, or import the divisions first."),
        )
    return region


def lineage(paths: Iterable[str]) -> list[str]:
    """These subtrees with those that they replaced or that replaced them.

    Who is responsible for a region today also answers for the records kept under its old code.
    """
    wanted = _outermost(paths)
    changed = _succession() if wanted else []
    grown = True
    while grown:
        inside = tuple(wanted)
        found = {
            other
            for old, new in changed
            for one, other in ((old, new), (new, old))
            if one.startswith(inside) and not other.startswith(inside)
        }
        grown = bool(found)
        wanted = _outermost([*wanted, *found])
    return wanted


def _succession() -> list[tuple[str, str]]:
    """(old path, new path) of every region that moved: few rows, behind a small index."""
    moved = Region.objects.exclude(successor=None).exclude(successor__path=F("path"))
    return [(old, str(new)) for old, new in moved.values_list("path", "successor__path")]


def _outermost(paths: Iterable[str]) -> list[str]:
    """Without those that lie in another one: after a move, whole subtrees are on the list."""
    kept: list[str] = []
    for path in sorted(set(paths)):
        if not kept or not path.startswith(kept[-1]):
            kept.append(path)
    return kept


def versions(region: Region) -> list[int]:
    """Keys of all versions that this region was and became, the given one first."""
    found = [region.pk]
    fresh = [region.pk]
    while fresh:
        linked = Region.objects.filter(Q(successor__in=fresh) | Q(predecessors__in=fresh))
        fresh = sorted(set(linked.values_list("pk", flat=True)) - set(found))
        found += fresh
    return found


def ancestors(region: Region) -> list[Region]:
    """From the province down to the region's parent, as they were in this version's path."""
    codes = region.path.rstrip("/").split("/")
    prefixes = ["/".join(codes[: n + 1]) + "/" for n in range(len(codes) - 1)]
    condition = Q(path__in=prefixes)
    found = {r.path: r for r in Region.objects.filter(condition).order_by("-valid_from")}
    return [found[p] for p in prefixes if p in found]


def revision(name: str) -> int:
    """How often this kind of data has changed: what was made from it is good until then."""
    number = Revision.objects.filter(name=name).values_list("number", flat=True).first()
    return number or 0


def site_features() -> Features:
    """Every site in use, for the map's tiles, which cut it to the reader's regions."""
    rows = list(
        Site.objects.in_use().values_list(
            "pk", "lon", "lat", "region__path", "kind", "name", "made_up"
        )
    )
    columns = list(zip(*rows, strict=True)) if rows else [()] * 7
    return Features(
        ids=np.array(columns[0], dtype=np.int64),
        lon=np.array(columns[1], dtype=float),
        lat=np.array(columns[2], dtype=float),
        paths=columns[3],
        kinds=columns[4],
        properties={"kind": columns[4], "name": columns[5], "made_up": columns[6]},
    )


def region_at(*, lon: float, lat: float) -> tuple[Region | None, bool]:
    """The most detailed region at a position, and whether only the nearest known point says so."""
    pks, guessed = position.locate([lon], [lat])
    region = Region.objects.filter(pk=int(pks[0])).first() if pks[0] >= 0 else None
    return region, bool(guessed[0])
