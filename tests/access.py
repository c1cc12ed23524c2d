"""Every door of the house, and how to knock at it for something that is not yours.

`tests/test_access.py` walks the URL map and fails when a door is missing here. Records of "our"
region carry MARK in their names: whoever has no right there must never read it.
"""

import hashlib
import io
import math
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from PIL import Image

from anlan.command.services import activation, incidents, plans
from anlan.command.services.plans import StepText
from anlan.observe.models import Report, Series
from anlan.observe.tests.factories import SeriesFactory, StationFactory, sender_for
from anlan.people import permissions
from anlan.people.models import Account, Grant, Shift
from anlan.people.tests.factories import account_in, holder_of, post_in
from anlan.places.services import keep_upload
from anlan.places.tests.factories import RegionFactory, RoadFactory, SiteFactory
from anlan.simulate.models import Hit
from anlan.simulate.tests.ponds import pond_area_in, pond_in
from anlan.warn.models import Alarm, Rule, RuleVersion
from anlan.work import submissions
from anlan.work.models import Attachment, WorkItem
from anlan.work.services import advance

NOON = datetime(2026, 7, 1, 4, tzinfo=UTC)
MARK = "甲乙丙丁"
TILE_ZOOM = 15
SUBMISSION = uuid.UUID(int=1)


@dataclass
class World:
    """One of everything in our region, and people who have no business there."""

    ids: dict[str, Any] = field(default_factory=dict)

    def __init__(self) -> None:
        everything = sorted(permissions.registered())
        self.ours, elsewhere = RegionFactory(level=3), RegionFactory(level=3)
        town = RegionFactory(parent=self.ours)
        village = RegionFactory(parent=town)
        # Two who may do everything here, one who may do everything elsewhere, one without rights.
        self.insider = account_in(self.ours, *everything)
        colleague = account_in(self.ours, *everything)
        self.stranger = account_in(elsewhere, *everything)
        self.nobody = account_in(RegionFactory(level=3))
        site = SiteFactory(region=village, name=f"{MARK}下穿", kind="underpass")
        road = RoadFactory(region=village, name=f"{MARK}大道")
        station = StationFactory(region=village, name=f"{MARK}雨量站", code="SECRET1")
        series = SeriesFactory(station=station)
        post = post_in(village, "village.flood_officer", "work.do", "work.view")
        officer = self.officer = holder_of(post)
        officer.name, officer.phone = f"{MARK}张", "13812345678"
        officer.save()
        step = StepText(
            level=4,
            title=f"{MARK}巡查",
            role="village.flood_officer",
            region_level=5,
            minutes=60,
        )
        document = {"code": "p", "name": f"{MARK}预案", "steps": [vars(step)]}
        draft = plans.load_plan(document=document, region=self.ours, by=self.insider, at=NOON)
        version = plans.approve_version(version=draft, by=colleague, at=NOON)
        incident = incidents.open_incident(
            title=f"{MARK}暴雨", kind="rainstorm", region=self.ours, by=self.insider, at=NOON
        )
        activation.activate(
            incident=incident, version=version, level=4, areas=[town], by=self.insider, at=NOON
        )
        item = incident.tasks.get().item
        advance(item=item, move="accept", by=officer, at=NOON)
        attachment = self._hand_in(item, officer)
        alarm = self._raise_alarm(series)
        picture = Report.objects.create(
            station_code=station.code, at=NOON, text=f"{MARK}人工报", picture=photo()
        )
        tile = mercantile_tile(site.lon, site.lat, TILE_ZOOM)
        shift = Shift.objects.create(
            region=self.ours,
            account=officer,
            starts_at=NOON,
            ends_at=NOON + timedelta(hours=12),
            handover_note=f"{MARK}积水待退",
        )
        forecast = pond_in(pond_area_in(self.ours, name=f"{MARK}城区"))
        Hit.objects.create(
            run=forecast,
            region=village,
            site=site,
            lon=site.lon,
            lat=site.lat,
            first_at=NOON,
            max_at=NOON,
            max_depth_m=0.4,
            duration_s=600,
        )
        upload = keep_upload(
            purpose="people", name=f"{MARK}.csv", content=MARK.encode(), by=self.insider, at=NOON
        )
        self.ids = {
            "incident_id": incident.pk,
            "version_id": version.pk,
            "item_id": item.pk,
            "order": 1,
            "station_id": station.pk,
            "series_id": series.pk,
            "site_id": site.pk,
            "road_id": road.pk,
            "account_id": officer.pk,
            "post_id": post.pk,
            "holding_id": post.holdings.get().pk,
            "grant_id": Grant.objects.filter(account=self.insider).order_by("pk")[0].pk,
            "shift_id": shift.pk,
            "upload_id": upload.pk,
            "sender_id": sender_for(self.ours, name=f"{MARK}网关").pk,
            "submission_id": attachment.submission_id,
            "attachment_id": attachment.pk,
            "digest": attachment.sent_digest,
            "report_id": picture.pk,
            "alarm_id": alarm.pk,
            "rule_id": alarm.rule_id,
            "run_id": forecast.pk,
            "area_id": forecast.area_id,
            "frame": 1,
            "move": "cancel",
            "layer": "sites",
            "level": 4,
            "z": TILE_ZOOM,
            "x": tile[0],
            "y": tile[1],
        }

    def _hand_in(self, item: WorkItem, officer: Account) -> Attachment:
        """Proof of the task, with a photo."""
        data, made = photo(), SUBMISSION
        digest = hashlib.sha256(data).hexdigest()
        sent = submissions.Sent(
            id=made,
            item=item,
            move="submit",
            made_at=NOON,
            note=f"{MARK}已查看",
            lon=119.65,
            lat=29.1,
            accuracy_m=8.0,
            announced=(digest,),
        )
        submissions.receive(sent=sent, body=b"{}", by=officer, at=NOON)
        submissions.attach(
            submission_id=made, digest=digest, data=data, name=f"{MARK}.jpg", by=officer, at=NOON
        )
        return Attachment.objects.get()

    def _raise_alarm(self, series: Series) -> Alarm:
        rule = Rule.objects.create(
            code="r", name=f"{MARK}积水", region=series.station.region, number=1
        )
        version = RuleVersion.objects.create(
            rule=rule,
            number=1,
            made_at=NOON,
            author=self.insider,
            severity=2,
            quantity=series.quantity,
            threshold=1.0,
        )
        return Alarm.objects.create(
            rule=rule,
            version=version,
            series=series,
            region=series.station.region,
            severity=2,
            opened_at=NOON,
            value=2.0,
        )


