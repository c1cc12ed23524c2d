"""The roles that a city starts with: lines of duty and what comes with holding a post of them.

Data, not code: `load_roles` writes them once; a bureau changes its own afterwards and keeps that.
Names are the offices' own (Chinese in every language).
"""

from dataclasses import dataclass

from anlan.places.models import Region

LOOK = (
    "places.view",
    "people.view",
    "observe.view",
    "simulate.view",
    "warn.view",
    "command.view",
    "prevent.view",
    "govern.view",
    "work.view",
)
LEAD = (
    *LOOK,
    "simulate.run",
    "warn.acknowledge",
    "command.lead",
    "command.approve",
    "work.assign",
    "work.check",
    "people.unmask",
)
WATCH = (
    *LOOK,
    "simulate.run",
    "warn.acknowledge",
    "command.lead",
    "work.assign",
    "work.check",
    "people.duty",
    "people.unmask",
)
DO = (
    "places.view",
    "people.view",
    "observe.view",
    "simulate.view",
    "warn.view",
    "prevent.view",
    "prevent.inspect",
    "prevent.rectify",
    "work.view",
    "work.do",
)
# Work safety: who visits enterprises, and who answers for how it is done.
INSPECT = (
    *LOOK,
    "work.do",
    "work.check",
    "prevent.manage",
    "prevent.inspect",
    "prevent.rectify",
    "prevent.check",
    "enforce.view",
    "enforce.handle",
)
SUPERVISE = (
    *INSPECT,
    "work.assign",
    "people.unmask",
    "prevent.campaign",
    "enforce.approve",
    "enforce.manage",
)
# Reviews cases before they are decided on (法制审核), and publishes penalties.
LEGAL = (*LOOK, "enforce.view", "enforce.review", "enforce.publish")
# Whoever appoints must hold what they give: an administrator holds all of it.
ADMIN = (
    *LEAD,
    *WATCH,
    *DO,
    *SUPERVISE,
    "prevent.standard",
    "enforce.review",
    "enforce.publish",
    "places.manage",
    "people.manage",
    "observe.manage",
    "simulate.manage",
    "warn.manage",
    "command.plan",
    "govern.manage",
    "govern.issue",
    "oversee.view",
    "oversee.issue",
    "oversee.sanction",
    "oversee.ladder",
    "oversee.investigate",
    "oversee.approve",
    "people.confirm",
)

KEEP = (*LOOK, "observe.manage", "warn.manage", "simulate.run", "simulate.manage")

# Letters and the ladder: whoever confirms a sanction must be able to issue its notice.
OVERSEE = ("oversee.view", "oversee.issue")
# The leaders of a region chair its committees; the office of the work-safety committee keeps them.
CHAIR = (*LOOK, "work.check", "govern.issue", *OVERSEE, "oversee.sanction", "oversee.approve")
SAFETY_OFFICE = (
    *LOOK,
    "work.do",
    "work.check",
    "work.assign",
    "govern.manage",
    "people.confirm",
    *OVERSEE,
    "oversee.investigate",
)

# What the posts of villages and grids are for: whoever manages people there may hand these out
# without doing such work themselves.
ORDINARY = frozenset({*DO, "work.check", "prevent.rectify", "govern.view", "people.confirm"})

_LEVELS = {
    "city": Region.Level.CITY,
    "county": Region.Level.COUNTY,
    "town": Region.Level.TOWN,
    "village": Region.Level.VILLAGE,
    "grid": Region.Level.GRID,
}


@dataclass(frozen=True)
class Default:
    code: str  # "village.flood_officer"
    name: str
    level: int
    permissions: tuple[str, ...]


def _make(level: str, duty: str, name: str, permissions: tuple[str, ...]) -> Default:
    return Default(f"{level}.{duty}", name, _LEVELS[level], tuple(dict.fromkeys(permissions)))


# The lines of business with a special committee of their own ("1+6"); a city changes them.
SPECIAL_COMMITTEES = (
    ("traffic", "道路交通安全"),
    ("fire", "消防安全"),
    ("construction", "建设施工安全"),
    ("chemicals", "危险化学品安全"),
    ("mines", "矿山安全"),
    ("equipment", "特种设备安全"),
)
_GOVERNING = tuple(
    _make(level, duty, f"{word}{name}", permissions)
    for level, word in (("city", "市"), ("county", "县"), ("town", "乡镇"))
    for duty, name, permissions in (
        ("party_leader", "党委主要负责人", CHAIR),
        ("government_leader", "政府主要负责人", CHAIR),
        ("safety_office", "安委办主任", SAFETY_OFFICE),
    )
)
_SPECIAL_CHAIRS = tuple(
    _make(level, f"{code}_chair", f"{word}{name}专委会主任", CHAIR)
    for level, word in (("city", "市"), ("county", "县"))
    for code, name in SPECIAL_COMMITTEES
)

DEFAULTS: tuple[Default, ...] = (
    _make("city", "commander", "市防指指挥长", LEAD),
    _make("city", "duty_leader", "市值班长", (*WATCH, "command.approve")),
    _make("city", "duty_officer", "市值班员", WATCH),
    _make("city", "planner", "市预案管理员", (*LOOK, "command.plan")),
    _make("city", "device_keeper", "市感知设备管理员", KEEP),
    _make("city", "road_keeper", "市道路管养责任人", DO),
    _make("city", "safety_leader", "市安全生产监管负责人", (*SUPERVISE, "prevent.standard")),
    _make("city", "inspector", "市安全生产检查员", (*INSPECT, "prevent.standard")),
    _make("city", "legal_reviewer", "市法制审核员", LEGAL),
    _make("city", "administrator", "市系统管理员", ADMIN),
    _make("county", "commander", "县防指指挥长", LEAD),
    _make("county", "duty_leader", "县值班长", (*WATCH, "command.approve")),
    _make("county", "duty_officer", "县值班员", WATCH),
    _make("county", "planner", "县预案管理员", (*LOOK, "command.plan")),
    _make("county", "road_keeper", "县道路管养责任人", DO),
    _make("county", "safety_leader", "县安全生产监管负责人", SUPERVISE),
    _make("county", "legal_reviewer", "县法制审核员", LEGAL),
    _make("county", "inspector", "县安全生产检查员", INSPECT),
    _make("county", "administrator", "县系统管理员", ADMIN),
    _make("town", "commander", "乡镇防指指挥长", (*LEAD, "work.do")),
    _make("town", "duty_officer", "乡镇值班员", (*WATCH, "work.do")),
    _make("town", "flood_officer", "乡镇防汛责任人", (*DO, "work.check", "work.assign")),
    _make(
        "town",
        "emergency_officer",
        "乡镇应急消防管理站站长",
        (*DO, *INSPECT, "work.assign", "people.unmask"),
    ),
    _make("town", "administrator", "乡镇系统管理员", (*LEAD, *WATCH, *DO, "people.manage")),
    _make("village", "flood_officer", "村防汛责任人", (*DO, "work.check", "people.confirm")),
    _make("village", "secretary", "村党组织书记", (*DO, "work.check", "people.confirm")),
    _make("village", "patrol", "村巡查员", DO),
    _make("village", "mover", "村转移责任人", DO),
    _make("grid", "grid_officer", "网格员", (*DO, "prevent.rectify")),
    *_GOVERNING,
    *_SPECIAL_CHAIRS,
)
