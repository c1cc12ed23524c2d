"""Ground, the areas for which water is forecast, the runs, and what they found.

Arrays (depths, terrain) are files under the data folder; rows say what they are, where they came
from and whether they can be trusted. A run's files lie in `simulate/runs/<id>/`.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from anlan.observe.models import Series
from anlan.people.models import Account
from anlan.places.models import Region, RegionScoped, Site

from .ground.grid import Grid

OLDEST_RAIN, LEAST_AHEAD = timedelta(hours=12), timedelta(minutes=30)
OLDEST_RADAR = timedelta(minutes=25)


class TerrainQuerySet(RegionScoped["Terrain"]):
    def in_force(self) -> Self:
        return self.filter(replaced_at=None)


class Terrain(models.Model):
    """The ground of a region on one grid in metres, with what lies on it, as it was imported.

    `folder` holds one GeoTIFF a layer: `bed` [m], and where they were given `manning`,
    `blocked`, `drain` [mm/h], `conductivity` …; `layers` keeps the hash of each.
    """

    name = models.CharField(max_length=120)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="terrains")
    source = models.CharField(max_length=200)
    made_up = models.BooleanField(default=False)  # generated; said on every map made of it
    epsg = models.PositiveIntegerField()  # projected, metres
    cell_m = models.FloatField()
    rows = models.PositiveIntegerField()
    cols = models.PositiveIntegerField()
    west_m = models.FloatField()  # of the grid's outer corner
    north_m = models.FloatField()
    folder = models.CharField(max_length=200)  # under the data folder
    layers = models.JSONField(default=dict)  # name → sha256
    report = models.JSONField(default=dict)  # voids, pits, range: what the check found
    imported_at = models.DateTimeField()
    imported_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    replaced_at = models.DateTimeField(null=True, blank=True)

    objects = TerrainQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["region", "name"],
                condition=Q(replaced_at=None),
                name="simulate_terrain_one_in_force",
            ),
            models.CheckConstraint(condition=Q(cell_m__gt=0), name="simulate_terrain_cell"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def grid(self) -> Grid:
        return Grid(self.epsg, self.west_m, self.north_m, self.cell_m, self.rows, self.cols)


class AreaQuerySet(RegionScoped["Area"]):
    def enabled(self) -> Self:
        return self.filter(enabled=True, terrain__replaced_at=None)


class Area(models.Model):
    """A window of a terrain for which water is forecast again and again: 预报范围."""

    name = models.CharField(max_length=120)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="forecast_areas")
    terrain = models.ForeignKey(Terrain, on_delete=models.PROTECT, related_name="areas")
    first_row = models.PositiveIntegerField(default=0)
    first_col = models.PositiveIntegerField(default=0)
    rows = models.PositiveIntegerField()
    cols = models.PositiveIntegerField()
    factor = models.PositiveSmallIntegerField(default=1)  # above 1: coarse cells over fine ground
    every_s = models.PositiveIntegerField(default=600)
    horizon_s = models.PositiveIntegerField(default=3 * 3600)
    frame_s = models.PositiveIntegerField(default=600)
    enabled = models.BooleanField(default=True)

    objects = AreaQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name

    @property
    def grid(self) -> Grid:
        """Of the terrain's own cells; results have them, whatever the factor."""
        return self.terrain.grid.crop(self.first_row, self.first_col, self.rows, self.cols)


class RainForecastQuerySet(RegionScoped["RainForecast"]):
    def usable(self, at: datetime) -> Self:
        """Known at an instant, not older than half a day, and still looking ahead."""
        recent = Q(issued_at__lte=at, issued_at__gt=at - OLDEST_RAIN)
        ahead = Q(kind=RainForecast.Kind.FORECAST, first_at__lte=at)
        return self.filter(ahead & recent, last_at__gte=at + LEAST_AHEAD)

    def fresh_radar(self, at: datetime) -> Self:
        """Radar fields whose last one is of the last minutes."""
        return self.filter(
            kind=RainForecast.Kind.RADAR, last_at__lte=at, last_at__gt=at - OLDEST_RADAR
        )


class RainForecast(models.Model):
    """A file of the weather service: rain in time and space, expected or seen by radar."""

    class Kind(models.TextChoices):
        FORECAST = "FORECAST", _("rain forecast")
        RADAR = "RADAR", _("radar")

    kind = models.CharField(max_length=8, choices=Kind, default=Kind.FORECAST)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="rain_forecasts")
    name = models.CharField(max_length=200)  # of the file
    made_up = models.BooleanField(default=False)
    issued_at = models.DateTimeField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    variable = models.CharField(max_length=80)
    bounds = models.JSONField()  # west, south, east, north, WGS 84
    sha256 = models.CharField(max_length=64)
    folder = models.CharField(max_length=200)  # the file's path under the data folder
    facts = models.JSONField(default=dict)  # cell, step, greatest rate, total
    imported_at = models.DateTimeField()
    imported_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")

    objects = RainForecastQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "sha256"], name="simulate_rain_file_once"),
            models.CheckConstraint(
                condition=Q(last_at__gt=models.F("first_at")), name="simulate_rain_file_times"
            ),
        ]
        indexes = [models.Index(fields=["region", "issued_at"], name="simulate_rain_issued")]

    def __str__(self) -> str:
        return self.name


