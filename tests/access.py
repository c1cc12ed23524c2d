"""Every door of the house, and how to knock at it for something that is not yours.

`tests/test_access.py` walks the URL map and fails when a door is missing here. Records of "our"
region carry MARK in their names: whoever has no right there must never read it.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from anlan.command.services import activation, incidents, plans
from anlan.command.services.plans import StepText
from anlan.observe.tests.factories import SeriesFactory, StationFactory
from anlan.people import permissions
from anlan.people.tests.factories import account_in, holder_of, post_in
from anlan.places.tests.factories import RegionFactory, SiteFactory
from anlan.work.services import advance

NOON = datetime(2026, 7, 1, 4, tzinfo=UTC)
MARK = "甲乙丙丁"


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
        station = StationFactory(region=village, name=f"{MARK}雨量站", code="SECRET1")
        series = SeriesFactory(station=station)
        post = post_in(village, "village.flood_officer", "work.do", "work.view")
        officer = holder_of(post)
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
        self.ids = {
            "incident_id": incident.pk,
            "version_id": version.pk,
            "item_id": item.pk,
            "order": 1,
            "station_id": station.pk,
            "series_id": series.pk,
            "site_id": site.pk,
            "account_id": officer.pk,
            "post_id": post.pk,
            "alarm_id": 1,
        }


# Doors that anybody may open, and why.
PUBLIC = {
    "/language/setlang/": "chooses a language for oneself",
    "/api/openapi.json": "the API's description, no data",
    "/api/docs": "the API's description, no data",
    "/api/": "nothing there",
    "/api/clock": "the time of day; a device asks before it can send. Moving it needs the right",
}

# Doors about oneself: closed to strangers to the house, the same for all who are signed in.
OWN: set[str] = set()
