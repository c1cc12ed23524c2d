"""Rules that watch readings, the alarms they raise, and how far each rule has got with a series."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from anlan.observe.models import Series
from anlan.people.models import Account
from anlan.places.models import Region, RegionScoped, Site


class Severity(models.IntegerChoices):
    """1 is the gravest, as in the public warnings' colours."""

    RED = 1, _("red")
    ORANGE = 2, _("orange")
    YELLOW = 3, _("yellow")
    BLUE = 4, _("blue")


class Measure(models.TextChoices):
    """What of a series is compared with the threshold."""

    VALUE = "VALUE", _("the value")
    RATE = "RATE", _("the change in an hour")
    SUM = "SUM", _("the sum over a period")
    SILENCE = "SILENCE", _("the time without a believable reading")
    FORECAST = "FORECAST", _("the depth that a forecast gives")
    NO_FORECAST = "NO_FORECAST", _("the time without a new forecast")


# Judged when a run is done, or by the clock; no reading takes part in them.
OF_FORECASTS = (Measure.FORECAST, Measure.NO_FORECAST)


class RuleQuerySet(RegionScoped["Rule"]):
    def watching(self, paths: Iterable[str]) -> Self:
        """Rules in these subtrees, and those from above that watch them."""
        condition = Q(pk__in=self.within(paths).values("pk"))
        for path in paths:
            codes = path.rstrip("/").split("/")
            above = ["/".join(codes[: n + 1]) + "/" for n in range(len(codes))]
            condition |= Q(region__path__in=above)
        return self.filter(condition)


class Rule(models.Model):
    """One rule of a region. What it says is in its versions; an alarm keeps its own."""

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="rules")
    enabled = models.BooleanField(default=True)
    number = models.PositiveIntegerField(default=0)  # of the version in force

    objects = RuleQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name


class RuleVersion(models.Model):
    """The text of a rule from one edit to the next. Never changed."""

    rule = models.ForeignKey(Rule, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    made_at = models.DateTimeField()
    author = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    severity = models.PositiveSmallIntegerField(choices=Severity)
    quantity = models.CharField(max_length=40)  # observe.quantities
    station_kinds = models.JSONField(default=list, blank=True)  # empty: every kind
    series = models.JSONField(default=list, blank=True)  # ids; empty: every one in the region
    # Of a forecast: kinds of sites (empty: every kind), and how soon it must be (0: at any time).
    site_kinds = models.JSONField(default=list, blank=True)
    within_s = models.PositiveIntegerField(default=0)
    measure = models.CharField(max_length=11, choices=Measure, default=Measure.VALUE)
    window_s = models.PositiveIntegerField(default=0)  # of a sum or a change
    below = models.BooleanField(default=False)  # fulfilled at or below, not at or above
    threshold = models.FloatField(null=True, blank=True)  # of a silence: seconds
    level = models.CharField(max_length=20, blank=True)  # or a series' own level, by name
    # Hysteresis: over only beyond this; with a level, the distance from the level.
    clear = models.FloatField(null=True, blank=True)
    hold_s = models.PositiveIntegerField(default=0)  # must hold so long
    hits = models.PositiveSmallIntegerField(default=1)  # … at `hits` of the last `of` readings
    of = models.PositiveSmallIntegerField(default=1)
    clear_after_s = models.PositiveIntegerField(default=0)  # must be quiet so long
    # Cleared when the series has said nothing for so long; for devices that speak only when there
    # is something. 0: silence clears nothing.
    forget_s = models.PositiveIntegerField(default=0)
    stations = models.PositiveSmallIntegerField(default=1)  # more than 1: one alarm of the region
    exercise = models.BooleanField(default=False)
    # Hours by the city's clock, also over midnight, on the days (1 Monday … 7; none: every day) on
    # which they begin: silent, or with another severity (warn.hours).
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_to = models.TimeField(null=True, blank=True)
    quiet_days = models.JSONField(default=list, blank=True)
    quiet_severity = models.PositiveSmallIntegerField(choices=Severity, null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rule", "number"], name="warn_version_once"),
            models.CheckConstraint(
                condition=Q(quiet_from=None, quiet_to=None)
                | Q(quiet_from__isnull=False, quiet_to__isnull=False),
                name="warn_version_quiet_hours",
            ),
            models.CheckConstraint(
                condition=Q(hits__gte=1, hits__lte=models.F("of"), of__lte=60),
                name="warn_version_hits",
            ),
            models.CheckConstraint(
                condition=Q(threshold__isnull=False) | ~Q(level=""), name="warn_version_threshold"
            ),
            models.CheckConstraint(condition=Q(stations__gte=1), name="warn_version_stations"),
        ]

    def __str__(self) -> str:
        return f"{self.rule_id} v{self.number}"


class SeriesLevel(models.Model):
    """A level of one place: a river gauge's 警戒水位 or 保证水位, an underpass' own limit."""

    series = models.ForeignKey(Series, on_delete=models.CASCADE, related_name="levels")
    name = models.CharField(max_length=20)  # warning, guarantee …
    value = models.FloatField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["series", "name"], name="warn_level_once")]

    def __str__(self) -> str:
        return f"{self.series_id} {self.name} {self.value:g}"


class AlarmQuerySet(RegionScoped["Alarm"]):
    def open(self) -> Self:
        return self.filter(cleared_at=None)

    def unacknowledged(self) -> Self:
        return self.filter(acknowledged_at=None)


