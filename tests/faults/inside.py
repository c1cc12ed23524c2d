"""What the fault tests ask inside a house: make a city, count what is stored."""

from datetime import UTC, date, datetime

from django.core.management import call_command

from anlan.base import journal
from anlan.base.models import Event
from anlan.command.services import activation, incidents, plans
from anlan.command.services.plans import StepText
from anlan.observe.models import Reading, Series, Station
from anlan.observe.services import make_sender, register_station
from anlan.people.models import Account, Grant, Holding, Post, Role
from anlan.places.models import Region
from anlan.work.models import Step, Submission
from tests.inside import session_of

STATIONS = 20
VILLAGES = 300


def prepare() -> dict[str, object]:
    """A county with stations, a gateway, an officer with a session and many tasks."""
    call_command("migrate", verbosity=0)
    at, system = datetime.now(UTC), Account.objects.system()
    county = Region.objects.create(code="990101", name="试验县", level=3, path="99/990101/")
    town = region_in("990101001", "试验镇", 4, county)
    for n in range(STATIONS):
        code = f"00{n:08d}"
        station = register_station(
            code=code, name=code, kind="rain", region=town, lon=119.6, lat=29.1, by=system, at=at
        )
        for quantity in ("rain_5min", "battery_voltage", "rain_total"):
            Series.objects.create(station=station, quantity=quantity, unit="mm")
    _sender, token = make_sender(name="gateway", region=county, by=system, at=at)
    villages = [region_in(f"990101001{n:03d}", f"试验村{n}", 5, town) for n in range(VILLAGES)]
    session = officer_of(villages)
    items = tasks_for(county, at)
    return {
        "token": token,
        "stations": sorted(Station.objects.values_list("code", flat=True)),
        "session": session,
        "items": items,
    }


def stored() -> dict[str, object]:
    """Every reading and submission that is there, and whether the journal is intact."""
    journal.seal_new_events()
    readings = Reading.objects.values_list("series__station__code", "series__quantity", "at_ms")
    accepted = Submission.objects.filter(state="ACCEPTED")
    steps = Step.objects.filter(move="accept").values_list("item_id", flat=True)
    return {
        "readings": list(readings),
        "submissions": sorted(str(pk) for pk in accepted.values_list("pk", flat=True)),
        "accepted_items": sorted(steps),
        "events": Event.objects.filter(name="work.item.accept").count(),
        "findings": [finding.text for finding in journal.verify()],
    }


def region_in(code: str, name: str, level: int, parent: Region) -> Region:
    path = f"{parent.path}{code}/"
    return Region.objects.create(code=code, name=name, level=level, parent=parent, path=path)


def officer_of(villages: list[Region]) -> str:
    account = Account.objects.create_account("officer", "x", name="网格员")
    role = Role.objects.create(
        code="village.flood_officer",
        name="防汛责任人",
        level=5,
        permissions=["work.do", "work.view"],
    )
    for village in villages:
        post = Post.objects.create(role=role, region=village)
        Holding.objects.create(post=post, account=account, from_date=date(2020, 1, 1))
    return session_of(account)


def tasks_for(county: Region, at: datetime, minutes: int = 60) -> list[int]:
    """A task for every village, due within so many minutes."""
    system = Account.objects.system()
    approver = Account.objects.create_account("approver", "x", name="审批人")
    Grant.objects.create(account=approver, permission="command.approve", region=county)
    step = StepText(
        level=4, title="巡查", role="village.flood_officer", region_level=5, minutes=minutes
    )
    document = {"code": "p", "name": "预案", "steps": [vars(step)]}
    draft = plans.load_plan(document=document, region=county, by=system, at=at)
    version = plans.approve_version(version=draft, by=approver, at=at)
    incident = incidents.open_incident(
        title="暴雨", kind="rainstorm", region=county, by=system, at=at
    )
    activation.activate(
        incident=incident, version=version, level=4, areas=[county], by=_leader(county), at=at
    )
    return list(incident.tasks.values_list("pk", flat=True))


def _leader(county: Region) -> Account:
    leader = Account.objects.create_account("leader", "x", name="指挥长")
    Grant.objects.create(account=leader, permission="command.lead", region=county)
    return leader
