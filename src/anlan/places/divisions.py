"""A list of divisions as a file gives it, and what it would change in the tree.

No database here: rows in, divisions and problems out; the tree as it stands in, changes out.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from anlan.base.tables import Column, Line, Problem

from .models import Region

COLUMNS = (
    Column("code", ("代码", "code", "编码", "区划代码", "行政区划代码", "统计用区划代码")),
    Column("name", ("名称", "name", "区划名称")),
    Column("level", ("级别", "level", "层级", "行政级别")),
    Column("parent", ("上级代码", "parent", "parent_code", "上级", "父级代码", "所属代码")),
    Column("replaces", ("原代码", "replaces", "old_code", "旧代码"), required=False),
)

_LEVELS = {
    Region.Level.PROVINCE: "province 省 省级 自治区 直辖市 1",
    Region.Level.CITY: "prefecture city 市 地级 地市 地级市 市级 州 盟 地区 2",
    Region.Level.COUNTY: "county district 县 区 县级 区县 县区 县级市 县市区 开发区 旗 3",
    Region.Level.TOWN: "town township street 乡 镇 乡镇 街道 乡级 乡镇街道 镇街 苏木 4",
    Region.Level.VILLAGE: "village community 村 社区 村级 村社区 居委会 村委会 嘎查 5",
    Region.Level.GRID: "grid 网格 微网格 6",
}
LEVELS = {name: level for level, names in _LEVELS.items() for name in names.split()}
_CODE = re.compile(r"[0-9A-Za-z-]{1,20}")
_BETWEEN = re.compile(r"[\s、,，;；/]+")
# What people write between level names: 县（市、区）, 乡镇/街道, 村 社区
_NOISE = re.compile(r"[\s（）()、/／,，·]")


@dataclass(frozen=True, slots=True)
class Division:
    row: int
    code: str
    name: str
    level: int
    parent: str  # code; "" at the root
    replaces: str = ""  # codes of before, several where regions merge


@dataclass(frozen=True, slots=True)
class Known:
    """A region in force, as the comparison needs it."""

    pk: int
    code: str
    name: str
    level: int
    parent: str
    path: str


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one code. `old` is the version that ends; None for a new one."""

    old: Known | None
    code: str
    name: str
    level: int
    parent: str
    path: str

    @property
    def is_renamed(self) -> bool:
        return self.old is not None and self.old.name != self.name

    @property
    def is_moved(self) -> bool:
        return self.old is not None and (self.old.path != self.path or self.old.level != self.level)

    @property
    def is_recoded(self) -> bool:
        return self.old is not None and self.old.code != self.code


@dataclass(frozen=True, slots=True)
class Merger:
    """A region that ends and what lies in it belongs to another one (撤并)."""

    old: Known
    into: Change  # what the other one is afterwards


@dataclass(frozen=True)
class Plan:
    """What a list would do to the tree; nothing of it has been done."""

    changes: list[Change]  # parents before children
    missing: list[Known]  # in force, in the list's part of the tree, not in the list: left alone
    same: int
    problems: list[Problem] = field(default_factory=list)
    mergers: list[Merger] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not self.changes and not self.mergers

    @property
    def new(self) -> list[Change]:
        return [c for c in self.changes if c.old is None]

    @property
    def renamed(self) -> list[Change]:
        return [c for c in self.changes if c.is_renamed]

    @property
    def moved(self) -> list[Change]:
        return [c for c in self.changes if c.is_moved and not c.is_recoded]

    @property
    def recoded(self) -> list[Change]:
        return [c for c in self.changes if c.is_recoded]

    @property
    def digest(self) -> str:
        """Differs when the same file would now do something else."""
        parts = [f"{c.old.pk if c.old else 0}:{c.path}:{c.level}:{c.name}" for c in self.changes]
        parts += [f"{merger.old.pk}>{merger.into.path}" for merger in self.mergers]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def level_of(text: str) -> int | None:
    plain = _NOISE.sub("", text).casefold()
    found = LEVELS.get(plain)
    if found is None and len(plain) > 1 and all(c in LEVELS for c in plain):
        levels = {LEVELS[c] for c in plain}  # 乡镇, 县市区 in any order
        found = max(levels) if len(levels) == 1 or levels == {2, 3} else None
    return found


