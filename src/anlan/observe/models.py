"""Stations, their series, readings with quality flags, and who may send them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from anlan.base import clock
from anlan.places.models import Region, RegionScoped, Site

from . import kinds, quantities

# Volts under which a battery is low, by what the battery is: 12 V lead, or a lithium cell.
LOW_LEAD_V, LOW_CELL_V, CELL_BELOW_V = 11.0, 3.3, 6.0
CLOCK_OFF_S = 300  # a device's clock this far off is worth a visit


class Flag(models.IntegerChoices):
    """Quality of a reading, by the QARTOD scheme. Only good and not evaluated are believed."""

    GOOD = 1, _("good")
    NOT_EVALUATED = 2, _("not evaluated")
    SUSPECT = 3, _("suspect")
    BAD = 4, _("bad")
    MISSING = 9, _("missing")


class StationQuerySet(RegionScoped["Station"]):
    def in_use(self) -> Self:
        return self.filter(retired_at=None)


class Station(models.Model):
    """A device that reports: rain gauge, ponding sensor, river level …"""

    code = models.CharField(max_length=40, unique=True)  # as the device sends it
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=40)  # rain, ponding, river, weather …
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="stations")
    site = models.ForeignKey(
        Site, on_delete=models.PROTECT, null=True, blank=True, related_name="stations"
    )  # what it watches: an underpass, a reach …
    lon = models.FloatField()
    lat = models.FloatField()
    made_up = models.BooleanField(default=False)
    retired_at = models.DateTimeField(null=True, blank=True)

    objects = StationQuerySet.as_manager()

    @property
    def kind_label(self) -> str:
        return kinds.label(self.kind)

    def __str__(self) -> str:
        return self.name


class SeriesQuerySet(RegionScoped["Series"]):
    region_path = "station__region__path"


class Series(models.Model):
    """One quantity at one station."""

    station = models.ForeignKey(Station, on_delete=models.PROTECT, related_name="series")
    quantity = models.CharField(max_length=40)  # observe.quantities
    unit = models.CharField(max_length=12)
    datum = models.CharField(max_length=40, blank=True)  # of levels: 1985国家高程基准, 吴淞 …
    interval_s = models.PositiveIntegerField(default=300)  # how often a reading is expected
    # Limits of this place, tighter than the quantity's; empty: none.
    low = models.FloatField(null=True, blank=True)
    high = models.FloatField(null=True, blank=True)
    spike = models.FloatField(null=True, blank=True)  # most that one reading may stand out
    rate = models.FloatField(null=True, blank=True)  # most change in an hour
    flat_s = models.PositiveIntegerField(null=True, blank=True)  # longest believable constancy

    objects = SeriesQuerySet.as_manager()

    @property
    def label(self) -> str:
        quantity = quantities.find(self.quantity)
        return str(quantity.label) if quantity else self.quantity

    @property
    def latest_text(self) -> str:
        """The latest value with the quantity's decimals, and its unit."""
        latest = getattr(self, "latest", None)
        if latest is None or latest.value is None:
            return "—"
        quantity = quantities.find(self.quantity)
        return f"{latest.value:.{quantity.decimals if quantity else 2}f} {self.unit}".strip()

    @property
    def latest_at(self) -> datetime | None:
        latest = getattr(self, "latest", None)
        return clock.from_epoch_ms(latest.at_ms) if latest else None

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["station", "quantity"], name="observe_series_once")
        ]
        verbose_name_plural = "series"

    def __str__(self) -> str:
        return f"{self.station_id} {self.quantity}"


class Reading(models.Model):
    """One value of one series at one instant. Made by SQL in the migration: see there why.

    Key (at_ms, series): by time, because writing by time is what a storm needs.
    """

    pk = models.CompositePrimaryKey("at_ms", "series_id")
    at_ms = models.BigIntegerField()  # milliseconds since 1970, UTC
    series = models.ForeignKey(
        Series, on_delete=models.DO_NOTHING, related_name="readings", db_constraint=False
    )
    value = models.FloatField(null=True)
    flag = models.SmallIntegerField(choices=Flag)

    class Meta:
        managed = False
        db_table = "observe_reading"


class SeriesDay(models.Model):
    """All readings of one series on one UTC day in one row: what charts of a series read.

    The readings lie by time, so one series over a year would mean reading everybody's year.
    Finished days are packed by the ticker (`packs`); the readings stay the truth.
    """

    pk = models.CompositePrimaryKey("series_id", "day")
    series = models.ForeignKey(
        Series, on_delete=models.DO_NOTHING, related_name="days", db_constraint=False
    )
    day = models.IntegerField()  # days since 1970, UTC
    data = models.BinaryField()  # packs.RECORD

    def __str__(self) -> str:
        return f"{self.series_id} on {self.day}"


