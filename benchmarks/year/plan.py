"""What happens in the year: visits, hazards, cases and registers of risks. Plain data, no Django.

The numbers are those of the reference city's report: 99,114 visits, 1,249 major hazards of which
1,207 were put right, 35,984 penalties. A story is what becomes of one visit, one case or one
enterprise's risks; its acts have a time each, and stories of one shape differ only in whom, when
and how much.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

SEED = 20260701
BEIJING = ZoneInfo("Asia/Shanghai")
START, DAYS = datetime(2026, 1, 1, 9, tzinfo=BEIJING), 320
ENTERPRISES, VISITS, HAZARDS, MAJOR, MAJOR_CLOSED = 56_000, 99_114, 140_000, 1_249, 1_207
PENALTIES, UNDER_WAY, REGISTERS = 35_984, 3_600, 14_000
LINES, STANDARDS = 6, 10  # the last line of a checklist is a major hazard
WRONG = ("消防通道堵塞", "配电箱未接地", "特种作业人员无证上岗", "危险化学品混存", "安全出口上锁")
GRAVE = "抛光间除尘系统停用"
MONTHS = range(1, 11)  # a campaign in each
MORNING = timedelta(hours=3)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

# What becomes of a hazard after it was found: when, and by which move.
Course = tuple[tuple[timedelta, str], ...]
ACCEPT, SUBMIT, VERIFY = (DAY, "accept"), (4 * DAY, "submit"), (6 * DAY, "verify")
LIST = (2 * HOUR, "list")
COURSES: dict[str, Course] = {
    "OPEN": (),
    "ACCEPTED": (ACCEPT,),
    "SUBMITTED": (ACCEPT, SUBMIT),
    "CLOSED": (ACCEPT, SUBMIT, VERIFY),
    "RETURNED": (
        ACCEPT, SUBMIT, (6 * DAY, "return"), (9 * DAY, "submit again"), (10 * DAY, "verify"),
    ),
    "EXTENDED": (
        ACCEPT, (2 * DAY, "ask"), (3 * DAY, "grant"), (11 * DAY, "submit"), (12 * DAY, "verify"),
    ),
    "LISTED": (LIST, ACCEPT, (9 * DAY, "submit"), (11 * DAY, "verify"), (12 * DAY, "lift")),
    "LISTED_OPEN": (LIST, ACCEPT),
}  # fmt: skip
FRESH = ("OPEN", "ACCEPTED", "SUBMITTED")
ORDERED = frozenset({"RETURNED", "EXTENDED", "LISTED", "LISTED_OPEN", "ACCEPTED"})
LONGEST = 15 * DAY  # what was found later than this before the end is still under way

SPOT = ((timedelta(0), "spot"),)
PAID = ((5 * DAY, "pay"), (6 * DAY, "publish"), (8 * DAY, "ask closing"), (9 * DAY, "close"))
FILED = (
    (timedelta(0), "propose"), (DAY, "file"), (3 * DAY, "evidence"), (4 * DAY, "inquire"),
)  # fmt: skip
NOTICED = (
    *FILED, (5 * DAY, "conclude"), (6 * DAY, "pass"), (7 * DAY, "notice"), (8 * DAY, "tell"),
)  # fmt: skip
SERVED = (
    *NOTICED, (9 * DAY, "state"), (10 * DAY, "ready"), (11 * DAY, "ask decision"),
    (12 * DAY, "decide"), (13 * DAY, "serve"),
)  # fmt: skip
CASES: dict[str, Course] = {
    "SPOT_PAID": (*SPOT, *PAID),
    "SPOT_OWED": SPOT,
    "CLOSED": (*SERVED, *((9 * DAY + when, move) for when, move in PAID)),
    "OWED": SERVED,
    "PROPOSED": FILED[:1],
    "INQUIRY": FILED,
    "NOTICE": NOTICED,
}
DECIDED = ("SPOT_PAID",) * 12 + ("CLOSED",) * 6 + ("OWED", "SPOT_OWED")
NOT_DECIDED = ("PROPOSED", "INQUIRY", "NOTICE")

# L, E, C of a risk without measures: one of each colour.
RISKS = ((10, 6, 15), (6, 3, 15), (3, 6, 7), (1, 2, 3))

# Which acts take a number under which word of the office.
TAKES = {
    "finish": "检记", "order": "责改", "file": "立", "notice": "罚告", "decide": "罚",
    "spot": "罚当", "close": "结", "discuss": "罚集", "verify": "复查", "return": "复查",
}  # fmt: skip
RECHECKS = {"verify", "return"}  # numbered where the visit had ordered something


@dataclass(frozen=True)
class Act:
    at: datetime
    move: str
    part: int = 0  # which hazard or risk point of the story

    @property
    def name(self) -> str:
        return f"{self.move} {self.part}"


@dataclass(frozen=True)
class Find:
    """A line that was not in order; `again` names the earlier hazard on the same line there."""

    line: int
    course: str
    again: tuple[int, int] | None = None


@dataclass(frozen=True)
class VisitStory:
    number: int
    firm: int
    at: datetime
    planned: bool
    finds: tuple[Find, ...]

    @property
    def shape(self) -> tuple[object, ...]:
        finds = tuple((f.line == LINES - 1, f.course, f.again is not None) for f in self.finds)
        return ("visit", self.planned, finds)

    @property
    def campaign(self) -> int | None:
        """The month's campaign, where it asks for this enterprise's standard."""
        day = self.at.date()
        asked = {(day.month + n) % STANDARDS for n in range(3)}
        held = day.month in MONTHS and day.day <= 28
        return day.month if held and self.firm % STANDARDS in asked else None

    @property
    def days(self) -> dict[str, date]:
        """Last days that somebody sets."""
        day = self.at.date()
        return {"plan": day + 5 * DAY, "until": day + 45 * DAY, "listed": day + 60 * DAY}

    @cached_property
    def acts(self) -> list[Act]:
        done = self.at + timedelta(minutes=50)
        found = [Act(self.at, "start"), Act(done, "finish")]
        if self.planned:
            found += [Act(self.at - 10 * DAY, "plan"), Act(self.at - DAY, "take over")]
        if any(find.course in ORDERED for find in self.finds):
            found.append(Act(done + timedelta(minutes=5), "order"))
        for part, find in enumerate(self.finds):
            began = done + timedelta(minutes=10 * part)
            found += [Act(began + when, move, part) for when, move in COURSES[find.course]]
        return sorted(found, key=lambda act: act.at)


@dataclass(frozen=True)
class CaseStory:
    number: int
    firm: int
    at: datetime
    course: str
    fine: int
    visit: int | None  # at which it was found

    @property
    def shape(self) -> tuple[object, ...]:
        return ("case", self.course, self.visit is not None)

    @property
    def days(self) -> dict[str, date]:
        return {}

    @cached_property
    def acts(self) -> list[Act]:
        return [Act(self.at + when, move) for when, move in CASES[self.course]]


@dataclass(frozen=True)
class RiskStory:
    """Two points in the workshop of an enterprise, each graded without measures."""

    number: int
    firm: int
    at: datetime
    risks: tuple[int, int]

    @property
    def shape(self) -> tuple[object, ...]:
        return ("risk", self.risks)

    @property
    def days(self) -> dict[str, date]:
        return {}

    @cached_property
    def acts(self) -> list[Act]:
        return [
            Act(self.at + part * HOUR + more, move, part)
            for part in range(len(self.risks))
            for more, move in ((timedelta(0), "add"), (HOUR / 2, "grade"))
        ]


Story = VisitStory | CaseStory | RiskStory


def numbered(story: Story) -> list[Act]:
    """Acts of a story that take a number."""
    ordered = any(act.move == "order" for act in story.acts)
    return [
        act for act in story.acts if act.move in TAKES and (ordered or act.move not in RECHECKS)
    ]


@dataclass
class Plan:
    enterprises: int
    stories: list[Story]  # risks, then visits, then cases, each in the order of their beginning
    # By a story's place and an act's name: documents under a word of an office are numbered in the
    # order of their acts.
    numbers: dict[tuple[int, str], int] = field(default_factory=dict)

    def acts(self) -> list[tuple[Act, int]]:
        """All of them in the order of time, with the position of their story."""
        every = [(act, n) for n, story in enumerate(self.stories) for act in story.acts]
        return sorted(every, key=lambda pair: (pair[0].at, pair[1]))

    def number(self, office_of: Callable[[int], object]) -> None:
        """Give every document its number; `office_of` an enterprise."""
        last: dict[tuple[object, str, int], int] = {}
        taking = [{act.name for act in numbered(story)} for story in self.stories]
        for act, n in self.acts():
            if act.name in taking[n]:
                key = office_of(self.stories[n].firm), TAKES[act.move], act.at.year
                last[key] = last.get(key, 0) + 1
                self.numbers[n, act.name] = last[key]


def make(scale: float = 1.0) -> Plan:
    """The year; a smaller scale is a smaller city with the same shares."""

    def part(number: int) -> int:
        return max(1, round(number * scale))

    firms, draw = part(ENTERPRISES), random.Random(SEED)
    risks = list(_risks(part(REGISTERS), firms, draw))
    visits = list(
        _visits(part(VISITS), part(HAZARDS), part(MAJOR), part(MAJOR_CLOSED), firms, draw)
    )
    cases = list(_cases(part(PENALTIES), part(UNDER_WAY), visits, firms, draw))
    return Plan(firms, [*risks, *visits, *cases])


def of_cases(count: int) -> Plan:
    """Cases alone, against 2,000 enterprises."""
    firms = 2_000
    return Plan(firms, [*_cases(count, 0, [], firms, random.Random(SEED))])


def _moments(count: int, days: int) -> Iterator[datetime]:
    """So many different times of mornings, in order, over so many days."""
    a_day = -(-count // days)
    for n in range(count):
        day = n * days // count
        first = -(-day * count // days)
        yield START + day * DAY + MORNING * (n - first) / a_day


def _risks(count: int, firms: int, draw: random.Random) -> Iterator[RiskStory]:
    for n, at in zip(range(count), _moments(count, 200), strict=True):
        risks = draw.choice(((3, 3), (3, 2), (2, 3), (1, 2), (0, 3)))
        yield RiskStory(n, n * firms // count, at, risks)


def _visits(
    count: int, hazards: int, major: int, major_closed: int, firms: int, draw: random.Random
) -> Iterator[VisitStory]:
    grave = sorted(draw.sample(range(count), major))
    stay_open = set(draw.sample(grave, major - major_closed))
    is_grave, lines = set(grave), _Lines()
    for n, at in zip(range(count), _moments(count, DAYS), strict=True):
        finds = (n + 1) * hazards // count - n * hazards // count
        fresh = (START + DAYS * DAY - at) < LONGEST
        while True:
            firm = draw.randrange(firms)
            wanted = [LINES - 1] if n in is_grave else []
            wanted += draw.sample(range(LINES - 1), finds - len(wanted))
            if all(lines.are_free(firm, line, at) for line in wanted):
                break
        course = _course(fresh, draw)  # what one visit found is put right together
        found = tuple(
            lines.find(firm, line, course, at, (n, k))
            if line < LINES - 1
            else lines.find(firm, line, _grave(n in stay_open, draw), at, (n, k))
            for k, line in enumerate(wanted)
        )
        yield VisitStory(n, firm, at, n % 4 < 3, found)


def _grave(stays_open: bool, draw: random.Random) -> str:
    return "LISTED_OPEN" if stays_open else draw.choice(("LISTED", "RETURNED"))


def _course(fresh: bool, draw: random.Random) -> str:
    if fresh or draw.random() < 0.01:
        return draw.choice(FRESH)
    return draw.choices(("CLOSED", "RETURNED", "EXTENDED"), (36, 60, 4))[0]


class _Lines:
    """Where a line of an enterprise's checklist is still to be put right, or was before.

    A line that is open is not found a second time: the services would name the hazard that is
    there instead of opening another.
    """

    def __init__(self) -> None:
        self.until: dict[tuple[int, int], datetime | None] = {}
        self.last: dict[tuple[int, int], tuple[int, int]] = {}

    def are_free(self, firm: int, line: int, at: datetime) -> bool:
        until = self.until.get((firm, line), START - 30 * DAY)
        return until is not None and until < at

    def find(self, firm: int, line: int, course: str, at: datetime, key: tuple[int, int]) -> Find:
        again = self.last.get((firm, line))
        done = [when for when, move in COURSES[course] if move == "verify"]
        self.until[firm, line] = at + done[0] + DAY if done else None
        self.last[firm, line] = key
        return Find(line, course, again)


def _cases(
    penalties: int, under_way: int, visits: Sequence[VisitStory], firms: int, draw: random.Random
) -> Iterator[CaseStory]:
    """Decided ones over the year, those under way in its last month; most come from a visit."""
    late = START + (DAYS - 25) * DAY
    moments = [*_moments(penalties, DAYS - 30)]
    recent = [late + (at - START) for at in _moments(under_way, 20)]
    for n, at in enumerate([*moments, *recent]):
        course = draw.choice(DECIDED if n < penalties else NOT_DECIDED)
        at += timedelta(seconds=n % 7 + 0.5)  # not at the second of a visit
        before = len(visits) * (at - START - 2 * DAY) // (DAYS * DAY)
        visit = visits[draw.randrange(before)] if before > 0 and draw.random() < 0.8 else None
        firm = visit.firm if visit else draw.randrange(firms)
        # In yuan: up to 3,000 on the spot, and less than what brings the right to a hearing.
        fine = draw.randrange(5, 30) * 100
        fine *= 1 if course.startswith("SPOT") else 7
        yield CaseStory(n, firm, at, course, fine, visit.number if visit else None)
