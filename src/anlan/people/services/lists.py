"""Import people and their posts from a list that an office keeps in Excel."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from anlan.base import tables
from anlan.base.errors import Refusal
from anlan.base.events import publish
from anlan.base.tables import Column, Line, Problem
from anlan.places.models import Region

from ..models import Account, Holding, Post, Role
from .accounts import PHONE
from .posts import refuse_beyond_own

COLUMNS = (
    Column("name", ("姓名", "name")),
    Column("phone", ("手机号码", "phone", "电话", "联系电话", "手机")),
    Column("region", ("区划代码", "region", "行政区划代码")),
    Column("role", ("岗位", "role", "职务", "责任岗位")),
    Column("username", ("用户名", "username"), required=False),
    Column("from_date", ("任职日期", "from", "开始日期"), required=False),
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One good line: this person holds this role here."""

    line: Line
    role: Role
    region: Region
    from_date: date
    account: Account | None  # known already


@dataclass(frozen=True)
class PeoplePlan:
    new_accounts: int
    new_posts: int
    new_holdings: int
    same: int
    problems: list[Problem] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    wanted: list[Wanted] = field(default_factory=list)


def plan_people(*, content: bytes, by: Account, at: datetime) -> PeoplePlan:
    """What a list would add, with every bad cell; changes nothing. Nobody is removed by absence."""
    lines = tables.read(content, COLUMNS)
    context = _Context(lines, by, localdate(at))
    problems: list[Problem] = []
    wanted = []
    for line in lines:
        wrong = list(context.check(line))
        problems += wrong
        if not wrong:
            wanted.append(context.want(line))
    new = [w for w in wanted if not context.holds(w)]
    people = {_person(w.line) for w in wanted if w.account is None}
    posts = {(w.role.pk, w.region.pk) for w in wanted} - context.posts.keys()
    return PeoplePlan(
        len(people), len(posts), len(new), len(wanted) - len(new), problems, lines, wanted
    )


@transaction.atomic
def import_people(*, content: bytes, by: Account, at: datetime) -> PeoplePlan:
    """Add every good line's account, post and holding. The same list again adds nothing.

    New accounts have no password yet: an administrator issues a first one, or the city's identity
    provider vouches for them.
    """
    plan = plan_people(content=content, by=by, at=at)
    if not plan.new_holdings:
        return plan
    accounts = _make_accounts(plan.wanted)
    posts = _make_posts(plan.wanted)
    held = set(Holding.objects.filter(to_date=None).values_list("post", "account"))
    rows: dict[tuple[int, int], Holding] = {}
    for w in plan.wanted:
        account = w.account or accounts[_person(w.line)]
        post = posts[w.role.pk, w.region.pk]
        if (post.pk, account.pk) not in held:
            rows[post.pk, account.pk] = Holding(
                post=post, account=account, from_date=w.from_date, confirmed_at=at
            )
    Holding.objects.bulk_create(rows.values(), batch_size=1000)
    publish(
        "people.list.imported",
        at=at,
        by=by,
        region_path=min(w.region.path for w in plan.wanted),
        accounts=plan.new_accounts,
        posts=plan.new_posts,
        holdings=len(rows),
    )
    return plan


def error_list(plan: PeoplePlan) -> bytes:
    return tables.error_workbook(COLUMNS, plan.lines, plan.problems)


def empty_list() -> bytes:
    """A workbook with the headers and one example line."""
    example = {"name": "张三", "phone": "13800001234", "region": "", "role": "村防汛责任人"}
    return tables.workbook(COLUMNS, [example])


