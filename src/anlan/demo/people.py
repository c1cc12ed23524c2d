"""Organisations, posts and who holds them. Names and phones are made up.

Everybody of the city's flood service holds a post; only the accounts in SIGN_INS can sign in.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.contrib.auth.hashers import make_password

from anlan.people import permissions
from anlan.people.models import Account, Grant, Holding, Organisation, Post, Role, Shift
from anlan.people.services.accounts import change_organisation
from anlan.places.models import Region

from . import city, times
from .shapes import Division

PASSWORD = "anlan-demo"  # noqa: S105 — printed at every start; only a demo database has it
NO_SIGN_IN = "!"
HELD_SINCE = date(2026, 1, 1)
ADMIN = "admin"
FIRM = "wucheng-qiye"  # signs in for an enterprise, holds no right anywhere
FORGOTTEN_EACH, VACANT_EACH = 120, 240
_BATCH = 1000
# Whose posts are held in the demo; the roles themselves are the house's own.
HELD = (
    "city.commander",
    "city.duty_leader",
    "city.duty_officer",
    "city.planner",
    "city.device_keeper",
    "city.safety_leader",
    "city.inspector",
    "city.party_leader",
    "city.government_leader",
    "city.safety_office",
    "county.party_leader",
    "county.government_leader",
    "county.safety_office",
    "county.commander",
    "county.duty_leader",
    "county.duty_officer",
    "county.road_keeper",
    "county.safety_leader",
    "county.inspector",
    "county.legal_reviewer",
    "town.commander",
    "town.flood_officer",
    "town.emergency_officer",
    "village.flood_officer",
    "grid.grid_officer",
)


@dataclass(frozen=True)
class SignIn:
    username: str
    role: str
    region: str  # code
    moves_clock: bool = False


# One line of duty from the city down to a village, a second county as the stranger.
SIGN_INS = (
    SignIn("shi-zhihui", "city.commander", "3307", moves_clock=True),
    SignIn("shi-zhiban", "city.duty_officer", "3307", moves_clock=True),
    SignIn("shi-yuan", "city.planner", "3307"),
    SignIn("shi-shebei", "city.device_keeper", "3307"),
    SignIn("shi-anjian", "city.safety_leader", "3307"),
    SignIn("shi-shizhang", "city.government_leader", "3307"),
    SignIn("shi-anwei", "city.safety_office", "3307"),
    SignIn("wucheng-anwei", "county.safety_office", "330702"),
    SignIn("shi-jiancha", "city.inspector", "3307"),
    SignIn("wucheng-zhihui", "county.commander", "330702"),
    SignIn("wucheng-zhiban", "county.duty_officer", "330702"),
    SignIn("wucheng-daolu", "county.road_keeper", "330702"),
    SignIn("wucheng-anjian", "county.safety_leader", "330702"),
    SignIn("wucheng-jiancha", "county.inspector", "330702"),
    SignIn("wucheng-fazhi", "county.legal_reviewer", "330702"),
    SignIn("yiwu-zhihui", "county.commander", "330782"),
    SignIn("yiwu-zhiban", "county.duty_officer", "330782"),
    SignIn("yiwu-anjian", "county.safety_leader", "330782"),
)


def sign_ins(divisions: Iterable[Division], ponding: Iterable[str]) -> list[SignIn]:
    """The fixed accounts, and the officers of the villages and towns where it will be deep.

    `ponding`: codes of villages, deepest first; a village of each of the two counties is taken.
    """
    parents = {d.code: d.parent for d in divisions}
    found = list(SIGN_INS)
    for county in ("330702", "330782"):
        villages = [code for code in ponding if code.startswith(county)]
        chosen = list(dict.fromkeys(villages))[:2]
        for n, village in enumerate(chosen):
            name = {"330702": "wucheng", "330782": "yiwu"}[county]
            if n == 0:
                found.append(SignIn(f"{name}-zhen", "town.flood_officer", parents[village]))
            found.append(SignIn(f"{name}-cun{n + 1}", "village.flood_officer", village))
    return found


def make_organisations(regions: dict[str, Region]) -> dict[str, Organisation]:
    """The bureau at each level from the city down, by region code."""
    titles = {2: "应急管理局", 3: "应急管理局", 4: "人民政府（办事处）", 5: ""}
    rows = [
        Organisation(code=f"DEMO-{r.code}", name=r.name + titles[r.level], region=r)
        for r in regions.values()
        if r.level in titles
    ]
    made = Organisation.objects.bulk_create(rows, batch_size=_BATCH)
    return {row.region.code: row for row in made}


# What the bureaus' numbers begin with; made up where the county's own was not to be had.
MARKS = {
    "3307": "金", "330702": "婺", "330703": "金东", "330723": "武", "330726": "浦", "330727": "磐",
    "330781": "兰", "330782": "义", "330783": "东", "330784": "永",
}  # fmt: skip


def name_offices(organisations: dict[str, Organisation], by: Account, at: datetime) -> None:
    """The bureaus' prefixes: （婺）应急."""
    for code, mark in MARKS.items():
        if office := organisations.get(code):
            change_organisation(
                organisation=office, name=office.name, short=f"（{mark}）应急", by=by, at=at
            )