def photo() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (64, 48), "navy").save(file, "JPEG")
    return file.getvalue()


def mercantile_tile(lon: float, lat: float, zoom: int) -> tuple[int, int]:
    """The web-mercator tile that holds a point."""
    size, phi = 2**zoom, math.radians(lat)
    return int((lon + 180) / 360 * size), int((1 - math.asinh(math.tan(phi)) / math.pi) / 2 * size)


# Parameters that say where to look, not whose record it is.
NEUTRAL = {"layer", "level", "z", "x", "y", "frame"}


# What a door must be asked with to answer at all.
ASKED_WITH = {"/api/forecasts/<int:run_id>/point": "?lon=119.65&lat=29.1"}

# Doors that anybody may open, and why.
PUBLIC = {
    "/language/setlang/": "chooses a language for oneself",
    "/api/openapi.json": "the API's description, no data",
    "/api/docs": "the API's description, no data",
    "/api/": "nothing there",
    "/api/clock": "what time it is, for devices",
    "/sign-in/": "the way in",
    "/sign-in/code/": "the way in",
    "/sign-in/password/": "the way in",
    "/sign-in/provider/": "the way in",
    "/sign-in/provider/back/": "the way in",
    "/health/live": "“ok” where the process answers",
    "/health/": "one word; details only to this machine and to who holds the token",
    "/metrics": "only to this machine and to who holds the token; counts, no records",
}

# Doors about oneself: closed to who has not signed in, open to the same for everybody else.
OWN = {
    "/people/sign-out/",
    "/people/account/",
    "/people/account/password/",
    "/people/account/second-factor/",
    "/people/account/second-factor/off/",
}
