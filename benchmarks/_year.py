"""Inside a house: a city's year of prevention and penalties, with a fixed seed (`year`).

Written in bulk, which `tests/test_year.py` proves equal to the services. Prints a JSON line for
each of the twenty readers: the account's name and the addresses to ask.
"""

# ruff: noqa: E402 — Django must be set up before its models are imported
import json
import random
import sys
import time
from typing import Any

import django

django.setup()

from django.core.management import call_command
from django.utils import timezone

from anlan.base.statistics import recount
from anlan.enforce.models import Case
from anlan.people import permissions
from anlan.people.models import Account, Grant
from anlan.places.models import Region
from anlan.prevent.models import Campaign, Enterprise, Hazard, RiskPoint, Visit
from anlan.prevent.queries.rates import rates_by_region, total
from anlan.work.models import Step
from prevent import regions
from year import bulk, plan, world


def main(scale: float) -> None:
    began = time.monotonic()
    call_command("migrate", verbosity=0)
    regions()
    made = plan.make(scale)
    there = world.make(made.enterprises)
    made.number(there.county_of)
    bulk.write(made, there)
    recount()  # as the worker does; what was filled at one stroke is not counted yet
    readers = make_readers()
    tell(scale, readers[0][0], time.monotonic() - began)
    draw = random.Random(plan.SEED)
    for account, region in readers:
        print(json.dumps({"reader": account.username, "pages": pages_of(region, draw)}))


def make_readers() -> list[tuple[Account, Region]]:
    """Two of the city, nine of its counties, nine of towns; each may open everything there."""
    city = Region.objects.get(level=Region.Level.CITY)
    counties = Region.objects.filter(level=Region.Level.COUNTY).order_by("path")
    towns = Region.objects.filter(level=Region.Level.TOWN).order_by("path")
    places = [city, city, *counties[:9], *towns[::16][:9]]
    made = []
    for n, region in enumerate(places):
        account = Account.objects.create_account(f"reader{n}", None, name=f"读者{n}")
        Grant.objects.bulk_create(
            Grant(account=account, permission=code, region=region)
            for code in permissions.registered()
        )
        made.append((account, region))
    return made


def tell(scale: float, reader: Account, took_s: float) -> None:
    """What is there; of the whole year, the rate of the report must come out."""
    rates = total(rates_by_region(actor=reader, at=timezone.now()))
    _all, _general, major = rates.parts
    counts: dict[str, Any] = {
        model.__name__: model._default_manager.count()
        for model in (Enterprise, Visit, Hazard, Step, Case)
    }
    rate = f"{major.closed} of {major.found} major hazards put right, {major.percent} %"
    print(f"{counts}; {rate}; loaded in {took_s:.0f} s", file=sys.stderr)
    if scale == 1 and (major.closed, major.found, str(major.percent)) != (1207, 1249, "96.64"):
        raise RuntimeError(f"the report says 1207 of 1249, 96.64 %; here it is {rate}")


LISTS = {
    "index": "/prevent/",
    "enterprises": "/prevent/enterprises/",
    "enterprises of a colour": "/prevent/enterprises/?colour=2",
    "enterprises with a gap": "/prevent/enterprises/?gap=PLAN",
    "enterprises of a standard": "/prevent/enterprises/?standard=1",
    "search for enterprises": "/prevent/enterprises/?q=兰溪",
    "open hazards": "/prevent/hazards/",
    "closed hazards": "/prevent/hazards/?standing=closed",
    "overdue hazards": "/prevent/hazards/?standing=overdue",
    "major hazards": "/prevent/hazards/?standing=&grade=MAJOR",
    "search for hazards": "/prevent/hazards/?standing=&q=通道",
    "visits": "/prevent/visits/",
    "planned visits": "/prevent/visits/?planned",
    "search for visits": "/prevent/visits/?q=00123",
    "rates": "/prevent/hazards/rates/",
    "campaigns": "/prevent/campaigns/",
    "risks": "/prevent/risks/",
    "risk points": "/prevent/risks/points/",
    "cases": "/cases/?stage=all",
    "open cases": "/cases/",
    "search for cases": "/cases/?stage=all&q=20017",
    "figures of cases": "/cases/figures/?since=2026-01-01&until=2026-12-31",
    "inbox": "/work/",
}


def pages_of(region: Region, draw: random.Random) -> list[tuple[str, str]]:
    """The lists, each for the reader's own region, and a few files of it."""
    under = region.path
    files = {
        "an enterprise": ("/prevent/enterprises/{}/", Enterprise, "site__region__path"),
        "a hazard": ("/prevent/hazards/{}/", Hazard, "item__region__path"),
        "a visit": ("/prevent/visits/{}/", Visit, "region__path"),
        "a risk point": ("/prevent/risks/points/{}/", RiskPoint, "enterprise__site__region__path"),
        "a case": ("/cases/{}/", Case, "region__path"),
    }
    found = list(LISTS.items())
    for name, (url, model, path) in files.items():
        keys = list(
            model.objects.filter(**{f"{path}__startswith": under})  # type: ignore[attr-defined]
            .order_by("pk")
            .values_list("pk", flat=True)[:500]
        )
        found += [(name, url.format(key)) for key in draw.sample(keys, min(3, len(keys)))]
    campaign = Campaign.objects.order_by("pk")[0]
    return [*found, ("a campaign", f"/prevent/campaigns/{campaign.pk}/")]


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0)
