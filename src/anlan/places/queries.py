"""Questions about the tree. Codes and names of regions are public; what lies in them is not."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import TypeVar

import numpy as np
import shapely
from django.db.models import Case, Count, F, Q, QuerySet, When
from django.utils.translation import gettext as _

from anlan.base.errors import NotAllowed, NotFound

from . import position
from .layers import Features
from .models import PLACE, Outline, Region, Revision, Road, Site, Upload

Key = TypeVar("Key", int, str)


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


def reaching(paths: Iterable[str]) -> list[str]:
    """Whose right reaches these places: `lineage` asked from the other side.

    The places and those around them, with what they were before and what was around them then.
    """
    points = fresh = set(paths)
    changed = _succession()
    while fresh:
        now = tuple(points)
        pairs = [pair for old, new in changed for pair in ((old, new), (new, old))]
        fresh = {
            one
            for one, other in pairs
            if one not in points and any(point.startswith(other) for point in now)
        }
        points = points | fresh
    return sorted({around for point in points for around in paths_upwards(point)})


def _succession() -> list[tuple[str, str]]:
    """(old path, new path) of every region that moved: few rows, behind a small index."""
    moved = Region.objects.filter(successor__isnull=False).exclude(successor__path=F("path"))
    return [(old, str(new)) for old, new in moved.values_list("path", "successor__path")]


def _outermost(paths: Iterable[str]) -> list[str]:
    """Without those that lie in another one: after a move, whole subtrees are on the list."""
    kept: list[str] = []
    for path in sorted(set(paths)):
        if not kept or not path.startswith(kept[-1]):
            kept.append(path)
    return kept


def paths_today() -> dict[str, str]:
    """By the path of every region that moved: the path of what it is today. Few rows."""
    return _followed(dict(_succession()))


def versions(region: Region) -> list[int]:
    """Keys of all versions that this region was and became, the given one first."""
    found = [region.pk]
    fresh = [region.pk]
    while fresh:
        linked = Region.objects.filter(Q(successor__in=fresh) | Q(predecessors__in=fresh))
        fresh = sorted(set(linked.values_list("pk", flat=True)) - set(found))
        found += fresh
    return found


def became() -> dict[int, int]:
    """By the key of every row that has a successor: the key of what it is today. Few rows."""
    return _followed(dict(Region.objects.exclude(successor=None).values_list("pk", "successor_id")))


def carried_on() -> dict[int, int]:
    """The same of those that are still the same region today: renamed, recoded or moved.

    A merged region ended. It is told by what took over: something that was there before, or that
    began on that day in the place of several, of which only the one of its code or name goes on.
    """
    rows = Region.objects.exclude(successor=None).values_list(
        "pk", "successor_id", "code", "name", "valid_to", "successor__code", "successor__name",
        "successor__valid_from",
    )  # fmt: skip
    ended = list(rows)
    into = Counter(row[1] for row in ended)
    return _followed(
        {
            pk: new
            for pk, new, code, name, day, new_code, new_name, since in ended
            if since == day and (into[new] == 1 or code == new_code or name == new_name)
        }
    )


def _followed(step: dict[Key, Key]) -> dict[Key, Key]:
    """Each with the last of those that one step after the other leads to."""
    found = {}
    for old, new in step.items():
        seen = {old}
        while new in step and new not in seen:
            seen.add(new)
            new = step[new]
        found[old] = new
    return found


def ancestors(region: Region) -> list[Region]:
    """From the province down to the region's parent, as they were in this version's path."""
    codes = region.path.rstrip("/").split("/")
    prefixes = ["/".join(codes[: n + 1]) + "/" for n in range(len(codes) - 1)]
    condition = Q(path__in=prefixes)
    found = {r.path: r for r in Region.objects.filter(condition).order_by("-valid_from")}
    return [found[p] for p in prefixes if p in found]


def crumbs(region: Region, *, paths: Iterable[str]) -> list[tuple[Region, bool]]:
    """The regions above one, and whether the reader of these subtrees may open them."""
    held = tuple(paths)
    return [(above, above.path.startswith(held)) for above in ancestors(region)]


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


def home_region(paths: Iterable[str]) -> Region | None:
    """Where a reader of these subtrees begins: the highest of them in force."""
    held = Region.objects.filter(path__in=list(paths), valid_to=None)
    return held.order_by("level", "path").first()


def box_of(region: Region) -> list[float] | None:
    """West, south, east, north of its outline, or of what lies directly below it."""
    inner = Q(region=region) | Q(region__parent=region, region__valid_to=None)
    shapes = dict(Outline.objects.filter(inner).values_list("region_id", "wkb"))
    own = shapes.get(region.pk)
    wkbs = [own] if own else list(shapes.values())
    if wkbs:
        found = shapely.bounds(shapely.from_wkb([bytes(wkb) for wkb in wkbs]))
    else:
        below = Region.objects.filter(Q(pk=region.pk) | Q(parent=region), valid_to=None)
        points = list(below.exclude(lon=None).values_list("lon", "lat", "lon", "lat"))
        if not points:
            return None
        found = np.array(points) + np.array([-0.01, -0.01, 0.01, 0.01])
    return [*found[:, :2].min(axis=0).tolist(), *found[:, 2:].max(axis=0).tolist()]


def list_children(*, region: Region, paths: Iterable[str]) -> list[Region]:
    """Regions in force directly below one, as far as the reader's subtrees reach or lead there."""
    held = tuple(paths)
    rows = Region.objects.filter(parent=region, valid_to=None).order_by("code")
    return [
        row
        for row in rows
        if any(row.path.startswith(path) or path.startswith(row.path) for path in held)
    ]