class RunQuerySet(RegionScoped["Run"]):
    region_path = "area__region__path"

    def forecasts(self) -> Self:
        return self.filter(kind=Run.Kind.FORECAST)

    def unfinished(self) -> Self:
        return self.filter(state__in=[Run.State.QUEUED, Run.State.RUNNING])

    def done(self) -> Self:
        return self.filter(state=Run.State.DONE)


class Run(models.Model):
    """One computation: asked for, running, done with its files, or failed with the reason.

    What went in is kept by hash, so that a map on the wall can be explained a year later.
    """

    class Kind(models.TextChoices):
        FORECAST = "FORECAST", _("forecast")
        SCENARIO = "SCENARIO", _("scenario")
        MEMBER = "MEMBER", _("ensemble member")

    class State(models.TextChoices):
        QUEUED = "QUEUED", _("waiting")
        RUNNING = "RUNNING", _("computing")
        DONE = "DONE", _("done")
        FAILED = "FAILED", _("went wrong")
        CANCELLED = "CANCELLED", _("cancelled")

    class Rain(models.TextChoices):
        GAUGES = "GAUGES", _("gauges, extrapolated")
        FILE = "FILE", _("a forecast file")
        RADAR = "RADAR", _("radar nowcast")
        DESIGN = "DESIGN", _("a design storm")

    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="runs")
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.FORECAST)
    parent = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, blank=True, related_name="members"
    )  # the ensemble that a member belongs to
    member = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=9, choices=State, default=State.QUEUED)
    exercise = models.BooleanField(default=False)
    reason = models.CharField(max_length=200, blank=True)  # the clock, a rule's name, a person's
    base_at = models.DateTimeField()  # looks ahead from this instant of the house's clock
    horizon_s = models.PositiveIntegerField()
    frame_s = models.PositiveIntegerField()
    rain_source = models.CharField(max_length=6, choices=Rain, default=Rain.GAUGES)
    settings = models.JSONField(default=dict)  # of a scenario: design storm, multipliers …
    requested_at = models.DateTimeField()
    requested_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    # Machine times: the computer's own work is not slowed by a scenario's clock.
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    heard_at = models.DateTimeField(null=True, blank=True)  # its process's last sign of life
    # Also tells a process that lost the run (it stood still too long) from the one that has it.
    attempts = models.PositiveSmallIntegerField(default=0)
    progress = models.FloatField(default=0.0)  # 0 to 1; computing and still 0: preparing
    cancel_asked = models.BooleanField(default=False)
    engine = models.CharField(max_length=60, blank=True)  # name and version
    inputs = models.JSONField(default=dict)  # name → {"sha256": …, "note": …}
    summary = models.JSONField(default=dict)  # greatest depth, wet area, balance, limit …
    error = models.JSONField(default=dict)  # code, message, hint
    folder = models.CharField(max_length=200, blank=True)

    objects = RunQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["area"],
                condition=Q(kind="FORECAST", state__in=["QUEUED", "RUNNING"]),
                name="simulate_run_one_forecast_at_a_time",
            ),
            models.UniqueConstraint(
                fields=["area", "base_at"],
                condition=Q(kind="FORECAST") & ~Q(state__in=["FAILED", "CANCELLED"]),
                name="simulate_run_one_forecast_an_instant",
            ),
            models.UniqueConstraint(
                fields=["parent", "member"],
                condition=Q(kind="MEMBER"),
                name="simulate_run_member_once",
            ),
        ]
        indexes = [
            models.Index(fields=["area", "kind", "base_at"], name="simulate_run_area_base"),
            models.Index(fields=["state", "requested_at"], name="simulate_run_state"),
        ]

    def __str__(self) -> str:
        return f"{self.area_id} {self.kind} {self.base_at:%Y-%m-%d %H:%M}"

    @property
    def is_unfinished(self) -> bool:
        return self.state in {Run.State.QUEUED, Run.State.RUNNING}

    @property
    def took(self) -> timedelta | None:
        """How long the computer worked on it."""
        if self.started_at is None or self.finished_at is None:
            return None
        return self.finished_at - self.started_at

    @property
    def frames(self) -> int:
        """How many depth fields it keeps, the first at `base_at`."""
        return self.horizon_s // self.frame_s + 1


class HitQuerySet(RegionScoped["Hit"]):
    def on_sites(self) -> Self:
        return self.filter(site__isnull=False)

    def on_grids(self) -> Self:
        return self.filter(site=None, road_code="")