class _Context:
    """What the lines are compared with, read once."""

    def __init__(self, lines: list[Line], by: Account, today: date) -> None:
        self.by, self.today = by, today
        codes = {line["region"] for line in lines}
        self.regions = {r.code: r for r in Region.objects.filter(valid_to=None) if r.code in codes}
        self.roles = {role.name: role for role in Role.objects.all()}
        self.roles |= {role.code: role for role in self.roles.values()}
        self.managed = tuple(by.regions_for("people.manage"))
        self.by_username: dict[str, Account] = {}
        self.by_person: dict[tuple[str, str], Account] = {}
        for account in Account.objects.filter(is_active=True):
            self.by_username[account.username] = account
            self.by_person[account.name, account.phone] = account
        pks = {r.pk for r in self.regions.values()}
        self.posts = {(p.role_id, p.region_id): p for p in Post.objects.all() if p.region_id in pks}
        self.held = set(Holding.objects.filter(to_date=None).values_list("post", "account"))
        self._refusals: dict[tuple[int, int], str] = {}

    def check(self, line: Line) -> Iterable[Problem]:
        def bad(column: str, text: str) -> Problem:
            return Problem(line.number, column, line[column], text)

        if not 0 < len(line["name"]) <= 40:
            yield bad("name", _("Give the person's name."))
        if not PHONE.fullmatch(line["phone"]):
            yield bad("phone", _("This is not a telephone number."))
        yield from self._check_post(line)
        if line["from_date"] and tables.read_day(line["from_date"]) is None:
            yield bad("from_date", _("Write the day as 2026-07-03."))
        named = self.by_username.get(line["username"])
        if named and named.name != line["name"]:
            yield bad("username", _("This user name is taken."))

    def _check_post(self, line: Line) -> Iterable[Problem]:
        def bad(column: str, text: str) -> Problem:
            return Problem(line.number, column, line[column], text)

        region, role = self.regions.get(line["region"]), self.roles.get(line["role"])
        if region is None:
            yield bad("region", _("No region in force with this code."))
        elif not self.by.is_system and not region.path.startswith(self.managed or ("?",)):
            yield bad("region", _("You do not manage people there."))
        if role is None:
            yield bad("role", _("There is no such post; use the name of a role."))
        elif region is not None:
            why = self._refused(role, region)
            if why:
                yield bad("role", why)

    def want(self, line: Line) -> Wanted:
        if line["username"]:
            account = self.by_username.get(line["username"])
        else:
            account = self.by_person.get(_person(line)[:2])
        return Wanted(
            line,
            self.roles[line["role"]],
            self.regions[line["region"]],
            tables.read_day(line["from_date"]) or self.today,
            account,
        )

    def holds(self, want: Wanted) -> bool:
        post = self.posts.get((want.role.pk, want.region.pk))
        return bool(post and want.account and (post.pk, want.account.pk) in self.held)

    def _refused(self, role: Role, region: Region) -> str:
        if role.level != region.level:
            return _("“%(role)s” is a post of another level than %(region)s.") % {
                "role": role.name,
                "region": region.name,
            }
        key = (role.pk, region.pk)
        if key not in self._refusals:
            try:
                refuse_beyond_own(role, region, self.by)
                self._refusals[key] = ""
            except Refusal as refusal:
                self._refusals[key] = refusal.message
        return self._refusals[key]


def _person(line: Line) -> tuple[str, str, str]:
    return line["name"], line["phone"], line["username"]


def _make_accounts(wanted: list[Wanted]) -> dict[tuple[str, str, str], Account]:
    """One account a person; user names that were not given come from the region's code."""
    taken = set(Account.objects.values_list("username", flat=True))
    made: dict[tuple[str, str, str], Account] = {}
    for want in wanted:
        person = _person(want.line)
        if want.account is None and person not in made:
            username = want.line["username"] or _free_name(want.region.code, taken)
            taken.add(username)
            made[person] = Account(
                username=username,
                name=want.line["name"],
                phone=want.line["phone"],
                password="!",  # noqa: S106 — nobody can sign in with it
                must_change_password=True,
            )
    Account.objects.bulk_create(made.values(), batch_size=1000)
    return made


def _free_name(code: str, taken: set[str]) -> str:
    number = 1
    while f"{code}-{number:02d}" in taken:
        number += 1
    return f"{code}-{number:02d}"


def _make_posts(wanted: list[Wanted]) -> dict[tuple[int, int], Post]:
    pks = {want.region.pk for want in wanted}
    found = {(p.role_id, p.region_id): p for p in Post.objects.all() if p.region_id in pks}
    missing = {
        (w.role.pk, w.region.pk): Post(role=w.role, region=w.region)
        for w in wanted
        if (w.role.pk, w.region.pk) not in found
    }
    Post.objects.bulk_create(missing.values(), batch_size=1000)
    return found | missing
