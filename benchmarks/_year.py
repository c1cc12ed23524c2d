"""Inside a house: a city's year of prevention and penalties, with a fixed seed.

Enterprises go through the service that takes in lists, because it is fast enough. All else is
written in bulk in the shape that the services leave behind (`prevent.services.visits`, `hazards`
and `work.services`), but for events, reminders and the photos of proofs.
Prints a JSON line for each of the twenty readers: the account's name and the addresses to ask.
"""

# ruff: noqa: E402 — Django must be set up before its models are imported
import json
import random
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import django

django.setup()

from django.core.management import call_command
from django.db import connection, transaction

from _cases import fill as fill_cases
from anlan.enforce.models import Case
from anlan.people import permissions
from anlan.people.models import Account, Grant
from anlan.places.models import Region
from anlan.prevent.models import (
    Answer,
    Area,
    Campaign,
    Enterprise,
    Entry,
    Hazard,
    Quota,
    RiskPoint,
    Standard,
    StandardVersion,
    Visit,
    VisitPlan,
)
from anlan.work import deadlines
from anlan.work.models import Clock, Step, WorkItem
from prevent import make_list, regions, take

SEED = 20260701
ENTERPRISES, VISITS, CASES = 56_000, 100_000, 36_000
LINES, STANDARDS, PLANNED_OF_FOUR = 6, 10, 3
START, DAYS = datetime(2026, 1, 1, 1, tzinfo=UTC), 320
CHUNK = 5_000
WRONG = ("消防通道堵塞", "配电箱未接地", "特种作业人员无证上岗", "危险化学品混存", "安全出口上锁")
S = WorkItem.State


@dataclass(frozen=True)
class Cast:
    """Who plays in it."""

    inspectors: dict[str, Account]  # by the town's path
    doers: dict[str, Account]
    city: Account


def main(scale: float) -> None:
    call_command("migrate", verbosity=0)
    regions()
    take(make_list(int(ENTERPRISES * scale)))
    draw = random.Random(SEED)
    city = Region.objects.get(level=Region.Level.CITY)
    towns = list(Region.objects.filter(level=Region.Level.TOWN).order_by("path"))
    readers = make_readers(city, towns)
    cast = make_cast(city, towns)
    entries = make_standards(cast.city)
    campaigns = make_campaigns(city, cast.city)
    add_risk_points(draw)
    for chunk in visits_in_chunks(int(VISITS * scale), entries, campaigns, cast, draw):
        write(chunk)
    fill_cases(int(CASES * scale), city, towns, readers[0][0])
    count_rows()
    for account, region in readers:
        print(json.dumps({"reader": account.username, "pages": pages_of(region, draw)}))


def make_readers(city: Region, towns: list[Region]) -> list[tuple[Account, Region]]:
    """Two of the city, nine of its counties, nine of towns; each may open everything there."""
    counties = Region.objects.filter(level=Region.Level.COUNTY).order_by("path")
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


def make_cast(city: Region, towns: list[Region]) -> Cast:
    def one(word: str, region: Region, *codes: str) -> Account:
        account = Account.objects.create_account(f"{word}{region.code}", None, name=region.name)
        for code in codes:
            Grant.objects.create(account=account, permission=code, region=region)
        return account

    return Cast(
        {town.path: one("inspector", town, "prevent.inspect", "prevent.check") for town in towns},
        {town.path: one("doer", town, "prevent.rectify") for town in towns},
        one("city", city, "prevent.check", "prevent.campaign"),
    )


def make_standards(by: Account) -> dict[int, list[Entry]]:
    """Ten checklists in force, shared out among the enterprises; entries by their standard."""
    found = {}
    for n in range(STANDARDS):
        standard = Standard.objects.create(code=f"S{n}", name=f"第{n + 1}类企业标准")
        version = StandardVersion.objects.create(
            standard=standard, number=1, state="IN_FORCE", made_at=START, author=by,
            in_force_from=START,
        )  # fmt: skip
        found[standard.pk] = Entry.objects.bulk_create(
            Entry(version=version, number=k + 1, text=f"{WRONG[k % len(WRONG)]}（{n}.{k}）",
                  basis="安全生产法第三十六条")
            for k in range(LINES)
        )  # fmt: skip
    firms = list(Enterprise.objects.order_by("pk").only("pk"))
    codes = list(found)
    for n, firm in enumerate(firms):
        firm.standard_id, firm.colour = codes[n % len(codes)], 1 + (n * 7 % 20 + 15) // 10
    Enterprise.objects.bulk_update(firms, ["standard", "colour"], batch_size=2000)
    return found