class PackedDay(models.Model):
    """A day whose readings were packed. `stale`: readings came late; pack it again."""

    day = models.IntegerField(primary_key=True)
    packed = models.BooleanField(default=False)
    stale = models.BooleanField(default=False)
    attempt = models.IntegerField(default=0, db_default=0)  # of packing it: only the last counts

    def __str__(self) -> str:
        return str(self.day)


class Latest(models.Model):
    """The newest believed reading of a series: what maps, lists and rules look at."""

    series = models.OneToOneField(
        Series, on_delete=models.CASCADE, primary_key=True, related_name="latest"
    )
    at_ms = models.BigIntegerField()
    value = models.FloatField(null=True)
    flag = models.SmallIntegerField(choices=Flag)
    received_ms = models.BigIntegerField()  # machine time of receipt

    class Meta:
        verbose_name_plural = "latest"

    def __str__(self) -> str:
        return f"{self.series_id}: {self.value}"


class SenderQuerySet(RegionScoped["Sender"]):
    pass


class Sender(models.Model):
    """A device or gateway that may send by HTTP or MQTT, known by its token's hash."""

    name = models.CharField(max_length=80, unique=True)
    token_hash = models.CharField(max_length=64, unique=True)  # SHA-256; the token is shown once
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="senders")
    # A device's token is for its own station; a gateway's for every station in the region.
    station = models.ForeignKey(
        Station, on_delete=models.PROTECT, null=True, blank=True, related_name="senders"
    )
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = SenderQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name


class RegistryRevision(models.Model):
    """Counts changes of stations, series and senders, so that every listener reads them afresh."""

    number = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.number)


class Report(models.Model):
    """What a station sent besides readings: a picture, or a text that an observer typed in.

    By code, because a station reports before anybody has registered it.
    """

    station_code = models.CharField(max_length=40, db_index=True)
    at = models.DateTimeField()  # by the station's clock
    text = models.TextField(blank=True)
    picture = models.BinaryField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["station_code", "at", "text"], name="observe_report_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.station_code} at {self.at:%F %H:%M}"


class Unreadable(models.Model):
    """A message that no door could read: kept for the engineer, acknowledged to the device."""

    door = models.CharField(max_length=12)
    origin = models.CharField(max_length=120)  # topic or address
    received_ms = models.BigIntegerField()
    reason = models.CharField(max_length=300)
    body = models.BinaryField()  # the first 64 kB

    def __str__(self) -> str:
        return f"{self.door} {self.origin}: {self.reason}"


class StationHealth(models.Model):
    """How a station does, apart from what it measures."""

    station = models.OneToOneField(
        Station, on_delete=models.CASCADE, primary_key=True, related_name="health"
    )
    heard_at = models.DateTimeField(null=True)  # house clock, of the last message of any kind
    door = models.CharField(max_length=12, blank=True)  # http, mqtt, sl651
    silent_since = models.DateTimeField(null=True)  # set and cleared by the ticker
    battery_v = models.FloatField(null=True)
    clock_off_s = models.FloatField(null=True)  # device's clock minus ours
    address = models.CharField(max_length=60, blank=True)

    @property
    def is_battery_low(self) -> bool:
        """12 V lead, or a lithium cell under 6 V: each has its own limit."""
        if self.battery_v is None:
            return False
        return self.battery_v < (LOW_CELL_V if self.battery_v < CELL_BELOW_V else LOW_LEAD_V)

    @property
    def clock_off(self) -> timedelta:
        """How far, whichever way."""
        return timedelta(seconds=abs(self.clock_off_s or 0))

    @property
    def is_clock_off(self) -> bool:
        return self.clock_off_s is not None and abs(self.clock_off_s) > CLOCK_OFF_S

    def __str__(self) -> str:
        return f"health of {self.station_id}"


class Quarantined(models.Model):
    """A reading from a station or of a quantity that nobody has registered. Kept, not believed.

    Adopting the station moves its rows into the readings in one action.
    """

    station_code = models.CharField(max_length=40)
    quantity = models.CharField(max_length=40)
    at_ms = models.BigIntegerField()
    value = models.FloatField(null=True)
    raw = models.CharField(max_length=200, blank=True)
    door = models.CharField(max_length=12)
    sender = models.ForeignKey(
        Sender, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    received_ms = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["station_code", "quantity", "at_ms"], name="observe_quarantined_once"
            ),
            models.CheckConstraint(condition=~Q(station_code=""), name="observe_quarantined_code"),
        ]

    @property
    def at(self) -> datetime:
        return clock.from_epoch_ms(self.at_ms)

    def __str__(self) -> str:
        return f"{self.station_code} {self.quantity}"
