"""What the journey asks inside its house: a small city with people, and what it finds then."""

from datetime import UTC, date, datetime

from django.core.management import call_command
from django.db import connection

from anlan.base import journal
from anlan.command.services import plans
from anlan.command.services.plans import StepText
from anlan.observe.services import add_series, make_sender, register_station
from anlan.people.models import Account, Holding, Post, Role
from anlan.people.services.administrators import make_administrator
from anlan.people.services.posts import load_roles
from anlan.places.models import Region, Site
from anlan.warn.services.rules import RuleText, define_rule
from tests.access import World
from tests.inside import session_of

NAMES = {"99": "试验省", "9901": "试验市", "990101": "江北区", "990101001": "河口镇"}


def prepare() -> dict[str, object]:
    """A city, a county, a town and a village; an underpass with a gauge; a rule and a plan."""
    call_command("migrate", verbosity=0)
    at, system = datetime.now(UTC), Account.objects.system()
    path, parent = "", None
    for level, (code, name) in enumerate([*NAMES.items(), ("990101001001", "下河村")], start=1):
        path += f"{code}/"
        parent = Region.objects.create(
            code=code, name=name, level=level, path=path, parent=parent, lon=119.65, lat=29.1
        )
    village = parent
    city, county, town = (Region.objects.get(code=c) for c in list(NAMES)[1:])
    load_roles(by=system, at=at)
    site = Site.objects.create(
        code="U1", kind="underpass", name="解放路下穿", region=village, lon=119.65, lat=29.1
    )
    station = register_station(
        code="0012345678",
        name="解放路下穿积水站",
        kind="ponding",
        region=village,
        lon=119.65,
        lat=29.1,
        site=site,
        by=system,
        at=at,
    )
    add_series(station=station, quantity="ponding_depth", by=system, at=at)
    _sender, token = make_sender(name="gateway", region=city, by=system, at=at)
    rule(city, system, at)
    chief, _password = make_administrator(
        username="chief", name="陈指挥", region=city, by=system, at=at
    )
    plan(city, chief, at)
    return {
        "token": token,
        "chief": session_of(chief),
        "county": session_of(holder("county.commander", county, "赵县区")),
        "town": session_of(holder("town.flood_officer", town, "钱镇")),
        "village": session_of(holder("village.flood_officer", village, "孙村")),
    }


def rule(city: Region, system: Account, at: datetime) -> None:
    text = RuleText(severity=2, quantity="ponding_depth", threshold=0.27, clear=0.2)
    define_rule(code="deep", name="下穿积水", region=city, text=text, by=system, at=at)


def plan(city: Region, chief: Account, at: datetime) -> None:
    steps = [
        StepText(
            level=4,
            title="查看下穿立交",
            role="village.flood_officer",
            region_level=5,
            site_kind="underpass",
            minutes=45,
            instructions="达到27厘米立即封闭并上报。",
        )
    ]
    document = {"code": "flood", "name": "防汛防台应急预案", "steps": [vars(s) for s in steps]}
    draft = plans.load_plan(document=document, region=city, by=Account.objects.system(), at=at)
    plans.approve_version(version=draft, by=chief, at=at)


def holder(role: str, region: Region, name: str) -> Account:
    account = Account.objects.create_account(role, "x", name=name)
    post = Post.objects.create(role=Role.objects.get(code=role), region=region)
    Holding.objects.create(post=post, account=account, from_date=date(2020, 1, 1))
    return account


def verify() -> dict[str, object]:
    journal.seal_new_events()
    return {"findings": [finding.kind for finding in journal.verify()]}


def alter() -> dict[str, object]:
    """What nobody may do: change a note behind the house's back."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE work_step SET note = '一切正常' WHERE move = 'verify'")
        return {"rows": cursor.rowcount}


def one_of_everything() -> dict[str, object]:
    """The world of the access tests, for somebody who may do everything in it."""
    call_command("migrate", verbosity=0)
    world = World()
    # Whoever opens the board needs a place for the map to begin.
    Region.objects.update(lon=119.65, lat=29.1)
    ids = {name: str(value) for name, value in world.ids.items()}
    return {"session": session_of(world.insider), "ids": ids}