def make_campaigns(city: Region, by: Account) -> list[Campaign]:
    counties = list(Region.objects.filter(level=Region.Level.COUNTY))
    made = [
        Campaign.objects.create(
            title=f"{month}月专项整治", region=city, starts_on=date(2026, month, 1),
            ends_on=date(2026, month, 28), made_by=by, made_at=START,
        )
        for month in range(1, 11)
    ]  # fmt: skip
    Quota.objects.bulk_create(
        Quota(campaign=campaign, region=county, visits=400)
        for campaign in made
        for county in counties
    )
    return made


def add_risk_points(draw: random.Random) -> None:
    """Two points in an area at every fourth enterprise."""
    areas = Area.objects.bulk_create(
        [Area(enterprise=firm, name="车间") for firm in Enterprise.objects.order_by("pk")[::4]],
        batch_size=1000,
    )
    RiskPoint.objects.bulk_create(
        [
            RiskPoint(
                enterprise_id=area.enterprise_id, area=area, name=f"冲压机{n}", danger="挤压",
                accident="03", inherent=2, grade=draw.randrange(1, 5), made_at=START,
                regrade_on=date(2027, 1, 1) if draw.random() < 0.9 else date(2026, 6, 1),
            )
            for area in areas
            for n in range(2)
        ],
        batch_size=1000,
    )  # fmt: skip


@dataclass
class Duty:
    """A work item with its steps, and what its room keeps of it."""

    item: WorkItem
    steps: list[Step]
    row: Any
    found_at: datetime | None = None


@dataclass
class Chunk:
    plans: list[Duty]
    visits: list[tuple[Visit, Account]]
    answers: list[Answer]
    hazards: list[Duty]


def visits_in_chunks(
    count: int,
    entries: dict[int, list[Entry]],
    campaigns: list[Campaign],
    cast: Cast,
    draw: random.Random,
) -> Iterator[Chunk]:
    firms = list(Enterprise.objects.select_related("site__region").order_by("pk"))
    for first in range(0, count, CHUNK):
        chunk = Chunk([], [], [], [])
        for n in range(first, min(first + CHUNK, count)):
            firm = firms[draw.randrange(len(firms))]
            at = START + timedelta(days=DAYS) * (n / count)
            one_visit(chunk, n, firm, at, entries[firm.standard_id or 0], campaigns, cast, draw)
        yield chunk


def one_visit(
    chunk: Chunk,
    n: int,
    firm: Enterprise,
    at: datetime,
    lines: list[Entry],
    campaigns: list[Campaign],
    cast: Cast,
    draw: random.Random,
) -> None:
    region = firm.site.region
    town = "/".join(region.path.split("/")[:4]) + "/"
    inspector, doer = cast.inspectors[town], cast.doers[town]
    campaign = campaigns[n % len(campaigns)] if n % 3 == 0 else None
    visit = Visit(
        id=uuid.UUID(int=draw.getrandbits(128), version=4), number=f"（试）检记〔2026〕{n + 1}号",
        kind="INSPECT", enterprise=firm, region=region, version=lines[0].version,
        campaign=campaign, started_at=at, finished_at=at + timedelta(hours=1), lon=119.6, lat=29.1,
    )  # fmt: skip
    if n % 4 < PLANNED_OF_FOUR:
        chunk.plans.append(planned(visit, inspector, cast.city))
    chunk.visits.append((visit, inspector))
    wrong = draw.sample(lines, 1 + (n % 5 in {1, 3}))
    chunk.answers += [
        Answer(visit=visit, entry=line, result="WRONG" if line in wrong else "FINE")
        for line in lines
    ]
    for line in wrong:
        chunk.hazards.append(hazard(visit, line, inspector, doer, cast.city, draw))


def planned(visit: Visit, inspector: Account, city: Account) -> Duty:
    at = visit.started_at
    item = WorkItem(
        kind="prevent.visit", title=f"检查{visit.enterprise.site.name}", region=visit.region,
        state=S.CLOSED, doer=inspector, opened_at=at - timedelta(days=10),
        due_at=at + timedelta(days=5),
    )  # fmt: skip
    done = at + timedelta(hours=1)
    moves = (
        ("open", city, item.opened_at),
        ("accept", inspector, at),
        ("submit", inspector, done),
        ("verify", Account.objects.system(), done),
    )
    plan = VisitPlan(
        item=item, enterprise=visit.enterprise, kind=visit.kind, campaign=visit.campaign
    )
    visit.item = item
    return Duty(item, [Step(item=item, move=m, by=by, at=when) for m, by, when in moves], plan)


