"""Questions about the tree. Codes and names of regions are public; what lies in them is not."""

from collections.abc import Iterable
from datetime import date

from django.db.models import F, Q
from django.utils.translation import gettext as _

from anlan.base.errors import NotFound

from .models import Region


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


def ancestors(region: Region) -> list[Region]:
    """From the province down to the region's parent, as they were in this version's path."""
    codes = region.path.rstrip("/").split("/")
    prefixes = ["/".join(codes[: n + 1]) + "/" for n in range(len(codes) - 1)]
    condition = Q(path__in=prefixes)
    found = {r.path: r for r in Region.objects.filter(condition).order_by("-valid_from")}
    return [found[p] for p in prefixes if p in found]