def codes_in(text: str) -> list[str]:
    """330702101、330702102: the codes of a cell."""
    return [code for code in _BETWEEN.split(text) if code]


def parse(lines: Sequence[Line]) -> tuple[list[Division], list[Problem]]:
    """Divisions by the form of their cells alone; every bad cell is named."""
    divisions, problems = [], []
    first: dict[str, int] = {}
    for line in lines:
        wrong = list(_check_form(line, first))
        problems += wrong
        if not wrong:
            level = level_of(line["level"])
            assert level is not None
            divisions.append(
                Division(
                    line.number, line["code"], line["name"], level, line["parent"], line["replaces"]
                )
            )
        first.setdefault(line["code"], line.number)
    return divisions, problems


def _check_form(line: Line, first: Mapping[str, int]) -> Iterable[Problem]:
    def bad(column: str, text: str) -> Problem:
        return Problem(line.number, column, line[column], text)

    if not _CODE.fullmatch(line["code"]):
        yield bad("code", _("A code has 1 to 20 digits or letters."))
    elif line["code"] in first:
        yield bad("code", _("The same code is in row %(row)d.") % {"row": first[line["code"]]})
    if not 0 < len(line["name"]) <= 60:
        yield bad("name", _("A name has 1 to 60 characters."))
    if level_of(line["level"]) is None:
        yield bad("level", _("Unknown level; use 省, 市, 县, 乡镇, 村 or 网格."))
    for column, codes in (("parent", [line["parent"]]), ("replaces", codes_in(line["replaces"]))):
        if any(code and not _CODE.fullmatch(code) for code in codes):
            yield bad(column, _("A code has 1 to 20 digits or letters."))


def compare(divisions: Sequence[Division], tree: Mapping[str, Known]) -> Plan:
    """What the list would change in the tree in force (by code). Order of rows does not matter."""
    listed = {division.code: division for division in divisions}
    problems = [*_check_parents(listed, tree), *_check_mergers(listed, tree)]
    if problems:
        return Plan([], [], 0, sorted(problems, key=lambda p: p.row))
    replaced = _replaced(listed, tree)
    merged = _merged(listed, tree, replaced)
    wanted = _wanted(listed, tree, replaced, merged)
    changes = []
    for code, want in wanted.items():
        old = tree.get(code) or replaced.get(code)
        if old is None or (old.name, old.level, old.path) != (want.name, want.level, want.path):
            changes.append(want)
        if len(want.path) > 120:
            row = listed[code].row if code in listed else 0
            problems.append(Problem(row, "code", code, _("The codes from the top are too long.")))
    same = sum(1 for code in listed) - sum(1 for c in changes if c.code in listed)
    gone = {known.code for known in replaced.values()} | merged.keys()
    mergers = [Merger(tree[old], wanted[into]) for old, into in merged.items()]
    return Plan(changes, _missing(listed, tree, gone), same, problems, mergers)


def _check_parents(listed: Mapping[str, Division], tree: Mapping[str, Known]) -> Iterable[Problem]:
    for division in listed.values():
        parent = listed.get(division.parent) or tree.get(division.parent)
        if not division.parent:
            continue
        if parent is None:
            text = _("No region with this code, neither in the list nor in the tree.")
        elif parent.level >= division.level:
            text = _("%(parent)s is not of a higher level.") % {"parent": parent.name}
        else:
            continue
        yield Problem(division.row, "parent", division.parent, text)
    # Regions that stay where they are, below one whose level the list changes.
    for known in tree.values():
        above = listed.get(known.parent)
        if above and known.code not in listed and above.level >= known.level:
            text = _("%(child)s lies below it and is of the same or a higher level.")
            yield Problem(above.row, "level", str(above.level), text % {"child": known.name})