def suggest_regions(
    *, text: str, paths: Iterable[str], deepest: int = Region.Level.GRID, limit: int = 20
) -> list[Region]:
    """Regions to choose from: those that fit, the likeliest first; untyped, where one begins."""
    held = tuple(paths)
    rows = Region.objects.within(held).filter(valid_to=None, level__lte=deepest)
    if text:
        exact = Q(name=text) | Q(code=text)
        begins = Q(name__startswith=text) | Q(code__startswith=text)
        rank = Case(When(exact, then=0), When(begins, then=1), default=2)
        rows = rows.filter(begins | Q(name__contains=text)).order_by(rank, "level", "path")
    else:
        home = home_region(held)
        rows = rows.filter(Q(path__in=held) | Q(parent=home)).order_by("level", "path")
    return list(rows.select_related(PLACE)[:limit])


def regions_called(
    *, text: str, paths: Iterable[str], deepest: int = Region.Level.GRID
) -> list[Region]:
    """The region with this code, or all with this name."""
    rows = Region.objects.within(paths).filter(valid_to=None, level__lte=deepest)
    rows = rows.select_related(PLACE)
    by_code = list(rows.filter(code=text))
    return by_code or list(rows.filter(name=text)[:2])


def region_or_home(*, code: str, paths: Iterable[str]) -> Region:
    """The region of this code inside these subtrees; without one, where their reader begins."""
    if code:
        return get_scoped_region(code=code, paths=paths)
    home = home_region(paths)
    if home is None:
        raise NotAllowed(
            "places.no_region_yours", _("You have no region in which to look at this.")
        )
    return home


def get_scoped_region(*, code: str, paths: Iterable[str]) -> Region:
    """A region in force inside these subtrees, or not there."""
    region = Region.objects.within(paths).filter(code=code, valid_to=None).first()
    if region is None:
        raise NotFound("places.not_yours", _("There is no such region among yours."))
    return region


def count_sites(*, region: Region, paths: Iterable[str]) -> dict[str, int]:
    """Sites in use at and below a region, by kind."""
    rows = Site.objects.within(paths).in_use().filter(region__path__under=region.path)
    return dict(rows.values_list("kind").annotate(n=Count("pk")).order_by("-n"))


def count_roads(*, region: Region, paths: Iterable[str]) -> int:
    return Road.objects.within(paths).in_use().filter(region__path__under=region.path).count()


def get_site(*, site_id: int, paths: Iterable[str]) -> Site:
    """One site in these subtrees, or not there."""
    rows = Site.objects.within(paths).select_related("region", "region__parent")
    site = rows.filter(pk=site_id).first()
    if site is None:
        raise NotFound("places.no_site", _("There is no such site in your regions."))
    return site


def list_sites(
    *, region: Region, paths: Iterable[str], kind: str = "", text: str = ""
) -> QuerySet[Site]:
    """Sites in use at and below a region."""
    rows = Site.objects.within(paths).in_use().filter(region__path__under=region.path)
    rows = rows.filter(kind=kind) if kind else rows
    if text:
        rows = rows.filter(Q(name__contains=text) | Q(code__startswith=text))
    return rows.select_related(f"region__{PLACE}").order_by("region__path", "kind", "code")


def get_upload(*, pk: str, owner_id: int, purpose: str) -> Upload:
    """One's own file between preview and confirmation."""
    upload = Upload.objects.filter(pk=pk, by_id=owner_id, purpose=purpose).first()
    if upload is None:
        raise NotFound(
            "places.no_upload",
            _("This file is no longer here."),
            hint=_("Hand it in again."),
        )
    return upload


def count_below(*, region: Region, paths: Iterable[str]) -> dict[int, int]:
    """How many regions of each level lie below."""
    rows = Region.objects.within(paths).filter(path__under=region.path, valid_to=None)
    rows = rows.exclude(pk=region.pk)
    return dict(rows.values_list("level").annotate(n=Count("pk")).order_by("level"))


def paths_upwards(path: str) -> list[str]:
    """The path itself and those of the regions around it, the nearest first."""
    codes = path.rstrip("/").split("/")
    return ["/".join(codes[:n]) + "/" for n in range(len(codes), 0, -1)]
