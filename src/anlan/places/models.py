"""The region tree, the places in it, and the one test that says whose a record is."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import date
from typing import Any, ClassVar, Self, TypeVar

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.lookups import Lookup
from django.utils.translation import gettext_lazy as _

Row = TypeVar("Row", bound=models.Model)


@models.CharField.register_lookup
class Under(Lookup):
    """`path__under="33/3307/"`: in this subtree. Uses the column's index on every database."""

    lookup_name = "under"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        left, params = self.process_lhs(compiler, connection)
        prefix = str(self.rhs)
        # '0' follows '/' in ASCII, so the subtree is one range of a byte-ordered index.
        sql = f"({left} >= %s AND {left} < %s)"
        return sql, (*params, prefix, *params, prefix[:-1] + "0")

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        left, params = self.process_lhs(compiler, connection)
        # Codes are digits, letters and '/': nothing to escape. Served by the _like index.
        return f"{left} LIKE %s", (*params, f"{self.rhs}%")


class RegionScoped(models.QuerySet[Row]):
    """A queryset whose rows belong to regions. `within([])` is empty: it fails closed."""

    region_path: ClassVar[str] = "region__path"

    def within(self, paths: Iterable[str]) -> Self:
        """Rows in any of these subtrees."""
        condition = Q(pk__in=[])
        for path in paths:
            condition |= Q(**{f"{self.region_path}__under": path})
        return self.filter(condition)

    def sheet_within(self, paths: Iterable[str]) -> Self:
        """The rows of `within`, for what is read in an order of its own, or by something else."""
        return self.filter(sheet_scope(paths, self.region_path.removesuffix("__path")))


def sheet_scope(paths: Iterable[str], region: str = "region") -> Q:
    """Whose region is in any of these subtrees.

    A town's rows are few among many: they are sought region by region. A county's and a city's are
    met soon enough along the list's order, or by what else is asked for; to begin with ten thousand
    regions would take longer than the page.
    """
    held = set(paths)
    there = Region.objects.within(held)
    if are_wide(held):
        return Q(Exists(there.filter(pk=OuterRef(f"{region}_id"))))
    return Q(**{f"{region}__in": there})


def are_wide(paths: Iterable[str], level: int | None = None) -> bool:
    """Whether a region above this level is among these subtrees; unless told, above a town."""
    most = Region.Level.TOWN if level is None else level
    return any(path.count("/") < most for path in paths)


def overlap(paths: Iterable[str], region: Region | None) -> list[str]:
    """The parts of these subtrees that lie in a region; all of them where none is named."""
    if region is None:
        return list(paths)
    inside = [path for path in paths if path.startswith(region.path)]
    around = any(region.path.startswith(path) for path in paths)
    return [region.path] if around else inside


class RegionQuerySet(RegionScoped["Region"]):
    region_path = "path"

    def valid_on(self, day: date) -> Self:
        """Versions in force on a day."""
        return self.filter(Q(valid_from__lte=day), Q(valid_to=None) | Q(valid_to__gt=day))