def make_posts(
    regions: dict[str, Region],
    organisations: dict[str, Organisation],
    wanted: list[SignIn],
) -> None:
    """Every post of the flood service with its holder; a few of them can sign in."""
    names = {(s.role, s.region): s.username for s in wanted}
    roles = list(Role.objects.filter(code__in=HELD).order_by("code"))
    pairs = [
        (role, region)
        for region in regions.values()
        for role in roles
        if role.level == region.level
    ]
    accounts = [
        Account(
            username=names.get((role.code, region.code), f"{role.code}-{region.code}"),
            name=city.person_name(n),
            phone=city.phone(n),
            organisation=_organisation(organisations, region),
            password=_password((role.code, region.code) in names),
        )
        for n, (role, region) in enumerate(pairs)
    ]
    accounts = Account.objects.bulk_create(accounts, batch_size=_BATCH)
    posts = Post.objects.bulk_create(
        [Post(role=role, region=region) for role, region in pairs], batch_size=_BATCH
    )
    Holding.objects.bulk_create(
        [
            Holding(post=post, account=account, from_date=HELD_SINCE, confirmed_at=_confirmed(n))
            for n, (post, account) in enumerate(zip(posts, accounts, strict=True))
            if not _is_vacant(n, post)
        ],
        batch_size=_BATCH,
    )


def _confirmed(n: int) -> datetime | None:
    """In March, before the flood season; a few were forgotten, as happens."""
    if n % FORGOTTEN_EACH == FORGOTTEN_EACH - 1:
        return None
    return datetime(2026, 3, 1 + n % 28, 10, tzinfo=times.LOCAL)


def _is_vacant(n: int, post: Post) -> bool:
    """A few grids have lost their officer and got no new one."""
    return post.region.level == Region.Level.GRID and n % VACANT_EACH == 0


def _organisation(found: dict[str, Organisation], region: Region) -> Organisation:
    """The region's own, for a grid its village's."""
    return found.get(region.code) or found[region.code[:12]]


def _password(can_sign_in: bool) -> str:
    return make_password(PASSWORD) if can_sign_in else NO_SIGN_IN


def make_grants(city_region: Region, wanted: list[SignIn]) -> Account:
    """An administrator who may do everything, and who may move the clock."""
    admin = Account.objects.create_account(ADMIN, PASSWORD, name="系统管理员")
    Grant.objects.bulk_create(
        Grant(account=admin, permission=code, region=city_region)
        for code in permissions.registered()
    )
    movers = Account.objects.filter(username__in=[s.username for s in wanted if s.moves_clock])
    Grant.objects.bulk_create(
        Grant(account=account, permission="demo.control", region=city_region) for account in movers
    )
    return admin


def make_shifts(regions: Iterable[Region]) -> None:
    """A leader and an officer at the city's and every county's desk, by twelve hours."""
    rows = []
    for region in regions:
        holders = {
            code.split(".")[1]: account
            for code, account in Holding.objects.filter(post__region=region).values_list(
                "post__role__code", "account_id"
            )
        }
        for start in _shift_starts():
            for duty, leads in (("duty_leader", True), ("duty_officer", False)):
                rows.append(
                    Shift(
                        region=region,
                        account_id=holders[duty],
                        leads=leads,
                        starts_at=start,
                        ends_at=start + timedelta(hours=12),
                    )
                )
    Shift.objects.bulk_create(rows, batch_size=_BATCH)


def _shift_starts() -> list[datetime]:
    first = times.RECORD_START + timedelta(hours=8)
    return [first + timedelta(hours=12 * n) for n in range(-6, 8)]


def accounts_table(wanted: Iterable[SignIn]) -> list[tuple[str, str, str]]:
    """(who, username, password), for the screen at the demo's start."""
    names = [s.username for s in wanted]
    held = Holding.objects.filter(account__username__in=names).select_related(
        "account", "post__role", "post__region"
    )
    posts = {holding.account.username: str(holding.post) for holding in held}
    firms = Account.objects.filter(username=FIRM).values_list("username", flat=True)
    return [
        ("系统管理员", ADMIN, PASSWORD),
        *((posts[name], name, PASSWORD) for name in names),
        *(("企业安全员", name, PASSWORD) for name in firms),
    ]