def _replaced(listed: Mapping[str, Division], tree: Mapping[str, Known]) -> dict[str, Known]:
    """New code → the region in force whose place it takes: of several, the first."""
    found = {}
    for d in listed.values():
        ended = [] if d.code in tree else _ended(d, listed, tree)
        if ended:
            found[d.code] = ended[0]
    return found


def _ended(
    division: Division, listed: Mapping[str, Division], tree: Mapping[str, Known]
) -> list[Known]:
    """The regions in force that a row puts an end to."""
    codes = codes_in(division.replaces)
    return [tree[code] for code in codes if code in tree and code not in listed]


def _merged(
    listed: Mapping[str, Division], tree: Mapping[str, Known], replaced: Mapping[str, Known]
) -> dict[str, str]:
    """Code of before → code of the region there already, or anew, that it becomes part of."""
    return {
        known.code: d.code
        for d in listed.values()
        for known in _ended(d, listed, tree)
        if replaced.get(d.code) != known
    }


def _check_mergers(listed: Mapping[str, Division], tree: Mapping[str, Known]) -> Iterable[Problem]:
    """A region ends in one other, of its own level."""
    into: dict[str, str] = {}
    for division in listed.values():
        for known in _ended(division, listed, tree):
            if into.setdefault(known.code, division.code) != division.code:
                text = _("%(name)s is replaced by another row too.") % {"name": known.name}
                yield Problem(division.row, "replaces", known.code, text)
            elif division.code in tree and known.level != division.level:
                text = _("%(name)s is of another level.") % {"name": known.name}
                yield Problem(division.row, "replaces", known.code, text)


def _wanted(
    listed: Mapping[str, Division],
    tree: Mapping[str, Known],
    replaced: Mapping[str, Known],
    merged: Mapping[str, str],
) -> dict[str, Change]:
    """Every listed region and everything in the tree as it ought to be, parents first."""
    taken = {known.code: code for code, known in replaced.items()}  # old code → new code
    taken |= merged
    nodes: dict[str, tuple[str, int, str]] = {
        known.code: (known.name, known.level, taken.get(known.parent, known.parent))
        for known in tree.values()
        if known.code not in taken
    }
    nodes |= {d.code: (d.name, d.level, taken.get(d.parent, d.parent)) for d in listed.values()}
    wanted: dict[str, Change] = {}
    for code, (name, level, parent) in sorted(
        nodes.items(), key=lambda item: (item[1][1], item[0])
    ):
        old = tree.get(code) or replaced.get(code)
        # A root stays where it stands, also where its upper regions were never imported.
        top = old.path[: -len(old.code) - 1] if old else ""
        above = wanted[parent].path if parent else top
        wanted[code] = Change(old, code, name, level, parent, f"{above}{code}/")
    return wanted


def _missing(
    listed: Mapping[str, Division], tree: Mapping[str, Known], gone: set[str]
) -> list[Known]:
    """Regions in force that one would expect in this list: its levels, in its part of the tree."""
    levels = {division.level for division in listed.values()}
    tops = {
        tree[d.parent].path if d.parent in tree else tree[d.code].path
        for d in listed.values()
        if d.parent not in listed and (d.parent in tree or d.code in tree)
    }
    return sorted(
        (
            known
            for known in tree.values()
            if known.code not in listed
            and known.code not in gone
            and known.level in levels
            and any(top in tops for top in _prefixes(known.path))
        ),
        key=lambda known: known.path,
    )


def _prefixes(path: str) -> Iterable[str]:
    """The paths of a region and everything above it."""
    end = path.find("/")
    while end >= 0:
        yield path[: end + 1]
        end = path.find("/", end + 1)