class Region(models.Model):
    """One version of one region: a code with a name, a parent and dates of validity.

    A renamed, recoded or moved region gets a new row that the old one names as its successor;
    records keep the row, and so the path, that held when they were made.
    """

    class Level(models.IntegerChoices):
        PROVINCE = 1, _("province")
        CITY = 2, _("city")
        COUNTY = 3, _("county")
        TOWN = 4, _("town")
        VILLAGE = 5, _("village")
        GRID = 6, _("grid")

    code = models.CharField(max_length=20, db_index=True)
    name = models.CharField(max_length=60)
    level = models.PositiveSmallIntegerField(choices=Level)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    path = models.CharField(
        max_length=120, db_index=True
    )  # codes from the province down, "/"-ended
    valid_from = models.DateField(default=date(2000, 1, 1))
    valid_to = models.DateField(null=True, blank=True)  # the first day on which it is no more
    successor = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="predecessors",
        db_index=False,
    )  # fmt: skip
    # A point to show and measure from, WGS 84.
    lon = models.FloatField(null=True, blank=True)
    lat = models.FloatField(null=True, blank=True)

    objects = RegionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "valid_from"], name="places_region_version"),
            models.UniqueConstraint(
                fields=["code"], condition=Q(valid_to=None), name="places_region_one_in_force"
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gt=models.F("valid_from")),
                name="places_region_dates",
            ),
        ]
        indexes = [
            # Of the few that have one: most have none, and SQLite reads an index that is nearly
            # all NULL from one end to the other.
            models.Index(
                fields=["successor"],
                condition=Q(successor__isnull=False),
                name="places_region_successor",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def place(self) -> str:
        """County, town and village run together, as an address is written.

        Lists load `PLACE` beside the region, or each row asks for its parents anew.
        """
        names, region = [self.name], self
        # A county's parent is not looked at: that would be a question to the database a row.
        while region.level > Region.Level.COUNTY and region.parent is not None:
            region = region.parent
            if region.level >= Region.Level.COUNTY:
                names.insert(0, region.name)
        return "".join(names)

    def covers(self, other: Region) -> bool:
        """Whether the other region is this one or lies in it."""
        return other.path.startswith(self.path)


# For `select_related` of a region whose place is to be shown: a grid's county is three above.
PLACE = "parent__parent__parent"


class Outline(models.Model):
    """The polygon of a region, WGS 84, as WKB. `made_up` says that it was generated."""

    region = models.OneToOneField(Region, on_delete=models.CASCADE, primary_key=True)
    wkb = models.BinaryField()
    made_up = models.BooleanField(default=False)
    source = models.CharField(max_length=200)

    def __str__(self) -> str:
        return f"outline of {self.region_id}"


class SiteQuerySet(RegionScoped["Site"]):
    def in_use(self) -> Self:
        return self.filter(closed_on=None)


class Site(models.Model):
    """A place with a position: enterprise, shelter, store, underpass, hazard point, station …

    The one parent of everything that stands somewhere; rooms hang their own rows on it.
    """

    code = models.CharField(max_length=40)
    kind = models.CharField(max_length=40)  # registered in places.kinds
    name = models.CharField(max_length=120)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="sites")
    lon = models.FloatField()
    lat = models.FloatField()
    made_up = models.BooleanField(default=False)  # generated for the demo; said on the map
    closed_on = models.DateField(null=True, blank=True)

    objects = SiteQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "code"], name="places_site_code"),
            models.CheckConstraint(
                condition=Q(lon__gte=-180, lon__lte=180, lat__gte=-90, lat__lte=90),
                name="places_site_position",
            ),
        ]
        indexes = [models.Index(fields=["region", "kind"], name="places_site_region_kind")]

    def __str__(self) -> str:
        return self.name


class RoadQuerySet(RegionScoped["Road"]):
    def in_use(self) -> Self:
        return self.filter(closed_on=None)


class Road(models.Model):
    """A stretch of road as a line, WGS 84; a whole road is all the stretches of its name.

    It belongs to the region that its middle lies in.
    """

    class Class(models.TextChoices):
        """The classes of city roads (CJJ 37-2012), and what is outside of them."""

        MOTORWAY = "MOTORWAY", _("motorway")
        EXPRESS = "EXPRESS", _("expressway")
        ARTERIAL = "ARTERIAL", _("arterial road")
        COLLECTOR = "COLLECTOR", _("collector road")
        LOCAL = "LOCAL", _("local road")

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=120, blank=True)  # many a lane has none
    road_class = models.CharField(max_length=9, choices=Class)
    owner = models.CharField(max_length=120, blank=True)  # the office that keeps it up
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="roads")
    wkb = models.BinaryField()  # LineString or MultiLineString
    elevated = models.BooleanField(default=False)  # a bridge: water under it does not reach it
    made_up = models.BooleanField(default=False)
    source = models.CharField(max_length=200)
    closed_on = models.DateField(null=True, blank=True)  # from when it is no more

    objects = RoadQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["region", "road_class"], name="places_road_region")]

    def __str__(self) -> str:
        return self.name or self.code


class PopulationQuerySet(RegionScoped["Population"]):
    pass


class Population(models.Model):
    """How many people live in a region, by whom counted and for which day. Older counts stay."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="populations")
    people = models.PositiveIntegerField()
    counted_on = models.DateField()
    source = models.CharField(max_length=200)
    made_up = models.BooleanField(default=False)

    objects = PopulationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["region", "counted_on"], name="places_population_once_a_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.region_id}: {self.people}"


class Revision(models.Model):
    """Counts the changes of one kind of data, so that what was made from it can be kept until then.

    `name` is "regions", "outlines", "sites", "roads" or "populations".
    """

    name = models.CharField(max_length=40, primary_key=True)
    number = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name} {self.number}"


class Upload(models.Model):
    """A file between its preview and its confirmation, seen only by who handed it in."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    by_id = models.BigIntegerField()  # an account; no foreign key, for accounts live upstairs
    purpose = models.CharField(max_length=40)  # "divisions", "sites", "people" …
    name = models.CharField(max_length=200)
    content = models.BinaryField()
    made_at = models.DateTimeField(db_index=True)  # machine time

    def __str__(self) -> str:
        return self.name