class Hit(models.Model):
    """What a run says will stand in water: a site, a stretch of road, or a grid with its people.

    Times are instants of the house's clock; depths are the water at the place itself.
    """

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="hits")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")  # whose it is
    site = models.ForeignKey(Site, on_delete=models.PROTECT, null=True, related_name="flood_hits")
    road_code = models.CharField(max_length=40, blank=True)
    road_name = models.CharField(max_length=120, blank=True)  # as it was called then
    lon = models.FloatField()
    lat = models.FloatField()
    first_at = models.DateTimeField()  # over 15 cm
    deep_at = models.DateTimeField(null=True)  # over 30 cm; none: never
    max_at = models.DateTimeField()
    max_depth_m = models.FloatField()
    max_hazard_m2_s = models.FloatField(null=True)  # depth times speed
    duration_s = models.PositiveIntegerField()  # over 15 cm
    people = models.PositiveIntegerField(default=0)  # of a grid: how many live where it is wet
    # By frame, of a site or road: any threshold can be asked for after the run's files are gone.
    depths_cm = models.JSONField(default=list)

    objects = HitQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "site"], condition=Q(site__isnull=False), name="simulate_hit_site"
            ),
            models.UniqueConstraint(
                fields=["run", "road_code", "region"],
                condition=~Q(road_code=""),
                name="simulate_hit_road",
            ),
            models.UniqueConstraint(
                fields=["run", "region"],
                condition=Q(site=None, road_code=""),
                name="simulate_hit_grid",
            ),
        ]

    @property
    def is_grid(self) -> bool:
        return self.site_id is None and not self.road_code

    @property
    def place(self) -> str:
        """What people call it."""
        if self.site is not None:
            return self.site.name
        if self.road_code:
            return self.road_name or self.road_code
        # Grids are numbered anew in every village.
        around = self.region.parent.name if self.region.parent else ""
        return around + self.region.name

    @property
    def where(self) -> str:
        """County, town and village."""
        return ((self.is_grid and self.region.parent) or self.region).place()

    @property
    def minutes(self) -> int:
        """Over 15 cm."""
        return round(self.duration_s / 60)

    @property
    def ends_at(self) -> datetime:
        """Under 15 cm again; roughly, where it falls and rises in between."""
        return self.first_at + timedelta(seconds=self.duration_s)

    def __str__(self) -> str:
        return f"{self.run_id}: {self.site_id or self.road_code or self.region_id}"


class PointForecast(models.Model):
    """What a run said about one gauge: the depth at each frame, to be held against its readings."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="points")
    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="forecasts")
    depths_m = models.JSONField()  # one a frame, the first at the run's `base_at`

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "series"], name="simulate_point_once")
        ]

    def __str__(self) -> str:
        return f"{self.run_id} {self.series_id}"


class ScoreQuerySet(RegionScoped["Score"]):
    """By the gauge's region: a town's officer sees how the city's forecasts did in the town."""


class Score(models.Model):
    """How one run's word about one gauge turned out, for one stretch of lead time."""

    class Outcome(models.TextChoices):
        HIT = "HIT", _("hit")
        MISS = "MISS", _("miss")
        FALSE_ALARM = "FALSE", _("false alarm")
        QUIET = "QUIET", _("rightly quiet")
        UNKNOWN = "UNKNOWN", _("no readings")

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="scores")
    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="forecast_scores")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    lead_s = models.PositiveIntegerField()  # the stretch ends so long after `base_at`
    threshold_m = models.FloatField()
    outcome = models.CharField(max_length=7, choices=Outcome)
    forecast_peak_m = models.FloatField(null=True)
    observed_peak_m = models.FloatField(null=True)
    timing_error_s = models.IntegerField(null=True)  # of first passing it; positive: forecast late
    scored_at = models.DateTimeField()

    objects = ScoreQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "series", "lead_s", "threshold_m"], name="simulate_score_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.run_id} {self.series_id} {self.lead_s}: {self.outcome}"


class VerifiedQuerySet(RegionScoped["Verified"]):
    region_path = "run__area__region__path"


class Verified(models.Model):
    """That a forecast was held against the gauges, and of which there is nothing to tell.

    Of gauges where no depth was passed, neither in the forecast nor in the readings, only their
    number is kept: in dry weather that is all of them, a hundred times a day.
    """

    run = models.OneToOneField(
        Run, on_delete=models.CASCADE, primary_key=True, related_name="verified"
    )
    base_at = models.DateTimeField(db_index=True)  # the run's, to count over a time without joins
    scored_at = models.DateTimeField()
    quiet = models.JSONField(default=list)  # series rightly quiet all the time, at every threshold
    unknown = models.JSONField(default=list)  # … that was said to stay dry and gave no readings

    objects = VerifiedQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.run_id} verified"