def hazard(
    visit: Visit, line: Entry, finder: Account, doer: Account, city: Account, draw: random.Random
) -> Duty:
    """Mostly put right, half of it at the second attempt; of the last weeks under way."""
    found = visit.started_at
    fresh = (START + timedelta(days=DAYS) - found).days < 15
    state = (
        draw.choice([S.OPEN, S.DOING, S.SUBMITTED]) if fresh or draw.random() < 0.01 else S.CLOSED
    )
    item = WorkItem(
        kind="prevent.rectify", title=f"{visit.enterprise.site.name}：{line.text}",
        region=visit.region, state=state, doer=None if state == S.OPEN else doer, opened_at=found,
    )  # fmt: skip
    again = (("submit", doer), ("return", finder)) if draw.random() < 0.6 else ()
    moves = {
        S.OPEN: (("open", finder),),
        S.DOING: (("open", finder), ("accept", doer)),
        S.SUBMITTED: (("open", finder), ("accept", doer), ("submit", doer)),
        S.CLOSED: (
            ("open", finder), ("accept", doer), *again, ("submit", doer), ("verify", finder),
        ),
    }[state]  # fmt: skip
    steps = [
        Step(
            item=item,
            move=move,
            by=by,
            at=found + timedelta(days=2 * k),
            note="已整改" if k else "",
        )
        for k, (move, by) in enumerate(moves)
    ]
    ordered = draw.random() < 0.5
    row = Hazard(
        item=item, site=visit.enterprise.site, source="VISIT", visit=visit, entry=line,
        grade="MAJOR" if draw.random() < 0.009 else "GENERAL", what=line.text, basis=line.basis,
        found_at=found, found_by=finder, lon=119.6, lat=29.1,
        order_number=f"（试）责改〔2026〕{draw.randrange(10**6)}号" if ordered else "",
        ordered_at=found if ordered else None, ordered_by=finder if ordered else None,
    )  # fmt: skip
    return Duty(item, steps, row, found)


@transaction.atomic
def write(chunk: Chunk) -> None:
    """Parents before what points at them; keys come from the database."""
    version = deadlines.get("prevent.rectify").on(START.date())
    for duty in chunk.hazards:
        duty.item.due_at = deadlines.due_at(version, duty.found_at)
    WorkItem.objects.bulk_create(
        [duty.item for duty in (*chunk.plans, *chunk.hazards)], batch_size=1000
    )
    Step.objects.bulk_create(
        [step for duty in (*chunk.plans, *chunk.hazards) for step in renewed(duty)],
        batch_size=1000,
    )
    VisitPlan.objects.bulk_create([duty.row for duty in chunk.plans], batch_size=1000)
    for visit, _inspector in chunk.visits:
        visit.item = visit.item  # assigned anew: its key is known only now
    Visit.objects.bulk_create([visit for visit, _inspector in chunk.visits], batch_size=1000)
    link = Visit.inspectors.through
    link.objects.bulk_create(
        [link(visit_id=visit.pk, account_id=who.pk) for visit, who in chunk.visits], batch_size=1000
    )
    hazards = Hazard.objects.bulk_create([duty.row for duty in chunk.hazards], batch_size=1000)
    by_line = {(row.visit_id, row.entry_id): row for row in hazards}
    for answer in chunk.answers:
        answer.hazard = by_line.get((answer.visit_id, answer.entry_id))
    Answer.objects.bulk_create(chunk.answers, batch_size=1000)
    Clock.objects.bulk_create(
        [clock(duty, version.since) for duty in chunk.hazards], batch_size=1000
    )


def renewed(duty: Duty) -> list[Step]:
    """The steps and the room's row, pointing at an item that now has its key."""
    duty.row.item = duty.item
    for step in duty.steps:
        step.item = duty.item
    return duty.steps


def clock(duty: Duty, since: date) -> Clock:
    last = next((s for s in reversed(duty.steps) if s.move == "submit"), None)
    return Clock(
        item=duty.item, rule="prevent.rectify", rule_version=since, started_at=duty.found_at,
        due_at=duty.item.due_at, stopped_at=last.at if last else None, stopped_by=last,
    )  # fmt: skip


def count_rows() -> None:
    """A database that was filled at one stroke does not know yet how much it holds."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


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
