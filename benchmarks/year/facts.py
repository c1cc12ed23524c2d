"""What differs between stories of one shape: whom, when, how much. Each fact has a name."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from django.utils import timezone

from anlan.enforce.papers.amounts import both
from anlan.enforce.publicity import ten_thousands
from anlan.enforce.rules import SHOWN_YEARS, years_later
from anlan.prevent.limits import end_of
from anlan.prevent.services.risks import in_a_year
from anlan.work import deadlines

from .plan import LINES, TAKES, CaseStory, Plan, Story, VisitStory, numbered
from .services import submission_id, visit_id, voucher
from .world import World

Name = tuple[Hashable, ...]
MINUTE = timedelta(minutes=1)
# Which limits run from which act.
TERMS = {
    "finish": ("prevent.rectify",),
    "file": ("penalty.decision",),
    "tell": ("enforce.statement",),
    "decide": ("penalty.serve", "penalty.publish"),
    "serve": ("enforce.reconsider", "enforce.lawsuit", "penalty.payment"),
    "spot": ("penalty.publish", "enforce.reconsider", "penalty.payment"),
}


@dataclass(frozen=True)
class Ref:
    """A row that was there before the story."""

    model: str
    pk: object


@cache
def _due(rule: str, day: date) -> datetime:
    """Limits in days depend on the day alone."""
    started = datetime.combine(day, datetime.min.time(), deadlines.BEIJING)
    return deadlines.due_at(deadlines.get(rule).on(day), started)


class Facts:
    """The facts of one story by name; worked out when they are asked for."""

    def __init__(self, plan: Plan, position: int, world: World, hazards: dict[Any, int]) -> None:
        self.story: Story = plan.stories[position]
        self.plan, self.position, self.world, self.hazards = plan, position, world, hazards
        self.firm = world.firms[self.story.firm]
        self.acts = {act.name: act for act in self.story.acts}
        self._known: dict[Name, Any] = {}

    def __getitem__(self, name: Name) -> Any:
        if name not in self._known:
            self._known[name] = FINDERS[str(name[0])](self, *name[1:])
        return self._known[name]

    def names(self) -> Iterator[Name]:
        for act in self.story.acts:
            yield "time", act.name
            yield "day", act.name
            yield from (("due", rule, act.name) for rule in TERMS.get(act.move, ()))
            yield from (("last", rule, act.name) for rule in TERMS.get(act.move, ()))
            if act.move == "inquire":
                yield "before", act.name
            if act.move == "grade":
                yield "in a year", act.name
            if act.move in {"decide", "spot"}:
                yield "shown until", act.name
        yield from ((what, key) for key in self.story.days for what in ("end", "set day"))
        yield from (("firm", key) for key in FIRM)
        yield from (("number", act.name) for act in numbered(self.story))
        yield from (("who", key) for key in WHO[type(self.story).__name__])
        if isinstance(self.story, VisitStory):
            yield from (("line", n) for n in range(LINES))
            yield from (("line text", n) for n in range(len(self.story.finds)))
            yield from (("again", n) for n in range(len(self.story.finds)))
            yield from (("sent", a.name) for a in self.story.acts if a.move.startswith("submit"))
            yield from ((key,) for key in ("visit", "campaign", "version", "county"))
        if isinstance(self.story, CaseStory):
            yield from ((key,) for key in ("visit", "organ", "organ name", "voucher", "fine"))
            yield from (("fine text", n) for n in range(4))
            yield from (("certificate", n) for n in range(2))

    def series(self, act: str) -> str:
        """What stands before the number: the office, the word and the year."""
        office = self.world.office_of(self.story.firm).organ
        of_cases = isinstance(self.story, CaseStory)
        mark = office.mark if of_cases else office.region.name
        done = self.acts[act]
        return f"（{mark}）应急{TAKES[done.move]}〔{done.at.year}〕"

    # Each kind of fact

    def time(self, act: str) -> datetime:
        return self.acts[act].at

    def before(self, act: str) -> datetime:
        return self.acts[act].at - timedelta(seconds=20)

    def day(self, act: str) -> date:
        return timezone.localdate(self.acts[act].at)

    def in_a_year(self, act: str) -> date:
        return in_a_year(self.day(act))

    def shown_until(self, act: str) -> date:
        return years_later(self.day(act), SHOWN_YEARS)

    def due(self, rule: str, act: str) -> datetime:
        return _due(rule, self.day(act))

    def last(self, rule: str, act: str) -> date:
        return timezone.localdate(self.due(rule, act) - MINUTE)

    def end(self, key: str) -> datetime:
        return end_of(self.story.days[key])

    def set_day(self, key: str) -> date:
        return self.story.days[key]

    def of_firm(self, key: str) -> Any:
        return FIRM[key](self.firm)

    def number(self, act: str) -> str:
        return f"{self.series(act)}{self.plan.numbers[self.position, act]}号"

    def who(self, key: str) -> Ref:
        if key in {"inspector", "doer"}:
            people = getattr(self.world, f"{key}s")
            return Ref("people.Account", people[self.world.town_of(self.story.firm)].pk)
        office = self.world.office_of(self.story.firm)
        return Ref("people.Account", getattr(office, key).pk)

    def _order(self) -> list[int]:
        wrong = [find.line for find in self.story.finds]
        return [*wrong, *(n for n in range(LINES) if n not in wrong)]

    def _entry(self, n: int) -> Any:
        return self.world.lines[self.story.firm % len(self.world.lines)][self._order()[n]]

    def line(self, n: int) -> Ref:
        """The n-th line as answered: what was wrong comes first."""
        return Ref("prevent.Entry", self._entry(n).pk)

    def line_text(self, n: int) -> str:
        return str(self._entry(n).text)

    def again(self, n: int) -> Ref:
        earlier = self.story.finds[n].again
        return Ref("prevent.Hazard", self.hazards[earlier] if earlier else None)

    def sent(self, act: str) -> Ref:
        return Ref("work.Submission", submission_id(self.story.number, self.acts[act]))

    def visit(self) -> Ref:
        of_case = isinstance(self.story, CaseStory)
        number = self.story.visit if of_case else self.story.number
        return Ref("prevent.Visit", None if number is None else visit_id(number))

    def campaign(self) -> Ref:
        held = self.world.campaigns.get(self.story.campaign or 0)
        return Ref("prevent.Campaign", held.pk if held else None)

    def version(self) -> Ref:
        held = self.world.versions[self.story.firm % len(self.world.versions)]
        return Ref("prevent.StandardVersion", held.pk)

    def organ(self) -> Ref:
        return Ref("enforce.Organ", self.world.office_of(self.story.firm).organ.pk)

    def county(self) -> Ref:
        return Ref("places.Region", self.world.office_of(self.story.firm).organ.region_id)

    def organ_name(self) -> str:
        return str(self.world.office_of(self.story.firm).organ.name)

    def certificate(self, n: int) -> Ref:
        held = self.world.office_of(self.story.firm).certificates[n]
        return Ref("enforce.Certificate", held.pk)

    def voucher(self) -> str:
        return voucher(self.story.number)

    def fine(self) -> Decimal:
        return Decimal(self.story.fine)

    def fine_text(self, n: int) -> str:
        fine = self.fine()
        return (str(fine), f"{fine:,.2f}", ten_thousands(fine), both(fine))[n]


FIRM: dict[str, Callable[[Any], Any]] = {
    "enterprise": lambda firm: Ref("prevent.Enterprise", firm.pk),
    "site": lambda firm: Ref("places.Site", firm.pk),
    "region": lambda firm: Ref("places.Region", firm.site.region_id),
    "name": lambda firm: firm.site.name,
    "code": lambda firm: firm.credit_code,
    "head": lambda firm: firm.legal_person,
    "address": lambda firm: firm.address,
}
WHO = {
    "VisitStory": ("inspector", "doer"),
    "CaseStory": ("officer", "second", "reviewer", "head"),
    "RiskStory": (),
}
FINDERS: dict[str, Callable[..., Any]] = {
    "firm": Facts.of_firm,
    **{
        finder.__name__.replace("_", " "): finder
        for finder in (
            Facts.time, Facts.before, Facts.in_a_year, Facts.shown_until, Facts.day, Facts.due,
            Facts.last, Facts.end,
            Facts.set_day, Facts.number, Facts.who, Facts.line, Facts.line_text, Facts.again,
            Facts.sent, Facts.visit, Facts.campaign, Facts.version, Facts.county, Facts.organ,
            Facts.organ_name, Facts.certificate, Facts.voucher, Facts.fine, Facts.fine_text,
        )
    },
}  # fmt: skip
