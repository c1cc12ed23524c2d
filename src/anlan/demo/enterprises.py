"""Enterprises of the reference city: files for the sites that it has. All made up, and said so.

Taken in as a bureau takes in its list (`enterprise_lists`); what no list says, by the services.
"""

import tomllib
from datetime import datetime
from importlib import resources

import numpy as np
from stdnum.cn import uscc

from anlan.base import tables
from anlan.people.models import Account
from anlan.prevent.models import Enterprise, Have
from anlan.prevent.services.enterprise_lists import plan_list, write_plan
from anlan.prevent.services.enterprises import follow_risk
from anlan.prevent.services.haves import confirm_have
from anlan.prevent.services.industries import import_industries
from anlan.prevent.services.list_cells import COLUMNS
from anlan.prevent.services.standards import load_standard, put_in_force

from . import city, people
from .city import City, SiteSpec

# Trade, code of GB/T 4754, how grave its risk is likely to be (1 is the gravest).
TRADES = (
    ("五金制品", "C3351", 4),
    ("机械配件", "C3484", 4),
    ("水晶饰品", "C3059", 4),
    ("木雕家具", "C2110", 3),
    ("针织服装", "C1830", 4),
    ("门业", "C3312", 3),
    ("保温杯", "C3382", 3),
    ("电动工具", "C3465", 4),
    ("食品", "C1439", 4),
    ("印染", "C1713", 2),
    ("铝材", "C3252", 2),
    ("涂料化工", "C2641", 1),
)
FORMS = ("厂", "有限公司", "有限责任公司")
SIZES = (("微型", 9), ("小型", 60), ("中型", 320), ("大型", 1200))
STANDARD = "example"
MACHINE_SHOPS = {"C3351", "C3484", "C3312", "C3382", "C3465", "C3252"}
COMPLETE, HALF = 60, 120  # how many have shown all of the five haves, and two of them
SHOWN_BY = {
    Have.What.STAFF: "已任命专职安全员（模拟）",
    Have.What.FUNDS: "已按规定提取安全费用（模拟）",
    Have.What.STANDARD: "已执行行业标准（模拟）",
    Have.What.RULES: "安全管理制度已上墙（模拟）",
    Have.What.PLAN: "应急预案已备案（模拟）",
}


def credit_code(number: int) -> str:
    """Right in form, of a division that no registry has (990000)."""
    base = f"91990000{number:09d}"
    return base + str(uscc.calc_check_digit(base))


def as_list(made: City) -> bytes:
    """The list that the bureau would have; numbers that no operator gives out."""
    names = {d.code: d.name for d in made.divisions}
    parents = {d.code: d.parent for d in made.divisions}
    sites = [site for site in made.sites if site.kind == "enterprise"]
    draw = np.random.default_rng(city.SEED + 7)
    trades = draw.integers(len(TRADES), size=len(sites)).tolist()
    sizes = draw.choice(len(SIZES), size=len(sites), p=(0.5, 0.4, 0.08, 0.02)).tolist()

    def row(n: int, site: SiteSpec) -> dict[str, str]:
        trade, industry, _risk = TRADES[trades[n]]
        size, most = SIZES[sizes[n]]
        village = names[site.region]
        return {
            "credit_code": credit_code(n + 1),
            "name": f"{city.short(village)}{trade}{n + 1:04d}{FORMS[n % len(FORMS)]}",
            "region": f"{site.region}001",  # each village has at least one grid
            "address": f"{names[parents[site.region]]}{village}工业路{n % 180 + 1}号",
            "industry": industry,
            "size": size,
            # The one example standard is written for machine shops.
            "standard": STANDARD if industry in MACHINE_SHOPS else "",
            "employees": str(most // 3 + n % (most // 2)),
            "legal_person": city.person_name(n + 500_000),
            "lon": str(site.lon),
            "lat": str(site.lat),
            "site": site.code,
            "head": city.person_name(n + 500_000),
            "head_phone": city.phone(n + 500_000),
            "officer": city.person_name(n + 600_000),
            "officer_phone": city.phone(n + 600_000),
        }

    return tables.workbook(COLUMNS, [row(n, site) for n, site in enumerate(sites)])


def load(made: City, by: Account, at: datetime) -> None:
    _standard(at)
    lines = resources.files("anlan.prevent").joinpath("data/industries.csv").read_bytes()
    import_industries(content=lines, by=by, at=at)
    plan = plan_list(content=as_list(made), by=by)
    write_plan(plan=plan, by=by, at=at, made_up=True)
    files = list(Enterprise.objects.select_related("site__region").order_by("credit_code"))
    risk = {industry: grave for _trade, industry, grave in TRADES}
    for n, file in enumerate(files):
        grave = risk[file.industry]
        if grave < Enterprise.Colour.BLUE and n % 3 == 0:
            follow_risk(enterprise=file, colour=grave, why="按行业初评（模拟）", by=by, at=at)
    shown = list(SHOWN_BY.items())
    for n, file in enumerate(files[: COMPLETE + HALF]):
        for what, note in shown[: 5 if n < COMPLETE else 2]:
            confirm_have(enterprise=file, what=what, note=note, by=by, at=at)


def _standard(at: datetime) -> None:
    """The example checklist, written by the city's inspector and put in force by the one above."""
    who = {s.role: s.username for s in people.SIGN_INS if s.region == "3307"}
    author = Account.objects.get(username=who["city.inspector"])
    leader = Account.objects.get(username=who["city.safety_leader"])
    text = resources.files("anlan.prevent").joinpath("data/example.toml").read_text("utf-8")
    draft = load_standard(document=tomllib.loads(text), by=author, at=at)
    put_in_force(version=draft, by=leader, at=at)