class Alarm(models.Model):
    """A rule's finding for the staff.

    Cleared (by the readings, seldom by hand) and acknowledged (by a person) are two facts apart.
    What was found when it was raised is never changed; what came after is in its notes.
    """

    rule = models.ForeignKey(Rule, on_delete=models.PROTECT, related_name="alarms")
    version = models.ForeignKey(RuleVersion, on_delete=models.PROTECT, related_name="alarms")
    series = models.ForeignKey(
        Series, on_delete=models.PROTECT, null=True, blank=True, related_name="alarms"
    )
    site = models.ForeignKey(
        Site, on_delete=models.PROTECT, null=True, blank=True, related_name="alarms"
    )  # of a forecast: what it will stand on
    # Neither: a combination of stations in the region, or its forecasts that stay away.
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="alarms")
    severity = models.PositiveSmallIntegerField(choices=Severity)
    opened_at = models.DateTimeField()  # when the condition was fulfilled, by the readings' time
    value = models.FloatField(null=True)
    details = models.JSONField(default=dict)
    exercise = models.BooleanField(default=False)
    cleared_at = models.DateTimeField(null=True, blank=True)
    cleared_value = models.FloatField(null=True, blank=True)
    cleared_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )  # nobody: by the readings
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    acknowledged_note = models.CharField(max_length=200, blank=True)
    # Of a forecast's alarm that was cleared by hand while the forecast still said so: the rule is
    # silent here until a forecast says otherwise once. (Series have `RuleState` for this.)
    muted = models.BooleanField(default=False)

    objects = AlarmQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "series"],
                condition=Q(cleared_at=None, series__isnull=False),
                name="warn_alarm_one_open",
            ),
            models.UniqueConstraint(
                fields=["rule", "region"],
                condition=Q(cleared_at=None, series=None, site=None),
                name="warn_alarm_one_open_region",
            ),
            models.UniqueConstraint(
                fields=["rule", "site"],
                condition=Q(cleared_at=None, site__isnull=False),
                name="warn_alarm_one_open_site",
            ),
            models.CheckConstraint(
                condition=Q(series=None) | Q(site=None), name="warn_alarm_one_place"
            ),
        ]
        indexes = [
            models.Index(fields=["region", "opened_at"], name="warn_alarm_region_opened"),
            models.Index(fields=["series", "opened_at"], name="warn_alarm_series_opened"),
            models.Index(
                fields=["severity", "opened_at"],
                condition=Q(cleared_at=None),
                name="warn_alarm_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.where}：{self.rule.name}"

    @property
    def where(self) -> str:
        """The name of the station, the site or the region that it is about."""
        if self.series:
            return self.series.station.name
        return self.site.name if self.site else self.region.name

    @property
    def is_forecast(self) -> bool:
        """Of what will be, not of what is."""
        return self.version.measure == Measure.FORECAST

    @property
    def is_of_stations(self) -> bool:
        """Several stations of the region at once: its value is their number."""
        places = self.series_id is not None or self.site_id is not None
        return not places and self.version.measure not in OF_FORECASTS

    @property
    def is_open(self) -> bool:
        return self.cleared_at is None

    @property
    def is_acknowledged(self) -> bool:
        return self.acknowledged_at is not None


class AlarmNote(models.Model):
    """What happened to an alarm, one row each. Append-only."""

    class Kind(models.TextChoices):
        RAISED = "RAISED", _("raised")
        ACKNOWLEDGED = "ACKNOWLEDGED", _("acknowledged")
        CLEARED = "CLEARED", _("cleared")
        NOTE = "NOTE", _("note")

    alarm = models.ForeignKey(Alarm, on_delete=models.PROTECT, related_name="notes")
    kind = models.CharField(max_length=12, choices=Kind)
    at = models.DateTimeField()
    by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    text = models.TextField(blank=True)
    data = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.alarm_id} {self.kind}"


class RuleState(models.Model):
    """How far one rule has got with one series; evaluators start from here after a restart."""

    class Phase(models.IntegerChoices):
        IDLE = 0
        PENDING = 1  # fulfilled, but not yet for long enough
        OPEN = 2  # an alarm is open, or the station counts in a combination
        MUTED = 3  # cleared by hand while it was fulfilled: silent until it ends once

    rule = models.ForeignKey(Rule, on_delete=models.CASCADE, related_name="states")
    series = models.ForeignKey(Series, on_delete=models.CASCADE, related_name="+")
    phase = models.PositiveSmallIntegerField(choices=Phase)
    since_ms = models.BigIntegerField(default=0)  # PENDING: from when
    quiet_ms = models.BigIntegerField(default=0)  # OPEN: not fulfilled any more from when
    bits = models.BigIntegerField(default=0)  # the last readings, the newest in the lowest bit
    seen_ms = models.BigIntegerField(default=0)  # the reading that brought it here
    revision = models.BigIntegerField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["rule", "series"], name="warn_state_once")]

    def __str__(self) -> str:
        return f"{self.rule_id} {self.series_id}: {self.phase}"


class Revision(models.Model):
    """Tells every evaluator that rules (any new number) or states (one up) changed. One row.

    Who changes states takes its lock first, so states change one transaction at a time.
    """

    rules = models.BigIntegerField(default=0)
    states = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="warn_revision_only_one")]

    def __str__(self) -> str:
        return f"rules {self.rules}, states {self.states}"
